"""Whether marked cells are a way from start to goal, and whether any is shorter.

The breadth-first search here judges; it is never asked for a way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from hrm_puzzles.maze.models import (
    FLOOR,
    GOAL,
    PATH,
    START,
    WALL,
    Cell,
    MazeProblem,
    MazeSolution,
    find,
)
from hrm_specialists.contract import Verdict

NO_WAY = "there is no way from start to goal"


def check(problem: MazeProblem, solution: MazeSolution) -> Verdict:
    """Pass ways that are valid and as short as any; `details` tells the two apart."""
    complaint = _complaint(problem, solution)
    if complaint:
        return Verdict(False, complaint, {"valid": False, "shortest": False})
    moves = sum(row.count(PATH) for row in solution.grid) + 1
    fewest = distance(problem.grid)
    if moves == fewest:
        return Verdict(True, "", {"valid": True, "shortest": True})
    reason = f"a way of {moves} moves that is valid, but not the shortest: {fewest} are enough"
    return Verdict(False, reason, {"valid": True, "shortest": False})


def distance(grid: Sequence[Sequence[int]]) -> int | None:
    """Fewest moves from start to goal, or None if there is no way."""
    rows = tuple(map(tuple, grid))
    free = {(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell != WALL}
    return steps(free, find(rows, START)).get(find(rows, GOAL))


def steps(free: Collection[Cell], start: Cell) -> dict[Cell, int]:
    """Moves from `start` to every cell that can be reached over free ones."""
    known, edge = {start: 0}, [start]
    for cell in edge:  # grows while it is walked through
        for near in neighbours(cell):
            if near in free and near not in known:
                known[near] = known[cell] + 1
                edge.append(near)
    return known


def neighbours(cell: Cell) -> Iterator[Cell]:
    """The cells above, below, left and right."""
    r, c = cell
    yield from ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1))


def _complaint(problem: MazeProblem, solution: MazeSolution) -> str:
    """Why the marked cells are no way, or nothing."""
    asked, found = problem.grid, solution.grid
    if [len(row) for row in asked] != [len(row) for row in found]:
        return "the solution has another shape than the maze"
    way = set()
    for r, (row, cells) in enumerate(zip(asked, found, strict=True)):
        for c, (given, cell) in enumerate(zip(row, cells, strict=True)):
            if cell == PATH and given == FLOOR:
                way.add((r, c))
            elif cell != given:
                return f"the cell in row {r + 1}, column {c + 1} is not what it is in the maze"
    start, goal = find(asked, START), find(asked, GOAL)
    ends = {start, goal}
    reached = steps(way | ends, start)
    if goal not in reached:
        missing = distance(asked) is None
        return NO_WAY if missing else "the marked cells do not lead from start to goal"
    for r, c in sorted(way):
        if (r, c) not in reached or sum(near in way | ends for near in neighbours((r, c))) < 2:
            return f"the marked cell in row {r + 1}, column {c + 1} leads nowhere"
    return ""
