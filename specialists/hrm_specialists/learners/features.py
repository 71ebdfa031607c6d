"""Features that columns do not show by themselves: quantities in texts, and likeness of pairs.

A number in a text counts for the word before it, the word or two after it, and its place among
the numbers: "3 coffees, 2 teas". A total of priced items, or a sum with its signs, is linear in
these. Of two columns it counts whether a text holds a name, and what two lists have in common.
Which neighbours and pairs count is learned from training columns. Knows nothing of answers.

Shapes: N rows, Q contexts of numbers, W features of a pair.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.schema.columns import Column

Pair = tuple[int, int]
"""Places of two columns: a category and a text that may hold it, or two lists or texts."""

SPOKEN = 0.5
"""Share of texts that must hold a number."""
MOST, SEEN, LEAST = 96, 0.005, 3
"""Contexts at most, and texts that a neighbour must stand in: that share, or so many."""
PLACES = 4
"""Numbers of a text, the first ones, that are a feature each."""
MOST_COLUMNS = 4
"""Columns of each kind that are compared; with more, pairs are too many."""
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


def pairs_of(columns: Sequence[Column]) -> list[Pair]:
    """Pairs of columns that have anything to do with each other in training."""
    kinds = {
        kind: [at for at, column in enumerate(columns) if column.kind == kind]
        for kind in ("category", "text", "symbols")
    }
    few = {kind: found if len(found) <= MOST_COLUMNS else [] for kind, found in kinds.items()}
    pairs = [(one, other) for one in few["category"] for other in few["text"]]
    pairs += [*combinations(few["text"], 2), *combinations(few["symbols"], 2)]
    return [
        (one, other)
        for one, other in pairs
        if np.ptp(features_of(columns[one], columns[other]), axis=0).any()
    ]


def width_of(kind: str) -> int:
    """Features of a pair that begins with such a column."""
    return 1 if kind == "category" else 4


def features_of(one: Column, other: Column) -> NDArray[np.float64]:
    """Of a pair `[N, W]`.

    Returns:
        How often a text holds a name; or of two lists the share of each that the other has too,
        equal items counted, the share of places with the same item, and whether they are equal.
    """
    if one.kind == "category":
        names = [str(name).casefold() for name in one.names]
        texts = (text[:LONGEST].casefold() for text in other.values)
        counts = [
            text.count(names[code]) if code >= 0 and names[code] else 0
            for code, text in zip(one.values.tolist(), texts, strict=True)
        ]
        return np.array(counts, float)[:, None]
    rows = zip(_items(one), _items(other), strict=True)
    return np.array([_shared(a, b) for a, b in rows], float).reshape(-1, 4)


def _shared(a: Sequence[Hashable], b: Sequence[Hashable]) -> tuple[float, float, float, bool]:
    both = (Counter(a) & Counter(b)).total()
    same = sum(x == y for x, y in zip(a, b, strict=False))
    return both / max(1, len(a)), both / max(1, len(b)), same / max(1, len(a), len(b)), a == b


def _items(column: Column) -> list[Sequence[Any]]:
    """Words of texts, names of symbols."""
    if column.kind == "symbols":
        names = column.names
        return [[names[code] for code in row if code >= 0] for row in column.values.tolist()]
    return [text[:LONGEST].casefold().split() for text in column.values]
