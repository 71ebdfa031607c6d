"""Random puzzles in random styles: never another payload, seldom none."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import styles
from strange import CASES

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask

DRAWN = 300


def shown(task: str, problem: Any) -> Any:
    """A problem as `strange` writes it."""
    if task == "sudoku":
        return problem.line
    if task == "maze":
        return ["".join("#.SG"[cell] for cell in row) for row in problem.grid]
    grids = [(pair.input, pair.output) for pair in problem.train]
    return [
        tuple(list(map(list, grid)) for grid in some)
        for some in (*grids, *((one.input,) for one in problem.test))
    ]


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


def test_what_stands_around_a_sudoku_never_makes_another_one_of_it():
    rng = random.Random(14)
    counts: Counter[str] = Counter()
    for cut in (0, 0, 1, 1, 2, 2, 3, 3, 4, 6, 8) * 100:
        grid, before = styles.sudoku(rng), rng.random() < 0.4
        shown, own = styles.short_sudoku(rng, grid, cut, before=before)
        text = styles.with_rubbish(rng, shown, own, before=before)
        if rng.random() < 0.25:
            text = styles.with_rubbish(rng, text, own, before=not before)
        found = [claim.problem.grid for claim in SudokuTask().read(text)]
        assert found in ([], [tuple(map(tuple, grid))]), text
        told = found or SudokuTask().near_misses(f"Sudoku: {text}")
        counts["read" if found else "told" if told else "nothing"] += 1
    assert counts["read"] >= 80, counts
    assert counts["nothing"] <= 250, counts


def test_what_stands_around_a_maze_never_makes_another_one_of_it():
    rng = random.Random(15)
    read = 0
    for _ in range(500):
        grid = styles.maze(rng)
        text, _ = styles.write_maze(rng, grid)
        for before in (True, False):
            if rng.random() < 0.6:
                text = styles.with_rubbish(rng, text, "", before=before)
        found = [claim.problem.grid for claim in MazeTask().read(f"Shortest path:\n{text}")]
        assert found in ([], [tuple(map(tuple, grid))]), text
        read += bool(found)
    assert read >= 300, read


def test_arc_tasks_are_read_as_they_are_and_rubbish_makes_no_other_ones_of_them():
    rng = random.Random(16)
    read = Counter()
    for rubbish in (True, False) * 300:
        grids = styles.arc(rng)
        text = styles.write_arc(rng, grids, rubbish=rubbish)
        found = [shown("arc", claim.problem) for claim in ArcTask().read(text)]
        pairs = [tuple(grids[at : at + 2]) for at in range(0, len(grids), 2)]
        assert found in ([], [pairs]), text
        read[rubbish] += bool(found)
    assert read[False] >= 260, read
    assert read[True] >= 45, read


def test_no_way_leads_through_a_thin_wall():
    rng = random.Random(13)
    for _ in range(80):
        shown, grid = styles.thin_maze(rng)
        (claim,) = MazeTask().read(f"Shortest way from S to G?\n{shown}")
        assert claim.problem.grid == tuple(map(tuple, grid)), shown


def test_puzzles_in_unseen_ways_are_read_as_they_are_or_said_to_be_unread():
    tasks = {task.name: task for task in (SudokuTask(), MazeTask(), ArcTask())}
    counts: Counter[str] = Counter()
    for name, way, text, wanted in CASES:
        task = tasks[name]
        found = [shown(name, claim.problem) for claim in task.read(text)]
        if way != "an ellipsis":  # 78 characters and three dots are 81 characters
            assert found in ([], [wanted]), way
        counts["read" if found else "told" if task.near_misses(text) else "nothing"] += 1
    assert counts["read"] >= 61, counts
    assert counts["nothing"] <= 2, counts
