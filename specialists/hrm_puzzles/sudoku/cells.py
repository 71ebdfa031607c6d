"""What cells of a Sudoku may be, and which characters at its ends are none.

Digits and blanks in any usual writing; rows that are too short; what ends a sentence, or
stands beside the cells, and would fill a grid up that lacks some.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from hrm_specialists.grids import WRITTEN, Grid, digit

_MARKS = (".", "?", "!", "…")
"""Marks that end a sentence."""

_BLANKS = frozenset((*"0._xX*?-~+oO", "", "none", "null", "nan", "na", "nil", "undefined", "<na>"))
"""Signs for blanks that may stand beside each other."""
_DULL = frozenset((*"0._-·", "none", "null", "nan", "na", "nil", "undefined", "<na>"))
"""Signs for blanks that tell cells apart from nothing; of others, two may mark odd and even."""
PLAIN = _DULL | {"", *"123456789"}
"""Cells that need no closer look."""
_WORDS = {
    word: value
    for words in (
        "one two three four five six seven eight nine",
        "eins zwei drei vier fünf sechs sieben acht neun",
        "un deux trois quatre cinq six sept huit neuf",
        "uno dos tres cuatro cinco seis siete ocho nueve",
        "uno due tre quattro cinque sei sette otto nove",
    )
    for value, word in enumerate(words.split(), 1)
}
_JOINT = re.compile(r"(?<=[^ ,;\t])[ ,;\t]+(?=[^ ,;\t])")
"""What sets two cells apart."""


def values_of(marks: Sequence[str], *, alone: bool) -> tuple[tuple[int, ...] | None, list[str]]:
    """The digits, 0 for a blank; or None, and the signs that are not understood.

    One sign that is no digit stands for blanks, whatever it is, if it stands `alone`.
    """
    values = {mark: value_of(mark) for mark in set(marks)}
    strange = [mark for mark, value in values.items() if value is None]
    blanks = [mark for mark, value in values.items() if value == 0]
    numbers = any(mark.lstrip("+-").isdecimal() and mark != "-1" for mark in strange)
    points = [mark for mark in values if values[mark] and "." in mark[1:-1]]
    if points and len(points) < sum(map(bool, values.values())):
        return None, sorted(points)  # "3.0" is no 3 where others have no point
    if strange and (numbers or not (alone and len(strange) == 1 and not blanks)):
        return None, sorted(strange)
    return tuple([values[mark] or 0 for mark in marks]), []


@lru_cache(maxsize=2048)
def value_of(mark: str) -> int | None:
    """The digit that a cell is, 0 for a blank; None for anything else."""
    value = digit(mark)
    if value is not None:
        return value
    low = mark.casefold().strip("*_\"'` ") if len(mark) > 1 else mark
    before, after = mark.casefold().split(low, 1) if low and len(mark) > 1 else ("", "")
    if before.strip(" \"'`") != after.strip(" \"'`")[::-1]:
        return None  # "5*" is no 5
    if low in _BLANKS or (len(low) == 1 and not low.isalnum() and low not in "#|/\\$%&<>=(){}[]@!"):
        return 0
    return digit(low) if len(low) == 1 else _WORDS.get(low)


def mixed(marks: Sequence[str]) -> str:
    """Say which two signs for blanks, or two kinds of digits, may tell cells apart."""
    plain = (mark.casefold().strip("\"'` ") for mark in dict.fromkeys(marks))
    values = {mark: value_of(mark) for mark in plain if mark}
    blanks = [mark for mark in values if values[mark] == 0]
    if len(blanks) > 1 and not _DULL.issuperset(blanks):
        return f"{blanks[0]!r} and {blanks[1]!r} both stand for blanks; use one sign for all"
    kinds = {_kind(mark): mark for mark in values if values[mark] and len(mark) == 1}
    if len(kinds) > 1:
        one, other = list(kinds.values())[:2]
        return f"{one!r} and {other!r} are two kinds of digits; use one kind for all"
    return ""


def _kind(mark: str) -> str:
    """How a digit is written: plain, raised, circled, or in which script."""
    tag = unicodedata.decomposition(mark).partition(">")[0]
    return tag if tag[:1] == "<" else unicodedata.name(mark, "").rpartition(" ")[0]


def miscounted(rows: Sequence[Sequence[str]], *, aligned: bool) -> str:
    """Say which row does not have as many cells as the others, if most of nine have.

    A cell that is empty at either end of a row was not written, where blanks have a sign.
    """
    signs = aligned and any(cell and value_of(cell) == 0 for row in rows for cell in row)
    counts = []
    for row in rows:
        written = [at for at, cell in enumerate(row) if cell.strip()] if signs else range(len(row))
        counts.append(written[-1] + 1 - written[0] if written else 0)
    wide = 81 // len(rows) if len(rows) in (3, 27) and signs else 9
    if len(rows) * wide != 81 or not len(rows) // 2 < counts.count(wide) < len(rows):
        return ""
    at = next(at for at, count in enumerate(counts) if count != wide)
    total = f"a grid of {sum(counts)} cells; a Sudoku has 81"
    return f"{total}: row {at + 1} has {counts[at]} cells, {wide} are needed"


def ends_otherwise(text: str, grid: Grid, marks: Sequence[str], *, run: bool) -> str:
    """Say how many of 81 cells there are without what is written otherwise at one end.

    A sentence's end, an ellipsis or a page number is none of the signs for blanks in the rest
    of the grid, or is set apart otherwise.
    """
    if grid.rank < WRITTEN or len(marks) != 81:
        return ""
    places = [at for at, mark in enumerate(marks) if value_of(mark) == 0]
    empty = [at for at in places if not marks[at]]
    if empty and len(empty) < len(places) and grid.form == "delimited":
        return f"row {empty[0] // 9 + 1} has an empty cell, others have a sign for a blank"
    first, last = _foreign([marks[at] for at in places], places)
    if last:
        at, end = places[-last], "" if run else f"; row {len(grid.rows)} is too short"
        return f"a grid of {at} cells before its last {marks[at]!r}; a Sudoku has 81{end}"
    if first:
        at = places[first - 1]
        return f"a grid of {80 - at} cells behind its first {marks[at]!r}; a Sudoku has 81"
    joints = [one for start, end in grid.spans for one in _JOINT.findall(text, start, end)]
    if all(marks) and any(_foreign(joints, range(len(joints)))):
        return "cells that are set apart otherwise at one end of the grid; set all apart alike"
    body = list(marks)
    while body and body[-1] in _MARKS:
        body.pop()
    if run and _reads_on(text, grid, len(marks) - len(body)):
        ends = "".join(marks[len(body) :])
        return f"81 characters whose last {ends!r} may end the sentence; put them on a line"
    return ""


def _foreign(signs: Sequence[str], places: Sequence[int]) -> tuple[int, int]:
    """How many signs at the beginning, and at the end, from the innermost on that is only there."""
    if len(set(signs)) < 2:
        return 0, 0
    usual = max(signs, key=signs.count)
    rows = places[0] + 9, places[-1] - 9
    first = last = 0
    for sign in {*signs} - {usual}:
        at = [n for n, one in enumerate(signs) if one == sign]
        if places[at[-1]] < rows[0]:
            first = max(first, at[-1] + 1)
        if places[at[0]] > rows[1]:
            last = max(last, len(signs) - at[0])
    return first, last


def _reads_on(text: str, grid: Grid, marks: int) -> bool:
    """Whether marks at the end of a run may end a sentence: "solve 53..7..", "53..7.. ok"."""
    before = text[max(0, grid.start - 200) : grid.start].rpartition("\n")[2].rstrip(" ")
    behind = text[grid.end : grid.end + 80].partition("\n")[0].strip()
    in_words = re.search(r"[^\W\d_]$", before) is not None
    return marks > bool(behind) and (in_words or bool(behind and not before))


def trimmed(text: str, grid: Grid, marks: list[str]) -> tuple[list[str], int, int]:
    """A run without the punctuation and emphasis around it.

    Marks at the ends that stand for no blank elsewhere are no cells. A full stop after
    81 cells ends the sentence if words stand before the grid on its line; alone on its
    line it would be an 82nd cell.
    """
    start, end = grid.start, grid.end
    if len(marks) <= 81 or end - start != len(marks):
        return marks, start, end
    run = "".join(marks)
    inner = run.strip("._*?-!") or run
    foreign = "".join(set("._*?-!") - {mark for mark in inner if not mark.isdigit()})
    lead = len(run) - len(run.lstrip(foreign))
    run = run.strip(foreign)
    start += lead
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if len(run) == 82 and run[-1] in ".?" and re.search(r"\w", line[-200:]):
        run = run[:-1]
    return list(run), start, start + len(run)
