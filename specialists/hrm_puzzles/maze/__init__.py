"""Mazes: the shortest way from start to goal on a grid of walls and floor."""

from __future__ import annotations

from hrm_puzzles.maze.models import MazeProblem, MazeSolution
from hrm_puzzles.maze.task import MazeTask

__all__ = ["MazeProblem", "MazeSolution", "MazeTask"]
