"""Seeded easy Sudokus, and full grids; for minimal and hard ones see `breeding`.

Every puzzle has exactly one solution, by exhaustive search. Guesses are the
branches of the plain search of `solver`, and depend on a puzzle's orientation.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from hrm_puzzles.sudoku.building.solver import search, yields_to_naked_singles

Cells = tuple[int, ...]
"""81 cells, row by row, 0 for a blank."""


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A puzzle with its only solution and the guesses it takes to prove that."""

    cells: Cells
    solution: Cells
    guesses: int


def rated(cells: Cells) -> Puzzle:
    """The puzzle with its solution and its guesses.

    Raises:
        ValueError: it has no solution, or more than one.
    """
    found = search(cells)
    if len(found.solutions) != 1:
        raise ValueError("it has more than one solution" if found.solutions else "no solution")
    return Puzzle(tuple(cells), found.solutions[0], found.guesses)


def solved(rng: random.Random) -> Cells:
    """A full grid, from clues that tell two solutions apart until one is left."""
    cells = [0] * 81
    while True:
        found = search(cells).solutions
        if len(found) == 1:
            return found[0]
        at = rng.choice([at for at in range(81) if found[0][at] != found[1][at]])
        cells[at] = rng.choice(found)[at]


def easy(rng: random.Random) -> Puzzle:
    """28 to 37 clues, solved by naked singles alone."""
    cells, wanted = list(solved(rng)), rng.randint(28, 37)
    for at in rng.sample(range(81), 81):
        kept, cells[at] = cells[at], 0
        if not yields_to_naked_singles(cells):
            cells[at] = kept
        if 81 - cells.count(0) == wanted:
            return rated(tuple(cells))
    return easy(rng)
