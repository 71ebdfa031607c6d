"""The eight ways to turn and flip a square canvas. Knows nothing of a particular maze."""

from __future__ import annotations

import random
from functools import cache

from hrm_specialists.contract import Symmetry


def draw(rng: random.Random, size: int, symbols: int) -> Symmetry:
    """Draw one of the eight for a canvas of `size` by `size`, all equally likely."""
    return _all(size, symbols)[rng.randrange(8)]


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
