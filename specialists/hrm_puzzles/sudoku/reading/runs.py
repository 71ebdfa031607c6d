"""Grids written in one line: 81 characters, nine groups of nine, 81 separate cells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hrm_puzzles.sudoku.reading.found import CELL, VALUE, Found

_RUN = re.compile(rf"[{CELL}]{{60,}}+")
_GROUP = rf"[{CELL}]{{9}}"
_BETWEEN = r"(?:(?:\\r)?\\n|[\"' ]?[,;/|: ][\"' ]?)"
_GROUPS = re.compile(rf"{_GROUP}(?:{_BETWEEN}{_GROUP}){{8}}(?![\w{CELL}])")
_CELLS = re.compile(rf"[{CELL}](?:[ ,;]{{1,3}}+[{CELL}]){{59,}}+")
_COMMAS = re.compile(r"(?<![\w,])(?:[1-9]?,){80}[1-9]?(?![\w,])")
_THIRDS = re.compile(
    rf"(?<![\w{CELL}])(?:[{CELL}]{{27}}\s{{1,3}}){{2}}[{CELL}]{{27}}(?![\w{CELL}])"
)
_WORD = re.compile(rf"[\w{CELL}]")


def find_runs(text: str) -> Iterator[Found]:
    """Every grid, or nearly one, that is written in one line."""
    for match in _RUN.finditer(text):
        if _stands_alone(text, match):
            yield _run(text, match)
    for match in _GROUPS.finditer(text):
        if _stands_alone(text, match):
            marks = re.findall(_GROUP, match[0])
            cells = tuple(VALUE[mark] for group in marks for mark in group)
            yield Found(cells, *match.span(), "nine groups")
    for match in _THIRDS.finditer(text):
        cells = tuple(VALUE[mark] for mark in match[0] if not mark.isspace())
        yield Found(cells, *match.span(), "three lines of three rows")
    for match in _COMMAS.finditer(text):
        cells = tuple(int(cell or 0) for cell in match[0].split(","))
        yield Found(cells, *match.span(), "81 cells between commas")
    for match in _CELLS.finditer(text):
        if _stands_alone(text, match):
            cells = tuple(VALUE[mark] for mark in match[0] if mark not in " ,;")
            yield Found(cells, *match.span(), "81 cells in a line")


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether no letter or cell touches it: no piece of a hash or of a longer number."""
    before, after = (
        text[max(match.start() - 1, 0) : match.start()],
        text[match.end() : match.end() + 1],
    )
    stop = after == "." and not text[match.end() + 1 : match.end() + 2].strip()
    return not _WORD.match(before) and (stop or not _WORD.match(after))


def _run(text: str, match: re.Match[str]) -> Found:
    """Tell cells from the punctuation and emphasis around them.

    Marks at the ends that stand for no blank elsewhere are no cells. A full
    stop after 81 cells ends the sentence if words stand before the grid on its
    line; alone on its line it would be an 82nd cell.
    """
    run = match[0]
    inner = run.strip("._*?-") or run
    blanks = {mark for mark in inner if not mark.isdigit()}
    foreign = "".join(set("._*?-") - blanks)
    start = match.start() + len(run) - len(run.lstrip(foreign))
    marks = run.strip(foreign)
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if len(marks) == 82 and marks[-1] in ".?" and re.search(r"\w", line):
        marks = marks[:-1]
    cells = tuple(map(VALUE.__getitem__, marks))
    return Found(cells, start, start + len(marks), f"{len(marks)} characters")
