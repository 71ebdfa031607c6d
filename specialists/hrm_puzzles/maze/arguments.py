"""A maze as tools and language models write it: rows of characters, since numbers mislead.

Most programs write 1 for a wall; this task's own numbers have 0 there. A grid of numbers is
therefore taken only where it can be read in one way. The search here tells whether start and
goal are connected, and never along which cells.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from hrm_puzzles.maze.checking import distance, steps
from hrm_puzzles.maze.models import FLOOR, GOAL, LARGEST, START, WALL, draw, find

Rows = tuple[tuple[int, ...], ...]

SMALLEST_FRAMED = 5
"""Rows and columns below which a frame may be chance."""

_SWAPPED = {WALL: FLOOR, FLOOR: WALL}
_HELP = (
    "write the rows as strings of `#` wall, `.` floor, `S` start, `G` goal, "
    'such as ["#####", "#S.G#", "#####"]'
)


def _rows(grid: Any) -> Any:
    if isinstance(grid, str) and "[" not in grid:
        grid = grid.strip("\r\n").splitlines()
    if not isinstance(grid, list | tuple):
        return grid
    rows = [_row(row) for row in grid]
    if all(isinstance(row, tuple) for row in rows):
        return draw(_numbers(tuple(rows))).split("\n")
    return rows


def _row(row: Any) -> Any:
    """Cells as one string, or as numbers where they are all numbers."""
    if isinstance(row, str) and re.fullmatch(r"[\d\s,;[\]]*\d[\d\s,;[\]]*", row):
        row = re.findall(r"\d+" if re.search(r"[\s,;]", row.strip("[] ")) else r"\d", row)
    if not isinstance(row, list | tuple):
        return row
    if all(type(cell) is int or (isinstance(cell, str) and cell.isdecimal()) for cell in row):
        return tuple(map(int, row))
    return "".join(row) if all(isinstance(c, str) and len(c) == 1 for c in row) else row


def _numbers(grid: Rows) -> Rows:
    """A grid of numbers that can be read in one way.

    Raises:
        PydanticCustomError: it cannot.
    """
    cells = [cell for row in grid for cell in row]
    if not set(cells) <= {WALL, FLOOR, START, GOAL}:
        raise _refused(f"{max(cells)} is none of 0 wall, 1 floor, 2 start, 3 goal")
    if len({len(row) for row in grid}) != 1 or (cells.count(START), cells.count(GOAL)) != (1, 1):
        raise _refused("these rows are no rectangle with one 2 (start) and one 3 (goal)")
    other = tuple(tuple(_SWAPPED.get(cell, cell) for cell in row) for row in grid)
    if distance(other) is None or _framed(grid):
        return grid
    if distance(grid) is None:
        raise _refused("with 0 as wall the maze has no path, with 1 as wall it has one")
    raise _refused("these numbers read in two ways, with 0 as wall and with 1 as wall")


def _framed(grid: Rows) -> bool:
    """Whether 0 is surely a wall: all around, thin, and around one connected floor."""
    if min(len(grid), len(grid[0])) < SMALLEST_FRAMED:
        return False
    edge = {*grid[0], *grid[-1], *(row[0] for row in grid), *(row[-1] for row in grid)}
    if FLOOR in edge:
        return False
    for above, below in pairwise(grid):
        if any(not any((*above[c : c + 2], *below[c : c + 2])) for c in range(len(above) - 1)):
            return False
    free = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell != WALL}
    return set(steps(free, find(grid, START))) == free


def _refused(what: str) -> PydanticCustomError:
    return PydanticCustomError("ambiguous", "{what}; {help}", {"what": what, "help": _HELP})


class MazeArguments(BaseModel):
    """A rectangular maze of up to 30 by 30 cells; moves go up, down, left and right."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    grid: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=LARGEST, pattern=r"^[#. SG]+$")], ...],
        Field(min_length=1, max_length=LARGEST),
        BeforeValidator(_rows),
    ]
    """Rows from top to bottom, all equally long, one character a cell: `#` wall, `.` or space
    floor, `S` start, `G` goal. Exactly one S and one G. (Integers are taken only if they cannot
    be misread: 0 wall, 1 floor, 2 start, 3 goal.)"""
