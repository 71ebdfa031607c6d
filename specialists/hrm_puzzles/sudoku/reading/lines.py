"""Grids written in lines: bare, spaced, delimited, in boxes and in tables.

One regular expression picks out the lines that could belong to a grid; rows that
follow each other, with at most frames and a blank line between, make a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from hrm_puzzles.sudoku.reading.found import CELL, Found
from hrm_puzzles.sudoku.reading.rows import Row, row_of

_LINE = re.compile(
    rf"^(?:[ \t]*+>[ \t]?+)?+((?:[{CELL}|+=:,;&\"'`~\\ \t]++|[A-I1-9](?=[ \t]*+\|)|\\hline)++)$",
    re.MULTILINE,
)
_FRAME = frozenset("-+=|:~ \t")
_BEFORE = re.compile(rf"(?<![\w{CELL}])((?:[{CELL}] ?){{8}}[{CELL}])[ \t]*$")
_AFTER = re.compile(rf"[ \t]*((?:[{CELL}] ?){{8}}[{CELL}])(?:[.,;!?]?\s|$)")
_COUNTS = (tuple(range(1, 10)), tuple(range(9)))
"""Numbers above the columns rather than a row."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    row: Row
    """Empty for a frame that can be nothing else."""
    form: str = ""
    frame: bool = False


def find_lines(text: str) -> Iterator[Found]:
    """Every grid, or nearly one, that is written in lines."""
    text = text.replace("\r", " ")
    block: list[_Line] = []
    for match in _LINE.finditer(text):
        line = match[1]
        bare = line.strip()
        row, form = row_of(line) or ((), "")
        frame = len(bare) > 2 and set(bare) <= _FRAME and not set(bare) <= set("| ")
        if not row and not (frame or bare.startswith("\\hline")):
            continue
        start = match.start(1) + len(line) - len(line.lstrip())
        if block and not _adjoin(text[block[-1].end : min(start, block[-1].end + 200)]):
            yield from _grids(text, block)
            block = []
        block.append(_Line(start, start + len(bare), row, form, frame))
    yield from _grids(text, block)


def _adjoin(between: str) -> bool:
    """Whether two lines have nothing but one blank line between them, at most."""
    return not between.strip(" \t\n>") and between.count("\n") <= 2


def _grids(text: str, block: list[_Line]) -> Iterator[Found]:
    rows = [line for line in block if line.row and not line.frame]
    if len(rows) % 9 and any(line.frame and line.row for line in block):
        every = [line for line in block if line.row]
        rows = rows if len(every) % 9 else every
    rows = _without_numbers(rows)
    if len(rows) == 10 and _is_heading(rows[0].row, block):
        rows = rows[1:]
    if len(rows) == 8:
        rows = _with_neighbour(text, rows)
    if len(rows) % 9 == 0 and all(len(line.row) == 9 for line in rows):
        chunks = [rows[at : at + 9] for at in range(0, len(rows), 9)]
    else:
        chunks = [list(chunk) for _, chunk in groupby(rows, key=lambda line: len(line.row) == 9)]
        if all(len(chunk) != 9 or len(chunk[0].row) != 9 for chunk in chunks):
            chunks = [rows]
    for chunk in filter(None, chunks):
        cells = tuple(cell for line in chunk for cell in line.row)
        start, end = chunk[0].start, chunk[-1].end
        if len(chunks) == 1:  # the frame is part of the grid
            start, end = min(start, block[0].start), max(end, block[-1].end)
        yield Found(cells, start, end, chunk[0].form)


def _without_numbers(rows: list[_Line]) -> list[_Line]:
    """Rows of ten fields of which the first only counts the rows."""
    tens = [line for line in rows if len(line.row) == 10]
    if len(tens) != 9 or tuple(line.row[0] for line in tens) not in _COUNTS:
        return rows
    return [
        line if len(line.row) != 10 else _Line(line.start, line.end, line.row[1:], line.form)
        for line in rows
    ]


def _is_heading(row: Row, block: list[_Line]) -> bool:
    """Numbers above the columns, or the empty head of a Markdown table."""
    first = next(at for at, line in enumerate(block) if line.row == row)
    return row in _COUNTS or (not any(row) and not block[first + 1].row)


def _with_neighbour(text: str, rows: list[_Line]) -> list[_Line]:
    """Take in a ninth row that shares its line with prose, before or after."""
    before = text.rfind("\n", 0, max(rows[0].start - 1, 0)) + 1
    if match := _BEFORE.search(text[before : rows[0].start].rstrip()[-400:]):
        found = row_of(match[1])
        start = text.rindex(match[1], before, rows[0].start)
        if found:
            return [_Line(start, start + len(match[1]), *found), *rows]
    after = rows[-1].end
    if match := _AFTER.match(text[after : after + 400].lstrip("\n ")):
        found = row_of(match[1])
        start = text.index(match[1], after)
        if found:
            return [*rows, _Line(start, start + len(match[1]), *found)]
    return rows
