"""Find grids of cells in any text: one extractor under the readers of all tasks.

`find_grids` returns every grid that it sees, and every way in which a block of lines
can be cut into cells. A task says what cells may mean, and takes what makes sense:
`settled` chooses among readings that overlap, and refuses those that differ.

Knows no task. Imports no torch. Takes time linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby, islice

from hrm_specialists.grids.bare import without_prefixes
from hrm_specialists.grids.beside import beside, goes_on
from hrm_specialists.grids.drawings import TALLEST
from hrm_specialists.grids.frames import BEFORE, BEHIND, QUERY, ROWS, typed
from hrm_specialists.grids.grid import LARGE, NESTED, STRIPPED, UNREAD, WRITTEN, Grid, digit
from hrm_specialists.grids.lines import find_drawn
from hrm_specialists.grids.markup import find_markup
from hrm_specialists.grids.nested import find_nested
from hrm_specialists.grids.one_line import find_in_one_line
from hrm_specialists.grids.plain import JOINERS, plainly
from hrm_specialists.grids.rows import FEW, LONGEST, Line, lines_of, row_of, with_shared
from hrm_specialists.grids.settling import Candidate, settled

MAX_TEXT = 1_000_000
"""Characters beyond which a text is not searched."""
MOST_LINES = 20_000
"""Lines of a text that are looked at."""
MOST = 2_000
"""Grids of a text at most."""

_ESCAPED = re.compile(r"\"((?:[^\"\\\n]|\\[^u\n]){8,4000}+)\"|'((?:[^'\\\n]|\\[^u\n]){8,4000}+)'")


@lru_cache(maxsize=16)
def find_grids(text: str) -> tuple[Grid, ...]:
    """Every grid in `text`, in the order of their places; they overlap.

    Kept for the next task that reads the same text.
    """
    if len(text) > MAX_TEXT:
        why = f"a text of {len(text)} characters; at most {MAX_TEXT} are searched"
        return (_unread(why, 0, len(text)),)
    grids = _all(plainly(text))
    found = list(dict.fromkeys(islice(grids, MOST)))
    if next(grids, None) is not None:
        end = max(grid.end for grid in found if grid.rows and grid.form != LARGE)
        found.append(_unread(f"more than {MOST} grids; the rest is not read", end, len(text)))
    if "<" in text or "\\begin" in text or " rows" in text:
        found = [_with_tags(text, grid) for grid in found]
    return tuple(sorted(found, key=lambda grid: (grid.start, grid.rank, -grid.end)))


def _all(text: str) -> Iterator[Grid]:
    lines = lines_of(text)
    if len(lines) > MOST_LINES:
        end = lines[MOST_LINES].start
        yield _unread(f"more than {MOST_LINES} lines; the rest is not read", end, len(text))
        lines = lines[:MOST_LINES]
    yield from _large(text, lines)
    lines = with_shared(text, lines)
    if any(mark in text for mark in "[({"):
        yield from find_nested(text)
    if "</" in text or "/>" in text or "<t" in text or "[/t" in text:
        yield from find_markup(text)
    rows = [row_of(text, line) for line in lines]
    if len(lines) > 1:
        bare = without_prefixes(text, rows)
        marked = {lines[at].start for at, line in bare.items() if line.start != lines[at].start}
        for grid in find_drawn(text, rows):
            if marked and all(start in marked for start, _ in grid.spans):
                grid = replace(grid, rank=grid.rank + STRIPPED)  # a prefix is no cell, more likely
            yield grid
        if bare:
            rows = [row_of(text, bare[at]) if at in bare else row for at, row in enumerate(rows)]
            yield from find_drawn(text, rows, stripped=True)
    if "\\n" in text:
        for found in _ESCAPED.finditer(text):
            inner = list(_escaped(text, *found.span(found.lastindex or 0)))
            if len(inner) > 2:
                yield from find_drawn(text, [row_of(text, line) for line in inner])
    yield from find_in_one_line(text, lines)


def _unread(why: str, start: int, end: int) -> Grid:
    return Grid((), start, end, UNREAD, (), why, NESTED)


def _large(text: str, lines: list[Line]) -> Iterator[Grid]:
    """Blocks of equally long lines of few characters that are larger than any that is cut."""
    for wide, some in groupby(lines, key=lambda line: line.end - line.start):
        rows = list(some)
        high = len(rows)
        if (high > TALLEST and wide > 1) or (wide > LONGEST and high > 2):
            start, end = rows[0].start, rows[-1].end
            kinds = set(text[start : rows[0].end])
            if len(kinds) <= FEW and len(kinds := kinds | set(text[start:end])) <= FEW + 4:
                marks = tuple(sorted(kinds - {"\n", "\r"}))
                yield Grid((marks,), start, end, LARGE, (), "", NESTED, (high, wide))


def _with_tags(text: str, grid: Grid) -> Grid:
    """Take in tags, environments, and what a console says right before and behind a grid."""
    before = BEFORE.search(text[max(0, grid.start - 200) : grid.start])
    behind = BEHIND.match(text, grid.end)
    counted = ROWS.match(text, grid.end)
    if counted and int(counted[1]) == len(grid.rows):
        before, behind = QUERY.search(text[max(0, grid.start - 200) : grid.start]), counted
    start = grid.start - len(before[0]) if before else grid.start
    return replace(grid, start=start, end=behind.end() if behind else grid.end)


def _escaped(text: str, start: int, end: int) -> Iterator[Line]:
    """The lines of a string that holds their ends as escapes."""
    at = start
    for found in re.compile(r"(?:\\r)?\\n").finditer(text, start, end):
        yield Line(at, found.start())
        at = found.end()
    yield Line(at, end)


__all__ = [
    "JOINERS",
    "LARGE",
    "MAX_TEXT",
    "NESTED",
    "STRIPPED",
    "UNREAD",
    "WRITTEN",
    "Candidate",
    "Grid",
    "beside",
    "digit",
    "find_grids",
    "goes_on",
    "plainly",
    "settled",
    "typed",
]
