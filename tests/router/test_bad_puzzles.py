"""Sudokus without a solution or with many: none is called verified that is not right.

Judged by a checker written here for itself, against the puzzle as it was made.
"""

from __future__ import annotations

import random

import pytest

from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask
from hrm_router.policy import Policy
from hrm_router.router import Router

CELLS = range(81)


def peers(at):
    """The cells that share a row, a column or a box with `at`, but itself."""
    row, column = divmod(at, 9)
    return {
        other
        for other in CELLS
        if other != at
        and (
            other // 9 == row
            or other % 9 == column
            or (other // 27, other % 9 // 3) == (row // 3, column // 3)
        )
    }


PEERS = [peers(at) for at in CELLS]


def solves(puzzle, digits):
    """The second checker: no cell has a peer's digit, and every given stayed."""
    return (
        len(digits) == 81
        and all(digit in "123456789" for digit in digits)
        and all(given in (".", digit) for given, digit in zip(puzzle, digits, strict=True))
        and all(digits[at] != digits[other] for at in CELLS for other in PEERS[at])
    )


def full(dice):
    """A complete grid: the cyclic one with its digits, rows, columns and bands shuffled."""

    def lines():
        return [
            3 * band + line
            for band in dice.sample(range(3), 3)
            for line in dice.sample(range(3), 3)
        ]

    digits = dice.sample("123456789", 9)
    rows, columns = lines(), lines()
    return "".join(digits[(3 * (r % 3) + r // 3 + c) % 9] for r in rows for c in columns)


def contradictory(dice):
    """A puzzle with a cell that no digit fits, though no givens clash."""
    grid, at = list(full(dice)), dice.choice(CELLS)
    lost, row = grid[at], at // 9
    for cell in dice.sample(CELLS, 20):
        if cell // 9 != row:
            grid[cell] = "."
    grid[at] = "."
    elsewhere = dice.choice([o for o in PEERS[at] if o % 9 == at % 9 and o // 27 != at // 27])
    for other in PEERS[elsewhere]:
        if grid[other] == lost:
            grid[other] = "."
    grid[elsewhere] = lost  # seen from `at`, as are the eight others in its row
    return "".join(grid)


def ambiguous(dice):
    """A puzzle with several solutions: too few givens, or two digits not among them."""
    grid = full(dice)
    if dice.random() < 0.5:
        kept = set(dice.sample(CELLS, dice.randint(0, 16)))
        return "".join(digit if at in kept else "." for at, digit in enumerate(grid))
    gone = dice.sample("123456789", 2)
    return "".join("." if digit in gone else digit for digit in grid)


def cheat(dice):
    """A specialist's script: solutions that look right, and mostly are not."""

    def answer(problem):
        line = "".join(str(digit or ".") for row in problem.grid for digit in row)
        kind = dice.randrange(4)
        if kind == 0:  # a sound grid, of another puzzle
            said = full(dice)
        elif kind == 1:  # the givens, and anything between
            said = "".join(dice.choice("123456789") if c == "." else c for c in line)
        elif kind == 2:  # the givens, and what fits so far
            cells = list(line)
            for at in CELLS:
                if cells[at] == ".":
                    seen = {cells[other] for other in PEERS[at]}
                    cells[at] = next((d for d in "123456789" if d not in seen), "1")
            said = "".join(cells)
        else:
            said = line.replace(".", "1")
        return SudokuSolution.model_validate({"grid": said})

    return answer


async def none_is_falsely_verified(one, make, count, seed):
    dice = random.Random(seed)
    puzzles = [make(dice) for _ in range(count)]
    policy = Policy(effort="low", when_unverified="return")
    answers = await one.solve_many([{"grid": p} for p in puzzles], "sudoku", policy)
    for puzzle, answer in zip(puzzles, answers, strict=True):
        right = answer.solution is not None and solves(
            puzzle, "".join(str(digit) for row in answer.solution.grid for digit in row)
        )
        assert (answer.status == "verified") == right, puzzle
    return [answer.status for answer in answers]


@pytest.fixture
async def shipped():
    async with Router(["sudoku"], llm=None) as one:
        yield one


def test_the_second_checker_and_the_puzzles_are_what_they_say():
    dice = random.Random(1)
    for _ in range(50):
        grid = full(dice)
        assert solves(grid, grid)
        assert solves("." * 81, grid)
        assert not solves(grid[1] + grid[1:], grid)
        assert not solves("." * 81, grid[1] + grid[1:])
        puzzle = contradictory(dice)
        assert all(
            puzzle[at] != puzzle[other] for at in CELLS if puzzle[at] != "." for other in PEERS[at]
        )
        assert any(
            {puzzle[other] for other in PEERS[at]} >= set("123456789")
            for at in CELLS
            if puzzle[at] == "."
        )


@pytest.mark.parametrize("make", [contradictory, ambiguous])
async def test_a_specialist_that_cheats_is_found_out(router, make):
    one = router(ScriptedSpecialist(SudokuTask(), cheat(random.Random(2))))
    statuses = await none_is_falsely_verified(one, make, 200, seed=3)
    assert make is not contradictory or "verified" not in statuses
    assert statuses.count("unverified") > 120


@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [8, pytest.param(120, marks=pytest.mark.slow)])
async def test_what_has_no_solution_or_many_is_verified_only_where_it_is_right(shipped, count):
    statuses = await none_is_falsely_verified(shipped, contradictory, count, seed=4)
    assert set(statuses) <= {"unverified", "failed"}
    await none_is_falsely_verified(shipped, ambiguous, count, seed=5)
