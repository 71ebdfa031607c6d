"""Sets of puzzles: built from a seed, or read from CSV files.

Files have the columns `question` and `answer` as the field has them, 81
characters each; more columns are ignored on the way in.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import Literal

from hrm_puzzles.sudoku.building.breeding import breed, guesses, minimal, stubborn
from hrm_puzzles.sudoku.building.identity import puzzle_signature
from hrm_puzzles.sudoku.building.puzzles import Puzzle, easy, rated
from hrm_puzzles.sudoku.models import SudokuProblem
from hrm_puzzles.sudoku.symmetry import draw
from hrm_specialists.errors import DataError

TRIES = 4
"""Orientations of a bred puzzle that are tried."""
Kind = Literal["easy", "minimal", "hard", "stubborn"]
STUBBORN = 150
"""From where on a puzzle is; see `stubbornness`."""


def build(kind: Kind, count: int, seed: int, *, least: int = 100) -> list[Puzzle]:
    """Build `count` puzzles, none the same as another but for a symmetry.

    Args:
        kind: "easy" yields to naked singles; "minimal" has no superfluous clue;
            "hard" is minimal and takes at least `least` guesses; "stubborn" is minimal, and
            trying single digits tells next to nothing of it.
        seed: with `kind` and `least` decides all of them.
    """
    rng = random.Random(f"{kind} {seed}")
    made = distinct(_endless(kind, rng, least))
    if kind == "hard":
        made = (moved for one in made if (moved := _scrambled(rng, one, least)))
    return list(islice(made, count))


def read_csv(file: Path) -> Iterator[Puzzle]:
    """Read puzzles and prove that each has its answer for an only solution.

    Raises:
        DataError: a column is missing, or a line holds no such puzzle.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if not {"question", "answer"} <= set(reader.fieldnames or ()):
            raise DataError("it takes columns question and answer", file=file, line=1)
        for row in reader:
            try:
                grid = SudokuProblem.model_validate({"grid": row["question"]}).grid
                puzzle = rated(tuple(cell for cells in grid for cell in cells))
            except ValueError as error:
                raise DataError(str(error), file=file, line=reader.line_num) from error
            if "".join(map(str, puzzle.solution)) != (row["answer"] or "").strip():
                raise DataError("the answer is not the solution", file=file, line=reader.line_num)
            yield puzzle


def distinct(puzzles: Iterable[Puzzle]) -> Iterator[Puzzle]:
    """Those that are not the same as an earlier one but for a symmetry."""
    seen: set[str] = set()
    for puzzle in puzzles:
        signature = puzzle_signature(puzzle.cells, puzzle.solution)
        if signature not in seen:
            seen.add(signature)
            yield puzzle


def _endless(kind: Kind, rng: random.Random, least: int) -> Iterator[Puzzle]:
    if kind == "stubborn":
        return breed(rng, stubborn, STUBBORN)
    if kind == "hard":
        return breed(rng, guesses, least)
    return minimal(rng) if kind == "minimal" else (easy(rng) for _ in repeat(None))


def _scrambled(rng: random.Random, puzzle: Puzzle, least: int) -> Puzzle | None:
    """A symmetric form of it, so that relatives do not look alike, and as hard as asked.

    Breeding favours what is hard in one orientation only; if a few others are
    all easier, the puzzle is dropped.
    """
    for _ in range(TRIES):
        moved = draw(rng).apply([cell + 1 for cell in puzzle.cells])
        found = rated(tuple(token - 1 for token in moved))
        if found.guesses >= least:
            return found
    return None
