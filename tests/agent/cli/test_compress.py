"""`hrm-agent compress`: a smaller specialist that answers as the larger one does."""

from __future__ import annotations

import json

import pytest

from hrm_agent.cli.app import run
from hrm_specialists.registry import load_installed, load_specialist
from hrm_specialists.teaching.teach import train


@pytest.mark.slow
@pytest.mark.parametrize(("flag", "share"), [("--int8", 0.35), ("--bf16", 0.55)])
def test_a_specialist_is_stored_smaller_and_still_solves(tmp_path, capsys, flag, share):
    arguments = ["compress", "sudoku", flag, "--limit", "24", "--root", str(tmp_path), "--json"]
    assert run(arguments) == 0
    found = json.loads(capsys.readouterr().out)

    assert found["after"]["bytes"] < share * found["before"]["bytes"]
    assert found["after"]["accuracy"] >= found["before"]["accuracy"] - 0.01
    assert found["same"] > 0.85
    with load_specialist(found["folder"]) as small, load_installed("sudoku") as large:
        assert small.version == f"{large.version}-{flag[2:]}"
        assert small.card["compressed"]["before"] == found["before"]
        attempt = small.solve(small.task.example)
        assert attempt.verdict.passed
        assert attempt.solution == large.solve(large.task.example).solution

    assert run(arguments) == 2
    assert "is there already" in capsys.readouterr().out
    assert run(["compress", found["folder"], flag, "--limit", "8", "--root", str(tmp_path)]) != 0
    assert "compressed already" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [[], ["--int8", "--bf16"]])
def test_exactly_one_precision_is_asked_for(flags, capsys):
    assert run(["compress", "sudoku", *flags]) == 2
    assert "--int8 or --bf16" in capsys.readouterr().err


def test_what_is_no_network_is_named_as_such(tmp_path, capsys):
    rows = [{"x": at * 37 % 101, "y": "ab"[at * 37 % 101 > 50]} for at in range(80)]
    with train(rows, name="halves", label="y", root=tmp_path, minutes=0.05) as taught:
        folder = str(taught.folder)
    file = tmp_path / "rows.csv"
    file.write_text("x,y\n" + "".join(f"{row['x']},{row['y']}\n" for row in rows))
    assert run(["compress", folder, "--int8"]) == 2
    assert "--data" in capsys.readouterr().err
    assert run(["compress", folder, "--int8", "--data", str(file)]) == 2
    assert "no network" in " ".join(capsys.readouterr().err.split())
