"""Built puzzles are what their kind says, the same from the same seed, and kept apart."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm_puzzles.sudoku import SudokuTask
from hrm_puzzles.sudoku.building.breeding import breed, guesses, minimal, stubborn
from hrm_puzzles.sudoku.building.dataset import build, read_csv
from hrm_puzzles.sudoku.building.identity import grid_signature, puzzle_signature
from hrm_puzzles.sudoku.building.many import SOLVED, search_many
from hrm_puzzles.sudoku.building.puzzles import easy, rated, solved
from hrm_puzzles.sudoku.building.solver import Search, search, yields_to_naked_singles
from hrm_specialists.errors import DataError

TASK = SudokuTask()
PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROOT = Path(__file__).parents[3]

seeds = st.integers(0, 2**32)
few = settings(max_examples=3)


def cells_of(line: str) -> tuple[int, ...]:
    return tuple(int(mark.replace(".", "0")) for mark in line)


def moved(seed: int, cells: tuple[int, ...]) -> tuple[int, ...]:
    view = TASK.symmetry(random.Random(seed))
    return tuple(token - 1 for token in view.apply([cell + 1 for cell in cells]))


def test_the_search_counts_solutions():
    assert len(search(cells_of(PUZZLE)).solutions) == 1
    assert len(search([0] * 81, solutions=5).solutions) == 5
    assert search(cells_of("55" + "." * 79)).solutions == ()
    with pytest.raises(ValueError, match="more than one"):
        rated((0,) * 81)


@few
@given(seeds)
def test_minimal_puzzles_have_one_solution_and_no_spare_clue(seed):
    puzzle = next(minimal(random.Random(seed), company=1))
    for at in range(81):
        if puzzle.cells[at]:
            without = [*puzzle.cells[:at], 0, *puzzle.cells[at + 1 :]]
            assert len(search(without).solutions) == 2
    assert search(puzzle.cells).solutions == (puzzle.solution,)


@few
@given(seeds)
def test_easy_puzzles_yield_to_naked_singles(seed):
    puzzle = easy(random.Random(seed))
    assert yields_to_naked_singles(puzzle.cells)
    assert 28 <= 81 - puzzle.cells.count(0) <= 37
    assert puzzle.guesses == 0


def test_breeding_finds_minimal_puzzles_that_take_guesses():
    found = breed(random.Random(1), guesses, 6, company=4)
    puzzles = [next(found) for _ in range(2)]
    for puzzle in puzzles:
        assert search(puzzle.cells) == Search((puzzle.solution,), puzzle.guesses)
        assert puzzle.guesses >= 6
        fewer = [[*puzzle.cells[:at], 0, *puzzle.cells[at + 1 :]] for at in range(81)]
        clues = [at for at in range(81) if puzzle.cells[at]]
        assert all(len(search(fewer[at]).solutions) == 2 for at in clues)


def test_stubborn_puzzles_are_those_of_which_one_digit_tells_nothing():
    """Measured before; the first yields to singles, the second was bred."""
    bred = "..6...8...2.9...31....6.........8......25..4.23...9....9..7..2..8......361....7.."
    puzzles = [rated(cells_of(line)) for line in (PUZZLE, bred)]
    assert stubborn(puzzles) == [SOLVED, 242]
    found = breed(random.Random(1), stubborn, -200, company=4)
    assert stubborn([next(found)])[0] >= -200


@few
@given(seeds)
def test_many_searched_together_are_as_each_alone(seed):
    rng = random.Random(seed)
    puzzle = next(minimal(rng, company=1))
    loose = [cell if rng.random() < 0.9 else 0 for cell in puzzle.cells]
    wrong = list(puzzle.cells)
    blank = rng.choice([at for at in range(81) if not wrong[at]])
    wrong[blank] = puzzle.solution[blank] % 9 + 1
    together = search_many(np.array([puzzle.cells, loose, wrong], dtype=np.int8))
    alone = [search(cells) for cells in (puzzle.cells, loose, wrong)]
    assert together.solved.tolist() == [len(one.solutions) for one in alone]
    assert tuple(together.first[0]) == puzzle.solution
    assert together.guesses[0] == alone[0].guesses
    assert together.guesses[2] == alone[2].guesses
    for cells in (together.first[1], together.second[1])[: together.solved[1]]:
        grid = tuple(map(tuple, cells.reshape(9, 9).tolist()))
        assert all(not given or given == digit for given, digit in zip(loose, cells, strict=True))
        assert TASK.check(TASK.Problem(grid=((0,) * 9,) * 9), TASK.Solution(grid=grid)).passed


@pytest.mark.parametrize("kind", ["easy", "minimal"])
def test_the_same_seed_builds_the_same_set(kind):
    built = build(kind, 3, seed=5)
    assert built == build(kind, 3, seed=5)
    assert built != build(kind, 3, seed=6)
    assert len({puzzle.cells for puzzle in built}) == 3
    assert all(search(puzzle.cells).solutions == (puzzle.solution,) for puzzle in built)


@settings(max_examples=20)
@given(seeds, seeds)
def test_signatures_are_those_of_every_symmetric_form(seed, other):
    puzzle = rated(cells_of(PUZZLE))
    view = rated(moved(seed, puzzle.cells))
    assert grid_signature(view.solution) == grid_signature(puzzle.solution)
    assert puzzle_signature(view.cells, view.solution) == puzzle_signature(
        puzzle.cells, puzzle.solution
    )


def test_different_puzzles_and_grids_are_told_apart():
    grids = [solved(random.Random(seed)) for seed in range(15)]
    assert len(set(map(grid_signature, grids))) == 15
    puzzle = rated(cells_of(PUZZLE))
    given_more = [
        [*puzzle.cells[:at], puzzle.solution[at], *puzzle.cells[at + 1 :]]
        for at in range(81)
        if not puzzle.cells[at]
    ]
    different = {puzzle_signature(cells, puzzle.solution) for cells in given_more}
    assert len(different) == len(given_more)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n1,2\n", "line 1: it takes columns"),
        (f"question,answer\n{PUZZLE},{'1' * 81}\n", "line 2: the answer is not the solution"),
        (f"question,answer\n{'.' * 81},{'1' * 81}\n", "line 2: it has more than one solution"),
        ("question,answer\n123,123\n", "line 2: .*3 cells"),
    ],
)
def test_a_file_with_other_things_is_refused_by_line(tmp_path, content, says):
    (tmp_path / "set.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=f"(?s){says}"):
        list(read_csv(tmp_path / "set.csv"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_path_that_answers_questions_can_reach_a_solver():
    """Only builders, what makes training examples, and the commands for data import them."""
    allowed = {"building", "augmenting.py", "data.py", "bench.py"}
    sources = [
        file
        for folder in ("hrm_agent", "router", "specialists")
        for file in (ROOT / folder).rglob("*.py")
        if not allowed & set(file.parts)
    ]
    users = [file for file in sources if any(".building" in name for name in imported(file))]
    assert len(sources) > 50
    assert users == []
    augmenters = [file for file in sources if ".augment(" in file.read_text("utf-8")]
    assert {file.parent.name for file in augmenters} == {"teaching"}


@pytest.mark.slow
def test_hard_puzzles_are_as_hard_as_asked_in_the_form_they_are_written_in():
    built = build("hard", 3, seed=1, least=6)
    assert len(built) == 3
    assert all(search(puzzle.cells).guesses == puzzle.guesses >= 6 for puzzle in built)
