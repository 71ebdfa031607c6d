"""A second opinion on solutions, written apart from the tasks' own checkers.

A task's checker decides what is called verified. These judges share no code
with it and go another way, so that a mistake in one shows in the count of
answers that were verified falsely. Used in evaluation and in tests, never on
the way to an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
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


JUDGES: Mapping[str, Judge] = MappingProxyType({"sudoku": judges_sudoku})
"""Task name to judge; tasks that are not here have no second opinion."""
