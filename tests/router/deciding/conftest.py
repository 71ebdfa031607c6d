"""A decider for the tasks that ship, trained once for all tests here."""

from __future__ import annotations

import pytest

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.deciding import Decider
from hrm_specialists.contract import Task


def shipped() -> list[Task]:  # type: ignore[type-arg]
    tasks = [SudokuTask(), ArcTask()]
    try:
        from hrm_puzzles.maze import MazeTask
    except ImportError:
        return tasks
    return [*tasks, MazeTask()]


@pytest.fixture(scope="session")
def decider() -> Decider:
    made = Decider(shipped())
    made.prepare()
    return made
