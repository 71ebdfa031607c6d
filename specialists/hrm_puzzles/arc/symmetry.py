"""Eight turns of a grid times permutations of its colours, each with its inverse.

A problem seen through a view is as good a problem; what answers it, seen back
through the view, answers the first. Knows nothing of rules or networks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hrm_puzzles.arc.models import ArcPair, ArcProblem, ArcSolution, ArcTest

Rows = tuple[tuple[int, ...], ...]

TURNS = 8
PLAIN = tuple(range(10))
"""The permutation of colours that changes none."""


@dataclass(frozen=True, slots=True)
class View:
    """A way to look at grids: mirrored or not, turned, recoloured."""

    turn: int = 0
    """0 to 3: quarter turns to the left; 4 to 7: those after a mirroring."""
    colours: tuple[int, ...] = PLAIN
    """`colours[c]` is what colour `c` becomes."""

    def apply(self, grid: Rows) -> Rows:
        """The grid as it looks from here."""
        seen: Rows = tuple(tuple(self.colours[cell] for cell in row) for row in grid)
        if self.turn >= 4:
            seen = tuple(row[::-1] for row in seen)
        for _ in range(self.turn % 4):
            seen = tuple(zip(*seen, strict=True))[::-1]
        return seen

    def undo(self, grid: Rows) -> Rows:
        """The grid that looks like this from here."""
        seen = grid
        for _ in range(-self.turn % 4):
            seen = tuple(zip(*seen, strict=True))[::-1]
        if self.turn >= 4:
            seen = tuple(row[::-1] for row in seen)
        before = {new: old for old, new in enumerate(self.colours)}
        return tuple(tuple(before[cell] for cell in row) for row in seen)

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


def problem_through(view: View, problem: ArcProblem) -> ArcProblem:
    """The whole problem as it looks from there."""
    return ArcProblem(
        train=tuple(
            ArcPair(input=view.apply(pair.input), output=view.apply(pair.output))
            for pair in problem.train
        ),
        test=tuple(ArcTest(input=view.apply(test.input)) for test in problem.test),
    )


def solution_back(view: View, solution: ArcSolution) -> ArcSolution:
    """The answer to the problem itself, from one to what it looks like from there."""
    return ArcSolution(grids=tuple(map(view.undo, solution.grids)))
