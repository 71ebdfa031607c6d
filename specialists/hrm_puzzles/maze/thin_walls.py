"""Mazes whose walls are lines between the cells: `+--+`, box drawing, `_|`.

Each becomes a rectangle of characters in which walls are cells too, `#`, so that n
cells side by side are 2n + 1 characters. Knows nothing of start and goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import gcd

_LINES = frozenset("+-|")


class Irregular(ValueError):
    """Lines that do not stand at one distance, so that nobody can say what the cells are."""


def thick(rows: Sequence[str]) -> list[str] | None:
    """The rows with walls as cells; None if they are not drawn with lines.

    Raises:
        Irregular: they are, but not on a regular lattice.
    """
    marks = set("".join(rows))
    if {"-", "|"} <= marks and "+" not in marks:
        rows = _with_corners(rows)
        marks = set("".join(rows))
    if "|" in marks and "_" in marks and not marks & {"+", "-", "#", "."}:
        return _underscored(rows)
    corners = [(r, c) for r, row in enumerate(rows) for c, mark in enumerate(row) if mark == "+"]
    if not {"+", "-", "|"} <= marks or "#" in marks or len(corners) < 4:
        return None
    high, wide = len(rows), len(rows[0])
    down, across = _step([r for r, _ in corners], high), _step([c for _, c in corners], wide)
    if min(down, across) < 2:
        raise Irregular
    if max(down, across) < 3:  # every character is a cell
        return ["".join("#" if mark in _LINES else mark for mark in row) for row in rows]
    return [
        "".join(_at(rows, r, c, down, across) for c in range(2 * (wide // across) + 1))
        for r in range(2 * (high // down) + 1)
    ]


def ruled(rows: Sequence[str]) -> bool:
    """Whether lines from edge to edge stand between all cells, as in a table: they are no walls."""
    if not _LINES & set(rows[0]) or not any("|" in row for row in rows):
        return False
    wide = len(rows[0])
    full = [at for at in range(wide) if all(row[at] in _LINES for row in rows)]
    steps = {b - a for a, b in pairwise(full)}
    return len(full) > 2 and len(steps) == 1 and max(full[0], wide - full[-1], 2) <= min(steps)


def _with_corners(rows: Sequence[str]) -> Sequence[str]:
    """With `+` for another sign that stands at the corners: `o---o`."""
    mark = rows[0][0]
    if mark not in "o*.'#" or rows[-1][0] != mark or set(rows[0]) - {mark, "-", " "}:
        return rows
    across = [at for at, one in enumerate(rows[0]) if one == mark]
    return [
        "".join("+" if row[0] == mark and at in across and one == mark else one
                for at, one in enumerate(row))
        for row in rows
    ]  # fmt: skip


def _step(places: Sequence[int], size: int) -> int:
    """The distance between lines; 0 if they do not stand regularly from edge to edge."""
    step = gcd(*(b - a for a, b in pairwise(sorted({0, size - 1, *places}))))
    return step if min(places) == 0 and max(places) == size - 1 else 0


def _at(rows: Sequence[str], r: int, c: int, down: int, across: int) -> str:
    """What stands at a corner, between two corners, or in a cell of the lattice."""
    if r % 2 == 0 and c % 2 == 0:
        return "#"
    top, left = r // 2 * down, c // 2 * across
    if r % 2 == 0:
        inside = rows[top][left + 1 : left + across]
    elif c % 2 == 0:
        inside = "".join(rows[at][left] for at in range(top + 1, top + down))
    else:
        inside = "".join(row[left + 1 : left + across] for row in rows[top + 1 : top + down])
    if r % 2 != c % 2 and inside and set(inside) <= _LINES:
        return "#"
    mark = inside.strip()
    if len(mark) > 1 or set(mark) & _LINES:
        raise Irregular
    return mark or " "


def _underscored(rows: Sequence[str]) -> list[str] | None:
    """A floor below each `_`, a wall beside each `|`; the first row is the ceiling."""
    if len(rows[0]) % 2 == 0 or set(rows[0]) - set("_ ") or rows[0][0] == "_":
        return None
    thick = ["#" + "".join("# "[mark == " "] + "#" for mark in rows[0][1::2])]
    for row in rows[1:]:
        cells, below = [" #"[row[0] == "|"]], ["#"]
        for at in range(1, len(row), 2):
            if row[at] == "|" or row[at + 1] not in "|_ ":
                raise Irregular
            cells += [" " if row[at] == "_" else row[at], " #"[row[at + 1] == "|"]]
            below += [" #"[row[at] == "_"], "#"]
        thick += ["".join(cells), "".join(below)]
    return thick
