"""Rectangles of characters: lines that follow each other and are equally long.

Knows nothing of what the characters mean. Also undoes how a maze was laid out:
spaces or delimiters between cells, cells two characters wide, walls drawn as
lines between cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

FEW = 9
"""Different characters in a maze at most; prose has more in three lines."""
_SHORTEST, _TALLEST, _LONGEST = 2, 100, 200
_DELIMITED = re.compile(r"\S(?:[ \t]*[,;|\t][ \t]*\S)+[ \t]*[,;|]?")
_CORNERED = re.compile(r"\+(?:-+\+)+")
_BOX = str.maketrans(
    {
        **dict.fromkeys("─━═╌╍┄┅", "-"),
        **dict.fromkeys("│┃║╎╏┆┇", "|"),
        **dict.fromkeys(map(chr, (*range(0x250C, 0x254C), *range(0x2552, 0x256D))), "+"),
    }
)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of characters, one for each cell, found at `[start, end)`."""

    rows: list[str]
    start: int
    end: int
    form: str
    names: tuple[str, ...] = ()
    """How cells were written that are more than a character, in the order of `NAMED`."""


NAMED = "".join(map(chr, range(0xE000, 0xE009)))
"""Characters that stand for cells written in words."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int


def find_blocks(text: str) -> Iterator[Block]:
    """Every rectangle of at least two lines with few different characters."""
    at = 0
    run: list[_Line] = []
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        if bare and len(bare) <= _LONGEST and len(set(bare)) <= FEW:
            run.append(_Line(bare, at))
        elif run and not bare and run[-1].text:
            run.append(_Line("", at))
        elif run:
            yield from _rectangles(run)
            run = []
        at += len(line) + 1
    yield from _rectangles(run)


def _rectangles(run: list[_Line]) -> Iterator[Block]:
    """The rectangles in lines that follow each other."""
    filled = [at for at, line in enumerate(run) if line.text]
    if len(filled) < _SHORTEST:
        return
    run = run[filled[0] : filled[-1] + 1]
    widths = [len(line.text) for line in run]
    first = 0
    whole = False
    for at in range(1, len(run) + 1):
        if at == len(run) or widths[at] != widths[first]:
            if at - first >= _SHORTEST and widths[first] >= _SHORTEST:
                whole = whole or at - first == len(run)
                yield from _block(run[first:at])
            first = at
    if not whole and 4 <= len(run) <= _TALLEST:
        yield from _cut(run, max(widths))


def _cut(run: list[_Line], width: int) -> Iterator[Block]:
    """Lines that lost the spaces at their ends."""
    tall = [_Line(line.text.ljust(width), line.start) for line in run]
    if any(" " in line.text.strip() for line in run):
        end = run[-1].start + len(run[-1].text)
        for block in _block(tall):
            yield Block(block.rows, block.start, end, block.form)


def _block(lines: list[_Line]) -> Iterator[Block]:
    rows = [line.text for line in lines]
    start, end = lines[0].start, lines[-1].start + len(lines[-1].text)
    rows, form = _laid_out(rows)
    if rows and len(set("".join(rows))) <= FEW:
        yield Block(rows, start, end, form)


def _laid_out(rows: list[str]) -> tuple[list[str], str]:
    """One character for each cell, and how it was written."""
    indent = min(len(row) - len(row.lstrip(" >")) for row in rows)
    firsts = {row[indent : indent + 1] for row in rows}
    if indent and len(firsts) == 1:  # a border, so what is before it is no floor
        rows = [row[indent:] for row in rows]
    walls = [row.translate(_BOX) for row in rows]
    if _CORNERED.fullmatch(walls[0]):
        return _between_lines(walls), "lines between cells"
    cells = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows]
    even = len(cells[0]) > 2 and {len(row) for row in cells} == {len(cells[0])}
    if even and all(len(cell) <= 1 for row in cells for cell in row):
        return ["".join(cell or " " for cell in row) for row in cells], "table"
    if all(_DELIMITED.fullmatch(row.strip(" |")) for row in rows):
        split = ["".join(re.findall(r"[^\s,;|]", row)) for row in rows]
        return (split if len(set(map(len, split))) == 1 else []), "delimited cells"
    if len(rows[0]) % 2 and all(set(row[1::2]) <= {" "} for row in rows) and len(rows[0]) > 3:
        return [row[::2] for row in rows], "spaced cells"
    pairs = {row[at : at + 2] for row in rows for at in range(0, len(row), 2)}
    if len(rows[0]) % 2 == 0 and all(len(set(pair.strip())) < 2 for pair in pairs):
        doubled = [pair for pair in pairs if len(pair.strip()) == 2]
        if (
            doubled
            and "  " in pairs
            and all(not pair.startswith(" ") or pair == "  " for pair in pairs)
        ):
            return [row[::2] for row in rows], "cells two characters wide"
    return rows, "drawn"


def _between_lines(rows: list[str]) -> list[str]:
    """Cells and the walls between them, each as one cell; `#` for walls."""
    corners = [at for at, mark in enumerate(rows[0]) if mark == "+"]
    step = corners[1] - corners[0]
    if any(b - a != step for a, b in pairwise(corners)) or step < 2:
        return []
    columns = [at for corner in corners[:-1] for at in (corner, corner + step // 2)]
    columns.append(corners[-1])
    return ["".join("#" if row[at] in "+-|" else row[at] for at in columns) for row in rows]
