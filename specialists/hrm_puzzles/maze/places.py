"""Start and goal that a text gives as coordinates, cell names or corners.

Row before column and counted from 0, unless the text or the maze says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hrm_puzzles.maze.legend import ROLE
from hrm_puzzles.maze.models import FLOOR, GOAL, START, Cell
from hrm_puzzles.words import WORDS

Pair = tuple[Cell, Cell]
PAIR = re.compile(r"[\[(]\s?([0-9]{1,2})\s?[,;]\s?([0-9]{1,2})\s?[\])]")
"""Two coordinates in brackets."""
_ROW = rf"(?:(?:{WORDS['row']})\w*|r|y)"
_COLUMN = rf"(?:(?:{WORDS['column']})\w*|c|x)"
_ORDINAL = rf"(?:{WORDS['ordinal']})?"
_BETWEEN = r"[\"']?\s?[:=.]?\s?"
_APART = r"\W{0,4}(?:and |und |et |y |e |og |och |en |ja |és |a |i |и |та )?\W?"
_NUMBERED = re.compile(
    rf"\b{_ROW}{_BETWEEN}(?P<r1>[0-9]{{1,2}}){_APART}{_COLUMN}{_BETWEEN}(?P<c1>[0-9]{{1,2}})(?!\w)|"
    rf"\b{_COLUMN}{_BETWEEN}(?P<c2>[0-9]{{1,2}}){_APART}{_ROW}{_BETWEEN}(?P<r2>[0-9]{{1,2}})(?!\w)|"
    rf"(?P<r4>[0-9]{{1,2}}){_ORDINAL}\s?{_ROW}\b\W{{0,4}}(?P<c4>[0-9]{{1,2}}){_ORDINAL}\s?{_COLUMN}\b|"
    r"(?P<r3>[0-9]{1,2})\s?[行행]目?[,、の第\s]{0,3}(?P<c3>[0-9]{1,2})\s?[列열]",
    re.IGNORECASE,
)
"""Two coordinates that are called row and column, or y and x."""
_INDEXED = re.compile(r"\[([0-9]{1,2})\]\[([0-9]{1,2})\]")
_LETTERED = re.compile(r"(?<![^\W_])A\W{1,3}B\W{1,3}C(?![^\W_])")
_CELL = re.compile(r"(?<![^\W_])([A-Z])([0-9]{1,2})(?![^\W_])")
"""A cell by its column's letter and its row's number, as on a chessboard."""
_CORNERS = {
    (low, right): WORDS[f"{('top', 'bottom')[low]} {('left', 'right')[right]}"]
    for low in (False, True)
    for right in (False, True)
}
"""Low, and to the right."""
CORNER = re.compile(
    "|".join(
        f"(?P<c{2 * low + right}>{words.replace(' ', '[- ]?')})"
        for (low, right), words in _CORNERS.items()
    ),
    re.IGNORECASE,
)
_ACROSS = re.compile(r"\(\s?x\s?,\s?y\s?\)|\(\s?col\w*,\s?row\w*\)|column, row", re.IGNORECASE)
_DOWN = re.compile(
    rf"(?:{WORDS['row']})\w*\W{{1,3}}(?:\w{{1,3}} )?(?:{WORDS['column']})|\(\s?r\s?,\s?c\s?\)",
    re.IGNORECASE,
)
"""Where the row is said to come before the column."""
_FROM_ONE = re.compile(
    r"1-based|1-indexed|\b(?:from|at|with|ab|bei|von|mit|desde|de|depuis|da|od|с|от|från|fra) "
    r"(?:1\b|one\b|\(?1\s?,\s?1\b)|counted from one|1 ?(?:から|부터|开始)|从 ?1|1'den",
    re.IGNORECASE,
)
_AFTER_ORIGIN = re.compile(
    r"\W{0,3}(?:is |ist |est |es |è |é |in |at )?(?:the )?(?:top|upper|ober|oben)", re.IGNORECASE
)
_BEFORE_ORIGIN = re.compile(
    r"(?:top|upper|oben|obere?) ?-?(?:left|links?|linke)(?: corner| cell|e Ecke)?[ ,(]{0,2}"
    r"(?:is |=|at |ist |: ?|as )?[ (]{0,2}$",
    re.IGNORECASE,
)
"""Around a pair that only says where counting begins."""
_NEAR = 24
"""Characters before a pair in which a word may say which end it is."""


@dataclass(frozen=True, slots=True)
class _Named:
    cell: Cell
    part: int | None
    """START, GOAL, or None if no word says."""


def counts_from_one(text: str) -> bool:
    """Whether rows and columns are said to be counted from 1."""
    return bool(_FROM_ONE.search(text))


class Places(NamedTuple):
    """Pairs of places that a text names, by how it names them; None where it does not."""

    numbered: Pair | None
    """As row and column, or y and x."""
    bracketed: Pair | None
    indexed: Pair | None
    lettered: Pair | None
    corners: Pair | None
    """Whether low, and whether to the right, as 0 and 1."""
    across: bool
    """Whether the column comes first in brackets."""
    one_based: bool
    down: bool = True
    """Whether the row surely comes first: it is said, or places are indexes as in code."""


def places_in(text: str) -> Places:
    """What a text says of where start and goal are."""
    lettered = None
    if _LETTERED.search(text):
        cells = [(m, (int(m[2]) - 1, ord(m[1]) - ord("A"))) for m in _CELL.finditer(text)]
        lettered = _two(text, cells)
    corners = list(dict.fromkeys(map(corner_of, CORNER.finditer(text))))
    return Places(
        _two(text, _numbered(text)),
        _two(text, [(m, (int(m[1]), int(m[2]))) for m in PAIR.finditer(text)]),
        _two(text, [(m, (int(m[1]), int(m[2]))) for m in _INDEXED.finditer(text)]),
        lettered,
        (corners[0], corners[1]) if len(corners) == 2 else None,
        bool(_ACROSS.search(text)),
        counts_from_one(text),
        bool(_DOWN.search(text)) or all(m[0][0] == "[" for m in PAIR.finditer(text)),
    )


HEADER = re.compile(
    r"(\d{1,3})[ ,x]{1,3}(\d{1,3})\s{1,3}(\d{1,3})[ ,]{1,3}(\d{1,3})\s{1,3}"
    r"(\d{1,3})[ ,]{1,3}(\d{1,3})\s{1,3}$"
)
"""Size, start and goal in three lines before the rows, as programs write them."""


def header(text: str, at: int, grid: Sequence[Sequence[int]]) -> Pair | None:
    """Start and goal in lines right before the rows at `at`, below the size of the grid.

    Width before height means column before row. Squares do not say; the text may.
    """
    before = text[max(0, at - 40) : at]
    found = HEADER.search(before)
    if found is None:
        return None
    one, two, *places = map(int, found.groups())
    high, wide = len(grid), len(grid[0])
    if {one, two} != {high, wide}:
        return None
    told = text[:at].casefold()
    across = (one, two) == (wide, high) if high != wide else "width" in told or "x y" in told
    a, b, c, d = places[:4]
    pair = ((b, a), (d, c)) if across else ((a, b), (c, d))
    for base in (0, 1):
        moved = _shifted(pair, base)
        if all(_is_floor(grid, cell) for cell in moved):
            return moved
    return None


def ends(said: Places, grid: Sequence[Sequence[int]]) -> Pair | None:
    """The start and the goal that a text names, if both are floor in `grid`."""
    for one, two in _options(said, len(grid), len(grid[0])):
        if one != two and _is_floor(grid, one) and _is_floor(grid, two):
            return one, two
    return None


def is_unsure(said: Places, grid: Sequence[Sequence[int]], pair: Pair) -> bool:
    """Whether `pair` comes from brackets that may name x before y as well as row before column."""
    if not said.bracketed or said.numbered or said.across or said.down:
        return False
    other = ((pair[0][1], pair[0][0]), (pair[1][1], pair[1][0]))
    fits = all(_is_floor(grid, cell) for cell in other)
    moved = [_shifted(said.bracketed, base) for base in (0, 1)]
    return fits and other != pair and (pair in moved or other in moved)


def _options(said: Places, height: int, width: int) -> Iterator[Pair]:
    bases = (1, 0) if said.one_based else (0, 1)
    if said.numbered:
        yield from (_shifted(said.numbered, base) for base in bases)
    if said.bracketed:
        (a, b), (c, d) = said.bracketed
        for base in bases:
            for swap in (said.across, not said.across):
                yield _shifted(((b, a), (d, c)) if swap else said.bracketed, base)
    yield from filter(None, (said.indexed, said.lettered))
    if said.corners:
        one, two = ((low * (height - 1), right * (width - 1)) for low, right in said.corners)
        yield one, two


def places_named(text: str, start: int, end: int) -> Iterator[tuple[re.Match[str], Cell]]:
    """Every place between `start` and `end` that is named by row and column, as it is counted."""
    yield from _numbered(text, start, end)
    for pattern in (PAIR, _INDEXED):
        for match in pattern.finditer(text, start, end):
            yield match, (int(match[1]), int(match[2]))


def _numbered(
    text: str, start: int = 0, end: int | None = None
) -> list[tuple[re.Match[str], Cell]]:
    found = []
    for match in _NUMBERED.finditer(text, start, len(text) if end is None else end):
        row, column = (next(match[k + n] for n in "1234" if match[k + n]) for k in "rc")
        found.append((match, (int(row), int(column))))
    return found


def _two(text: str, found: Sequence[tuple[re.Match[str], Cell]]) -> Pair | None:
    """Start and goal among places that a text names: those called so, else the only two."""
    named, at = [], 0
    for match, cell in found:
        words = list(ROLE.finditer(text, max(at, match.start() - _NEAR), match.start()))
        parts = [part for part in (START, GOAL) if words and words[-1][f"p{part}"]]
        at = match.end()
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if parts or not (_AFTER_ORIGIN.match(text, match.end()) or _BEFORE_ORIGIN.search(before)):
            named.append(_Named(cell, parts[0] if parts else None))
    called = [{one.cell for one in named if one.part == part} for part in (START, GOAL)]
    if all(len(cells) == 1 for cells in called):
        return next(iter(called[0])), next(iter(called[1]))
    cells = list(dict.fromkeys(one.cell for one in named))
    return (cells[0], cells[1]) if len(cells) == 2 else None


def _shifted(pair: Pair, base: int) -> Pair:
    (a, b), (c, d) = pair
    return (a - base, b - base), (c - base, d - base)


def corner_of(match: re.Match[str]) -> Cell:
    """Whether a corner is low, and whether to the right, as 0 and 1."""
    return next((low, right) for low, right in _CORNERS if match[f"c{2 * low + right}"])


def _is_floor(grid: Sequence[Sequence[int]], cell: Cell) -> bool:
    r, c = cell
    return 0 <= r < len(grid) and 0 <= c < len(grid[0]) and grid[r][c] == FLOOR
