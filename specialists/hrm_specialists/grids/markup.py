"""Grids in HTML and XML: elements whose children are rows, whose children are cells.

Names of elements matter little: what has only elements without elements in it is a row.
Cells may be closed in themselves, or left open as HTML allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from hrm_specialists.grids.grid import NESTED, Grid, without_counters

_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,30})((?:\s[^<>]{0,300}?)?)(/?)>")
_VALUE = re.compile(
    r"\b(?:value|val|v|digit|d|data|text|content|cells?|row|line)\s?=\s?(?:\"([^\"]*)\"|'([^']*)'|(\S+))",
    re.I,
)
_VOID = frozenset(("br", "hr", "img", "input", "meta", "col"))
_INLINE = frozenset(
    (
        "b",
        "i",
        "u",
        "em",
        "strong",
        "span",
        "small",
        "sup",
        "code",
        "tt",
        "a",
        "font",
        "input",
        "br",
    )
)
DEEPEST = 40


@dataclass(slots=True)
class _Element:
    name: str
    start: int
    inside: int
    value: str
    cells: list[tuple[str, int, int]] = field(default_factory=list)
    """Children without children: text and place."""
    rows: list[_Row] = field(default_factory=list)


_Row = tuple[list[tuple[str, int, int]], int, int]


def find_markup(text: str) -> Iterator[Grid]:
    """Every element that holds rows of cells, rows without cells, or many cells."""
    stack: list[_Element] = []
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if name in _INLINE or name in _VOID:
            if stack and (given := _VALUE.search(tag[3])):
                stack[-1].value = _first(given)
            continue
        closing = bool(tag[1])
        for top in _ended(stack, name, closing):
            while stack and stack[-1] is not top:
                yield from _closed(text, stack, tag.start())
            yield from _closed(
                text, stack, tag.end() if closing and top.name == name else tag.start()
            )
        if not closing and len(stack) < DEEPEST:
            given = _VALUE.search(tag[3])
            stack.append(_Element(name, tag.start(), tag.end(), _first(given) if given else ""))
            if tag[4]:
                yield from _closed(text, stack, tag.end())
    while stack:
        yield from _closed(text, stack, len(text))


def _ended(stack: list[_Element], name: str, closing: bool) -> list[_Element]:
    """What a tag ends: the innermost element of its name, or cells and rows left open."""
    if closing:
        named = [one for one in stack[-8:] if one.name == name]
        return named[-1:]
    if name in ("td", "th", "tr"):
        inner = ("td", "th") if name in ("td", "th") else ("td", "th", "tr")
        open_ = []
        for one in reversed(stack[-4:]):
            if one.name == "table":
                break
            if one.name in inner:
                open_.append(one)
        return open_
    return []


def _closed(text: str, stack: list[_Element], end: int) -> Iterator[Grid]:
    one = stack.pop()
    above = stack[-1] if stack else None
    if one.rows:
        yield from _grid(one, end)
        if above is not None and one.name in ("tbody", "thead", "tfoot"):
            above.rows += one.rows
    elif one.cells:
        if above is not None:
            above.rows.append((one.cells, one.start, end))
        else:
            yield from _grid_of_leaves(one, end)
    elif above is not None and not above.rows:
        until = text.rfind("</", one.inside, end)
        until = until if until >= 0 else end
        body = text[one.inside : until] if until - one.inside <= 400 else ""
        cell = unescape(re.sub(r"<[^<>]{0,200}>", "", body)).strip(" \t\r\n*\u00a0") or one.value
        above.cells.append((cell, one.start, end))
    if one.cells and above is None:
        return
    if one.cells and len(one.cells) > 1 and not one.rows:
        yield from _grid_of_leaves(one, end)


def _grid(one: _Element, end: int) -> Iterator[Grid]:
    cells = tuple(tuple(cell for cell, _, _ in row) for row, _, _ in one.rows)
    if len(cells) < 2:
        return
    spans = tuple((start, stop) for _, start, stop in one.rows)
    widths = {len(row) for row in cells}
    if widths == {1}:  # a table with one cell for each line
        yield from _in_one([row[0] for row, _, _ in one.rows], one, end)
        return
    if len(widths) > 1:
        heads = [at for at, row in enumerate(cells) if len(row) != len(cells[-1])]
        if heads != list(range(len(heads))) or len(heads) > 1:
            return
        cells, spans = cells[1:], spans[1:]
    grid = Grid(cells, one.start, end, "markup", spans, one.name, NESTED)
    yield grid
    yield from without_counters(grid)


def _grid_of_leaves(one: _Element, end: int) -> Iterator[Grid]:
    if len(one.cells) >= 16 and max(len(cell) for cell, _, _ in one.cells) <= 4:
        row = tuple(cell for cell, _, _ in one.cells)
        yield Grid((row,), one.start, end, "run", ((one.start, end),), one.name, NESTED)
    elif len(one.cells) > 1:
        yield from _in_one(one.cells, one, end)


def _in_one(leaves: list[tuple[str, int, int]], one: _Element, end: int) -> Iterator[Grid]:
    """Rows that are written in one element each."""
    for rows in ([cell.split() for cell, _, _ in leaves], [list(cell) for cell, _, _ in leaves],
                 [re.split(r"\s*[,;|]\s*", cell) for cell, _, _ in leaves]):  # fmt: skip
        if len(set(map(len, rows))) == 1 and len(rows[0]) > 1:
            spans = tuple((start, stop) for _, start, stop in leaves)
            cells = tuple(map(tuple, rows))
            yield Grid(cells, one.start, end, "markup", spans, one.name, NESTED)


def _first(given: re.Match[str]) -> str:
    return (given[1] or given[2] or given[3] or "").strip()
