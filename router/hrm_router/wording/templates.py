"""Small grammars: lines with `[a|b]` choices and `{slot}` references.

Knows nothing of what the lines say.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")


def lines(block: str) -> list[str]:
    """The lines of a block that say something."""
    return [line.strip() for line in block.splitlines() if line.strip()]


def fill(template: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """One wording of `template`; choices may nest, unknown slots stay as they are."""
    text = template
    for _ in range(6):
        before = text
        text = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), text)
        text = _SLOT.sub(lambda found: rng.choice(slots.get(found[1], (found[0],))), text)
        if text == before:
            break
    return " ".join(text.split())


def wordings(
    template: str, slots: Mapping[str, Sequence[str]], rng: random.Random, count: int
) -> Iterator[str]:
    """Up to `count` different wordings of `template`."""
    seen: set[str] = set()
    for _ in range(3 * count):
        text = fill(template, slots, rng)
        if text not in seen:
            seen.add(text)
            yield text
        if len(seen) == count:
            return
