"""Grids in one line: a run of many cells, cells one after the other, rows between slashes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hrm_specialists.grids.grid import WRITTEN, Grid
from hrm_specialists.grids.rows import Line

FEWEST = 60
"""Cells of a run at least: what is nearly a Sudoku is one."""
MOST_CELLS, MOST_ROWS = 2_000, 40
_RUN = re.compile(rf"[^\s,;|/\\\"'`=:<>()\[\]{{}}&]{{{FEWEST},}}+")
_SINGLE = re.compile(
    r"(?<![^\s,;:(\"'`\[{])[^\s,;](?:[ ,;\t]{1,3}+[^\s,;.](?![^\s,;.!?)\]}\"'`]))*+"
)
_SLASHED = re.compile(r"(?<![\w/.])[0-9]{1,30}(?:/[0-9]{1,30}){1,29}(?![\w/])")
_FIELDS = tuple(
    (re.compile(rf"(?<![\w{mark}])(?:[^\s{mark}.]{{0,2}}{mark})++[^\s{mark}.]{{0,2}}"), mark)
    for mark in ",;"
)
_BETWEEN = "/|;,"
_SPACED = re.compile(r"\S(?: \S)+")
_WORDS = re.compile(r"\S+")


def find_in_one_line(text: str, lines: Sequence[Line]) -> Iterator[Grid]:
    """Every grid that is written in one line."""
    for found in _RUN.finditer(text):
        if found.end() - found.start() <= MOST_CELLS:
            yield _run(tuple(found[0]), *found.span())
    for found in _SLASHED.finditer(text) if "/" in text else ():
        rows = tuple(map(tuple, found[0].split("/")))
        if len(set(map(len, rows))) == 1:
            yield Grid(rows, *found.span(), "groups", (found.span(),) * len(rows), "", WRITTEN)
    for line in lines:
        if line.end - line.start < 16:
            continue
        row = text[line.start : line.end]
        if line.end - line.start >= FEWEST:
            if line.end - line.start >= 2 * FEWEST - 1:
                yield from _singles(row, line.start)
            yield from _fields(row, line.start)
        if len(row) <= 4_000:
            yield from _between(row, line.start)
            if len(row) >= 80:
                yield from _groups(row, line.start)


def _singles(row: str, at: int) -> Iterator[Grid]:
    for found in _SINGLE.finditer(row):
        if found.end() - found.start() >= 2 * FEWEST - 1:
            cells = tuple(re.sub(r"[ ,;\t]", "", found[0]))
            yield _run(cells[:MOST_CELLS], at + found.start(), at + found.end())


def _fields(row: str, at: int) -> Iterator[Grid]:
    """Many cells between commas, empty ones among them: 5,3,,,7."""
    for pattern, mark in _FIELDS:
        for found in pattern.finditer(row) if row.count(mark) >= FEWEST else ():
            cells = tuple(found[0].split(mark))
            if FEWEST <= len(cells) <= MOST_CELLS:
                yield _run(cells, at + found.start(), at + found.end())


def _between(row: str, at: int) -> Iterator[Grid]:
    """Rows of one width with slashes, bars, semicolons or commas between them."""
    for mark in _BETWEEN:
        if row.count(mark) < 2:
            continue
        parts = row.split(mark)
        begin, n = at, 0
        while n < len(parts) - 2:
            wide = len(parts[n + 1].strip())
            end = n + 2
            while end < len(parts) - 1 and len(parts[end].strip()) == wide:
                end += 1
            if 2 <= wide <= 60 and end - n < MOST_ROWS:
                yield from _parts(parts[n : end + 1], wide, begin)
            begin += sum(map(len, parts[n : end - 1])) + end - 1 - n
            n = end - 1


def _parts(parts: Sequence[str], wide: int, at: int) -> Iterator[Grid]:
    """Prose may touch the first and the last part."""
    first, last = parts[0].rstrip(), parts[-1].lstrip()
    before, after = first[:-wide], last[wide:]
    if min(len(first), len(last)) < wide or before[-1:].isalnum() or after[:1].isalnum():
        return
    rows = [first[-wide:], *(part.strip() for part in parts[1:-1]), last[:wide]]
    if all(_SPACED.fullmatch(row) for row in rows):
        rows = [row[::2] for row in rows]
    if len(set("".join(rows))) > 14 or any(" " in row.strip() for row in rows):
        return
    start = at + len(before)
    end = at + sum(map(len, parts)) + len(parts) - 1 - len(after)
    yield Grid(
        tuple(map(tuple, rows)), start, end, "groups", ((start, end),) * len(rows), "", WRITTEN
    )


def _groups(row: str, at: int) -> Iterator[Grid]:
    """Rows of one width with spaces between them; quotes and commas may be around each."""
    run: list[re.Match[str]] = []
    for word in [*_WORDS.finditer(row), None]:
        if word and len(word[0].strip(",;\"'`")) == 9 and len(word[0]) <= 12:
            run.append(word)
            continue
        if 8 <= len(run) <= MOST_ROWS:
            rows = tuple(tuple(one[0].strip(",;\"'`")) for one in run)
            start, end = at + run[0].start(), at + run[-1].end()
            yield Grid(rows, start, end, "groups", ((start, end),) * len(rows), "", WRITTEN)
        run = []


def _run(cells: tuple[str, ...], start: int, end: int) -> Grid:
    return Grid((cells,), start, end, "run", ((start, end),), "", WRITTEN)
