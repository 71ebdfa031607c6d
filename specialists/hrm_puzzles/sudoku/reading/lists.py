"""Grids written as lists: JSON, Python, numpy, C; rows of numbers or strings.

Works on the brackets alone, so it finds a grid wherever it is nested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hrm_puzzles.sudoku.reading.found import CELL, VALUE, Found
from hrm_puzzles.sudoku.reading.rows import row_of

_LIST = re.compile(
    r"[\[({](?:[\[\](){}\s,;:|]++|[0-9]{1,3}(?![0-9])|null|None|nil|NaN|nan|undefined|"
    rf"\"[{CELL}|, ]{{0,40}}+\"|'[{CELL}|, ]{{0,40}}+'|[._*?xX-])++"
)
_TOKEN = re.compile(r"[\[({]|[\])}]|\"[^\"]*\"|'[^']*'|[0-9]+|[A-Za-z]{3,}|[._*?xX-]")
_NAMED = re.compile(r"(?:\{\s{0,9}\"?\w{1,40}\"?\s{0,9}:|\b[A-Za-z_]\w{0,40}\s{0,9}[=:])\s{0,9}$")
_CLOSED = re.compile(r"\s{0,9}[\])}]?\s{0,9}\}")

_Item = tuple[int, ...] | None
"""The cells that a token or a closed list stands for, or None for neither."""


def find_lists(text: str) -> Iterator[Found]:
    """Every list that holds a grid, or nearly one."""
    for match in _LIST.finditer(text):
        if match.end() - match.start() > 80:
            simple = _simple(match[0], match.start())
            for found in [simple] if simple else _grids(match[0], match.start()):
                yield _with_name(text, found)


def _simple(literal: str, start: int) -> Found | None:
    """The common case, quickly: JSON of nine lists of nine numbers and nothing else."""
    literal = literal.rstrip(". \t\r\n")
    try:
        rows = json.loads(literal)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(row, list) and len(row) == 9 for row in rows):
        return None
    cells = [cell for row in rows for cell in row]
    if len(cells) != 81 or not all(type(cell) is int and 0 <= cell <= 9 for cell in cells):
        return None
    return Found(tuple(cells), start, start + len(literal), "list")


def _grids(literal: str, offset: int) -> Iterator[Found]:
    stack: list[tuple[int, list[_Item]]] = []
    for token in _TOKEN.finditer(literal):
        mark = token[0]
        if mark in "[({":
            stack.append((offset + token.start(), []))
        elif mark in "])}":
            if stack:
                start, items = stack.pop()
                cells = _joined(items)
                if cells and len(cells) > 12:
                    yield Found(cells, start, offset + token.end(), "list")
                    cells = None
                if stack:
                    stack[-1][1].append(cells)
        elif stack:
            stack[-1][1].append(_item(mark))


def _joined(items: list[_Item]) -> _Item:
    """One tuple of cells, if every item stands for cells, and for equally many."""
    if not items or any(item is None for item in items):
        return None
    return tuple(cell for item in items for cell in item or ())


def _item(mark: str) -> _Item:
    if mark[0] in "\"'":
        mark = mark[1:-1].strip()
        if len(mark) > 1:
            row = row_of(mark)
            return row[0] if row else None
    if len(mark) > 2:  # null, None, nil, NaN, undefined
        return None if mark.isdigit() else (0,)
    value = VALUE.get(mark) if mark else 0
    return None if value is None else (value,)


def _with_name(text: str, found: Found) -> Found:
    """Take in `{"grid": ... }` or `grid =` around a list: it names the grid and no more."""
    name = _NAMED.search(text[max(found.start - 64, 0) : found.start])
    if name is None:
        return found
    start, end = found.start - len(name[0]), found.end
    if name[0].startswith("{"):
        closed = _CLOSED.match(text, found.end)
        if closed is None:
            return found
        end = closed.end()
    return Found(found.cells, start, end, found.form)
