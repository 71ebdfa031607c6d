"""Minimal Sudokus, and hard ones, bred: a company swaps clues and keeps what is harder.

All puzzles of a generation are worked on together, see `many`. Seeded; never on
the way of a question.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hrm_puzzles.sudoku.building.many import Cells, Searches, search_many, stubbornness
from hrm_puzzles.sudoku.building.puzzles import Puzzle, solved

COMPANY = 64
OFFSPRING = 4
"""Hard children for each member, after which a company is given up: relatives
come out ever more alike."""
RIVALS = 4
"""Members among which a child looks for the easiest one, whose place it takes."""


def breed(
    rng: random.Random,
    measure: Measure,
    least: int,
    *,
    company: int = COMPANY,
    offspring: int = OFFSPRING,
) -> Iterator[Puzzle]:
    """Minimal puzzles that are hard by a measure, at least so much, without end.

    The harder a puzzle, the more children it has: one or two of its clues are
    taken away, others come in until one solution is left, and what became
    superfluous goes. A child that is harder than one of a few takes its place.
    """
    while True:
        pool = minimal_many(rng, _full(rng, company))
        worth = measure(pool)
        born = 0
        while born < offspring * company:
            parents = [pool[_hardest(rng, worth)] for _ in range(company)]
            children = minimal_many(rng, np.stack([_swapped(rng, one.cells) for one in parents]))
            for parent, child, hard in zip(parents, children, measure(children), strict=True):
                rivals = rng.sample(range(company), min(RIVALS, company))
                weakest = min(rivals, key=worth.__getitem__)
                if hard > worth[weakest]:
                    pool[weakest], worth[weakest] = child, hard
                if hard >= least and child.cells != parent.cells:
                    born += 1
                    yield child


Measure = Callable[[Sequence[Puzzle]], list[int]]
"""How hard puzzles are."""


def guesses(puzzles: Sequence[Puzzle]) -> list[int]:
    """By the guesses of a plain search; those that make the most of them may still be tame."""
    return [one.guesses for one in puzzles]


def stubborn(puzzles: Sequence[Puzzle]) -> list[int]:
    """By how little trying one digit tells; see `stubbornness`."""
    found: list[int] = stubbornness(np.array([p.cells for p in puzzles], dtype=np.int8)).tolist()
    return found


def minimal(rng: random.Random, *, company: int = 8) -> Iterator[Puzzle]:
    """Random puzzles from which no clue can be taken away, without end."""
    while True:
        yield from minimal_many(rng, _full(rng, company))


def _full(rng: random.Random, count: int) -> Cells:
    return np.array([solved(rng) for _ in range(count)], dtype=np.int8)


def _hardest(rng: random.Random, worth: Sequence[int]) -> int:
    """Where the hardest of three stands."""
    return max(rng.sample(range(len(worth)), min(3, len(worth))), key=worth.__getitem__)


def minimal_many(rng: random.Random, cells: Cells) -> list[Puzzle]:
    """A minimal puzzle from each of `[N, 81]` cells, which may have many solutions."""
    cells = cells.copy()
    settle_many(rng, cells)
    _prune(rng, cells)
    found = search_many(cells)
    return [
        Puzzle(tuple(map(int, one)), tuple(map(int, first)), int(count))
        for one, first, count in zip(cells, found.first, found.guesses, strict=True)
    ]


def settle_many(rng: random.Random, cells: Cells) -> None:
    """Add clues to each row, in place, until it has one solution."""
    left = np.arange(len(cells))
    while len(left):
        found = search_many(cells[left])
        left, open_ones = left[found.solved > 1], found.solved > 1
        for row, first, second in zip(
            left, found.first[open_ones], found.second[open_ones], strict=True
        ):
            at = rng.choice(np.flatnonzero(first != second).tolist())
            cells[row, at] = rng.choice((first, second))[at]


def _swapped(rng: random.Random, cells: tuple[int, ...]) -> Cells:
    """The cells without one or two of their clues."""
    fewer = np.array(cells, dtype=np.int8)
    fewer[rng.sample(np.flatnonzero(fewer).tolist(), rng.choice((1, 1, 2, 2)))] = 0
    return fewer


def _prune(rng: random.Random, cells: Cells) -> None:
    """Take clues away, in random order, while one solution is left; in place.

    A clue that cannot go now can never go, so all are tried at once, and then
    one by one those that could.
    """
    rows, places = np.nonzero(cells)
    spare = _without(cells, rows, places).solved == 0
    queue: dict[int, list[int]] = {}
    for row, at in zip(rows[spare].tolist(), places[spare].tolist(), strict=True):
        queue.setdefault(row, []).append(at)
    for row in queue:
        rng.shuffle(queue[row])
    known = True  # that the first of each may go
    while queue:
        those = np.array(list(queue))
        at = np.array([queue[row].pop() for row in queue])
        goes = np.full(len(those), True) if known else _without(cells, those, at).solved == 0
        known = False
        cells[those[goes], at[goes]] = 0
        queue = {row: left for row, left in queue.items() if left}


def _without(cells: Cells, rows: NDArray[np.int64], at: NDArray[np.int64]) -> Searches:
    """Solutions of these rows with this clue taken away and its digit forbidden."""
    fewer = cells[rows]
    each = np.arange(len(rows))
    digits = fewer[each, at]
    fewer[each, at] = 0
    banned = list(zip(at.tolist(), digits.tolist(), strict=True))
    return search_many(fewer, other_than=banned, solutions=1)
