"""Grids written as HTML tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from hrm_puzzles.sudoku.reading.found import VALUE, Found

_ROW = re.compile(r"<tr\b[^<>]{0,400}>", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^<>]{0,400}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,400}>")
_INPUT = re.compile(r"\bvalue\s?=\s?[\"']?([0-9])\b")


def find_tables(text: str) -> Iterator[Found]:
    """Every `<table>` of single cells."""
    low = text.lower()
    start = low.find("<table")
    while start >= 0:
        end = low.find("</table>", start)
        if end < 0:
            return
        cells = _cells(text[start:end])
        if cells:
            yield Found(cells, start, end + len("</table>"), "HTML table")
        start = low.find("<table", end)


def _cells(table: str) -> tuple[int, ...] | None:
    """The cells of a table with nine in each row; headings are left out."""
    cells: list[int] = []
    for row in _ROW.split(table)[1:]:
        try:
            values = [_value(cell) for cell in _CELL.split(row)[1:]]
        except KeyError:
            continue
        if not cells and values == list(range(1, 10)):
            continue
        cells += values
    return tuple(cells) or None


def _value(cell: str) -> int:
    text = unescape(_TAG.sub("", cell)).strip().strip("*")
    if not text:
        given = _INPUT.search(cell)
        return int(given[1]) if given else 0
    return VALUE[text]
