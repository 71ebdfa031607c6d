"""Grids in one line: a run of many cells, cells one after the other, rows between marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hrm_specialists.grids.grid import WRITTEN, Grid
from hrm_specialists.grids.rows import Line

FEWEST = 60
"""Cells of a run at least: what is nearly a Sudoku is one."""
MOST_CELLS, MOST_ROWS = 2_000, 40
_QUOTES = ",;\"'`"
_CELL = r"[^\s,;|/\\\"'`=:<>()\[\]{}&]"
_CELLS = re.compile(
    rf"(?<!{_CELL})(?P<run>{_CELL}{{{FEWEST},}}+)"
    rf"|(?<![^\s,;:(\"'`\[{{])(?P<apart>[^\s,;](?:[ ,;\t]{{1,3}}[^\s,;.](?![^\s,;.!?)\]}}\"'`]))"
    rf"{{{FEWEST - 1},}}+)"
    rf"|(?<![\w,])(?P<commas>(?:[^\s,.]{{0,2}},){{{FEWEST - 1},}}+[^\s,.]{{0,2}})"
    rf"|(?<![\w;])(?P<semicolons>(?:[^\s;.]{{0,2}};){{{FEWEST - 1},}}+[^\s;.]{{0,2}})"
)
"""Cells without a mark between them, with one, and with empty ones: 5,3,,,7."""
_ROWS = re.compile(
    rf"(?<!\S)(?:[{_QUOTES}]*+[^\s{_QUOTES}]{{9}}[{_QUOTES}]*+(?:[ \t]+|(?!\S))){{8,{MOST_ROWS}}}+"
    r"|(?<![\w/.])[0-9]{1,30}(?:/[0-9]{1,30}){1,29}(?![\w/])"
)
"""Words of nine characters, quotes and commas around each; numbers between slashes."""
_BETWEEN, _AROUND = "/|;,", " \t\r\"'`"
_SPACED = re.compile(r"\S(?: \S)+")


def find_in_one_line(text: str, lines: Sequence[Line]) -> Iterator[Grid]:
    """Every grid that is written in one line."""
    for found in _CELLS.finditer(text):
        mark = {"commas": ",", "semicolons": ";"}.get(found.lastgroup or "", "")
        shown = re.sub(r"[ ,;\t]", "", found[0]) if found.lastgroup == "apart" else found[0]
        cells = tuple(shown.split(mark) if mark else shown)
        if len(cells) <= MOST_CELLS:
            yield Grid((cells,), *found.span(), "run", (found.span(),), "", WRITTEN)
    for found in _ROWS.finditer(text):
        rows = [row.strip(_QUOTES) for row in re.split(r"[/\s]+", found[0]) if row]
        if len(set(map(len, rows))) == 1:
            yield _grid(rows, found.start(), found.start() + len(found[0].rstrip()))
    marks = [mark for mark in _BETWEEN if mark in text]
    for line in lines if marks else ():
        if 16 <= line.end - line.start <= 4_000:
            row = text[line.start : line.end]
            for mark in marks:
                if row.count(mark) > 1:
                    yield from _between(row.split(mark), line.start)


def _between(parts: Sequence[str], at: int) -> Iterator[Grid]:
    """Rows of one width with a mark between them."""
    widths = [len(part.strip(_AROUND)) for part in parts]
    n, most = 0, len(parts) - 1
    while n < most - 1:
        wide = widths[n + 1]
        end = n + 2
        while end < most and widths[end] == wide:
            end += 1
        if 2 <= wide <= 60 and end - n < MOST_ROWS and min(widths[n], widths[end]) >= wide:
            yield from _parts(parts[n : end + 1], wide, at)
        at += sum(map(len, parts[n : end - 1])) + end - 1 - n
        n = end - 1


def _parts(parts: Sequence[str], wide: int, at: int) -> Iterator[Grid]:
    """Prose may touch the first and the last part."""
    first, last = parts[0].rstrip(_AROUND), parts[-1].lstrip(_AROUND)
    before, after = first[:-wide], last[wide:]
    if before[-1:].isalnum() or after[:1].isalnum():
        return
    rows = [first[-wide:], *(part.strip(_AROUND) for part in parts[1:-1]), last[:wide]]
    if all(_SPACED.fullmatch(row) for row in rows):
        rows = [row[::2] for row in rows]
    if len(set("".join(rows))) <= 14 and not any(" " in row.strip() for row in rows):
        end = at + sum(map(len, parts)) + len(parts) - 1 - len(after)
        yield _grid(rows, at + len(before), end)


def _grid(rows: Sequence[str], start: int, end: int) -> Grid:
    cells = tuple(map(tuple, rows))
    return Grid(cells, start, end, "groups", ((start, end),) * len(rows), "", WRITTEN)
