"""Start, goal and walls that a text gives as coordinates, cell names or corners.

Row before column and counted from 0, unless the text or the maze says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from hrm_puzzles.maze.legend import ROLE
from hrm_puzzles.maze.models import FLOOR, GOAL, START, WALL, Cell
from hrm_puzzles.places import PAIR, Place, find_places, in_turn
from hrm_puzzles.words import WORDS, small
from hrm_specialists.grids import NESTED, Grid

Pair = tuple[Cell, Cell]
_LETTERS = re.compile(r"(?<![^\W_])A\W{1,3}B\W{1,3}C(?![^\W_])")
"""Names of columns, as on a chessboard."""
_CORNERS = {
    (low, right): WORDS[f"{('top', 'bottom')[low]} {('left', 'right')[right]}"]
    for low in (False, True)
    for right in (False, True)
}
"""Low, and to the right; in small letters, as all words here."""
CORNER = re.compile(
    "|".join(
        f"(?P<c{2 * low + right}>{words.replace(' ', '[- ]?')})"
        for (low, right), words in _CORNERS.items()
    )
)
_ACROSS = re.compile(r"\(\s?x\s?,\s?y\s?\)|\(\s?col\w*,\s?row\w*\)|column, row")
_DOWN = re.compile(
    rf"(?:{WORDS['row']})\w*\W{{1,3}}(?:\w{{1,3}} )?(?:{WORDS['column']})|\(\s?r\s?,\s?c\s?\)"
)
"""Where the row is said to come before the column."""
_FROM_ONE = re.compile(
    r"1-based|1-indexed|\b(?:from|at|with|ab|bei|von|mit|desde|de|depuis|da|od|с|от|från|fra) "
    r"(?:1\b|one\b|\(?1\s?,\s?1\b)|counted from one|1 ?(?:から|부터|开始)|从 ?1|1'den"
)
_AFTER_ORIGIN = re.compile(
    r"\W{0,3}(?:is |ist |est |es |è |é |in |at )?(?:the )?(?:top|upper|ober|oben)"
)
_BEFORE_ORIGIN = re.compile(
    r"(?:top|upper|oben|obere?) ?-?(?:left|links?|linke)(?: corner| cell|e ecke)?[ ,(]{0,2}"
    r"(?:is |=|at |ist |: ?|as )?[ (]{0,2}$"
)
"""Around a pair that only says where counting begins."""
_NEAR = 24
"""Characters before a pair in which a word may say which end it is."""


class Places(NamedTuple):
    """Pairs of places that a text names, by how it names them."""

    pairs: Mapping[str, Pair]
    """As they stand: (row, column), or in brackets perhaps (x, y)."""
    corners: Pair | None
    """Whether low, and whether to the right, as 0 and 1."""
    across: bool
    """Whether the column comes first in brackets."""
    one_based: bool
    down: bool = True
    """Whether the row surely comes first: it is said, or places are indexes as in code."""


def places_in(text: str) -> Places:
    """What a text says of where start and goal are."""
    low = small(text)
    pairs = {how: _two(low, list(find_places(low, how))) for how in ("words", "pair", "index")}
    if _LETTERS.search(text):
        found = [one for one in find_places(text, "letter") if text[one.start].isupper()]
        pairs["letter"] = _two(low, [one._replace(row=one.row - 1) for one in found])
    corners = list(dict.fromkeys(map(corner_of, CORNER.finditer(low))))
    return Places(
        {how: pair for how, pair in pairs.items() if pair},
        (corners[0], corners[1]) if len(corners) == 2 else None,
        bool(_ACROSS.search(low)),
        bool(_FROM_ONE.search(low)),
        bool(_DOWN.search(low)) or all(m[0][0] == "[" for m in PAIR.finditer(text)),
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
    pair = _turned(((a, b), (c, d))) if across else ((a, b), (c, d))
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
    bracketed = said.pairs.get("pair")
    if not bracketed or "words" in said.pairs or said.across or said.down:
        return False
    other = _turned(pair)
    fits = all(_is_floor(grid, cell) for cell in other)
    moved = [_shifted(bracketed, base) for base in (0, 1)]
    return fits and other != pair and (pair in moved or other in moved)


def _options(said: Places, height: int, width: int) -> Iterator[Pair]:
    bases = (1, 0) if said.one_based else (0, 1)
    if words := said.pairs.get("words"):
        yield from (_shifted(words, base) for base in bases)
    if bracketed := said.pairs.get("pair"):
        for base in bases:
            for swap in (said.across, not said.across):
                yield _shifted(_turned(bracketed) if swap else bracketed, base)
    yield from (said.pairs[how] for how in ("index", "letter") if how in said.pairs)
    if said.corners:
        one, two = ((low * (height - 1), right * (width - 1)) for low, right in said.corners)
        yield one, two


def _two(text: str, found: Sequence[Place]) -> Pair | None:
    """Start and goal among places that a text names: those called so, else the only two."""
    named: list[tuple[Cell, int | None]] = []
    at = 0
    for one in found:
        words = list(ROLE.finditer(text, max(0, at, one.start - _NEAR), one.start))
        parts = [part for part in (START, GOAL) if words and words[-1][f"p{part}"]]
        at = one.end
        before = text[max(0, one.start - _NEAR) : one.start]
        if parts or not (_AFTER_ORIGIN.match(text, one.end) or _BEFORE_ORIGIN.search(before)):
            named.append(((one.row, one.column), parts[0] if parts else None))
    called = [{cell for cell, part in named if part == wanted} for wanted in (START, GOAL)]
    if all(len(cells) == 1 for cells in called):
        return next(iter(called[0])), next(iter(called[1]))
    cells = list(dict.fromkeys(cell for cell, _ in named))
    return (cells[0], cells[1]) if len(cells) == 2 else None


def _shifted(pair: Pair, base: int) -> Pair:
    (a, b), (c, d) = pair
    return (a - base, b - base), (c - base, d - base)


def _turned(pair: Pair) -> Pair:
    (a, b), (c, d) = pair
    return (b, a), (d, c)


def corner_of(match: re.Match[str]) -> Cell:
    """Whether a corner is low, and whether to the right, as 0 and 1."""
    return next((low, right) for low, right in _CORNERS if match[f"c{2 * low + right}"])


MOST_LISTS = 5
"""Lists of walls that are looked at in a text."""
SIZE = re.compile(r"(?<!\d)([0-9]{1,2}) ?(?:x|×|by|mal|por|par|per|op|на|na) ?([0-9]{1,2})(?!\d)")
HIGH = re.compile(
    r"[\"']?(?:rows|height|h|filas|lignes|righe|linhas|zeilen|rijen)[\"']?\s?[:=]\s?([0-9]{1,2})"
    r"|([0-9]{1,2}) (?:rows|filas|lignes|righe|linhas|Zeilen|rijen|rader|wierszy|строк|рядів)"
)
WIDE = re.compile(
    r"[\"']?(?:cols|columns|width|w|columnas|colonnes|colonne|colunas|spalten|kolommen)[\"']?"
    r"\s?[:=]\s?([0-9]{1,2})"
    r"|([0-9]{1,2}) (?:col(?:umn|onne|umna|una)s?|colonne|Spalten|kolommen|kolumn|столбц|стовпц)"
)
_GAP = 7
"""Characters between two places of a list."""


def find_listed(text: str) -> Iterator[Grid]:
    """A grid of stated size whose walls are listed by their places."""
    if not PAIR.search(text):
        return
    runs = (run for run in in_turn(find_places(text, "pair"), text, _GAP) if len(run) > 2)
    lists = list(islice((run for run in runs if _lists_walls(text, run[0].start)), MOST_LISTS))
    size = _size(text) if lists else None
    if size is None:
        return
    high, wide = size
    one_based = bool(_FROM_ONE.search(small(text)))
    for run in lists:
        base = int(one_based or any(one.row == high or one.column == wide for one in run))
        walls = {(one.row - base, one.column - base) for one in run}
        if all(0 <= r < high and 0 <= c < wide for r, c in walls):
            rows = ["".join(".#"[(r, c) in walls] for c in range(wide)) for r in range(high)]
            start, end = run[0].start, run[-1].end
            cells = tuple(map(tuple, rows))
            yield Grid(cells, start, end, "list of walls", ((start, end),) * high, "", NESTED)


def _lists_walls(text: str, at: int) -> bool:
    """Whether the last word for a part before a list of places means walls."""
    words = list(ROLE.finditer(small(text[max(0, at - 60) : at])))
    return bool(words) and words[-1][f"p{WALL}"] is not None


def _size(text: str) -> tuple[int, int] | None:
    high, wide = HIGH.search(text), WIDE.search(text)
    if high and wide:
        return int(high[1] or high[2]), int(wide[1] or wide[2])
    found = SIZE.search(text)
    return (int(found[1]), int(found[2])) if found else None


def _is_floor(grid: Sequence[Sequence[int]], cell: Cell) -> bool:
    r, c = cell
    return 0 <= r < len(grid) and 0 <= c < len(grid[0]) and grid[r][c] == FLOOR
