"""One line of text as a row of cells.

Knows nothing of the lines around it.
"""

from __future__ import annotations

import re

from hrm_puzzles.sudoku.reading.found import CELL, VALUE

_COMPACT = re.compile(rf"[{CELL}]{{7,12}}")
_AT = {3: (0, 1, 2), 5: (0, 2, 4), 7: (1, 3, 5), 9: (1, 4, 7), 11: (1, 5, 9)}
"""Where the three cells stand between two pipes that are so far apart."""

Row = tuple[int, ...]


def row_of(line: str) -> tuple[Row, str] | None:
    """The cells of a line and its form; not always nine. None if it is no row."""
    bare = line.strip()
    if _COMPACT.fullmatch(bare):
        return tuple(map(VALUE.__getitem__, bare)), "lines"
    if "|" in bare:
        return _between_pipes(line.rstrip("\r\n"))
    for delimiter in ",;\t&":
        if delimiter in bare:
            return _fields(line, delimiter)
    return _spaced(bare)


def _spaced(bare: str) -> tuple[Row, str] | None:
    tokens = bare.split()
    if len(tokens) == 3 and all(len(token) == 3 for token in tokens):
        tokens = list("".join(tokens))
    if not 7 <= len(tokens) <= 12:
        return None
    last = tokens[-1]
    if len(last) == 2 and last[1] in ".!;":  # a full stop right behind the grid
        tokens[-1] = last[0]
    return _cells(tokens, "spaced cells")


def _fields(line: str, delimiter: str) -> tuple[Row, str] | None:
    line = line.strip(" \r").removesuffix("\\hline").rstrip(" ").removesuffix("\\\\")
    fields = [_bare(field) for field in line.split(delimiter)]
    if len(fields) == 10 and not fields[-1]:
        fields.pop()
    return _cells(fields, "delimited cells") if 7 <= len(fields) <= 12 else None


def _between_pipes(line: str) -> tuple[Row, str] | None:
    parts = line.split("|")
    if len(parts) > 3 and not parts[0].strip():
        parts.pop(0)
    if len(parts) > 3 and not parts[-1].strip() and len(parts) not in (9, 12):
        parts.pop()
    if len(parts) in {11, 12} and not parts[3 + len(parts) - 11].strip():  # double pipes
        parts = [part for part in parts if part]
    if len(parts) in {4, 10} and len(parts[0].strip()) <= 2:  # a label before the row
        parts.pop(0)
    if 7 <= len(parts) <= 10:
        return _cells([_bare(part) for part in parts], "table")
    if len(parts) != 3:
        return None
    thirds = [part.split() for part in parts]
    if all(len(third) == 3 for third in thirds):
        return _cells([cell for third in thirds for cell in third], "box of pipes")
    if all(len(third) == 1 and len(third[0]) == 3 for third in thirds):
        return _cells([cell for third in thirds for cell in third[0]], "box of pipes")
    width = len(parts[1])
    places = _AT.get(width)
    if places is None or len(parts[2]) > width:
        return None
    parts = [parts[0][-width:].rjust(width), parts[1], parts[2].ljust(width)]
    if any(part[at] != " " for part in parts for at in range(width) if at not in places):
        return None
    return _cells([part[at].strip() for part in parts for at in places], "box of pipes")


def _bare(field: str) -> str:
    """A field without quotes and marks of emphasis."""
    field = field.strip(" \r\"'`")
    return field.strip("*_") or field[:1] if len(field) > 1 else field


def _cells(marks: list[str], form: str) -> tuple[Row, str] | None:
    try:
        return tuple(VALUE[mark] if mark else 0 for mark in marks), form
    except KeyError:
        return None
