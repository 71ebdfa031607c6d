"""Seeded mazes of random walls, of corridors, or of both, with one shortest way each.

Uses a search to mark the way, so it must stay away from every path on which
questions are answered. The rule of the random walls is that of Lehnert et al.
(2024), with every size and length open to choice.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from hrm_puzzles.maze.augmenting import Maze, marked
from hrm_puzzles.maze.checking import neighbours, steps
from hrm_puzzles.maze.models import (
    FLOOR,
    GOAL,
    START,
    WALL,
    Cell,
)


def random_walls(rng: random.Random, height: int, width: int, *, moves: int = 1) -> Maze:
    """Walls on 30 to 50 % of the cells, start and goal at least `moves` apart.

    Layouts are drawn until one has such a pair. In 30 by 30 cells, more than 110 moves
    takes about 150 layouts, a quarter of a second.
    """
    cells = [(r, c) for r in range(height) for c in range(width)]
    while True:
        walls = round(len(cells) * rng.uniform(0.3, 0.5))
        free = sorted(set(cells) - set(rng.sample(cells, walls)))
        found = _apart(rng, free, moves)
        if found:
            return _laid(height, width, free, *found)


def corridors(rng: random.Random, height: int, width: int, *, moves: int = 1) -> Maze:
    """A tree of corridors one cell wide, carved depth first: exactly one way.

    Rooms are on every other row and column; an even side ends in a double wall.
    """
    while True:
        free = sorted(_carved(rng, (height - 1) // 2, (width - 1) // 2))
        found = _apart(rng, free, moves)
        if found:
            return _laid(height, width, free, *found)


SMALLEST = 7
"""Rows and columns of the smallest mixed maze."""


def mixed(rng: random.Random, height: int, width: int, *, moves: int = 1) -> Maze:
    """A maze of random size up to this, two of three with random walls, else of corridors.

    One in four has the full size. How far apart start and goal are at least is drawn
    between `moves` and height and width together, so that long ways are not rare.
    """
    if rng.randrange(4):
        height = rng.randint(min(SMALLEST, height), height)
        width = rng.randint(min(SMALLEST, width), width)
    if rng.randrange(3) == 0:
        return corridors(rng, height, width, moves=max(moves, min(height, width)))
    return random_walls(rng, height, width, moves=max(moves, rng.randint(2, height + width)))


def _apart(rng: random.Random, free: list[Cell], moves: int) -> tuple[Cell, Cell] | None:
    """A start and a goal with a way of at least that many moves, if the field has such a way.

    The start is any cell or, if no other is far enough from it, the one farthest from it:
    few fields with a longer way are missed by that, and none costs more than two searches.
    """
    if len(free) < 2:
        return None
    start, cells = rng.choice(free), set(free)
    known = steps(cells, start)
    if max(known.values()) < moves:
        start = max(known, key=known.__getitem__)
        known = steps(cells, start)
    far = [cell for cell, away in known.items() if away >= moves]
    return (start, rng.choice(far)) if far else None


def _carved(rng: random.Random, high: int, wide: int) -> set[Cell]:
    """Cells of a random tree over `high` by `wide` rooms, walls and all."""
    free, stack, seen = {(1, 1)}, [(0, 0)], {(0, 0)}
    while stack:
        r, c = stack[-1]
        onward = [
            (i, j)
            for i, j in neighbours((r, c))
            if 0 <= i < high and 0 <= j < wide and (i, j) not in seen
        ]
        if not onward:
            stack.pop()
            continue
        i, j = rng.choice(onward)
        free |= {(r + i + 1, c + j + 1), (2 * i + 1, 2 * j + 1)}
        seen.add((i, j))
        stack.append((i, j))
    return free


def _laid(height: int, width: int, free: Iterable[Cell], start: Cell, goal: Cell) -> Maze:
    grid = [[WALL] * width for _ in range(height)]
    for r, c in free:
        grid[r][c] = FLOOR
    grid[start[0]][start[1]], grid[goal[0]][goal[1]] = START, GOAL
    return marked(grid)
