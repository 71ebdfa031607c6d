"""The checker passes exactly the completions, symmetries are some, bad problems say why."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hrm_puzzles.sudoku import SudokuProblem, SudokuSolution, SudokuTask
from hrm_specialists.installed import installed_task

TASK = SudokuTask()
PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
DIGITS = set(range(1, 10))

seeds = st.integers(0, 2**32)


def rules_hold(givens: list[int], cells: list[int]) -> bool:
    """A second opinion, on 81 cells and with sets."""
    units = [
        *([9 * r + c for c in range(9)] for r in range(9)),
        *([9 * r + c for r in range(9)] for c in range(9)),
        *([27 * (b // 3) + 3 * (b % 3) + 9 * (i // 3) + i % 3 for i in range(9)] for b in range(9)),
    ]
    kept = all(g in (0, cell) for g, cell in zip(givens, cells, strict=True))
    return kept and all({cells[at] for at in unit} == DIGITS for unit in units)


def problem(line: str) -> SudokuProblem:
    return SudokuProblem.model_validate({"grid": line})


def solution(line: str) -> SudokuSolution:
    return SudokuSolution.model_validate({"grid": line})


def flat(grid: tuple[tuple[int, ...], ...]) -> list[int]:
    return [cell for row in grid for cell in row]


def test_the_built_in_task_is_this_one():
    assert type(installed_task("sudoku")) is SudokuTask


def test_the_solution_passes():
    assert TASK.check(problem(PUZZLE), solution(SOLVED)).passed


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 9)), max_size=4), st.booleans())
def test_two_checkers_agree_on_solutions_gone_wrong(changes, swap):
    cells = [int(mark) for mark in SOLVED]
    for at, digit in changes:
        cells[at] = digit
    if swap:  # rows of one band swapped: every rule holds, the givens do not
        cells[0:9], cells[9:18] = cells[9:18], cells[0:9]
    found = solution("".join(map(str, cells)))

    verdict = TASK.check(problem(PUZZLE), found)

    assert verdict.passed == rules_hold(flat(problem(PUZZLE).grid), cells)
    assert bool(verdict.reason) != verdict.passed


@given(seeds)
def test_a_solution_stays_a_solution_under_every_symmetry(seed):
    view = TASK.symmetry(random.Random(seed))
    codec, asked, found = TASK.codec, problem(PUZZLE), solution(SOLVED)
    givens = view.apply(codec.encode(asked))
    answer = view.apply(codec.target(asked, found))

    assert rules_hold([token - 1 for token in givens], [token - 1 for token in answer])
    assert (view.symbols[0], view.symbols[1]) == (0, 1)


@given(seeds)
def test_every_symmetry_has_its_inverse(seed):
    view = TASK.symmetry(random.Random(seed))
    tokens = TASK.codec.encode(problem(PUZZLE))

    assert view.inverse().apply(view.apply(tokens)) == tokens
    assert view.apply(view.inverse().apply(tokens)) == tokens


def test_symmetries_move_digits_rows_columns_and_sides():
    drawn = [TASK.symmetry(random.Random(seed)) for seed in range(200)]
    sideways = [view for view in drawn if abs(view.positions[1] - view.positions[0]) >= 9]
    assert 50 < len(sideways) < 150
    assert len({view.positions for view in drawn}) == 200
    assert {view.symbols[2] for view in drawn} == set(range(2, 11))


def test_the_codec_gives_back_what_it_took():
    asked, found = problem(PUZZLE), solution(SOLVED)
    codec = TASK.codec
    assert (codec.seq_len, codec.vocab_size) == (81, 11)
    assert codec.decode(asked, codec.target(asked, found)) == found


@pytest.mark.parametrize("blank", ".0_xX*?-")
def test_blanks_are_read_in_strings(blank):
    assert problem(PUZZLE.replace(".", blank)) == problem(PUZZLE)


def test_rows_may_be_strings_or_hold_none():
    rows = [PUZZLE[at : at + 9] for at in range(0, 81, 9)]
    holes = [[None if mark == "." else int(mark) for mark in row] for row in rows]
    assert problem(rows) == problem(holes) == problem("\n".join(rows)) == problem(PUZZLE)
    assert problem(PUZZLE).line == PUZZLE


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (PUZZLE[:-1], "80 cells"),
        (PUZZLE + ".", "82 cells"),
        ("55" + PUZZLE[2:], "row 1 holds 5 twice, at r1c1 and r1c2"),
        ("." * 80 + "a", "integer"),
        ([[10] + [0] * 8] + [[0] * 9] * 8, "less than or equal to 9"),
        ([[True] + [0] * 8] + [[0] * 9] * 8, "integer"),
        ([[0] * 9] * 8, "at least 9"),
        (17, "tuple"),
    ],
)
def test_what_is_no_sudoku_is_refused_with_the_reason(grid, says):
    with pytest.raises(ValidationError, match=says):
        problem(grid)


def test_a_blank_is_no_part_of_a_solution():
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        solution(PUZZLE)


def test_a_grid_is_drawn_for_people():
    drawn = TASK.render(problem(PUZZLE))
    assert drawn.splitlines()[1] == "| 5 3 . | . 7 . | . . . |"
    assert "| 3 4 5 | 2 8 6 | 1 7 9 |" in TASK.render(problem(PUZZLE), solution(SOLVED))
