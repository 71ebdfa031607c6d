"""The second checker agrees with the first, and neither lets a wrong grid pass."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrm_puzzles.maze import MazeProblem, MazeSolution, MazeTask
from hrm_puzzles.maze.building.mazes import random_walls
from hrm_puzzles.second_checker import judges_maze, judges_sudoku
from hrm_puzzles.sudoku import SudokuProblem, SudokuSolution, SudokuTask

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
PROBLEM = SudokuProblem.model_validate({"grid": PUZZLE})
EMPTY = SudokuProblem.model_validate({"grid": "." * 81})


def solution(cells: str) -> SudokuSolution:
    return SudokuSolution.model_validate({"grid": cells})


def test_the_right_answer_passes():
    assert judges_sudoku(PROBLEM, solution(SOLVED))


def test_a_right_grid_for_other_givens_is_refused():
    other = SOLVED.translate(str.maketrans("123456789", "234567891"))
    assert judges_sudoku(EMPTY, solution(other))
    assert not judges_sudoku(PROBLEM, solution(other))


@given(at=st.integers(0, 80), digit=st.sampled_from("123456789"))
def test_one_changed_cell_is_always_refused(at, digit):
    cells = SOLVED[:at] + digit + SOLVED[at + 1 :]
    assert judges_sudoku(EMPTY, solution(cells)) == (digit == SOLVED[at])


@given(seed=st.integers(0, 10_000), swaps=st.integers(0, 2))
def test_it_agrees_with_the_tasks_own_checker(seed, swaps):
    """On grids where each row holds all nine digits, the hardest kind to refuse."""
    rng = random.Random(seed)
    rows = [list(SOLVED[at : at + 9]) for at in range(0, 81, 9)]
    for _ in range(swaps):
        row, (one, other) = rng.choice(rows), rng.sample(range(9), 2)
        row[one], row[other] = row[other], row[one]
    if rng.random() < 0.5:
        rng.shuffle(rows)
    found = solution("".join(map("".join, rows)))
    for problem in (PROBLEM, EMPTY):
        assert judges_sudoku(problem, found) == SudokuTask().check(problem, found).passed


MAZES = {  # a maze with its marks: is this a shortest way?
    "straight": (["SooG"], True),
    "touching": (["SG"], True),
    "around a wall": (["So ", "#o#", " oG"], True),
    "one of two ways": (["So", " G"], True),
    "a detour": (["S G", "ooo"], False),
    "a gap": (["So oG"], False),
    "a stray mark": (["SoG", "  o"], False),
    "a mark beside the way": (["SooG", " o  "], False),
    "nothing marked": (["S  G"], False),
}


@pytest.mark.parametrize("name", MAZES)
def test_ways_through_mazes(name):
    rows, right = MAZES[name]
    width = max(map(len, rows))
    rows = [row.ljust(width) for row in rows]
    problem = MazeProblem(grid="\n".join(rows).replace("o", " "))
    way = MazeSolution(grid="\n".join(rows))
    assert judges_maze(problem, way) is right
    assert MazeTask().check(problem, way).passed is right


@given(seed=st.integers(0, 10_000), changes=st.integers(0, 2))
def test_the_maze_checkers_agree(seed, changes):
    rng = random.Random(seed)
    maze = random_walls(rng, rng.randint(2, 7), rng.randint(2, 7))
    marks = [list(row) for row in maze.solution.grid]
    for _ in range(changes):
        r, c = rng.randrange(len(marks)), rng.randrange(len(marks[0]))
        marks[r][c] = {1: 4, 4: 1}.get(marks[r][c], marks[r][c])
    way = MazeSolution(grid=marks)
    assert judges_maze(maze.problem, way) == MazeTask().check(maze.problem, way).passed


def test_a_way_through_another_maze_is_refused():
    problem = MazeProblem(grid="S G\n   ")
    assert not judges_maze(problem, MazeSolution(grid="SoG\n# #"))
    assert not judges_maze(problem, MazeSolution(grid="SoG"))
