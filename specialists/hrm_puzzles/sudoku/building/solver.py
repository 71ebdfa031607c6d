"""An exact Sudoku solver, for making and rating puzzles. Never on the way of a question.

Plain depth-first search with naked and hidden singles, cells with the fewest
candidates first. A digit's possible places are one integer of 81 bits, cell
`9 * row + column` at that bit, so that a rule for all cells is one operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hrm_puzzles.sudoku.rules import UNITS

ALL = (1 << 81) - 1
UNIT_BITS = [sum(1 << (9 * r + c) for r, c in cells) for _, cells in UNITS]
PEER_BITS = [
    sum(1 << other for other in range(81) if any(u >> at & u >> other & 1 for u in UNIT_BITS))
    & ~(1 << at)
    for at in range(81)
]


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found."""

    solutions: tuple[tuple[int, ...], ...]
    """Solutions of 81 digits, as many as were asked for at most."""
    guesses: int
    """Branches that were tried until no further solution could exist."""


def search(
    cells: Sequence[int],
    *,
    solutions: int = 2,
) -> Search:
    """Look for up to `solutions` completions of 81 cells, 0 for a blank.

    With the default of two, one solution found means that it is the only one.
    """
    state = _State([ALL] * 9, ALL)
    if not all(state.place(at, digit - 1) for at, digit in enumerate(cells) if digit):
        return Search((), 0)
    found: list[tuple[int, ...]] = []
    tried = 0
    stack = [state]
    while stack:
        state = stack.pop()
        if not state.settle():
            continue
        if not state.open:
            found.append(state.digits())
            if len(found) == solutions:
                break
            continue
        branches = list(state.branches())
        tried += len(branches)
        stack += reversed(branches)
    return Search(tuple(found), tried)


def yields_to_naked_singles(cells: Sequence[int]) -> bool:
    """Whether filling cells that have one candidate left solves the puzzle."""
    state = _State([ALL] * 9, ALL)
    placed = all(state.place(at, digit - 1) for at, digit in enumerate(cells) if digit)
    return placed and state.settle(hidden=False) and not state.open


class _State:
    """Where each digit may stand, and which cells are still open."""

    __slots__ = ("can", "open")

    def __init__(self, can: list[int], open_cells: int) -> None:
        self.can, self.open = can, open_cells

    def place(self, at: int, digit: int) -> bool:
        """Put a digit into a cell; False if it may not stand there."""
        bit = 1 << at
        if not self.can[digit] & bit:
            return False
        kept = self.can[digit] & ~PEER_BITS[at]
        self.can = [places & ~bit for places in self.can]
        self.can[digit] = kept
        self.open &= ~bit
        return True

    def settle(self, *, hidden: bool = True) -> bool:
        """Fill in all naked (and hidden) singles; False if that leads to a contradiction."""
        while self.open:
            once = twice = 0
            for places in self.can:
                twice |= once & places
                once |= places
            if self.open & ~once:
                return False
            singles = self.open & ~twice
            if singles:
                if not self._fill(singles):
                    return False
                continue
            before = self.open
            if hidden and not self._hidden():
                return False
            if self.open == before:
                return True
        return True

    def _fill(self, singles: int) -> bool:
        for digit in range(9):
            for at in _bits(singles & self.can[digit]):
                if not self.place(at, digit):
                    return False
        return True

    def _hidden(self) -> bool:
        for digit in range(9):
            for unit in UNIT_BITS:
                places = self.can[digit] & unit
                if not places & (places - 1):
                    if not places:
                        return False
                    if places & self.open:
                        self.place(places.bit_length() - 1, digit)
        return True

    def branches(self) -> Iterator[_State]:
        """A state for each candidate of a cell that has the fewest."""
        at_least = [self.open]  # at_least[n]: open cells with n candidates or more
        for places in self.can:
            at_least.append(0)
            for n in range(len(at_least) - 1, 0, -1):
                at_least[n] |= at_least[n - 1] & places
        at_least.append(0)
        cell = next(some & ~more for some, more in pairwise(at_least[2:]) if some & ~more)
        at = (cell & -cell).bit_length() - 1
        for digit in range(9):
            if self.can[digit] >> at & 1:
                state = _State(list(self.can), self.open)
                state.place(at, digit)
                yield state

    def digits(self) -> tuple[int, ...]:
        cells = [0] * 81
        for digit, places in enumerate(self.can, 1):
            for at in _bits(places):
                cells[at] = digit
        return tuple(cells)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
