"""What the extractor hands to tasks: a grid of cells, each with its text and its place.

Knows nothing of what cells mean, nor of how a grid was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

NESTED, WRITTEN, STRIPPED = 0, 2, 4
"""How a grid was come by: by brackets or tags, as it stands in lines, or in lines that
lost a prefix or a remark. Of readings that a task takes for valid, the lowest counts."""
LARGE, UNREAD = "large", "unread"
"""Forms of what is beyond bounds, so that tasks can say so: a block too large to be cut,
whose `shape` is its lines and characters a line, and whose one row is the characters
that occur; a stretch that is not searched, for the reason in `name`."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells found at `[start, end)`; rows need not be equally long."""

    rows: tuple[tuple[str, ...], ...]
    """The text of every cell, without blanks, quotes and delimiters around it."""
    start: int
    end: int
    form: str
    """How it was written: "list", "table", "delimited", "spaced", "aligned", "drawn",
    "run" (one row), "groups" (rows in one line), "markup"."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where each row stands."""
    name: str = ""
    """What stands before the grid or its first row: a key, a variable, a label."""
    rank: int = WRITTEN
    shape: tuple[int, ...] = ()
    """Of nested lists that are deeper than rows of cells: (9, 3, 3), say."""

    width: int = field(init=False, compare=False)
    """Cells in each row; 0 if rows differ."""

    def __post_init__(self) -> None:
        """Measure the rows once: every task asks."""
        widths = set(map(len, self.rows))
        object.__setattr__(self, "width", widths.pop() if len(widths) == 1 else 0)

    def place(self, text: str, r: int, c: int) -> tuple[int, int]:
        """Where the cell in row `r`, column `c` (from 0) stands in `text`.

        An empty cell stands where its text would begin.
        """
        at, end = self.spans[r]
        begin = at
        for cell in self.rows[r][: c + 1]:
            found = text.find(cell, at, end) if cell.strip() else at
            if found < 0:  # written otherwise: an entity, a wide digit
                found = at
            begin, at = found, min(end, found + max(1, len(cell)))
        return begin, begin + len(self.rows[r][c])


def without_counters(grid: Grid) -> list[Grid]:
    """The grid without a first column or a first row that only counts the others."""
    found, rows, spans = [], grid.rows, grid.spans
    if len(rows) < 2 or len(rows[0]) < 2:
        return []
    if len(rows) > 2 and counts([row[0] for row in rows]):
        rows = tuple(row[1:] for row in rows)
        found.append(
            replace(grid, rows=rows, rank=grid.rank + 1, name=grid.name or grid.rows[1][0])
        )
    if len(rows) > 2 and (counts(rows[0]) or not any(cell.strip() for cell in rows[0])):
        rows, spans = rows[1:], spans[1:]
        found.append(replace(grid, rows=rows, spans=spans, rank=grid.rank + 1))
    elif (
        len(rows) > 2
        and (not rows[0][0].strip("#rRyY\\/ ") or counts(rows[0][1:]))
        and counts([row[0] for row in rows[1:]])
    ):
        rows, spans = tuple(row[1:] for row in rows[1:]), spans[1:]
        found.append(replace(grid, rows=rows, spans=spans, rank=grid.rank + 1))
    return found


def counts(cells: Sequence[str]) -> bool:
    """Whether cells count: 0, 1, 2; r1, r2, r3; A, B, C; an empty corner first."""
    if cells and not cells[0].strip():
        cells = cells[1:]
    if len(cells) < 2:
        return False
    numbers = [_ordinal(cell) for cell in cells]
    first = numbers[0]
    return first is not None and numbers == list(range(first, first + len(cells)))


def is_header(line: str) -> bool:
    """Whether a line holds names of columns that count: `C1 | C2 | C3`, `row A B C`."""
    names = re.split(r"[\s|,;&]+", line.strip(" \t\r|,;&\\"))
    return len(names) > 2 and (counts(names) or (len(names) > 3 and counts(names[1:])))


def _ordinal(cell: str) -> int | None:
    digits = cell.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ[,( _").rstrip(
        ":.,)] "
    )
    if digits.isascii() and digits.isdigit():
        return int(digits[:4])
    return ord(cell) if len(cell) == 1 and cell.isascii() and cell.isalpha() else None


def digit(cell: str) -> int | None:
    """The digit that a cell is, in any script and with any point: 5, 5.0, ５, ⑤, 五."""
    if len(cell) > 1:
        whole, point, rest = cell.partition(".")
        if len(whole) != 1 or not point or rest.strip("0"):
            return None
        cell = whole
    value = unicodedata.numeric(cell, -1.0) if cell else -1.0
    return int(value) if value in _DIGITS else None


_DIGITS = frozenset(map(float, range(10)))
