"""Which puzzles and grids are the same but for a symmetry; quick, and on the safe side.

Equal under a symmetry means equal signatures. The other way round it nearly
always holds, and where it does not, two different ones count as the same:
duplicates and leaks between splits are never missed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import combinations

from hrm_puzzles.sudoku.rules import UNITS


def puzzle_signature(cells: Sequence[int], solution: Sequence[int]) -> str:
    """Same for all symmetric forms of a puzzle.

    Cells are coloured by what they see, four rounds over: their line and their
    cross line (in either order), their box, and the cells with the same digit.
    """
    colours = [str(bool(cell)) for cell in cells]
    for _ in range(4):

        def seen(group: Sequence[int], colours: list[str] = colours) -> str:
            return ",".join(sorted(colours[at] for at in group))

        groups = [list(map(seen, kind)) for kind in _GROUPS]
        digits = [seen([at for at in range(81) if solution[at] == digit]) for digit in range(10)]
        colours = [
            _short(
                colours[at],
                *sorted((groups[0][at // 9], groups[1][at % 9])),
                groups[2][at // 27 * 3 + at % 9 // 3],
                digits[solution[at]],
            )
            for at in range(81)
        ]
    return _short(grid_signature(solution), *sorted(colours))


def grid_signature(solution: Sequence[int]) -> str:
    """Same for all symmetric forms of a solved grid.

    Two rows are a permutation of the digits; its cycles do not change under
    symmetries. Takes all pairs of rows and of columns, those of one band apart.
    """
    rows = _cycles(lambda line, at: solution[9 * line + at])
    columns = _cycles(lambda line, at: solution[9 * at + line])
    return _short(*sorted((rows, columns)))


_GROUPS = [[[9 * r + c for r, c in cells] for _, cells in UNITS[at : at + 9]] for at in (0, 9, 18)]


def _cycles(digit: Callable[[int, int], int]) -> str:
    kinds = []
    for one, two in combinations(range(9), 2):
        step = {digit(one, at): digit(two, at) for at in range(9)}
        lengths = []
        while step:
            start, at = step.popitem()
            length = 1
            while at != start:
                at = step.pop(at)
                length += 1
            lengths.append(length)
        kinds.append(f"{one // 3 == two // 3}{sorted(lengths)}")
    return _short(*sorted(kinds))


def _short(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]
