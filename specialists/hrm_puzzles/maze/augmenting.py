"""More training examples from one: the maze turned or flipped, and marked anew.

Knows the way, so only training may come here; nothing that answers questions does.
"""

from __future__ import annotations

import random

from hrm_puzzles.maze import symmetry
from hrm_puzzles.maze.building.mazes import marked
from hrm_puzzles.maze.models import MazeProblem, MazeSolution


def turned(problem: MazeProblem, rng: random.Random) -> tuple[MazeProblem, MazeSolution]:
    """The maze in one of its eight orientations, with the way that the builders mark in it.

    Raises:
        ValueError: the goal cannot be reached.
    """
    made = marked(symmetry.turned(problem.grid, rng.randrange(8)))
    return made.problem, made.solution
