"""Start and goal that a text gives as coordinates or corners.

Row before column and counted from 0, unless the text or the maze says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hrm_specialists.tasks.maze.models import FLOOR, Cell

PAIR = re.compile(r"[\[(]\s?([0-9]{1,2})\s?[,;]\s?([0-9]{1,2})\s?[\])]")
"""Two coordinates in brackets."""
_ROW_COLUMN = re.compile(
    r"\brow\b[\"']?\s?[:=]?\s?([0-9]{1,2})\s?,?\s?(?:and )?"
    r"[\"']?col(?:umn)?\b[\"']?\s?[:=]?\s?([0-9]{1,2})",
    re.IGNORECASE,
)
_CORNER = re.compile(
    r"(?P<low>top|upper|ober\w*|oben|bottom|lower|unter\w*|unten)[- ]?"
    r"(?P<side>left|right|link\w*|recht\w*)",
    re.IGNORECASE,
)
_ACROSS = re.compile(r"\(\s?x\s?,\s?y\s?\)|\(\s?col\w*,\s?row\w*\)|column, row", re.IGNORECASE)
_FROM_ONE = re.compile(r"1-based|1-indexed|(?:from|at|with) 1\b|counted from one", re.IGNORECASE)


def ends(text: str, grid: Sequence[Sequence[int]]) -> tuple[Cell, Cell] | None:
    """The start and the goal that `text` names, if both are floor in `grid`."""
    for one, two in _options(text, len(grid), len(grid[0])):
        if one != two and _is_floor(grid, one) and _is_floor(grid, two):
            return one, two
    return None


def _options(text: str, height: int, width: int) -> Iterator[tuple[Cell, Cell]]:
    named = _ROW_COLUMN.findall(text) or PAIR.findall(text)
    pairs = list(dict.fromkeys((int(a), int(b)) for a, b in named))
    if len(pairs) == 2:
        across, one_based = bool(_ACROSS.search(text)), bool(_FROM_ONE.search(text))
        for base in (1, 0) if one_based else (0, 1):
            for swap in (across, not across):
                one, two = ((b, a) if swap else (a, b) for a, b in pairs)
                yield (one[0] - base, one[1] - base), (two[0] - base, two[1] - base)
    corners = list(dict.fromkeys(map(_corner, _CORNER.finditer(text))))
    if len(corners) == 2:
        one, two = ((low * (height - 1), right * (width - 1)) for low, right in corners)
        yield one, two


def _corner(match: re.Match[str]) -> tuple[bool, bool]:
    low, side = match["low"].lower(), match["side"].lower()
    return low.startswith(("bot", "low", "unt")), side.startswith("r")


def _is_floor(grid: Sequence[Sequence[int]], cell: Cell) -> bool:
    r, c = cell
    return 0 <= r < len(grid) and 0 <= c < len(grid[0]) and grid[r][c] == FLOOR
