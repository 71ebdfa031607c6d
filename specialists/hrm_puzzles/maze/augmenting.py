"""More training examples from one: the maze turned or flipped, and marked anew.

Knows the way, so only training may come here; nothing that answers questions does.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hrm_puzzles.maze.checking import neighbours, steps
from hrm_puzzles.maze.models import GOAL, PATH, START, WALL, MazeProblem, MazeSolution, find
from hrm_specialists.symmetries import MOVES, moved


@dataclass(frozen=True, slots=True)
class Maze:
    """A maze, a shortest way through it, and its number of moves."""

    problem: MazeProblem
    solution: MazeSolution
    moves: int


def marked(grid: Sequence[Sequence[int]]) -> Maze:
    """A maze with the shortest way that goes up rather than down, down than left, left than right.

    Raises:
        ValueError: the goal cannot be reached.
    """
    problem = MazeProblem(grid=tuple(map(tuple, grid)))
    rows = [list(row) for row in problem.grid]
    free = {(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell != WALL}
    cell, goal = find(problem.grid, START), find(problem.grid, GOAL)
    left = steps(free, goal)
    if cell not in left:
        raise ValueError("the goal cannot be reached from the start")
    moves = left[cell]
    for to_go in range(moves - 1, 0, -1):
        cell = next(near for near in neighbours(cell) if left.get(near) == to_go)
        rows[cell[0]][cell[1]] = PATH
    return Maze(problem, MazeSolution(grid=tuple(map(tuple, rows))), moves)


def turned(problem: MazeProblem, rng: random.Random) -> tuple[MazeProblem, MazeSolution]:
    """The maze in one of its eight orientations, with the way that the builders mark in it.

    Raises:
        ValueError: the goal cannot be reached.
    """
    made = marked(moved(problem.grid, rng.randrange(len(MOVES))))
    return made.problem, made.solution
