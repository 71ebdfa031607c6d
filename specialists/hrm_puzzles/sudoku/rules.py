"""The rules of Sudoku: which cells see each other, and whether some do clash.

Judges grids and proposes nothing; there is no solver here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Grid = Sequence[Sequence[int]]
"""Nine rows of nine cells, 0 for a blank."""

ROWS = [[(r, c) for c in range(9)] for r in range(9)]
COLUMNS = [[(r, c) for r in range(9)] for c in range(9)]
BOXES = [
    [(top + r, left + c) for r in range(3) for c in range(3)]
    for top in (0, 3, 6)
    for left in (0, 3, 6)
]

UNITS = [
    *((f"row {n}", cells) for n, cells in enumerate(ROWS, start=1)),
    *((f"column {n}", cells) for n, cells in enumerate(COLUMNS, start=1)),
    *((f"box {n}", cells) for n, cells in enumerate(BOXES, start=1)),
]
"""The 27 groups of nine cells, with what people call them."""


def clashes(grid: Grid) -> Iterator[str]:
    """Every digit that stands twice in a row, column or box, in words."""
    for name, cells in UNITS:
        seen: dict[int, str] = {}
        for r, c in cells:
            digit = grid[r][c]
            if digit and digit in seen:
                yield f"{name} holds {digit} twice, at {seen[digit]} and r{r + 1}c{c + 1}"
            seen.setdefault(digit, f"r{r + 1}c{c + 1}")


def consistent(grid: Grid) -> bool:
    """Whether no digit stands twice in a row, column or box; quick, for readers."""
    masks = [0] * 27
    for r, row in enumerate(grid):
        for c, digit in enumerate(row):
            if digit:
                bit, box = 1 << digit, 18 + r // 3 * 3 + c // 3
                if masks[r] & bit or masks[9 + c] & bit or masks[box] & bit:
                    return False
                masks[r] |= bit
                masks[9 + c] |= bit
                masks[box] |= bit
    return True
