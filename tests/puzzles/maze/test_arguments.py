"""Mazes as tools take them: no grid of numbers is solved through what its writer calls a wall."""

from __future__ import annotations

import random

import pytest

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.maze.checking import distance
from hrm_router.cards import problem_of
from hrm_specialists.errors import MalformedTask

TASK = MazeTask()
USUAL = (
    [[1, 1, 1, 1, 1], [1, 2, 0, 0, 1], [1, 1, 1, 0, 1], [1, 3, 0, 0, 1], [1, 1, 1, 1, 1]],
    [[2, 0, 0], [1, 1, 0], [3, 0, 0]],
    [[2, 1, 3], [0, 0, 0]],
    [[0, 0, 0, 0, 0], [0, 2, 1, 3, 0], [0, 0, 0, 0, 0]],
    [[0] * 5, [0, 2, 1, 3, 0], [0] * 5, [0] * 5, [0] * 5],
)
"""1 is a wall, 0 is free: as most programs write it."""


def test_numbers_with_a_1_for_walls_are_refused_with_words_that_help():
    for grid in USUAL:
        writings = (
            {"grid": grid},
            {"grid": str(grid)},
            {"grid": ["".join(map(str, row)) for row in grid]},
            {"grid": [[str(cell) for cell in row] for row in grid]},
        )
        for writing in writings:
            with pytest.raises(MalformedTask, match=r"`#` wall, `\.` floor"):
                problem_of(TASK, writing)


def test_numbers_that_can_be_read_in_one_way_are_taken():
    assert TASK.example is not None
    for grid in (TASK.example.grid, ((2, 1, 3), (0, 1, 0))):
        for writing in (grid, str(list(map(list, grid))), [str(list(row)) for row in grid]):
            assert problem_of(TASK, {"grid": writing}).grid == grid, writing


def test_of_random_open_fields_none_that_fits_both_meanings_is_taken():
    rng = random.Random(5)
    taken = both = 0
    for _ in range(400):
        side = rng.randint(3, 8)
        cells = [int(rng.random() < 0.35) for _ in range(side * side)]
        start, goal = rng.sample(range(side * side), 2)
        cells[start], cells[goal] = 2, 3
        grid = [cells[at : at + side] for at in range(0, side * side, side)]
        swapped = [[1 - cell if cell < 2 else cell for cell in row] for row in grid]
        fits_both = distance(grid) is not None and distance(swapped) is not None
        both += fits_both
        try:
            problem_of(TASK, {"grid": grid})
        except MalformedTask:
            continue
        taken += fits_both
    assert both > 40
    assert taken == 0
