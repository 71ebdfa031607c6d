"""The eight ways to turn and flip a square canvas, or a grid. Knows nothing of ways."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from hrm_specialists.contract import Symmetry


def draw(rng: random.Random, size: int, symbols: int) -> Symmetry:
    """Draw one of the eight for a canvas of `size` by `size`, all equally likely."""
    return _all(size, symbols)[rng.randrange(8)]


def turned(grid: Sequence[Sequence[int]], which: int) -> tuple[tuple[int, ...], ...]:
    """A grid in the `which`th of its eight orientations, 0 being as it is."""
    rows = [tuple(row) for row in grid]
    if which & 1:
        rows = list(zip(*rows, strict=True))
    if which & 2:
        rows = rows[::-1]
    return tuple(row[::-1] if which & 4 else row for row in rows)


@cache
def _all(size: int, symbols: int) -> tuple[Symmetry, ...]:
    last = size - 1
    cells = [(r, c) for r in range(size) for c in range(size)]
    drawn = []
    for turned in (False, True):
        for down in (False, True):
            for across in (False, True):
                positions = []
                for r, c in cells:
                    r, c = (last - r if down else r), (last - c if across else c)
                    positions.append(c * size + r if turned else r * size + c)
                drawn.append(Symmetry(tuple(positions), tuple(range(symbols))))
    return tuple(drawn)
