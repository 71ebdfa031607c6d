"""Labelled puzzles come from a seed, whole, distinct and readable by `evaluate`."""

from __future__ import annotations

import csv

import pytest

from hrm_specialists.evaluation.examples import read_examples
from hrm_specialists.tasks.maze import MazeTask
from hrm_specialists.tasks.sudoku import SudokuTask


@pytest.mark.parametrize("kind", ["walls", "corridors"])
def test_mazes_are_made_and_read_again(run, tmp_path, kind):
    file = tmp_path / "mazes.csv"
    size = ("--height", "7", "--width", "9")
    ran = run("data", "maze", "--n", "12", "--kind", kind, *size, "--out", str(file), "--json")
    assert ran.code == 0
    assert ran.json["n"] == 12
    examples = read_examples(file, MazeTask())
    assert len({example.problem for example in examples}) == 12
    assert all(MazeTask().check(e.problem, e.solution).passed for e in examples)
    assert [path.name for path in tmp_path.iterdir()] == ["mazes.csv"]


@pytest.mark.parametrize("kind", ["easy", "minimal"])
def test_sudokus_are_made_and_read_again(run, tmp_path, kind):
    file = tmp_path / "sudokus.csv"
    ran = run("data", "sudoku", "--n", "3", "--kind", kind, "--out", str(file))
    assert ran.code == 0
    assert "3 puzzles" in ran.out
    examples = read_examples(file, SudokuTask())
    assert len({example.problem for example in examples}) == 3
    assert all(SudokuTask().check(e.problem, e.solution).passed for e in examples)


def test_a_seed_decides_and_more_keep_the_first(run):
    few, more = (
        list(csv.reader(run("data", "maze", "--n", n, "--seed", "3").out.splitlines(True)))
        for n in ("2", "4")
    )
    other = list(csv.reader(run("data", "maze", "--n", "2", "--seed", "4").out.splitlines(True)))
    assert few == more[:3]
    assert few != other


def test_what_cannot_be_made_or_written(run, tmp_path):
    tiny = ("--height", "5", "--width", "5", "--kind", "corridors")
    ran = run("data", "maze", "--n", "5000", *tiny, "--out", str(tmp_path / "x.csv"), "--json")
    assert (ran.code, ran.error["code"]) == (2, "usage")
    ran = run("data", "maze", "--n", "2", "--out", str(tmp_path / "no" / "x.csv"), "--json")
    assert (ran.code, ran.error["code"]) == (2, "data_error")
    assert list(tmp_path.iterdir()) == []
    assert run("data", "maze", "--n", "2", "--json").error["code"] == "usage"
