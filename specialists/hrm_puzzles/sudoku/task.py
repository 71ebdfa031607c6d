"""Sudoku as a task: codec, checker, symmetries, text.

The checker judges a grid against the rules and the givens; nothing on this path
can solve one.
"""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path

from hrm_puzzles.second_checker import judges_sudoku
from hrm_puzzles.sudoku import symmetry
from hrm_puzzles.sudoku.models import SudokuProblem, SudokuSolution
from hrm_puzzles.sudoku.reading import look
from hrm_puzzles.sudoku.rules import UNITS, clashes, consistent
from hrm_specialists.codec import GridCodec
from hrm_specialists.contract import Claim, NearMiss, Symmetry, Task, Verdict
from hrm_specialists.scene import FOUND, FRESH, INK, PAPER, Cell, Scene

_EXAMPLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
_FRAME = "+-------+-------+-------+"


class SudokuTask(Task[SudokuProblem, SudokuSolution]):
    """Fill the blanks so that each row, column and box holds 1 to 9 once."""

    name = "sudoku"
    title = "Sudoku"
    description = "Completes a 9x9 Sudoku and checks the result against the rules."
    Problem = SudokuProblem
    Solution = SudokuSolution
    reads_at_once = True
    around = Path(__file__).with_name("around.txt").read_text("utf-8")
    checks_at_once = True
    example = SudokuProblem.model_validate({"grid": _EXAMPLE})

    @cached_property
    def codec(self) -> GridCodec[SudokuProblem, SudokuSolution]:
        """81 positions; 11 tokens: padding, blank and nine digits."""
        return GridCodec(SudokuProblem, SudokuSolution, height=9, width=9, symbols=10)

    def read(self, text: str) -> list[Claim[SudokuProblem]]:
        """Sudokus in any of the usual forms; see `reading`."""
        return list(look(text)[0])

    def near_misses(self, text: str) -> list[NearMiss]:
        """Why what looks like a Sudoku was not read as one; see `reading`."""
        return list(look(text)[1])

    def check(self, problem: SudokuProblem, solution: SudokuSolution) -> Verdict:
        """Pass exactly the completions of the givens that obey the rules."""
        given = [cell for row in problem.grid for cell in row]
        found = [cell for row in solution.grid for cell in row]
        for at, (wanted, digit) in enumerate(zip(given, found, strict=True)):
            if wanted and wanted != digit:
                where = f"r{at // 9 + 1}c{at % 9 + 1}"
                return Verdict(False, f"{where} is {wanted} in the problem, here {digit}")
        if consistent(solution.grid):
            return Verdict(True)
        return Verdict(False, next(clashes(solution.grid)))

    def recheck(self, problem: SudokuProblem, solution: SudokuSolution) -> bool:
        """Ask the second checker."""
        return judges_sudoku(problem, solution)

    def groups(self) -> list[list[int]]:
        """Rows, columns and boxes."""
        return [[9 * r + c for r, c in cells] for _, cells in UNITS]

    def interchangeable(self) -> range:
        """The digits."""
        return range(1, 10)

    def symmetry(self, rng: random.Random) -> Symmetry:
        """One of the 9! x 6^8 x 2 symmetries; see `symmetry.draw`."""
        return symmetry.draw(rng)

    def scene(
        self,
        problem: SudokuProblem,
        solution: SudokuSolution | None,
        earlier: SudokuSolution | None,
    ) -> Scene:
        """Givens black, found digits blue, new ones lit; thick lines around the boxes."""
        shown = problem if solution is None else solution
        before = shown if earlier is None else earlier
        rows = [
            tuple(
                Cell("#f1f5f9", str(digit), INK, bold=True)
                if given
                else Cell(PAPER if digit == old else FRESH, str(digit or ""), FOUND)
                for given, digit, old in zip(*three, strict=True)
            )
            for three in zip(problem.grid, shown.grid, before.grid, strict=True)
        ]
        return Scene(tuple(rows), thick=3, size=36)

    def render(self, problem: SudokuProblem, solution: SudokuSolution | None = None) -> str:
        """A grid in a frame of dashes and pipes, `.` for a blank."""
        lines = []
        for r, row in enumerate((solution or problem).grid):
            if r % 3 == 0:
                lines.append(_FRAME)
            cells = [str(cell or ".") for cell in row]
            thirds = (" ".join(cells[at : at + 3]) for at in (0, 3, 6))
            lines.append(f"| {' | '.join(thirds)} |")
        return "\n".join([*lines, _FRAME])
