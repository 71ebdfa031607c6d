"""Teach a new rule to a specialist that knows the old ones: fewer examples are enough.

    python examples/05_transfer.py [--examples 100] [--minutes 0.5] [--unseen 100]

Diagonal Sudoku: as Sudoku, and both long diagonals hold 1 to 9, too. One specialist
starts from nothing, one from the Sudoku weights that ship; both get the same few
examples and the same time, and answer the same unseen puzzles in one pass, which the
checker verifies. Nothing is left on the disk.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hrm_agent import Specialist, Task, Verdict, train
from hrm_puzzles.sudoku.models import SudokuProblem, SudokuSolution
from hrm_puzzles.sudoku.task import SudokuTask
from hrm_specialists.codec import GridCodec

Cells = list[int]
DIAGONALS = ([10 * n for n in range(9)], [8 * n + 8 for n in range(9)])
UNITS = (
    *([9 * r + c for c in range(9)] for r in range(9)),
    *([9 * r + c for r in range(9)] for c in range(9)),
    *(
        [27 * R + 3 * C + 9 * r + c for r in range(3) for c in range(3)]
        for R in range(3)
        for C in range(3)
    ),
    *DIAGONALS,
)
MEMBER = [[n for n, unit in enumerate(UNITS) if cell in unit] for cell in range(81)]


class DiagonalTask(Task[SudokuProblem, SudokuSolution]):
    """Sudoku whose two long diagonals hold 1 to 9 as well."""

    name = "diagonal"
    title = "Diagonal Sudoku"
    Problem, Solution = SudokuProblem, SudokuSolution
    codec = GridCodec(SudokuProblem, SudokuSolution, height=9, width=9, symbols=10)

    def groups(self) -> list[list[int]]:
        """Rows, columns, boxes and diagonals: the old network knows what to do along each."""
        return [list(unit) for unit in UNITS]

    def interchangeable(self) -> range:
        """The digits."""
        return range(1, 10)

    def check(self, problem: SudokuProblem, solution: SudokuSolution) -> Verdict:
        """A Sudoku's rules, and the diagonals."""
        verdict = SudokuTask().check(problem, solution)
        cells = [cell for row in solution.grid for cell in row]
        if verdict.passed and any(len({cells[at] for at in line}) < 9 for line in DIAGONALS):
            return Verdict(False, "a diagonal holds a digit twice")
        return verdict


def completions(cells: Cells, rng: random.Random) -> Iterator[Cells]:
    """Every way to fill the blanks, in random order: for making puzzles, not for answering."""
    cells = list(cells)
    used = [0] * len(UNITS)

    def put(at: int, digit: int) -> None:
        cells[at] ^= digit
        for unit in MEMBER[at]:
            used[unit] ^= 1 << digit

    def open_digits(at: int) -> list[int]:
        taken = 0
        for unit in MEMBER[at]:
            taken |= used[unit]
        return [digit for digit in range(1, 10) if not taken >> digit & 1]

    def fill() -> Iterator[Cells]:
        choices = [(open_digits(at), at) for at in range(81) if not cells[at]]
        if not choices:
            yield list(cells)
            return
        digits, at = min(choices, key=lambda choice: len(choice[0]))
        for digit in rng.sample(digits, len(digits)):
            put(at, digit)
            yield from fill()
            put(at, digit)

    for at, digit in enumerate(cells):
        if digit:
            cells[at] = 0
            put(at, digit)
    yield from fill()


def puzzle(rng: random.Random, clues: int) -> tuple[Cells, Cells]:
    """A puzzle of one solution with so many clues (a few more where it needs them), and it."""
    solution = next(completions([0] * 81, rng))
    cells = list(solution)
    for at in rng.sample(range(81), 81):
        if sum(map(bool, cells)) == clues:
            break
        digit, cells[at] = cells[at], 0
        found = completions(cells, rng)
        if next(found) and next(found, None):
            cells[at] = digit
    return cells, solution


def examples(count: int, seed: int) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Pairs of problem and solution as plain values, with 27 to 36 clues."""
    rng = random.Random(seed)
    pairs = (puzzle(rng, rng.randint(27, 36)) for _ in range(count))
    return [({"grid": "".join(map(str, p))}, {"grid": "".join(map(str, s))}) for p, s in pairs]


def verified(specialist: Specialist, problems: list[SudokuProblem], effort: str) -> float:
    """Share of them that it solves."""
    tickets = [specialist.submit(problem, effort=effort) for problem in problems]
    attempts = [ticket.future.result() for ticket in tickets]
    return sum(a.verdict is not None and a.verdict.passed for a in attempts) / len(attempts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=0.5, help="of one core, for each")
    parser.add_argument("--unseen", type=int, default=100, help="puzzles to answer")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    known = examples(options.examples, options.seed + 1)
    held_out = examples(max(50, options.unseen), 1_000_003)
    later = examples(options.unseen, 2_000_003)
    unseen = [SudokuProblem.model_validate(problem) for problem, _ in later]
    for start in (None, "sudoku"):
        with tempfile.TemporaryDirectory() as folder:
            specialist = train(
                known,
                name="diagonal",
                task=DiagonalTask(),
                held_out=held_out,
                start=start,
                minutes=options.minutes,
                seed=options.seed,
                root=Path(folder),
                clock=time.process_time,
            )
            with specialist:
                shares = [
                    f"{verified(specialist, unseen, e):.1%} at {e}" for e in ("low", "default")
                ]
        print(f"{options.examples} examples, from {start or 'nothing'}: {', '.join(shares)}")


if __name__ == "__main__":
    main()
