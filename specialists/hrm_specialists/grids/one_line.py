"""Grids in one line: a run of many cells, cells one after the other, rows between marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain

from hrm_specialists.grids.grid import WRITTEN, Grid
from hrm_specialists.grids.rows import Line

FEWEST = 60
"""Cells of a run at least: what is nearly a Sudoku is one."""
MOST_CELLS, MOST_ROWS = 2_000, 40
_QUOTES = ",;\"'`"
_CELL = r"[^\s,;|/\\\"'`=:<>()\[\]{}&]"
_CELLS = re.compile(
    rf"(?<!{_CELL})(?P<run>{_CELL}{{{FEWEST},}}+)"
    rf"|(?<![^\s,;:(\"'`\[{{])(?P<apart>[^\s,;](?:[ ,;\t]{{1,3}}[^\s,;](?![^\s,;.!?)\]}}\"'`]))"
    rf"{{{FEWEST - 1},}}+)"
    rf"|(?<![\w,])(?P<commas>(?:[^\s,.]{{0,2}},){{{FEWEST - 1},}}+[^\s,.]{{0,2}})"
    rf"|(?<![\w;])(?P<semicolons>(?:[^\s;.]{{0,2}};){{{FEWEST - 1},}}+[^\s;.]{{0,2}})"
)
"""Cells without a mark between them, with one, and with empty ones: 5,3,,,7."""
_NINES = re.compile(
    rf"(?<!\S)(?:[{_QUOTES}]*+[^\s{_QUOTES}]{{9}}[{_QUOTES}]*+(?:[ \t]+|(?!\S))){{8,{MOST_ROWS}}}+"
)
"""Words of nine characters, quotes and commas around each."""
_SLASHED = re.compile(r"[0-9](?<![\w/.].)[0-9]{0,29}(?:/[0-9]{1,30}){1,29}(?![\w/])")
"""Numbers between slashes."""
_BETWEEN, _AROUND = "/|;,", " \t\r\"'`"
_ROW_BETWEEN = re.compile(
    rf"([{_BETWEEN}])"
    rf"(?=[{_AROUND}]*(?:[^\s{_BETWEEN}]{{2,60}}|[^\s](?: [^\s]){{1,60}})[{_AROUND}]*\1)"
)
"""A mark and a part that is no prose behind it, up to the next mark."""
_LONG = re.compile(f"[^\0-{chr(FEWEST - 2)}]")
_SINGLE = re.compile(f"\1{{{FEWEST // 2}}}")
_NINE = re.compile("[\t-\x14]{8}")
"""Words that may be runs, single cells and rows of nine, by their lengths; see `_lengths`."""
_SPACED = re.compile(r"\S(?: \S)+")


def find_in_one_line(text: str, lines: Sequence[Line]) -> Iterator[Grid]:
    """Every grid that is written in one line."""
    words = _lengths(text.split())
    if _LONG.search(words) or _SINGLE.search(_lengths(_apart(text))):
        for line in lines:
            if line.end - line.start >= FEWEST - 1:
                yield from _runs(text, line)
    rows = _SLASHED.finditer(text) if "/" in text else iter(())
    for found in chain(rows, _NINES.finditer(text) if _NINE.search(words) else ()):
        cells = [row.strip(_QUOTES) for row in re.split(r"[/\s]+", found[0]) if row]
        if len(set(map(len, cells))) == 1:
            yield _grid(cells, found.start(), found.start() + len(found[0].rstrip()))
    starts = [line.start for line in lines]
    places = {
        (bisect_right(starts, found.start()) - 1, found[1]) for found in _ROW_BETWEEN.finditer(text)
    }
    for at, mark in sorted(places):
        line = lines[at]
        if 16 <= line.end - line.start <= 4_000:
            yield from _between(text[line.start : line.end].split(mark), line.start)


def _lengths(words: Sequence[str]) -> str:
    """Their lengths as characters, so that a pattern finds runs of them."""
    return "".join(map(chr, map(len, words)))


def _apart(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


def _runs(text: str, line: Line) -> Iterator[Grid]:
    row = text[line.start : line.end]
    if not (_LONG.search(_lengths(row.split())) or _SINGLE.search(_lengths(_apart(row)))):
        return
    for found in _CELLS.finditer(text, line.start, line.end):
        mark = {"commas": ",", "semicolons": ";"}.get(found.lastgroup or "", "")
        shown = re.sub(r"[ ,;\t]", "", found[0]) if found.lastgroup == "apart" else found[0]
        cells = tuple(shown.split(mark) if mark else shown)
        if len(cells) <= MOST_CELLS:
            yield Grid((cells,), *found.span(), "run", (found.span(),), "", WRITTEN)


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
