"""Mazes whose walls are listed by their places in a grid of a stated size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice

from hrm_puzzles.maze.legend import ROLE
from hrm_puzzles.maze.models import WALL
from hrm_puzzles.maze.places import PAIR, counts_from_one
from hrm_specialists.grids import NESTED, Grid

_PLACES = re.compile(rf"(?:{PAIR.pattern}[\s,;]{{0,3}}(?:and |und |y |et |e |og |och |en )?){{3,}}")
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


def find_listed(text: str) -> Iterator[Grid]:
    """A grid of stated size whose walls are listed by their places."""
    lists = list(islice(filter(partial(_lists_walls, text), _PLACES.finditer(text)), MOST_LISTS))
    size = _size(text) if lists else None
    if size is None:
        return
    high, wide = size
    one_based = counts_from_one(text)
    for match in lists:
        places = [(int(a), int(b)) for a, b in PAIR.findall(match[0])]
        base = int(one_based or any(r == high or c == wide for r, c in places))
        walls = {(r - base, c - base) for r, c in places}
        if all(0 <= r < high and 0 <= c < wide for r, c in walls):
            rows = ["".join(".#"[(r, c) in walls] for c in range(wide)) for r in range(high)]
            start, end = match.start(), match.start() + len(match[0].rstrip())
            cells = tuple(map(tuple, rows))
            yield Grid(cells, start, end, "list of walls", ((start, end),) * high, "", NESTED)


def _lists_walls(text: str, match: re.Match[str]) -> bool:
    """Whether the last word for a part before a list of places means walls."""
    words = list(ROLE.finditer(text, max(0, match.start() - 60), match.start()))
    return bool(words) and words[-1][f"p{WALL}"] is not None


def _size(text: str) -> tuple[int, int] | None:
    high, wide = HIGH.search(text), WIDE.search(text)
    if high and wide:
        return int(high[1] or high[2]), int(wide[1] or wide[2])
    found = SIZE.search(text)
    return (int(found[1]), int(found[2])) if found else None
