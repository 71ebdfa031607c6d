"""Mazes from files of others: each proved to be a maze with a shortest way; none twice.

Reads what `evaluation` reads. Knows nothing of how mazes are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hrm_puzzles.maze.models import PATH, MazeProblem, MazeSolution
from hrm_puzzles.maze.task import MazeTask
from hrm_specialists.errors import DataError
from hrm_specialists.symmetries import MOVES, moved


def proved(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[MazeProblem, MazeSolution, int]]:
    """Mazes with their ways and the cells on them, both ends counted.

    Raises:
        DataError: a way is missing, or the checker refuses it; named by its number.
    """
    task = MazeTask()
    for number, (problem, solution) in enumerate(pairs, start=1):
        if solution is None:
            raise DataError(f"maze {number} has no answer")
        verdict = task.check(problem, solution)
        if not verdict.passed:
            raise DataError(f"maze {number}: {verdict.reason}")
        yield problem, solution, 2 + sum(row.count(PATH) for row in solution.grid)


def identity(problem: MazeProblem) -> str:
    """The same for a maze however it is turned or mirrored, and for no other."""
    turned = (moved(problem.grid, move) for move in range(len(MOVES)))
    return str(min(tuple(map(tuple, grid)) for grid in turned))
