"""A second opinion on solutions, written apart from the tasks' own checkers.

A task's checker decides what is called verified. These judges share no code
with it and go another way, so that a mistake in one shows in the count of
answers that were verified falsely. Used in evaluation and in tests, never on
the way to an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

Judge = Callable[[BaseModel, BaseModel], bool]
"""Takes a problem and a solution, says whether the one is right for the other."""


def judges_sudoku(problem: BaseModel, solution: BaseModel) -> bool:
    """Whether `solution` completes `problem`, counting places instead of units.

    Each digit must be written nine times, once in every row, every column and
    every box, and no given may have changed.
    """
    givens: Any = problem.model_dump()["grid"]
    rows: Any = solution.model_dump()["grid"]
    if [len(row) for row in rows] != [9] * 9:
        return False
    places: dict[int, list[tuple[int, int]]] = {}
    for at in range(81):
        r, c = divmod(at, 9)
        if givens[r][c] not in (0, rows[r][c]):
            return False
        places.setdefault(rows[r][c], []).append((r, c))
    return set(places) == set(range(1, 10)) and all(
        len({r for r, _ in there}) == len({c for _, c in there}) == 9
        and len({(r // 3, c // 3) for r, c in there}) == 9
        for there in places.values()
    )


def judges_maze(problem: BaseModel, solution: BaseModel) -> bool:
    """Whether the marked cells are a shortest way, by walking along them.

    A shortest way never touches itself, so the next step is always the only
    one; its length is compared with waves that spread from the goal.
    """
    asked: Any = problem.model_dump()["grid"]
    found: Any = solution.model_dump()["grid"]
    floor, start, goal, way = 1, 2, 3, 4  # 0 is a wall
    cells = {(r, c): v for r, row in enumerate(asked) for c, v in enumerate(row)}
    marks = {(r, c): v for r, row in enumerate(found) for c, v in enumerate(row)}
    if {at: floor if v == way else v for at, v in marks.items()} != cells:
        return False
    here = next(at for at, v in cells.items() if v == start)
    end = next(at for at, v in cells.items() if v == goal)
    left = {at for at, v in marks.items() if v == way}
    moves = 1
    while end not in _around(here) or left:
        ahead = _around(here) & left
        if len(ahead) != 1 or end in _around(here):
            return False
        here = ahead.pop()
        left.remove(here)
        moves += 1
    return moves == _waves(cells, end)


def _around(at: tuple[int, int]) -> set[tuple[int, int]]:
    r, c = at
    return {(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)}


def _waves(cells: Mapping[tuple[int, int], int], goal: tuple[int, int]) -> int | None:
    """Waves from the goal until one reaches the start; None if none does."""
    wave, dry, waves = {goal}, {at for at, v in cells.items() if v}, 0
    while wave:
        if any(cells[at] == 2 for at in wave):
            return waves
        dry -= wave
        wave = {near for at in wave for near in _around(at)} & dry
        waves += 1
    return None
