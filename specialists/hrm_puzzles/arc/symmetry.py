"""Eight turns of a grid times permutations of its colours, each with its inverse.

A problem seen through a view is as good a problem; what answers it, seen back
through the view, answers the first. Knows nothing of rules or networks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hrm_puzzles.arc.models import ArcProblem
from hrm_specialists.symmetries import MOVES, moved

Rows = tuple[tuple[int, ...], ...]

TURNS = len(MOVES)
PLAIN = tuple(range(10))
"""The permutation of colours that changes none."""


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at grids: mirrored or not, turned, recoloured."""

    turn: int = 0
    """The number of one of `MOVES`."""
    colours: tuple[int, ...] = PLAIN
    """`colours[c]` is what colour `c` becomes."""

    def apply(self, grid: Rows) -> Rows:
        """The grid as it looks from here."""
        return tuple(tuple(self.colours[c] for c in row) for row in moved(grid, self.turn))

    def undo(self, grid: Rows) -> Rows:
        """The grid that looks like this from here."""
        back = {3: 5, 5: 3}.get(self.turn, self.turn)  # the two turns; all others undo themselves
        return tuple(tuple(map(self.colours.index, row)) for row in moved(grid, back))

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of such a grid as it looks from here."""
        return (width, height) if self.turn % 2 else (height, width)


def free_colours(problem: ArcProblem) -> tuple[int, ...]:
    """Colours that may change places: those that do not stand in every demonstration.

    Black stays, too: nearly everywhere it is the ground.
    """
    everywhere = set(range(10))
    for pair in problem.train:
        everywhere &= {cell for grid in (pair.input, pair.output) for row in grid for cell in row}
    return tuple(colour for colour in range(1, 10) if colour not in everywhere)


def draw(rng: random.Random, free: Sequence[int], *, recolour: bool) -> View:
    """A view at random; if `recolour`, with the `free` colours shuffled."""
    colours = list(PLAIN)
    if recolour:
        for old, new in zip(free, rng.sample(list(free), len(free)), strict=True):
            colours[old] = new
    return View(rng.randrange(TURNS), tuple(colours))
