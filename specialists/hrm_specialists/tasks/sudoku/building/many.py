"""The exact search of `solver` for many puzzles at once, for building; same rules, same counts.

A state is 81 sets of candidates, each a number of nine bits, so that one
operation of numpy serves all states of all puzzles. The tree of a puzzle is
walked breadth first; a puzzle with one solution has the same tree either way.
Never on the way of a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.tasks.sudoku.rules import UNITS

Cells = NDArray[np.int8]
States = NDArray[np.uint16]

ANY = np.uint16(0x1FF)
CELLS_OF = np.array([[9 * r + c for r, c in cells] for _, cells in UNITS])
UNITS_OF = np.array(
    [[unit for unit, cells in enumerate(CELLS_OF) if at in cells] for at in range(81)]
)
COUNT = np.array([mask.bit_count() for mask in range(512)], dtype=np.int8)
DIGIT = np.zeros(512, dtype=np.int8)
DIGIT[1 << np.arange(9)] = np.arange(1, 10)
MOST = 4096
"""States that are thought about together; more take memory and gain nothing."""


@dataclass(frozen=True, slots=True)
class Searches:
    """What the searches for N puzzles found."""

    solved: NDArray[np.int8]
    """Solutions of each puzzle, 2 for two or more."""
    first: Cells
    """`[N, 81]`: a solution, zeros if there is none."""
    second: Cells
    """`[N, 81]`: another one, zeros if there is none."""
    guesses: NDArray[np.int64]
    """Branches of each puzzle's tree; whole only where it has one solution or none."""


def search_many(
    cells: Cells, *, other_than: Sequence[tuple[int, int]] | None = None, solutions: int = 2
) -> Searches:
    """Look for up to `solutions` (1 or 2) completions of each of N puzzles.

    Args:
        cells: `[N, 81]`, 0 for a blank.
        other_than: for each puzzle a cell and the digit that it must not have.
    """
    N = len(cells)
    states = np.where(cells > 0, 1 << np.maximum(cells.astype(np.int64) - 1, 0), ANY)
    states = states.astype(np.uint16)
    if other_than is not None:
        at, digit = np.array(other_than).reshape(N, 2).T
        states[np.arange(N), at] &= ~(1 << (digit - 1)).astype(np.uint16)
    owner = np.arange(N)
    solved, guesses = np.zeros(N, dtype=np.int8), np.zeros(N, dtype=np.int64)
    found = np.zeros((2, N, 81), dtype=np.int8)
    waiting: list[tuple[States, NDArray[np.int64]]] = [(states, owner)]
    while waiting:
        states, owner = waiting.pop()
        if len(states) > MOST:
            waiting.append((states[MOST:], owner[MOST:]))
            states, owner = states[:MOST], owner[:MOST]
        needed = solved[owner] < solutions
        states, owner = states[needed], owner[needed]
        alive = settle(states)
        states, owner = states[alive], owner[alive]
        counts = COUNT[states]
        whole = (counts == 1).all(1)
        for state, puzzle in zip(states[whole], owner[whole], strict=True):
            if solved[puzzle] < solutions:
                found[solved[puzzle], puzzle] = DIGIT[state]
                solved[puzzle] += 1
        states, owner, counts = states[~whole], owner[~whole], counts[~whole]
        if len(states):
            at = np.where(counts == 1, 10, counts).argmin(1)
            chosen = states[np.arange(len(states)), at]
            np.add.at(guesses, owner, COUNT[chosen].astype(np.int64))
            row, bit = np.nonzero(chosen[:, None] >> np.arange(9, dtype=np.uint16) & 1)
            children = states[row]
            children[np.arange(len(row)), at[row]] = 1 << bit
            waiting.append((children, owner[row]))
    return Searches(solved, found[0], found[1], guesses)


def settle(states: States) -> NDArray[np.bool_]:
    """Fill in naked and hidden singles, in place, to the end; which states hold no contradiction."""
    alive = np.ones(len(states), dtype=bool)
    left = np.arange(len(states))
    now = states
    while len(left):
        before = now
        now, sound = _once(before)
        moved = (now != before).any(1)
        alive[left[~sound]] = False
        states[left] = now
        goes_on = sound & moved
        left, now = left[goes_on], now[goes_on]
    return alive


def _once(states: States) -> tuple[States, NDArray[np.bool_]]:
    """One round of both rules, and which states are sound so far."""
    singles = np.where(COUNT[states] == 1, states, np.uint16(0))
    in_units = singles[:, CELLS_OF]  # [N, 27, 9]
    taken = np.bitwise_or.reduce(in_units, axis=2)
    sound = (COUNT[taken] == (in_units > 0).sum(2)).all(1)  # no digit twice in a unit
    seen = np.bitwise_or.reduce(taken[:, UNITS_OF], axis=2)  # [N, 81]
    states = np.where(singles > 0, states, states & ~seen)
    cells = states[:, CELLS_OF]
    once, twice = cells[..., 0].copy(), np.zeros(cells.shape[:2], dtype=np.uint16)
    for at in range(1, 9):
        twice |= once & cells[..., at]
        once |= cells[..., at]
    only = once & ~twice  # digits with one place left in the unit
    sound &= (once == ANY).all(1)
    hidden = states & np.bitwise_or.reduce(only[:, UNITS_OF], axis=2)
    sound &= (COUNT[hidden] <= 1).all(1)  # a cell cannot be the only place of two digits
    states = np.where(hidden > 0, hidden, states)
    return states, sound & (states > 0).all(1)
