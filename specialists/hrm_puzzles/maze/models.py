"""What a maze is and what a way through it is, as programs and files hand them over.

Knows nothing of free text (see `reading`) nor of ways through mazes.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

WALL, FLOOR, START, GOAL, PATH = range(5)
MARKS = "# SGo"
"""How each kind of cell is written, in that order."""

LARGEST = 30
"""Rows and columns at most."""

Cell = tuple[int, int]
"""Row and column, from 0."""

_VALUE = {mark: value for value, mark in enumerate(MARKS)} | {".": FLOOR}


def _rows(grid: Any) -> Any:
    if isinstance(grid, str):
        grid = grid.strip("\r\n").splitlines()
    return tuple(map(_row, grid)) if isinstance(grid, list | tuple) else grid


def _row(row: Any) -> Any:
    if not isinstance(row, str | list | tuple):
        return row
    return tuple(_VALUE.get(cell, cell) if isinstance(cell, str) else cell for cell in row)


_Side = Field(min_length=1, max_length=LARGEST)


class _Maze(BaseModel):
    """What problem and solution share: the shape, and one start and one goal."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @field_validator("grid", check_fields=False)
    @classmethod
    def _whole(cls, grid: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        widths = {len(row) for row in grid}
        if len(widths) > 1:
            raise ValueError(f"rows of {min(widths)} to {max(widths)} cells; all must be as long")
        for value, name in ((START, "start"), (GOAL, "goal")):
            found = sum(row.count(value) for row in grid)
            if found != 1:
                raise ValueError(f"{found} cells are the {name} ({MARKS[value]}); it takes one")
        return grid


class MazeProblem(_Maze):
    """Walls, floor, one start and one goal, in a rectangle of up to 30 by 30 cells.

    Also takes lines of `#` for wall, space or `.` for floor, `S` and `G`; see
    `arguments` for what tools take. Whether the goal can be reached is not looked
    at: it takes a search to know.
    """

    grid: Annotated[
        tuple[Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=GOAL)], ...], _Side], ...],
        _Side,
        BeforeValidator(_rows),
    ]
    """Rows of cells: 0 wall, 1 floor, 2 start, 3 goal."""


class MazeSolution(_Maze):
    """The same maze with a path marked.

    Whether it is one is the checker's to say.
    """

    grid: Annotated[
        tuple[Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=PATH)], ...], _Side], ...],
        _Side,
        BeforeValidator(_rows),
    ]
    """Rows of cells: 0 wall, 1 floor, 2 start, 3 goal, 4 on the path between them."""


def find(grid: tuple[tuple[int, ...], ...], value: int) -> Cell:
    """The first cell of this kind."""
    return next((r, row.index(value)) for r, row in enumerate(grid) if value in row)


def draw(grid: tuple[tuple[int, ...], ...]) -> str:
    """Lines of `#`, space, `S`, `G` and `o`."""
    return "\n".join("".join(MARKS[cell] for cell in row) for row in grid)
