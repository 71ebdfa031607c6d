"""The lines of a text, and the rows of cells that they may be.

Lines are spans of the text; `bare` moves their ends to take away what is no cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple

from hrm_specialists.grids.grid import Grid, is_header, without_counters
from hrm_specialists.grids.plain import plainly

MARKS = 24
"""Different characters in a line of cells at most; prose has more."""
LETTERS = 16
"""Different letters in it at most."""
FEW = 12
"""Different characters in a drawing at most."""
DIGITS = frozenset("123456789")
LONGEST = 400
"""Characters of a line of cells at most."""

_BREAK = re.compile(
    r"\r?\n|<(?:br|/?p|/?pre|/?li|/?div|/?code|/?ul|/?ol|/?input|/?output"
    r"|/?example|/?train|/?test|/?pair)\b[^<>]{0,80}>",
    re.I,
)
_NO_CELLS = re.compile(
    r"(?P<fence>(?:```|~~~|\"\"\"|''')\w{0,12})"
    r"|(?P<frame>(?=.*(?:[-=_*~+:]{2}|[-=_] [-=_]|\+))[-+=|:~*_. '`,\\hine]{2,}"
    r"|\{\|.*|\|[-}+](?:[^|]{0,80}))"
)
_SAID = re.compile(r"(?<![\\\w])[^\W\d_]{2,}|\d")
_WORDS = re.compile(r"[^\W\d_]{3,}")
WORDY = 8
"""Different words of a line that holds no cells, whatever is taken away from it."""
MOST_MARKS = 32
"""Different characters of a line of cells with what is around them."""


class Line(NamedTuple):
    """A line's characters that may be cells, `[start, end)`, and what was around them."""

    start: int
    end: int
    label: str = ""
    first: int = -1
    """Where it began before a prefix was taken away; -1 if none was."""
    last: int = -1
    """Where it ended before a remark was taken away; -1 if none was."""

    @property
    def whole(self) -> tuple[int, int]:
        """The span with the prefix and the remark."""
        return (
            self.start if self.first < 0 else self.first,
            self.end if self.last < 0 else self.last,
        )


@dataclass(slots=True)
class Row:
    """A line that may be a row of cells, a frame between rows, or blank."""

    text: str
    """Without spaces at its end; see `raw`."""
    line: Line
    kind: str
    """"cells", "frame", "blank", or "words": it may be cells when a prefix is taken away."""
    raw: str = ""


def lines_of(text: str) -> list[Line]:
    """The lines of a text; HTML's breaks and paragraphs end lines too."""
    lines: list[Line] = []
    at = empty = 0
    pieces = text.split("\n") if "<" not in text else None
    if pieces is None:
        for found in _BREAK.finditer(text):
            lines.append(Line(at, found.start()))
            at = found.end()
        return [*lines, Line(at, len(text))]
    for line in pieces:
        end = at + len(line)
        empty = 0 if len(line) > 1 else empty + 1
        if empty < 3 or line.strip():
            lines.append(Line(at, end - line.endswith("\r")))
        at = end + 1
    return lines


def with_shared(text: str, lines: list[Line]) -> list[Line]:
    """The lines, cut where one holds a row as long as two beside it, and words before or behind.

    "53..7.... look here", "Sudoku: 53..7....": the words stay outside of the grid, or beside a
    row that others follow.
    """
    bodies = [text[line.start : line.end].rstrip() for line in lines]
    wide = list(map(len, bodies))
    for at, size in enumerate(wide):
        for one, other in ((at - 2, at - 1), (at - 1, at + 1), (at + 1, at + 2)):
            if one < 0 or other >= len(wide) or not 4 < wide[one] == wide[other] < size:
                continue
            known, body, line, n = {*bodies[one], *bodies[other]}, bodies[at], lines[at], wide[one]
            if len(known) > FEW or _is_label(bodies[one], bodies[other]):
                continue
            known |= DIGITS if known & DIGITS else set()
            if _is_row(body[:n], known) and _says(body[n:], known):
                inside = other > at or (at + 1 < len(wide) and wide[at + 1] == n)
                told = inside or any(map(str.isdigit, body[n:]))
                lines[at] = line._replace(end=line.start + n, last=line.end if told else -1)
            elif one > at and _is_row(body[-n:], known) and _says(body[-n - 1 :: -1], known):
                lines[at] = line._replace(start=line.start + size - n)
    return lines


def _is_label(one: str, other: str) -> bool:
    """Whether one of two lines that are as long is a word, and the other is none."""
    return (_WORDS.search(one) is None) != (_WORDS.search(other) is None)


def _is_row(body: str, known: set[str]) -> bool:
    """Whether it is cells of those that are known, or nearly."""
    return body.lstrip() == body and sum(mark not in known for mark in body) <= 2


def _says(more: str, known: set[str]) -> bool:
    """Whether what stands next to a row, from the row on, is set apart and is no cells."""
    apart = more[0].isspace() or (more[0] not in known and more[0] in ".,;:!?()")
    said = _SAID.search(more)
    return apart and said is not None and not known.issuperset(said[0])


def row_of(text: str, line: Line) -> Row | None:
    """What a line may be; None for prose and whatever else ends a grid."""
    if line.end - line.start > LONGEST:
        return None
    body = text[line.start : line.end]
    if "&" in body and ";" in body:
        body = plainly(unescape(body))
    bare = body.strip()
    if not bare:
        return Row("", line, "blank", body.rstrip("\r"))
    kind = "cells"
    if len(bare) > LETTERS and len(marks := set(bare)) > LETTERS:
        if len(marks) > MOST_MARKS or len(set(_WORDS.findall(bare))) >= WORDY:
            return None
        if len(marks) > MARKS or sum(map(str.isalpha, marks)) > LETTERS:
            kind = "words"
    elif found := _NO_CELLS.fullmatch(bare):
        if found["fence"]:
            return None
        kind = "frame"
    return Row(body.rstrip(" \r"), line, kind, body.rstrip("\r"))


def made(
    text: str,
    rows: list[Row],
    cells: Sequence[tuple[str, ...]],
    form: str,
    rank: int,
    piece: Sequence[Row] = (),
) -> Iterator[Grid]:
    """The grid of `rows` that are cut into `cells`, and it without labels that count."""
    spans = tuple((row.line.start, row.line.end) for row in rows)
    first, last = rows[0], rows[-1]
    if piece:
        first, last = _framed(piece, first, last)
    start, end = first.line.whole[0], last.line.whole[1]
    inside = text[start:end]
    start, end = end - len(inside.lstrip()), start + len(inside.rstrip())
    grid = Grid(tuple(cells), start, end, form, spans, rows[0].line.label, rank)
    yield grid
    if form != "drawn":
        yield from without_counters(grid)


def _framed(piece: Sequence[Row], first: Row, last: Row) -> tuple[Row, Row]:
    """The frames right above and right below belong to a grid, and names of its columns."""
    at = next(n for n, row in enumerate(piece) if row is first)
    end = next(n for n, row in enumerate(piece) if row is last)
    for _ in range(2):
        while at and piece[at - 1].kind == "frame":
            at -= 1
        if not at or not is_header(piece[at - 1].text):
            break
        at -= 1
    while end + 1 < len(piece) and piece[end + 1].kind == "frame":
        end += 1
    return piece[at], piece[end]
