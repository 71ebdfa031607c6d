"""Sudoku: fill nine rows, columns and boxes so that each holds 1 to 9 once."""

from __future__ import annotations

from hrm_puzzles.sudoku.models import SudokuProblem, SudokuSolution
from hrm_puzzles.sudoku.task import SudokuTask

__all__ = ["SudokuProblem", "SudokuSolution", "SudokuTask"]
