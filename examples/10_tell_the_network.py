"""Tell the network what you know: who constrains whom, and which values are alike.

    python examples/10_tell_the_network.py [--steps N] [mini-sudoku|latin|colouring|shifts|kakurasu]

Five tasks, each learned in a minute from a few hundred generated examples. The first four
are one class: they differ in nothing but their groups, sets of cells that must all differ.
The fifth has sums for rules, so its cells also learn where they are. Nothing is left on
the disk.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, create_model

from hrm_agent import Task, Verdict, train

Grid = list[list[int]]
Cells = Sequence[tuple[int, int]]
FROZEN = ConfigDict(extra="forbid", frozen=True)


def rows_of(height: int, width: int, highest: int) -> Any:
    """The type of a grid of whole numbers from 0 to `highest`."""
    cell = Annotated[int, Field(ge=0, le=highest)]
    row = Annotated[tuple[cell, ...], Field(min_length=width, max_length=width)]
    return Annotated[tuple[row, ...], Field(min_length=height, max_length=height)]


class AllDifferent(Task[Any, Any]):
    """Fill a grid with 1 to `values` so that no group holds a value twice; 0 is a blank."""

    def __init__(self, name: str, height: int, width: int, values: int, groups: list[Cells]):
        self.name, self.width, self.values, self.lines = name, width, values, groups
        grid = rows_of(height, width, values)
        self.Problem = create_model("Problem", __config__=FROZEN, grid=(grid, ...))
        self.Solution = create_model("Solution", __config__=FROZEN, grid=(grid, ...))

    def groups(self) -> list[list[int]]:
        """What the network is told: positions that constrain each other."""
        cells = self.codec.cells["grid"]
        return [[cells[r][c] for r, c in line] for line in self.lines]

    def interchangeable(self) -> range:
        """And this: no value is special."""
        return range(1, self.values + 1)

    def check(self, problem: Any, solution: Any) -> Verdict:
        """No value twice in a group, none missing, and the given ones are kept."""
        for line in self.lines:
            found = [solution.grid[r][c] for r, c in line]
            if len(set(found)) < len(found) or 0 in found:
                return Verdict(False, f"{line} holds {found}")
        kept = all(
            g in (0, f)
            for given, filled in zip(problem.grid, solution.grid, strict=True)
            for g, f in zip(given, filled, strict=True)
        )
        return Verdict(kept, "" if kept else "a given cell was changed")

    def examples(self, count: int, rng: random.Random) -> Iterator[tuple[Any, Any]]:
        """Full grids at random, with cells blanked while one solution is left."""
        for _ in range(count):
            (full,) = self._fillings([[0] * self.width for _ in self.codec.cells["grid"]], 1, rng)
            puzzle = [list(row) for row in full]
            cells = [(r, c) for r in range(len(full)) for c in range(self.width)]
            for r, c in rng.sample(cells, len(cells)):
                kept, puzzle[r][c] = puzzle[r][c], 0
                if len(self._fillings([list(row) for row in puzzle], 2, rng)) > 1:
                    puzzle[r][c] = kept
            yield {"grid": puzzle}, {"grid": full}

    @cached_property
    def _near(self) -> dict[tuple[int, int], set[tuple[int, int]]]:
        """For each cell, those that must differ from it."""
        near: dict[tuple[int, int], set[tuple[int, int]]] = {}
        for line in self.lines:
            for cell in line:
                near.setdefault(cell, set()).update(set(line) - {cell})
        return near

    def _fillings(self, grid: Grid, most: int, rng: random.Random) -> list[Grid]:
        """Up to `most` ways to fill the blanks, for making examples only."""
        options = {
            (r, c): set(self.interchangeable())
            - {grid[a][b] for a, b in self._near.get((r, c), ())}
            for r, row in enumerate(grid)
            for c, value in enumerate(row)
            if not value
        }
        if not options:
            return [[list(row) for row in grid]]
        r, c = min(options, key=lambda cell: (len(options[cell]), rng.random()))
        found: list[Grid] = []
        for value in rng.sample(sorted(options[r, c]), len(options[r, c])):
            grid[r][c] = value
            found += self._fillings(grid, most - len(found), rng)
            grid[r][c] = 0
            if len(found) >= most:
                break
        return found


def lines(height: int, width: int) -> list[Cells]:
    """Rows and columns."""
    across = [[(r, c) for c in range(width)] for r in range(height)]
    return [*across, *(list(column) for column in zip(*across, strict=True))]


def boxes(side: int, height: int, width: int) -> list[Cells]:
    """Boxes of a square grid."""
    corners = [(r, c) for r in range(0, side, height) for c in range(0, side, width)]
    return [[(r + i, c + j) for i in range(height) for j in range(width)] for r, c in corners]


def colouring() -> AllDifferent:
    """Sixteen countries in one row, each pair of neighbours with different colours."""
    near = [[(0, a), (0, b)] for a in range(16) for b in (a + 1, a + 4, a + 5) if b < 16]
    return AllDifferent("colouring", 1, 16, 4, [pair for pair in near if pair])


def shifts() -> AllDifferent:
    """Five days of three shifts for five people: rows are days, values people.

    Nobody works twice a day, nobody has the same shift twice in a week, and a night is
    never followed by an early shift.
    """
    rest = [[(day, 2), (day + 1, 0)] for day in range(4)]
    return AllDifferent("shifts", 5, 3, 5, [*lines(5, 3), *rest])


class Kakurasu(Task[Any, Any]):
    """Fill cells of a square so that the numbers of the filled columns add up in each row,
    and those of the filled rows in each column.
    """

    name = "kakurasu"

    def __init__(self, side: int = 4):
        self.side, most = side, side * (side + 1) // 2
        sums = rows_of(1, side, most)
        self.Problem = create_model(
            "Problem", __config__=FROZEN, rows=(sums, ...), columns=(sums, ...)
        )
        self.Solution = create_model(
            "Solution", __config__=FROZEN, grid=(rows_of(side, side, 1), ...)
        )

    def groups(self) -> list[list[int]]:
        """Each sum with the cells that it is about. Here 0 and 1 mean something, so no
        values are interchangeable, and the network learns what each position counts.
        """
        cells = self.codec.cells
        across = [[cells["rows"][0][r], *cells["grid"][r]] for r in range(self.side)]
        down = zip(*cells["grid"], strict=True)
        return across + [[cells["columns"][0][c], *line] for c, line in enumerate(down)]

    def check(self, problem: Any, solution: Any) -> Verdict:
        """All sums are right."""
        right = self._sums([list(row) for row in solution.grid])
        passed = right == (problem.rows[0], problem.columns[0])
        return Verdict(passed, "" if passed else f"the sums are {right}")

    def examples(self, count: int, rng: random.Random) -> Iterator[tuple[Any, Any]]:
        """Squares whose sums fit no other square."""
        squares = [
            [
                [number >> (r * self.side + c) & 1 for c in range(self.side)]
                for r in range(self.side)
            ]
            for number in range(1 << self.side**2)
        ]
        by_sums: dict[Any, list[Grid]] = {}
        for square in squares:
            by_sums.setdefault(self._sums(square), []).append(square)
        unique = [(sums, found[0]) for sums, found in by_sums.items() if len(found) == 1]
        for (rows, columns), grid in rng.sample(unique, min(count, len(unique))):
            yield {"rows": [rows], "columns": [columns]}, {"grid": grid}

    @staticmethod
    def _sums(grid: Grid) -> tuple[tuple[int, ...], tuple[int, ...]]:
        def weigh(line: Sequence[int]) -> int:
            return sum(n for n, cell in enumerate(line, start=1) if cell)

        return tuple(map(weigh, grid)), tuple(map(weigh, zip(*grid, strict=True)))


TASKS: dict[str, tuple[Any, int]] = {
    "mini-sudoku": (AllDifferent("mini-sudoku", 4, 4, 4, lines(4, 4) + boxes(4, 2, 2)), 100),
    "latin": (AllDifferent("latin", 5, 5, 5, lines(5, 5)), 200),
    "colouring": (colouring(), 200),
    "shifts": (shifts(), 200),
    "kakurasu": (Kakurasu(), 2000),
}
"""Each task, and from how many examples it is learned."""


def learn(name: str, *, steps: int | None = None) -> dict[str, float]:
    """Train on examples and count what is right of 200 unseen ones, in one pass and searched."""
    task, count = TASKS[name]
    made = list(task.examples(count + 250, random.Random(name)))
    known = {str(problem) for problem, _ in made[:count]}
    unseen = [pair for pair in made[count:] if str(pair[0]) not in known][:200]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        recipe = {"steps": steps} if steps else None  # else as many as a minute allows
        specialist = train(made[:count], name=name, task=task, minutes=1, recipe=recipe, root=root)
        found: dict[str, float] = {"unseen": len(unseen)}
        for effort in ("low", "default"):
            tickets = [specialist.submit(task.Problem(**p), effort=effort) for p, _ in unseen]
            verdicts = [ticket.future.result().verdict for ticket in tickets]
            found[effort] = sum(v is not None and v.passed for v in verdicts) / len(unseen)
        specialist.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Train networks that know who constrains whom.")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--steps", type=int, help="train for so many steps, not for a minute")
    given = parser.parse_args()
    if wrong := {*given.tasks} - {*TASKS}:
        parser.error(f"no task {', '.join(sorted(wrong))}; there are {', '.join(TASKS)}")
    for name in given.tasks or ["mini-sudoku"]:
        print("learning", name, "...")
        found = learn(name, steps=given.steps)
        print(f"{found['low']:.1%} of {found['unseen']} unseen verified in one pass,", end=" ")
        print(f"{found['default']:.1%} with further starts")


if __name__ == "__main__":
    main()
