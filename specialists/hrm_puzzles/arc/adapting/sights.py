"""What each cell of an answer sees of the input: colours it could copy, facts it could use.

A small network that trains for seconds cannot learn to look along rows or to
find objects, so it is told. Sights are colours (the nearest one to the left, the
one in the mirror …): the network may answer "the same as that", which holds for
colours it never met. Facts are small numbers (how large is my object, am I
enclosed …). Knows nothing of networks; takes milliseconds for each grid.

Source: answering by pointing as in arXiv:1506.03134.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hrm_puzzles.arc.adapting.framing import Rows, ground, objects

Ints = NDArray[np.int64]

SIGHTS = (
    *("itself", "left", "right", "up", "down", "up left", "down right", "up right", "down left"),
    *("next left", "next right", "next up", "next down"),
    *("mirrored across", "mirrored down", "turned", "transposed", "transposed back"),
    *("row's first", "row's last", "column's first", "column's last"),
    *("most frequent", "rarest", "row's most frequent", "column's most frequent"),
    *("object's most frequent", "object's rarest", "tiled", "in place", "ground"),
    *("largest object's", "smallest object's", "box's majority"),
)
"""Colours that a cell sees, by name; 0 for none, else the colour plus 1."""

FACTS = (
    *(("row parity", 2), ("column parity", 2), ("row of three", 3), ("column of three", 3)),
    *(("from top", 4), ("from bottom", 4), ("from left", 4), ("from right", 4)),
    *(("to the left", 5), ("to the right", 5), ("upwards", 5), ("downwards", 5)),
    *(("object's size", 8), ("object's rank", 5), ("object touches border", 2)),
    *(("patch's size", 8), ("enclosed", 3), ("box's border", 2)),
    *(("row's filled", 6), ("column's filled", 6), ("colours", 6), ("objects", 6)),
    *(("same both sides", 2), ("same above and below", 2), ("same mirrored", 4)),
    *(("box is square", 2), ("middle of box", 4)),
)
"""Facts by name, and how many values each has."""


def look(grid: Rows, height: int, width: int) -> tuple[Ints, Ints]:
    """What the cells of a `height` by `width` answer see of `grid`.

    Where the sizes differ the grid is stretched or squeezed to the answer's
    size; "tiled" and "in place" then show it repeated, and as it lies.

    Returns:
        Sights `[height, width, len(SIGHTS)]` and facts `[height, width, len(FACTS)]`.
    """
    given = np.asarray(grid, dtype=np.int64)
    H, W = given.shape
    rows, columns = np.arange(height), np.arange(width)
    base = given[np.ix_(rows * H // height, columns * W // width)]
    seen = np.zeros((height, width, len(SIGHTS)), dtype=np.int64)
    facts = np.zeros((height, width, len(FACTS)), dtype=np.int64)
    floor = ground(tuple(map(tuple, base.tolist())))
    _rays(seen, facts, base, floor)
    _mirrors(seen, facts, base)
    _counts(seen, facts, base, floor)
    _things(seen, facts, base, floor)
    _places(facts, height, width)
    at = SIGHTS.index("tiled")
    seen[..., at] = given[np.ix_(rows % H, columns % W)] + 1
    inside = np.zeros((height, width), dtype=np.int64)
    h, w = min(H, height), min(W, width)
    inside[:h, :w] = given[:h, :w] + 1
    seen[..., at + 1] = inside
    seen[..., at + 2] = floor + 1
    seen[..., SIGHTS.index("box's majority")] = _majority(given, height, width, floor)
    return seen, facts


def _rays(seen: Ints, facts: Ints, base: Ints, floor: int) -> None:
    """The nearest colour off the ground in eight directions, and how far it is."""
    H, W = base.shape
    shown = np.where(base != floor, base + 1, 0)
    seen[..., 0] = base + 1
    steps = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, 1), (-1, 1), (1, -1))
    far = np.zeros((H, W, 4), dtype=np.int64)
    for kind, (dr, dc) in enumerate(steps):
        there = (slice(1 + dr, 1 + dr + H), slice(1 + dc, 1 + dc + W))
        beyond = np.zeros((2, H + 2, W + 2), dtype=np.int64)
        beyond[0, 1:-1, 1:-1] = shown
        near = beyond[0][there].copy()
        ray = away = np.zeros_like(near)
        for _ in range(H if dr else W):  # what a cell sees, the one before it sees too
            past, gone = beyond[:, *there]
            ray = np.where(near > 0, near, past * (gone > 0))
            away = np.where(near > 0, 1, gone + (gone > 0))
            beyond[0, 1:-1, 1:-1], beyond[1, 1:-1, 1:-1] = ray, away
        seen[..., 1 + kind] = ray
        if kind < 4:
            far[..., kind] = away
    facts[..., _fact("to the left") : _fact("downwards") + 1] = np.digitize(far, (1, 2, 3, 5))
    padded = np.pad(base + 1, 1)
    seen[..., 9], seen[..., 10] = padded[1:-1, :-2], padded[1:-1, 2:]
    seen[..., 11], seen[..., 12] = padded[:-2, 1:-1], padded[2:, 1:-1]
    for name, a in (("same both sides", 1), ("same above and below", 3)):
        facts[..., _fact(name)] = (seen[..., a] == seen[..., a + 1]) & (seen[..., a] > 0)


def _mirrors(seen: Ints, facts: Ints, base: Ints) -> None:
    at = SIGHTS.index("mirrored across")
    seen[..., at], seen[..., at + 1] = base[:, ::-1] + 1, base[::-1] + 1
    seen[..., at + 2] = base[::-1, ::-1] + 1
    if base.shape[0] == base.shape[1]:
        seen[..., at + 3], seen[..., at + 4] = base.T + 1, base[::-1, ::-1].T + 1
    seen[..., at + 5], seen[..., at + 6] = base[:, :1] + 1, base[:, -1:] + 1
    seen[..., at + 7], seen[..., at + 8] = base[:1] + 1, base[-1:] + 1
    across, down = base == base[:, ::-1], base == base[::-1]
    facts[..., _fact("same mirrored")] = across + 2 * down


def _counts(seen: Ints, facts: Ints, base: Ints, floor: int) -> None:
    at = SIGHTS.index("most frequent")
    counts = _tally(base.ravel(), floor)
    if counts:
        seen[..., at], seen[..., at + 1] = counts[0] + 1, counts[-1] + 1
    for r, row in enumerate(base):
        if found := _tally(row, floor):
            seen[r, :, at + 2] = found[0] + 1
    for c, column in enumerate(base.T):
        if found := _tally(column, floor):
            seen[:, c, at + 3] = found[0] + 1
    filled = base != floor
    for name, axis in (("row's filled", 1), ("column's filled", 0)):
        many = filled.sum(axis, keepdims=True)
        kind = np.digitize(many, (1, 2, 3, 4))
        facts[..., _fact(name)] = np.where(many == base.shape[axis], 5, kind)
    facts[..., _fact("colours")] = min(5, len(counts))


def _things(seen: Ints, facts: Ints, base: Ints, floor: int) -> None:
    """What is told of connected cells: objects, patches of one colour, enclosed ground."""
    H, W = base.shape
    found = sorted(objects(tuple(map(tuple, base.tolist()))), key=len, reverse=True)
    facts[..., _fact("objects")] = min(5, len(found))
    sizes = sorted({len(one) for one in found}, reverse=True)
    at = SIGHTS.index("object's most frequent")
    for cells in found:
        r, c = np.array(cells).T
        colours = _tally(base[r, c], floor)
        seen[r, c, at], seen[r, c, at + 1] = colours[0] + 1, colours[-1] + 1
        facts[r, c, _fact("object's size")] = 1 + _bucket(len(cells))
        facts[r, c, _fact("object's rank")] = (
            4 if len(cells) == sizes[-1] else 1 + min(2, sizes.index(len(cells)))
        )
        top, bottom, left, right = r.min(), r.max(), c.min(), c.max()
        edge = top == 0 or left == 0 or bottom == H - 1 or right == W - 1
        facts[r, c, _fact("object touches border")] = edge
        box = (slice(top, bottom + 1), slice(left, right + 1))
        facts[(*box, _fact("box is square"))] = bottom - top == right - left
        middle = facts[..., _fact("middle of box")]
        rows, columns = np.arange(top, bottom + 1), np.arange(left, right + 1)
        middle[box] = (2 * rows == top + bottom)[:, None] + 2 * (2 * columns == left + right)
        rim = (slice(top, bottom + 1), slice(left, right + 1), _fact("box's border"))
        facts[rim] = 1
        facts[top + 1 : bottom, left + 1 : right, _fact("box's border")] = 0
    if found:
        for name, one in (("largest object's", found[0]), ("smallest object's", found[-1])):
            r, c = np.array(one).T
            seen[..., SIGHTS.index(name)] = _tally(base[r, c], floor)[0] + 1
    _patches(facts, base, floor)


def _patches(facts: Ints, base: Ints, floor: int) -> None:
    """Sizes of patches of one colour; ground that no way leads out of."""
    H, W = base.shape
    label = -np.ones((H, W), dtype=np.int64)
    grid = base.tolist()
    for start in range(H * W):
        if label[divmod(start, W)] >= 0:
            continue
        colour = grid[start // W][start % W]
        cells, edge = [divmod(start, W)], False
        label[cells[0]] = start
        for r, c in cells:
            edge = edge or r in (0, H - 1) or c in (0, W - 1)
            for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if 0 <= i < H and 0 <= j < W and label[i, j] < 0 and grid[i][j] == colour:
                    label[i, j] = start
                    cells.append((i, j))
        r_, c_ = np.array(cells).T
        facts[r_, c_, _fact("patch's size")] = _bucket(len(cells))
        if colour == floor:
            facts[r_, c_, _fact("enclosed")] = 1 if edge else 2


def _places(facts: Ints, height: int, width: int) -> None:
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    facts[..., 0], facts[..., 1] = rows % 2, columns % 2
    facts[..., 2], facts[..., 3] = rows % 3, columns % 3
    facts[..., 4] = np.minimum(rows, 3)
    facts[..., 5] = np.minimum(height - 1 - rows, 3)
    facts[..., 6] = np.minimum(columns, 3)
    facts[..., 7] = np.minimum(width - 1 - columns, 3)


def _majority(given: Ints, height: int, width: int, floor: int) -> Ints:
    """Where the answer is smaller: the most frequent colour off the ground in a cell's share."""
    H, W = given.shape
    found = np.zeros((height, width), dtype=np.int64)
    if height > H or width > W or (height, width) == (H, W):
        return found
    for r in range(height):
        for c in range(width):
            share = given[r * H // height : (r + 1) * H // height]
            share = share[:, c * W // width : (c + 1) * W // width]
            colours = _tally(share.ravel(), floor)
            found[r, c] = colours[0] + 1 if colours else floor + 1
    return found


def _tally(cells: Ints, floor: int) -> Sequence[int]:
    """Colours off the ground, the most frequent first."""
    counts = Counter(cells.tolist())
    counts.pop(floor, None)
    return sorted(counts, key=lambda colour: (-counts[colour], colour))


def _bucket(size: int) -> int:
    """1, 2, 3, 4, 5 to 6, 7 to 9, more: as 0 to 6."""
    return int(np.digitize(size, (2, 3, 4, 5, 7, 10)))


def _fact(name: str) -> int:
    return _AT[name]


_AT = {name: at for at, (name, _) in enumerate(FACTS)}
