"""Numbers that stand in texts, summed by what stands beside them: "3 coffees, 2 teas".

A number counts for the word before it, the word or two after it, and its place among the
numbers. A total of priced items, or a sum with its signs, is linear in these. Which
neighbours count is learned from training texts. Knows nothing of columns or answers.

Shapes: N texts, Q features.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SPOKEN = 0.5
"""Share of texts that must hold a number."""
MOST, SEEN, LEAST = 96, 0.005, 3
"""Features at most, and texts that a neighbour must stand in: that share, or so many."""
PLACES = 4
"""Numbers of a text, the first ones, that are a feature each."""
LONGEST = 20_000
"""Letters of a text that are looked at."""
_TOKEN = re.compile(r"(?:(?<![\w.)])-)?\d+(?:\.\d+)?|[^\W\d_]+|\S")


def contexts_of(texts: Sequence[str]) -> list[str]:
    """Neighbours and places that a column's numbers often have; none where few texts hold any."""
    counts: Counter[str] = Counter()
    holding = 0
    for text in texts:
        seen = {context for context, _ in _numbers(text)}
        counts.update(seen)
        holding += bool(seen)
    if holding < max(1, SPOKEN * len(texts)):
        return []
    least = max(LEAST, SEEN * len(texts))
    return sorted(context for context, n in counts.most_common(MOST) if n >= least)


def sums_of(texts: Sequence[str], contexts: Sequence[str]) -> NDArray[np.float64]:
    """For each text and context the sum of the numbers that have it, `[N, Q]`."""
    at = {context: place for place, context in enumerate(contexts)}
    found = np.zeros((len(texts), len(contexts)))
    for row, text in enumerate(texts):
        for context, value in _numbers(text):
            if context in at:
                found[row, at[context]] += value
    return found


def _numbers(text: str) -> Iterator[tuple[str, float]]:
    """Each number of a text with each of its contexts."""
    tokens = _TOKEN.findall(text[:LONGEST].lower())
    place = 0
    for at, token in enumerate(tokens):
        if not token[-1].isdigit():
            continue
        try:
            value = float(token)
        except ValueError:  # a digit of another kind, such as a superscript
            continue
        before, after, more = (
            "#" if near[-1].isdigit() else near
            for near in [*(tokens[at - 1 : at] or "^"), *tokens[at + 1 : at + 3], "$", "$"][:3]
        )
        yield f"< {before}", value
        yield f"> {after}", value
        if not (before.isalpha() or after.isalpha()):
            yield f"{before} # {after}", value
        if after.isalpha() and more.isalpha():
            yield f"> {after} {more}", value
        if place < PLACES:
            yield f"{place}", value
        place += 1
