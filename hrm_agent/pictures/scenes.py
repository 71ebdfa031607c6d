"""The scene of any task: its own, or what it writes, character by character.

Knows nothing of files or of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task
from hrm_specialists.scene import FOUND, FRESH, INK, PAPER, Cell, Scene


def scene_of(
    task: Task[Any, Any],
    problem: BaseModel,
    solution: BaseModel | None,
    earlier: BaseModel | None = None,
) -> Scene:
    """How a problem looks with this much of its solution.

    Args:
        solution: as it stands, or None at the beginning.
        earlier: what stood before; cells that changed since are lit.
    """
    return task.scene(problem, solution, earlier) or _text(task, problem, solution, earlier)


def _text(
    task: Task[Any, Any], problem: BaseModel, solution: BaseModel | None, earlier: BaseModel | None
) -> Scene:
    def written(state: BaseModel | None) -> list[str]:
        text = task.render(problem) if state is None else task.render(problem, state)
        return ["".join(_shown(char) for char in line) for line in text.splitlines()[:60]]

    begun, lines, last = written(None), written(solution), written(earlier or solution)
    width = min(80, max(map(len, lines), default=1))

    def cell(r: int, c: int) -> Cell:
        char = _at(lines, r, c)
        given = char == _at(begun, r, c)
        fill = PAPER if char == _at(last, r, c) else FRESH
        return Cell(fill, char.strip(), INK if given else FOUND, bold=given)

    rows = tuple(tuple(cell(r, c) for c in range(width)) for r in range(len(lines)))
    return Scene(rows, lines=False, size=18)


def _shown(char: str) -> str:
    """A character that may stand in any file."""
    return char if char.isprintable() else "·"


def _at(lines: Sequence[str], r: int, c: int) -> str:
    return lines[r][c] if r < len(lines) and c < len(lines[r]) else " "
