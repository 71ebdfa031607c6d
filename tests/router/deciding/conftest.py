"""A decider for the tasks that ship."""

from __future__ import annotations

import pytest

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.deciding import Decider


@pytest.fixture(scope="session")
def decider() -> Decider:
    return Decider([SudokuTask(), ArcTask(), MazeTask()])
