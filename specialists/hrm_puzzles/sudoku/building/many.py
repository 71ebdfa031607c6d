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

from hrm_puzzles.sudoku.rules import UNITS

Cells = NDArray[np.int8]
States = NDArray[np.uint16]

ZERO, ONE, ANY = np.uint16(0), np.uint16(1), np.uint16(0x1FF)
CELLS_OF = np.array([[9 * r + c for r, c in cells] for _, cells in UNITS])
UNITS_OF = np.array(
    [[unit for unit, cells in enumerate(CELLS_OF) if at in cells] for at in range(81)]
)
COUNT = np.array([mask.bit_count() for mask in range(512)], dtype=np.int8)
DIGIT = np.zeros(512, dtype=np.int8)
DIGIT[1 << np.arange(9)] = np.arange(1, 10)
MOST = 2048
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
    states = _begun(cells)
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


def stubbornness(cells: Cells) -> NDArray[np.int64]:
    """How little trying one digit tells of each of N puzzles: more for harder ones.

    Candidates left after singles, less `TOLD` for each that contradicts itself once it is
    tried. Puzzles collected for being hard have 170 to 260, at random ones of one solution
    and no spare clue at most 10; singles alone solve those of `SOLVED`.
    """
    states = _begun(cells)
    settle(states)
    row, at, bit = np.nonzero(states[:, :, None] >> np.arange(9, dtype=np.uint16) & 1)
    open_ones = COUNT[states[row, at]] > 1
    row, at, bit = row[open_ones], at[open_ones], bit[open_ones]
    tried = states[row]
    tried[np.arange(len(row)), at] = 1 << bit
    alive = np.concatenate([settle(tried[n : n + MOST]) for n in range(0, max(1, len(row)), MOST)])
    left, fails = np.bincount(row, minlength=len(cells)), np.bincount(row[~alive])
    fails = np.pad(fails, (0, len(cells) - len(fails)))
    return np.where(left > 0, left - TOLD * fails, SOLVED)


TOLD, SOLVED = 4, -1000


def _begun(cells: Cells) -> States:
    states = np.where(cells > 0, 1 << np.maximum(cells.astype(np.int64) - 1, 0), ANY)
    return states.astype(np.uint16)


def settle(states: States) -> NDArray[np.bool_]:
    """Fill in naked and hidden singles, in place, to the end; which are free of contradiction."""
    alive = np.ones(len(states), dtype=bool)
    left = np.arange(len(states))
    now = np.ascontiguousarray(states.T)  # [81, M]: a cell of all states lies together
    while len(left):
        before = now
        now, sound = _once(before)
        alive[left[~sound]] = False
        goes_on = sound & (now != before).any(0)
        states[left[sound & ~goes_on]] = now[:, sound & ~goes_on].T
        left, now = left[goes_on], now[:, goes_on]
    return alive


def _once(cells: States) -> tuple[States, NDArray[np.bool_]]:
    """One round of both rules on `[81, M]`, and which states are sound so far."""
    singles = np.where(cells & (cells - ONE), ZERO, cells)
    taken, twice = _in_units(singles)
    sound = ~twice.any(0)  # no digit twice in a unit
    cells = np.where(singles, cells, cells & ~_seen(taken))
    once, twice = _in_units(cells)
    sound &= (once == ANY).all(0)
    hidden = cells & _seen(once & ~twice)  # digits with one place left in a unit
    cells = np.where(hidden, hidden, cells)
    sound &= ~(hidden & (hidden - ONE)).any(0)  # a cell is no only place of two digits
    return cells, sound & cells.all(0)


def _in_units(cells: States) -> tuple[States, States]:
    """Candidates that stand once or more, and twice or more, in each unit: `[27, M]`."""
    there = cells[CELLS_OF.T]  # [9, 27, M]
    once, twice = there[0], np.zeros_like(there[0])
    for one in there[1:]:
        twice |= once & one
        once |= one
    return once, twice


def _seen(units: States) -> States:
    """What the three units of each cell hold together: `[81, M]`."""
    seen: States = units[UNITS_OF[:, 0]] | units[UNITS_OF[:, 1]] | units[UNITS_OF[:, 2]]
    return seen
