"""From a family's rows to examples worth learning from, each with its reason.

A row is taken if a checker passed its answer, if a person approved or corrected it, or
if enough calls about the same problem gave the same answer. A problem with trusted
answers that differ is left out and listed. Knows nothing of training.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from hrm_router.traffic.families import Family, trusted
from hrm_router.traffic.rows import canonical

Trust = Literal["judged", "agreed", "all"]
"""Learn from rows that were judged; also from answers that agree; or from all that
nobody refused."""

_PERSONAL = {
    "an e-mail address": re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w{2,24}"),
    "a bank account (IBAN)": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"),
    "a card number": re.compile(r"(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)"),
    "a telephone number": re.compile(r"(?<![\d.])\+?\d{2,4}[ /-]\d{3,5}[ -]?\d{3,6}(?!\d)"),
}
"""Looked for in this order; what one form found is not shown to the next."""


@dataclass(frozen=True, slots=True)
class Example:
    """One problem and the answer to learn."""

    problem: Any
    answer: Any
    created: float
    """When it was first seen, in seconds since 1970."""
    because: str
    """"checked by …", "approved by …", "3 calls agree", "unjudged"."""
    ids: tuple[str, ...]
    """The rows it comes from."""


@dataclass(frozen=True, slots=True)
class Curated:
    """What a family gives to learn from, and what was left out."""

    examples: tuple[Example, ...]
    """In order of time; one for each distinct problem."""
    contradictions: tuple[tuple[Any, tuple[Any, ...]], ...]
    """Problems whose trusted answers differ, with these answers."""
    refused: int
    """Rows that a checker or a person refused."""
    unjudged: int
    """Problems that nobody judged and too few calls agreed on."""
    personal: dict[str, int]
    """Kinds of personal data found, with the number of examples that hold them."""

    @property
    def reasons(self) -> dict[str, int]:
        """Examples by the kind of reason."""
        return dict(
            Counter(one.because.split(" by ")[0].lstrip("0123456789 ") for one in self.examples)
        )


def curate(family: Family, *, trust: Trust = "agreed", agree: int = 2) -> Curated:
    """Build the examples of a family.

    Args:
        agree: calls with the same answer that are enough without a verdict; an answer
            must also have more calls than all others together.

    Returns:
        Examples, oldest first, and what was left out.
    """
    groups: dict[str, list[tuple[Any, Any, Any]]] = defaultdict(list)
    refused = 0
    for row, problem, answer in family.pairs:
        if trusted(row) is False:
            refused += 1
            continue
        groups[canonical(problem)].append((row, problem, answer))
    examples, contradictions, unjudged = [], [], 0
    for members in groups.values():
        judged = [one for one in members if trusted(one[0])]
        corrected = [one for one in judged if one[0].verdict == "corrected"]
        pool = corrected[-1:] or judged or members
        answers: dict[str, list[tuple[Any, Any, Any]]] = defaultdict(list)
        for one in pool:
            answers[canonical(one[2])].append(one)
        best, because = max(answers.values(), key=len), ""
        if judged and (len(answers) == 1 or any(one[0].verdict == "checked" for one in pool)):
            best = next(iter(answers.values()))
            row = best[0][0]
            because = f"{row.verdict} by {row.judged_by or 'a person'}"
        elif not judged and trust != "judged":
            if len(best) >= agree and 2 * len(best) > len(pool):
                because = f"{len(best)} calls agree"
            elif trust == "all" and len(answers) == 1:
                because = "unjudged"
        if not because:
            if len(answers) > 1:
                contradictions.append((pool[0][1], tuple(v[0][2] for v in answers.values())))
            unjudged += len(answers) == 1
            continue
        first = min(row.created for row, _, _ in members)
        ids = tuple(row.id for row, _, _ in best)
        examples.append(Example(best[0][1], best[0][2], first, because, ids))
    examples.sort(key=lambda one: (one.created, one.ids))
    return Curated(tuple(examples), tuple(contradictions), refused, unjudged, _personal(examples))


def _personal(examples: list[Example]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in examples:
        text = canonical(one.problem)
        for kind, form in _PERSONAL.items():
            text, times = form.subn("", text)
            found[kind] += times > 0
    return dict(+found)
