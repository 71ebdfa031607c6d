"""Labelled puzzles come from a seed, whole, distinct and readable by `evaluate`."""

from __future__ import annotations

import csv

import pytest

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.schema.examples import read_examples


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


def test_others_puzzles_are_taken_once_and_parts_are_kept_apart(run, tmp_path, puzzle, solved):
    made, part, dev = (tmp_path / name for name in ("made.csv", "part.csv", "dev.csv"))
    run("data", "sudoku", "--n", "6", "--kind", "easy", "--out", str(made))
    rows = made.read_text("utf-8").splitlines()
    renamed = [
        row.translate(str.maketrans("123456789", "234567891")).rpartition(",generated")[0] + ",x,0"
        for row in rows[1:]
    ]
    made.write_text("\n".join([*rows, *renamed, ""]), encoding="utf-8")
    where = ("--out", str(part), "--dev", str(dev), "--held-out", "0.5")
    ran = run("data", "sudoku", "--from", str(made), *where, "--json")
    assert ran.code == 0
    assert ran.json["n"] + ran.json["n_dev"] == 6
    again = run("data", "sudoku", "--from", str(part), "--out", str(tmp_path / "x.csv"), "--json")
    assert again.json["n"] == ran.json["n"]


def test_mazes_of_others_are_proved_and_turned_ones_are_known(run, tmp_path):
    file, out = tmp_path / "mazes.csv", tmp_path / "out.csv"
    file.write_text(
        'question,answer\n"S G\n###","SoG\n###"\n"G S\n###","GoS\n###"\n', encoding="utf-8"
    )
    ran = run("data", "maze", "--from", str(file), "--out", str(out), "--json")
    assert (ran.code, ran.json["n"]) == (0, 1)
    file.write_text('question,answer\n"S  G\n   #","SooG\n   #"\n"S  G\n","S  G\n"\n', "utf-8")
    ran = run("data", "maze", "--from", str(file), "--out", str(out), "--json")
    assert (ran.code, ran.error["code"]) == (2, "data_error")
