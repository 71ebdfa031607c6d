"""Groups declared, or found in solutions: exactly those that are there, or none."""

from __future__ import annotations

import torch

from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.installed import task_folder
from hrm_specialists.schema.examples import read_examples
from hrm_specialists.teaching.sizing import found_groups, relations_for
from hrm_specialists.training.data import Examples, encode
from hrm_specialists.training.recipe import relations_of

TASK = SudokuTask()
DIGITS = range(2, 11)


def solved(count):
    read = read_examples(task_folder(TASK) / "train.csv", TASK, limit=count)
    return encode(TASK, [(one.problem, one.solution) for one in read])


def test_the_units_of_sudoku_are_found_in_its_solutions():
    assert sorted(found_groups(solved(400), DIGITS)) == sorted(map(sorted, TASK.groups()))


def test_nothing_is_found_where_chance_may_have_kept_symbols_apart():
    assert found_groups(solved(60), DIGITS) == []


def test_positions_that_have_nothing_to_do_with_each_other_form_no_group():
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randint(2, 6, (500, 10), generator=generator)

    assert found_groups(Examples(torch.ones_like(drawn), drawn), range(2, 6)) == []


def test_what_a_task_declares_is_taken():
    found = relations_for(TASK, solved(10))

    assert found == relations_of(TASK)
    assert found["symbols"] == list(DIGITS)
    assert len(found["groups"]) == 27
