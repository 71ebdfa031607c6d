"""A maze as a picture: walls dark, start green, goal red, the path blue."""

from __future__ import annotations

from hrm_puzzles.maze.models import MazeProblem, MazeSolution
from hrm_specialists.scene import Cell, Scene

_MAZE = ("#1e293b", "#f8fafc", "#16a34a", "#dc2626", "#60a5fa")
"""Wall, floor, start, goal, path."""


def scene(
    problem: MazeProblem, solution: MazeSolution | None, earlier: MazeSolution | None
) -> Scene:
    """One cell for each of the maze's, without lines."""
    shown = problem if solution is None else solution
    before = shown if earlier is None else earlier
    rows = tuple(
        tuple(Cell(_lit(_MAZE[value], value != was)) for value, was in zip(now, old, strict=True))
        for now, old in zip(shown.grid, before.grid, strict=True)
    )
    return Scene(rows, lines=False, size=24 if len(rows) <= 15 else 14)


def _lit(colour: str, fresh: bool) -> str:
    return {"#60a5fa": "#2563eb", "#f8fafc": "#e0e7ff"}.get(colour, colour) if fresh else colour
