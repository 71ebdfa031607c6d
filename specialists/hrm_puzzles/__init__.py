"""The specialists that ship: Sudoku, mazes, ARC; found by entry point like any plug-in.

Uses `hrm_specialists` through its public modules. Each function returns one
specialist; its weights are read, and torch is loaded, on first use.
"""

from __future__ import annotations

import json
from pathlib import Path

from hrm_specialists.contract import Solver
from hrm_specialists.registry import load_specialist
from hrm_specialists.specialist import Specialist

_HERE = Path(__file__).parent


def load_sudoku(*, device: str = "auto") -> Specialist:
    """Complete a 9x9 Sudoku."""
    from hrm_puzzles.sudoku import SudokuTask

    return load_specialist(_HERE / "sudoku" / "weights", task=SudokuTask(), device=device)


def load_maze(*, device: str = "auto") -> Specialist:
    """Mark a shortest path through a grid of walls."""
    from hrm_puzzles.maze import MazeTask

    return load_specialist(_HERE / "maze" / "weights", task=MazeTask(), device=device)


def load_arc() -> Specialist:
    """Infer a grid transformation from examples; it learns each problem anew, on the CPU."""
    from hrm_puzzles.arc.task import ArcTask

    task = ArcTask()
    settings = json.loads((_HERE / "arc" / "adapting.json").read_text("utf-8"))

    def open_solver() -> Solver:
        from hrm_puzzles.arc.adapting.learning import Pace
        from hrm_puzzles.arc.adapting.solver import AdaptingSolver
        from hrm_specialists.engine.calibration import Calibration

        calibration = Calibration.from_mapping(settings["calibration"])
        pace, threshold = Pace(**settings["pace"]), settings["threshold"]
        return AdaptingSolver(task, pace=pace, threshold=threshold, calibration=calibration)

    told = {name: settings[name] for name in ("threshold", "card", "version")}
    return Specialist(task, open_solver, **told)
