"""Random puzzles in random styles: never another payload, seldom none."""

from __future__ import annotations

import random
from collections import Counter

import styles

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask

DRAWN = 300


def test_sudokus_in_random_styles_are_read_as_they_are_or_not_at_all():
    rng = random.Random(11)
    unread = Counter()
    for _ in range(DRAWN):
        grid = styles.sudoku(rng)
        shown, style = styles.write_sudoku(rng, grid)
        text = rng.choice(styles.AROUND).format(shown)
        found = [claim.problem.grid for claim in SudokuTask().read(text)]
        assert found in ([], [tuple(map(tuple, grid))]), text
        unread[style] += not found
    assert sum(unread.values()) <= 0.03 * DRAWN, +unread


def test_mazes_in_random_styles_are_read_as_they_are_or_not_at_all():
    rng = random.Random(12)
    unread = Counter()
    for _ in range(DRAWN):
        grid = styles.maze(rng)
        shown, style = styles.write_maze(rng, grid)
        text = rng.choice(styles.AROUND).format(shown)
        found = [claim.problem.grid for claim in MazeTask().read(text)]
        assert found in ([], [tuple(map(tuple, grid))]), text
        unread[style] += not found
    assert sum(unread.values()) <= 0.1 * DRAWN, +unread


def test_no_way_leads_through_a_thin_wall():
    rng = random.Random(13)
    for _ in range(80):
        shown, grid = styles.thin_maze(rng)
        (claim,) = MazeTask().read(f"Shortest way from S to G?\n{shown}")
        assert claim.problem.grid == tuple(map(tuple, grid)), shown
