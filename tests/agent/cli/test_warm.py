"""A running server answers `solve`: found on this machine, named, or left aside."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest
from served import served

from hrm_agent import Router, Settings
from hrm_agent.cli import warm
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask


@pytest.fixture
def server(solved):
    """The address of a server over a scripted specialist."""
    solution = SudokuSolution.model_validate({"grid": solved})
    with (
        ScriptedSpecialist(SudokuTask(), solution) as one,
        Router([one], llm=None, settings=Settings()) as router,
        served(router) as address,
    ):
        yield address


def test_a_running_server_answers_and_nothing_is_loaded_here(run, server, puzzle):
    code = (
        "import sys; from hrm_agent.cli import main; code = main(); "
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    for more in ([], ["--json"], ["--task", "sudoku", "--effort", "low", "--deadline", "9"]):
        with warm.announced(server):
            ran = subprocess.run(
                [sys.executable, "-c", code, "solve", puzzle, *more],
                capture_output=True,
                text=True,
                check=True,
            )
        if "--json" in more:
            assert json.loads(ran.stdout)["status"] == "verified"
        else:
            assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in ran.stdout
            assert "✓ verified  specialist sudoku" in ran.stdout
            assert "by the running server" in ran.stdout
        loaded = {name.partition(".")[0] for name in ran.stderr.split()}
        assert loaded & {"torch", "pydantic", "typer", "rich", "hrm_router"} == set()


def test_a_server_of_other_settings_or_of_the_dead_is_not_asked(server, monkeypatch):
    with warm.announced(server):
        assert warm.running() == server
        with monkeypatch.context() as other:
            other.setenv("HRM_AGENT_POLICY_SEED", "7")
            assert warm.running() is None
        state = json.loads(warm.state_file().read_text("utf-8"))
        with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
            gone.wait()
        warm.state_file().write_text(json.dumps({**state, "pid": gone.pid}), "utf-8")
        assert warm.running() is None
        warm.state_file().write_text("{", "utf-8")
        assert warm.running() is None
        warm.state_file().write_text(json.dumps(state), "utf-8")
        warm.state_file().chmod(0o666)
        assert warm.running() is None
        warm.state_file().chmod(0o600)
    assert not warm.state_file().exists()


def test_a_server_that_is_named_is_asked_and_its_refusals_are_told(run, server, puzzle):
    ran = run("solve", puzzle, "--server", server, find=True)
    assert (ran.code, "✓ verified" in ran.out) == (0, True)
    ran = run("solve", puzzle, "--server", f"{server}/v1", "--json", find=True)
    assert ran.json["status"] == "verified"
    ran = run("solve", puzzle, "--server", server, "--task", "chess", "--json", find=True)
    assert (ran.code, ran.error["code"]) == (2, "unknown_specialist")
    assert "--server none" in ran.error["hint"]
    ran = run("solve", puzzle, "--server", "127.0.0.1:9", "--json", find=True)
    assert (ran.code, ran.error["code"]) == (2, "server_unreachable")
    ran = run("solve", puzzle, "--server", server, "--watch", "--json", find=True)
    assert (ran.code, ran.error["code"]) == (2, "usage")


def test_what_the_server_cannot_do_is_done_here(run, server, puzzle):
    with warm.announced("http://127.0.0.1:9"):
        assert warm.quick([puzzle]) is None
    with warm.announced(server):
        for argv in (
            [puzzle, "--watch"],
            [puzzle, "--server", "none"],
            [puzzle, "--effort", "enormous"],
            [puzzle, "--effort", "max"],
            [puzzle, "--effort", "20"],
            [puzzle, "--deadline", "600"],
            [puzzle, "--deadline", "soon"],
            ["--file", "x"],
            ["-"],
            ["a", "b"],
            [],
        ):
            assert warm.quick(argv) is None, argv


def test_what_a_found_server_does_not_know_yet_is_solved_here(run, server):
    maze = "#####\n#S..#\n#.#.#\n#..G#\n#####"
    with warm.announced(server):  # it has a Sudoku specialist alone
        assert (
            run("solve", maze, "--task", "maze", "--json", find=True).json["specialist"] == "maze"
        )


def test_a_second_call_takes_tens_of_milliseconds(server, puzzle):
    """Of CPU time, which a busy machine stretches less than waiting: 60 ms where it is idle."""
    best = float("inf")
    with warm.announced(server):
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            argv = [sys.executable, "-m", "hrm_agent", "solve", puzzle]
            ran = subprocess.run(argv, check=True, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            assert "by the running server" in ran.stdout
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            best = min(best, spent)
    assert best < 0.15


@pytest.mark.slow
def test_serve_lets_itself_be_found_until_it_ends(run, puzzle):
    argv = [sys.executable, "-m", "hrm_agent", "serve", "--port", "0", "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        url = json.loads(one.stdout.readline())["url"]
        try:
            assert warm.running() == url
            ran = run("solve", puzzle, find=True)
        finally:
            one.terminate()
            one.communicate(timeout=30)
    assert "by the running server" in ran.out
    assert warm.running() is None
