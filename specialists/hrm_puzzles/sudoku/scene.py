"""A Sudoku as a picture: givens in black, found digits in blue, new ones lit."""

from __future__ import annotations

from hrm_puzzles.sudoku.models import SudokuProblem, SudokuSolution
from hrm_specialists.scene import FOUND, FRESH, INK, PAPER, Cell, Scene


def scene(
    problem: SudokuProblem, solution: SudokuSolution | None, earlier: SudokuSolution | None
) -> Scene:
    """Nine by nine cells with thick lines around the boxes."""
    shown = problem if solution is None else solution
    before = shown if earlier is None else earlier
    rows = []
    for given, now, was in zip(problem.grid, shown.grid, before.grid, strict=True):
        rows.append(
            tuple(
                Cell("#f1f5f9", str(digit), INK, bold=True)
                if fixed
                else Cell(PAPER if digit == old else FRESH, str(digit or ""), FOUND)
                for fixed, digit, old in zip(given, now, was, strict=True)
            )
        )
    return Scene(tuple(rows), thick=3, size=36)
