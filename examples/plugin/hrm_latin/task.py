"""The task: its models, its checker, its symmetries, and how people ask for it."""

from __future__ import annotations

import random
from functools import cached_property

from hrm_agent import Symmetry, Task, Verdict
from hrm_specialists.codec import GridCodec

from hrm_latin.models import SIZE, LatinProblem, LatinSolution


class LatinTask(Task[LatinProblem, LatinSolution]):
    """Fill a square so that every row and column holds 1 to 4."""

    name = "latin"
    title = "Latin square"
    description = "Fills a 4x4 square so that every row and every column holds 1 to 4."
    Problem, Solution = LatinProblem, LatinSolution
    phrases = (
        "fill in this Latin square: {problem}",
        "complete the Latin square {problem}",
        "every row and column of {problem} should hold 1 to 4",
    )
    example = LatinProblem(grid=((1, 0, 0, 4), (0, 4, 1, 0), (0, 1, 4, 0), (4, 0, 0, 1)))

    @cached_property
    def codec(self) -> GridCodec[LatinProblem, LatinSolution]:
        """A cell of the grid is a position of the network; the value `v` is token `v + 1`."""
        return GridCodec(LatinProblem, LatinSolution, height=SIZE, width=SIZE, symbols=SIZE + 1)

    def check(self, problem: LatinProblem, solution: LatinSolution) -> Verdict:
        """Rows and columns hold 1 to 4, and the givens are kept."""
        lines = [*solution.grid, *zip(*solution.grid, strict=True)]
        if any(sorted(line) != [1, 2, 3, 4] for line in lines):
            return Verdict(False, "a row or column does not hold 1 to 4")
        for given, found in zip(problem.grid, solution.grid, strict=True):
            if any(g not in (0, f) for g, f in zip(given, found, strict=True)):
                return Verdict(False, "a given was changed")
        return Verdict(True)

    def symmetry(self, rng: random.Random) -> Symmetry:
        """Digits renamed, rows and columns exchanged, the square turned over."""
        digits, rows, columns = (rng.sample(range(SIZE), SIZE) for _ in range(3))
        places = [(r, c) for r in rows for c in columns]
        if rng.random() < 0.5:
            places = [(c, r) for r, c in places]
        symbols = (0, 1, *(2 + digit for digit in digits))  # padding and blank stay what they are
        return Symmetry(tuple(SIZE * r + c for r, c in places), symbols)

    def render(self, problem: LatinProblem, solution: LatinSolution | None = None) -> str:
        """As people read it."""
        rows = (solution or problem).grid
        return "\n".join(" ".join(str(cell or ".") for cell in row) for row in rows)
