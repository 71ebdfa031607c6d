"""ARC tasks in the form in which they are published."""

from __future__ import annotations

import json

import pytest

from hrm_puzzles.arc import ArcSolution, ArcTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.errors import DataError
from hrm_specialists.schema import read_examples


def test_tasks_are_read_as_they_are_published(tmp_path):
    pair = {"input": [[1, 2]], "output": [[2, 1]]}
    one = {"train": [pair], "test": [pair]}
    open_one = {"train": [pair], "test": [{"input": [[3, 4]]}]}
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps({"b": open_one, "a": one}), "utf-8")
    known, unknown = read_examples(file, ArcTask())
    assert known.solution == ArcSolution(grids=(((2, 1),),))
    assert known.problem.test[0].input == ((1, 2),)
    assert unknown.solution is None
    with pytest.raises(DataError, match="is none of"):
        read_examples(file, SudokuTask())
    file.write_text(json.dumps(one), "utf-8")
    assert len(read_examples(file, ArcTask())) == 1
    for odd in ('{"a": {"train": 3}}', "[3]"):
        file.write_text(odd, "utf-8")
        with pytest.raises(DataError, match="'train' and 'test'") as caught:
            read_examples(file, ArcTask())
        assert caught.value.file == file
