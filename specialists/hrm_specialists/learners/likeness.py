"""What two columns of a row share: a name that a text holds, items that two lists have in common.

Columns by themselves do not show it, and trees or weights cannot compare them. Knows nothing
of answers. Shapes: N rows, W features of a pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.schema.columns import Column

Pair = tuple[int, int]
"""Places of two columns: a category and a text that may hold it, or two lists or texts."""

MOST_COLUMNS = 4
"""Columns of each kind that are compared; with more, pairs are too many."""
LONGEST = 20_000
"""Letters of a text that are looked at."""


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
