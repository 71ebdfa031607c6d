"""Examples for what stands around a problem: ask, frame, extra, statement.

Generated from the grammars of every language, the same ones every time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from hrm_router.classifier import Example
from hrm_router.sentences import clauses
from hrm_router.wording import english
from hrm_router.wording.elsewhere import LANGUAGES
from hrm_router.wording.negatives import open_examples
from hrm_router.wording.templates import lines, wordings

OPEN_EVERY = 2
"""Of the open-ended requests, every which one stands for "wants something else"."""
FRAGMENT = 0.5
"""How much a part of a sentence counts in training, against a whole one."""
KINDS: Sequence[str] = ("ask", "frame", "extra", "statement")


@lru_cache(maxsize=1)
def around_examples(seed: int = 0) -> tuple[Example, ...]:
    """A few thousand labelled clauses and sentences, each with its template."""
    rng = random.Random(seed)
    blocks = (english.ASK, english.FRAME, english.EXTRA, english.STATEMENT)
    made = list(_examples("en", dict(zip(KINDS, blocks, strict=True)), english.SLOTS, seed, 8))
    made += _fragments(made)
    made += _joined(made, (" and ", ", then ", ". Then ", ", and please ", " "), rng)
    for code, language in LANGUAGES.items():
        own = dict(zip(KINDS, (language.ask, language.frame, language.extra), strict=False))
        here = list(_examples(code, own, {}, seed, 6))
        made += here
        made += _fragments(here)
        made += _joined(here, (*language.joints, " "), rng)
    for one in open_examples()[::OPEN_EVERY]:
        made.append(Example(one.text, _kind_of(one), f"open {one.template}"))
    return tuple(made)


def _examples(
    language: str,
    blocks: Mapping[str, str],
    slots: Mapping[str, Sequence[str]],
    seed: int,
    count: int,
) -> Iterator[Example]:
    for kind, block in blocks.items():
        for template in lines(block):
            rng = random.Random(f"{seed} {template}")  # whatever other lines there are
            for text in wordings(template, slots, rng, count):
                yield Example(text, kind, f"{language} {template}")


def _fragments(made: Sequence[Example]) -> list[Example]:
    """Parts of what asks for nothing else ask for nothing else either."""
    return [
        Example(part, one.label, one.template, FRAGMENT)
        for one in made
        if one.label in ("ask", "frame")
        for _, part in clauses(one.text)
    ]


def _kind_of(one: Example) -> str:
    """Requests for programs make an illustration of a problem that stands in them."""
    return "statement" if "{prog}" in one.template else "extra"


def _joined(
    made: Sequence[Example], joints: Sequence[str], rng: random.Random
) -> Iterator[Example]:
    """Two clauses in one sentence: it wants as much as the more demanding one."""
    by_kind = {kind: [one for one in made if one.label == kind] for kind in KINDS}
    for first, second in (("ask", "extra"), ("ask", "ask"), ("frame", "ask"), ("frame", "extra")):
        if not by_kind[first] or not by_kind[second]:
            continue
        for _ in range(len(made) // 12):
            a, b = rng.choice(by_kind[first]), rng.choice(by_kind[second])
            text = f"{a.text}{rng.choice(joints)}{b.text}"
            yield Example(text, second, f"{a.template} + {b.template}")
