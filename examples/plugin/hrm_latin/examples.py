"""Solved examples, made from a seed."""

from __future__ import annotations

import random
from typing import Any

from hrm_latin.models import SIZE

Grid = tuple[tuple[int, ...], ...]
Pair = tuple[dict[str, Any], dict[str, Any]]


def examples(count: int, seed: int = 0) -> list[Pair]:
    """`count` pairs, no two problems alike."""
    rng = random.Random(seed)
    pairs: dict[Grid, Pair] = {}
    while len(pairs) < count:
        square = _full(rng)
        problem = _with_blanks(square, rng)
        pairs[problem] = ({"grid": problem}, {"grid": square})
    return list(pairs.values())


def _full(rng: random.Random) -> Grid:
    cyclic = rng.random() < 0.5
    names, rows, columns = (rng.sample(range(SIZE), SIZE) for _ in range(3))
    return tuple(
        tuple(names[(r + c) % SIZE if cyclic else r ^ c] + 1 for c in columns) for r in rows
    )


def _with_blanks(square: Grid, rng: random.Random) -> Grid:
    """Six to nine cells blank; where several squares would do, the checker takes any."""
    blank = set(rng.sample(range(SIZE * SIZE), rng.randint(6, 9)))
    return tuple(
        tuple(0 if SIZE * r + c in blank else cell for c, cell in enumerate(row))
        for r, row in enumerate(square)
    )
