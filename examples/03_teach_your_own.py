"""Teach a specialist a task of your own, with a checker, in less than a minute.

    python examples/03_teach_your_own.py

Latin squares: every row and column of a 4x4 square holds 1 to 4 once. Examples
are generated, a tiny network learns from them, and its answers to squares that
it has never seen are verified by the checker. Nothing is left on the disk.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hrm_agent import Policy, Router, Specialist, Task, Verdict, train

Row = Annotated[tuple[Annotated[int, Field(ge=0, le=4)], ...], Field(min_length=4, max_length=4)]
Square = Annotated[tuple[Row, ...], Field(min_length=4, max_length=4)]
Grid = list[list[int]]


class LatinProblem(BaseModel):
    """A 4x4 square; 0 is a blank."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    grid: Square


class LatinSolution(BaseModel):
    """The square filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    grid: Square


class LatinTask(Task[LatinProblem, LatinSolution]):
    """Fill a 4x4 square so that every row and column holds 1 to 4."""

    name = "latin"
    title = "Latin square"
    Problem, Solution = LatinProblem, LatinSolution

    def groups(self) -> list[list[int]]:
        """Rows and columns: the network need not find out who constrains whom."""
        rows = self.codec.cells["grid"]
        return [*rows, *map(list, zip(*rows, strict=True))]

    def interchangeable(self) -> range:
        """The symbols 1 to 4 are only names."""
        return range(1, 5)

    def check(self, problem: LatinProblem, solution: LatinSolution) -> Verdict:
        """Rows and columns hold 1 to 4, and the givens are kept."""
        lines = [*solution.grid, *zip(*solution.grid, strict=True)]
        if any(sorted(line) != [1, 2, 3, 4] for line in lines):
            return Verdict(False, "a row or column does not hold 1 to 4")
        for given, found in zip(problem.grid, solution.grid, strict=True):
            if any(g not in (0, f) for g, f in zip(given, found, strict=True)):
                return Verdict(False, "a given was changed")
        return Verdict(True)


def full_square(rng: random.Random) -> Grid:
    """A shuffled Latin square."""
    cyclic = rng.random() < 0.5
    names, rows, columns = (rng.sample(range(4), 4) for _ in range(3))
    return [[names[(r + c) % 4 if cyclic else r ^ c] + 1 for c in columns] for r in rows]


def with_blanks(square: Grid, rng: random.Random) -> Grid:
    """The same with six to nine blanks."""
    blanks = set(rng.sample(range(16), rng.randint(6, 9)))
    return [[0 if 4 * r + c in blanks else square[r][c] for c in range(4)] for r in range(4)]


def examples(count: int, seed: int) -> list[tuple[dict[str, Grid], dict[str, Grid]]]:
    """Pairs of problem and solution as plain values."""
    rng = random.Random(seed)
    squares = [full_square(rng) for _ in range(count)]
    return [({"grid": with_blanks(square, rng)}, {"grid": square}) for square in squares]


async def ask(specialist: Specialist) -> None:
    """Put unseen squares to it, by way of a router."""
    unseen = [LatinProblem(**problem) for problem, _ in examples(50, seed=2)]
    quick = Policy(deadline=20.0, effort="low", when_unverified="return")
    async with Router(specialists=[specialist], policy=quick) as router:
        answers = await router.solve_many(unseen)
    print(answers[0])
    verified = sum(answer.status == "verified" for answer in answers)
    print(f"{verified} of {len(answers)} unseen squares verified")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print("learning ...")
        specialist = train(
            examples(1000, seed=1),
            name="latin",
            task=LatinTask(),
            minutes=0.5,  # decides how large a network is worth while
            recipe={"steps": 400},  # without it, the minutes become a number of steps
            root=Path(folder),
        )
        card = specialist.card
        print(f"{card['parameters']:,} parameters, {card['steps']} steps")
        asyncio.run(ask(specialist))


if __name__ == "__main__":
    main()
