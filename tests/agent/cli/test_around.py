"""The verbs that look around, quiet starts, and the program as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask


def start(*argv, **more):
    """The program in a fresh interpreter."""
    return subprocess.Popen(
        [sys.executable, "-m", "hrm_agent", *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_specialists_are_listed(run):
    ran = run("specialists")
    assert ran.code == 0
    assert "sudoku" in ran.out
    listed = run("specialists", "--json").json
    assert [one["name"] for one in listed["specialists"]] == ["sudoku"]
    assert listed["specialists"][0]["checker"] is True
    assert listed["broken"] == {}


def test_one_is_shown_with_an_example(run):
    ran = run("specialists", "sudoku")
    assert ran.code == 0
    assert "verified by its checker" in ran.out
    assert "| 5 3 . | . 7 . | . . . |" in ran.out


def test_none_is_said(run):
    assert "no specialists" in run("specialists", specialists=[]).out


def test_doctor_says_what_is_there(run):
    ran = run("doctor")
    assert ran.code == 0
    assert "ready to solve" in ran.out
    found = run("doctor", "--json").json
    assert found["ready"] is True
    assert found["device"]["name"] in found["device"]["there"] or found["device"]["name"] == "cpu"
    assert found["packages"]["torch"]
    assert [one["name"] for one in found["specialists"]] == ["sudoku"]


def test_doctor_says_what_is_missing_and_never_shows_a_key(run, monkeypatch):
    monkeypatch.setenv("HRM_AGENT_API_KEY", "sk-canary-123")
    monkeypatch.setenv("HRM_AGENT_DEVICE", "abacus")
    ran = run("doctor", "--json", specialists=[])
    assert (ran.code, ran.json["ready"]) == (1, False)
    assert any("abacus" in advice for advice in ran.json["advice"])
    assert any("no specialists" in advice for advice in ran.json["advice"])
    assert "canary" not in ran.out + ran.err
    assert ran.json["settings"]["api_key"] is True
    assert "canary" not in run("doctor", specialists=[]).out


def test_doctor_says_where_each_setting_comes_from(run, monkeypatch, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[policy]\ndeadline = 3\nseed = 5\n[server]\nkeys = {a = {key = 'canary'}}\n")
    monkeypatch.setenv("HRM_AGENT_CONFIG", str(file))
    monkeypatch.setenv("HRM_AGENT_POLICY_DEADLINE", "7")
    told = run("doctor", "--json").json["settings"]
    assert told["values"] == {"policy.deadline": 7.0, "policy.seed": 5}
    assert told["from"] == {
        "policy.deadline": "HRM_AGENT_POLICY_DEADLINE",
        "policy.seed": str(file),
    }
    shown = run("doctor").out
    assert "policy.deadline = 7.0  (HRM_AGENT_POLICY_DEADLINE)" in shown
    assert "canary" not in shown


def test_doctor_survives_settings_that_are_wrong(run, monkeypatch):
    monkeypatch.setenv("HRM_AGENT_POLICY_EFORT", "max")
    ran = run("doctor", "--json")
    assert ran.json["settings"]["sound"] is False
    assert any("effort" in advice for advice in ran.json["advice"])


def test_versions(run):
    assert run("version", "--json").json["hrm-agent"]
    assert run("--version").out == run("version").out


def test_a_bug_is_told_without_a_traceback(run, puzzle):
    class Odd(SudokuTask):
        def render(self, problem, solution=None):
            raise RuntimeError("\x1b[2Jno picture")

    with ScriptedSpecialist(Odd(), None) as specialist:
        ran = run("specialists", "sudoku", specialists=[specialist])
    assert ran.code == 1
    assert "RuntimeError" in ran.err
    assert not {"Traceback", "\x1b"} & {ran.err.partition(" ")[0], *ran.err}


HEAVY = {"torch", "openai", "langchain_core", "numpy", "hrm_router"}


@pytest.mark.parametrize("argv", [["--help"], ["solve", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_nothing_heavy(argv):
    code = (
        "import sys; from hrm_agent.cli import main; "
        f"code = main({argv}); print('loaded', *sys.modules, file=sys.stderr); sys.exit(code)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stderr.rpartition("loaded ")[2].split()}
    assert ran.stdout
    assert loaded & HEAVY == set()


def test_a_reader_that_leaves_early_sees_no_complaint():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "hrm_agent", "--help"], stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")


def hear_interrupts():
    """A shell that runs tests in the background has them inherit deafness to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_ends_quietly_with_130(tmp_path):
    """While it waits for a query: opening a pipe for reading waits for its writer."""
    query = tmp_path / "query"
    os.mkfifo(query)
    listening = {"preexec_fn": hear_interrupts}
    with start("solve", "--file", str(query), **listening) as process, query.open("wb"):
        # both ends are open: it is past its imports, and reads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")


def test_errors_of_a_process_are_one_object_on_stdout():
    with start("solve", "53..7", "--task", "chess", "--json") as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert json.loads(out)["error"]["code"] == "unknown_specialist"
    assert "Traceback" not in err
