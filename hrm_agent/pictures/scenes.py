"""What one moment looks like: a sheet of coloured cells with characters in them.

Sudoku, mazes and ARC have scenes of their own; any other task is shown as it
writes itself. Knows nothing of files or of time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task

PAPER, INK, FOUND, FRESH, LINE = "#ffffff", "#0f172a", "#2563eb", "#fef3c7", "#cbd5e1"
ARC = (
    *("#111827", "#1e88e5", "#e53935", "#43a047", "#fdd835"),
    *("#9e9e9e", "#d81b95", "#fb8c00", "#81d4fa", "#7b1f3a"),
)
"""Colours 0 to 9, as ARC is usually printed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One square."""

    fill: str = PAPER
    text: str = ""
    ink: str = INK
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A sheet of cells; None leaves a gap."""

    rows: tuple[tuple[Cell | None, ...], ...]
    thick: int = 0
    """A thick line after every so many cells; 0 for none."""
    lines: bool = True
    """Whether thin lines part the cells."""
    size: int = 32
    """Side of a cell, in pixels."""

    @property
    def height(self) -> int:
        """Rows of cells."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns of cells."""
        return max(map(len, self.rows), default=0)


Draw = Callable[[Task[Any, Any], BaseModel, BaseModel | None, BaseModel | None], Scene]


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
    return SCENES.get(task.name, _text)(task, problem, solution, earlier)


def _sudoku(task: Task[Any, Any], problem: Any, solution: Any | None, earlier: Any | None) -> Scene:
    shown = problem if solution is None else solution
    before = shown if earlier is None else earlier
    rows = []
    for given, now, was in zip(problem.grid, shown.grid, before.grid, strict=True):
        rows.append(
            tuple(
                Cell("#f1f5f9", str(digit), INK, bold=True)
                if fixed
                else Cell(PAPER if digit == old else FRESH, str(digit or ""), FOUND)
                for fixed, digit, old in zip(given, now, was, strict=True)
            )
        )
    return Scene(tuple(rows), thick=3, size=36)


_MAZE = ("#1e293b", "#f8fafc", "#16a34a", "#dc2626", "#60a5fa")
"""Wall, floor, start, goal, way."""


def _maze(task: Task[Any, Any], problem: Any, solution: Any | None, earlier: Any | None) -> Scene:
    shown = problem if solution is None else solution
    before = shown if earlier is None else earlier
    rows = tuple(
        tuple(Cell(_lit(_MAZE[value], value != was)) for value, was in zip(now, old, strict=True))
        for now, old in zip(shown.grid, before.grid, strict=True)
    )
    return Scene(rows, lines=False, size=24 if len(rows) <= 15 else 14)


def _lit(colour: str, fresh: bool) -> str:
    return {"#60a5fa": "#2563eb", "#f8fafc": "#e0e7ff"}.get(colour, colour) if fresh else colour


def _arc(task: Task[Any, Any], problem: Any, solution: Any | None, earlier: Any | None) -> Scene:
    """Demonstrations above each other, then the tests: input, arrow, output."""
    pairs = [(pair.input, pair.output) for pair in problem.train]
    outputs: Sequence[Any] = () if solution is None else solution.grids
    asked = [
        (test.input, outputs[at] if at < len(outputs) else None)
        for at, test in enumerate(problem.test)
    ]
    wide = max(len(given[0]) for given, _ in (*pairs, *asked))
    wider = max((len(wanted[0]) for _, wanted in (*pairs, *asked) if wanted is not None), default=1)
    rows: list[tuple[Cell | None, ...]] = []
    for given, wanted in (*pairs, *asked):
        if rows:
            rows.append((None,) * (wide + wider + 3))
        for r in range(max(len(given), len(wanted or ()))):
            left = _strip(given, r, wide)
            right = _strip(wanted, r, wider)
            arrow: Cell | None = None
            if r == (max(len(given), len(wanted or ())) - 1) // 2:
                arrow = Cell("none", "→" if wanted else "?", "#64748b", bold=True)
            rows.append((*left, None, arrow, None, *right))
    side = max(6, min(24, 720 // max(1, len(rows))))
    return Scene(tuple(rows), size=side)


def _strip(grid: Any | None, r: int, width: int) -> list[Cell | None]:
    row = grid[r] if grid is not None and r < len(grid) else ()
    return [Cell(ARC[value]) for value in row] + [None] * (width - len(row))


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


SCENES: Mapping[str, Draw] = MappingProxyType({"sudoku": _sudoku, "maze": _maze, "arc": _arc})
"""Tasks with a scene of their own, by name."""
