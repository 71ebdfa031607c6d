"""`evaluate` prints what was measured, for people and for programs."""

from __future__ import annotations

import random

import pytest

from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.teaching.teach import train


@pytest.fixture
def data(tmp_path, puzzle, solved):
    file = tmp_path / "data.csv"
    file.write_text("id,question,answer\n" + f"a,{puzzle},{solved}\n" * 4, encoding="utf-8")
    return str(file)


def test_json_holds_every_figure(run, data):
    ran = run("evaluate", "sudoku", "--data", data, "--json")
    assert (ran.code, ran.err) == (0, "")
    scores = ran.json
    assert scores["n"] == 4
    assert scores["exact_accuracy"] == scores["verified"] == scores["cell_accuracy"] == 1
    assert scores["single_pass_exact"] == 1
    assert scores["false_verified"] == 0
    assert scores["segments"] == 3
    assert scores["seconds"] > 0
    assert scores["median_ms"] > 0
    assert {"parameters", "flop_per_puzzle", "effort", "data", "seed"} <= set(scores)


def test_people_see_a_table(run, data):
    ran = run("evaluate", "sudoku", "--data", data, "--limit", "2", "--effort", "low")
    assert ran.code == 0
    assert "100.00 %" in ran.out
    assert "0 falsely, says a second checker" in ran.out


def test_an_unsolved_set_is_a_result_and_not_a_failure(run, data):
    with ScriptedSpecialist(SudokuTask(), None) as specialist:
        ran = run("evaluate", "sudoku", "--data", data, "--json", specialists=[specialist])
    assert (ran.code, ran.json["verified"]) == (0, 0)


def test_a_curve_has_a_point_for_each_effort(run, data):
    ran = run("evaluate", "sudoku", "--data", data, "--curve", "--json")
    assert [point["effort"] for point in ran.json["curve"]] == ["low", "default", "max"]
    assert all(point["verified"] == 1 for point in ran.json["curve"])
    told = run("evaluate", "sudoku", "--data", data, "--curve")
    assert told.out.count("100.00 %") == 6


def test_kinds_are_told_apart_where_the_file_names_them(run, tmp_path, puzzle, solved):
    file = tmp_path / "kinds.csv"
    wrong = "1" + solved[1:]
    rows = [f"{puzzle},{solved},easy", f"{puzzle},{wrong},hard", f"{puzzle},{solved},hard"]
    file.write_text("\n".join(["question,answer,source", *rows, ""]), encoding="utf-8")
    ran = run("evaluate", "sudoku", "--data", str(file), "--json")
    assert ran.json["sources"] == {
        "easy": {"n": 1, "exact": 1.0, "verified": 1.0},
        "hard": {"n": 2, "exact": 0.5, "verified": 1.0},
    }


def test_examples_that_it_was_trained_on_are_told(run, tmp_path):
    """Coin flips are remembered, and cannot be foretold; a note says which of both is measured."""
    rng = random.Random(0)

    def flips(name):
        rows = [
            f"{rng.random():.4f},{rng.random():.4f},{rng.choice(['yes', 'no'])}" for _ in "x" * 80
        ]
        file = tmp_path / name
        file.write_text("\n".join(["a,b,y", *rows, ""]), encoding="utf-8")
        return file

    old, new = flips("old.csv"), flips("new.csv")
    with train(old, name="coin", label="y", root=tmp_path, minutes=0.05) as taught:
        folder = str(taught.folder)
    ran = run("evaluate", folder, "--data", str(old), "--json", find=True)
    assert (ran.code, ran.json["trained_on"]) == (0, 80)
    assert "80 of these 80 examples" in " ".join(ran.err.split())
    ran = run("evaluate", folder, "--data", str(new), "--json", find=True)
    assert (ran.code, ran.json["trained_on"], ran.err) == (0, 0, "")
