"""Whatever comes in: a clear message, exit code 2, no traceback, stdout clean."""

from __future__ import annotations

import json
import time

import pytest


@pytest.fixture
def refused(run):
    """Run a command that must be refused; return the error after looking at both forms."""

    def refused(*argv, **more):
        people = run(*argv, **more)
        began = time.perf_counter()
        programs = run(*argv, "--json", **more)
        assert time.perf_counter() - began < 3  # one second on an idle machine
        assert people.code == programs.code == 2
        assert people.out == ""
        error = programs.error
        assert people.err.startswith(f"error: {error['message'].splitlines()[0][:40]}")
        assert "Traceback" not in people.err + programs.err
        return error

    return refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("a\udcffb", "not UTF-8 text: byte 0xff at 1"),
        (
            "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..7",
            "80 cells",
        ),
        (
            "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79..",
            "cells",
        ),
        (
            "55..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
            "5 twice",
        ),
    ],
    ids=["empty", "blank", "not UTF-8", "80 cells", "more cells", "contradictory"],
)
def test_text_that_cannot_be_worked_on(refused, text, said):
    assert said in refused("solve", text)["message"]


def test_82_cells_with_and_without_a_task(refused, puzzle):
    for more in ((), ("--task", "sudoku")):
        assert "82 cells" in refused("solve", puzzle + "5", *more)["message"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"x" * 10_000_000, "more than 4 MB"),
        (b"53..7\x00\x01", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00", "not UTF-8"),
    ],
    ids=["empty", "10 MB", "binary", "a picture"],
)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_files_and_streams_that_are_no_text(refused, tmp_path, data, said, way):
    if way == "stdin":
        assert said in refused("solve", "-", stdin=data)["message"]
        return
    file = tmp_path / "query.txt"
    file.write_bytes(data)
    message = refused("solve", "--file", str(file))["message"]
    assert said in message
    assert str(file) in message


def test_text_too_long_for_the_router(refused):
    refused("solve", "-", stdin=b"word " * 300_000)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["solve"], "usage"),
        (["solve", "a", "--file", "b"], "usage"),
        (["solve", "--file", "/nowhere/at/all"], "invalid_input"),
        (["solve", "a", "--effort", "much"], "usage"),
        (["solve", "a", "--effort", "-1"], "usage"),
        (["solve", "a", "--effort", "nan"], "usage"),
        (["solve", "a", "--deadline", "0"], "usage"),
        (["solve", "a", "--deadline", "soon"], "usage"),
        (["solve", "a", "--task", "chess"], "unknown_specialist"),
        (["solve", "a", "--nonsense"], "usage"),
        (["evaluate", "chess", "--data", "x.csv"], "unknown_specialist"),
        (["evaluate", "sudoku"], "usage"),
        (["evaluate", "sudoku", "--data", "/nowhere/x.csv"], "data_error"),
        (["evaluate", "sudoku", "--data", "x.csv", "--limit", "0"], "usage"),
        (["specialists", "chess"], "unknown_specialist"),
        (["route"], "usage"),
        (["route", "a", "--batch", "b"], "usage"),
        (["route", "--batch", "/nowhere/x.jsonl"], "data_error"),
        (["nonsense"], "usage"),
    ],
    ids=" ".join,
)
def test_calls_that_make_no_sense(refused, argv, code):
    assert refused(*argv)["code"] == code


def test_a_line_that_is_not_json_is_named(refused, tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text('{"query": "a"}\n{"query": \n', encoding="utf-8")
    assert f"{file}, line 2: is not JSON" in refused("route", "--batch", str(file))["message"]
    file.write_text(json.dumps({"problem": {"grid": []}}) + "\nnot json\n", encoding="utf-8")
    message = refused("evaluate", "sudoku", "--data", str(file))["message"]
    assert f"{file}, line 1: no problem of 'sudoku'" in message


def test_settings_that_are_wrong(refused, monkeypatch):
    monkeypatch.setenv("HRM_AGENT_DEVISE", "cpu")
    error = refused("solve", "a")
    assert error["code"] == "config_error"
    assert "did you mean 'device'" in error["message"]


def test_hostile_text_in_messages_does_not_reach_the_terminal(run):
    ran = run("solve", "a", "--task", "\x1b[2J[red]x\x07")
    assert ran.code == 2
    assert not set(ran.err) & {"\x1b", "\x07"}
    assert "[red]x" in ran.err


def test_no_command_shows_the_help(run):
    ran = run()
    assert ran.code == 2
    assert "solve" in ran.out
