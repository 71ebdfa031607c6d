"""Cells of a grid that a text names: "row 1, column 3", r1c3, {"r": 1, "c": 3}, (1, 3), [1][3], C1.

Under the clues of Sudokus and the ends and walls of mazes alike. Says which numbers stand
there and how; where counting begins is for whoever knows the grid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hrm_puzzles.words import WORDS, small
from hrm_specialists.grids import WRITTEN, Grid

_ROW, _COLUMN = (
    rf"(?:(?:{WORDS[name]})\w*|{short})[\"']?\s?[:=.]?\s?"
    for name, short in (("row", "[ry]"), ("column", "[cx]"))
)
_ROW_BEHIND, _COLUMN_BEHIND = (
    rf"(?:{WORDS['ordinal']})?[ \t]?(?:(?:{WORDS[name]})\w*|{short})\b"
    for name, short in (("row", "[ry]"), ("column", "[cx]"))
)
_N = "[0-9]{1,2}"
DIGIT = re.compile("[0-9]")
_APART = r"\W{0,4}(?:and |und |et |y |e |og |och |en |ja |és |a |i |и |та )?\W?"
PAIR = re.compile(rf"[\[(]\s?(?P<a>{_N})\s?[,;]\s?(?P<b>{_N})\s?[\])]")
"""Two coordinates in brackets."""
_WAYS = {
    "words": re.compile(
        rf"\b{_ROW}(?P<r1>{_N}){_APART}{_COLUMN}(?P<c1>{_N})(?!\w)"
        rf"|\b{_COLUMN}(?P<c2>{_N}){_APART}{_ROW}(?P<r2>{_N})(?!\w)"
        rf"|(?P<r3>{_N}){_ROW_BEHIND}\W{{0,4}}(?P<c3>{_N}){_COLUMN_BEHIND}"
        rf"|(?P<r4>{_N})\s?[行행]目?[,、の第\s]{{0,3}}(?P<c4>{_N})\s?[列열]"
    ),
    "pair": PAIR,
    "index": re.compile(rf"\[(?P<a>{_N})\]\[(?P<b>{_N})\]"),
    "bare": re.compile(r"(?<![\w,;.-])(?P<a>[0-9])[ \t]?[,;][ \t]?(?P<b>[0-9])(?=[\"']?\s?[:=→-])"),
    "letter": re.compile(rf"(?<![^\W_])(?P<letter>[a-z])(?P<a>{_N})(?![^\W_])"),
}


_COLUMNS = re.compile(
    rf"(?![ck]ol)(?:{WORDS['column']})|[ck]ol(?:s?\d*$|umn|um[ae]?\d*$|un[aen]|on+[aen]|om|oan)|c\d",
    re.IGNORECASE,
)
"""No Colin, nor colours."""
_BOXES = re.compile(rf"(?:{WORDS['box']})(?:en)?\d*$", re.IGNORECASE)


def order_of(grid: Grid) -> str:
    """What the name of a grid says that its rows are: "columns", "boxes", "unsure", or ""."""
    words = re.split(r"[\W_]+", grid.name)
    for pattern, order in ((_COLUMNS, "columns"), (_BOXES, "boxes")):
        if any(map(pattern.match, words)):
            return order
    return "unsure" if grid.rank < WRITTEN and words[-1] in ("a", "A") else ""


class Place(NamedTuple):
    """Two numbers that name a cell, as they stand in the text."""

    start: int
    end: int
    row: int
    """The first number of a pair, the number beside a letter."""
    column: int
    """The second number of a pair; 0 for A or a."""
    how: str
    """"words", "pair", "index", "bare" or "letter"."""


def find_places(text: str, *ways: str, start: int = 0, end: int | None = None) -> Iterator[Place]:
    """Every place that is named in one of these ways, way by way."""
    end = len(text) if end is None else end
    if not DIGIT.search(text, start, end):
        return
    text = small(text)
    for how in ways:
        for found in _WAYS[how].finditer(text, start, end):
            if how == "words":
                row, column = (next(filter(None, (found[k + n] for n in "1234"))) for k in "rc")
                yield Place(*found.span(), int(row), int(column), how)
            elif how == "letter":
                number = ord(found["letter"]) - ord("a")
                yield Place(*found.span(), int(found["a"]), number, how)
            else:
                yield Place(*found.span(), int(found["a"]), int(found["b"]), how)


def in_turn(places: Iterable[Place], text: str, gap: int) -> Iterator[list[Place]]:
    """Places of one way that follow each other with at most `gap` characters between."""
    run: list[Place] = []
    for one in places:
        if run and (one.how != run[-1].how or not 0 <= one.start - run[-1].end <= gap):
            yield run
            run = []
        run.append(one)
    if run:
        yield run
