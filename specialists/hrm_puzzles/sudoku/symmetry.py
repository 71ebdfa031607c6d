"""Every way to move and rename a Sudoku that leaves a Sudoku.

9! names of the digits x 6^8 orders of bands, stacks, rows and columns x 2 for
the transpose. Knows nothing of a particular puzzle.
"""

from __future__ import annotations

import random

from hrm_specialists.contract import Symmetry


def draw(rng: random.Random) -> Symmetry:
    """Draw one of them, all equally likely.

    Tokens are those of the task's codec: 0 padding, 1 blank, `digit + 1`; only
    the digits are renamed.
    """
    rows, columns = _lines(rng), _lines(rng)
    across = rng.random() < 0.5
    positions = tuple((c * 9 + r) if across else (r * 9 + c) for r in rows for c in columns)
    return Symmetry(positions, (0, 1, *rng.sample(range(2, 11), 9)))


def _lines(rng: random.Random) -> list[int]:
    """An order of the nine rows (or columns) that keeps bands (or stacks) together."""
    return [3 * band + line for band in rng.sample(range(3), 3) for line in rng.sample(range(3), 3)]
