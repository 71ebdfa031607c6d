"""`solve` shows what happened to people, and says exactly that to programs."""

from __future__ import annotations

import json
import re
import sys
import time

import pytest

import hrm_agent.cli.solve  # noqa: F401  the module behind the command of the same name
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask
from hrm_router.answer import Answer
from hrm_specialists.errors import SpecialistCrashed

cli_solve = sys.modules["hrm_agent.cli.solve"]


def test_a_sudoku_in_a_text_is_solved_and_drawn(run, puzzle):
    ran = run("solve", f"Could you finish this for me? {puzzle}")
    assert ran.code == 0
    assert "| 5 3 . | . 7 . | . . . |" in ran.out  # what was given
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in ran.out  # beside what was found
    assert ran.out.rstrip().splitlines()[-1].startswith("✓ verified  specialist sudoku, 3 segments")
    assert "\x1b" not in ran.out
    assert ran.err == ""


def test_json_is_the_answer_itself(run, puzzle, solved):
    ran = run("solve", "--json", puzzle)
    assert (ran.code, ran.err) == (0, "")
    answer = Answer.load(ran.json, {"sudoku": SudokuTask()})
    assert answer.status == ran.json["status"] == "verified"
    assert answer.solution == SudokuSolution.model_validate({"grid": solved})


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_text_comes_from_a_file_or_standard_input(run, puzzle, tmp_path, way):
    (tmp_path / "p.txt").write_text(puzzle, encoding="utf-8-sig")
    if way == "file":
        ran = run("solve", "--json", "--file", str(tmp_path / "p.txt"))
    else:
        ran = run("solve", "--json", "-", stdin=puzzle.encode())
    assert ran.json["status"] == "verified"


def test_limits_reach_the_specialist(run, puzzle, sudoku):
    assert run("solve", puzzle, "--effort", "max", "--task", "sudoku").code == 0
    assert run("solve", puzzle, "--effort", "2.5", "--deadline", "10", "--local-only").code == 0
    assert sudoku.efforts == ["max", 2.5]


def test_an_answer_that_fails_its_check_is_shown_and_exits_with_1(run, puzzle, solved):
    wrong = SudokuSolution.model_validate({"grid": "6" + solved[1:]})
    with ScriptedSpecialist(SudokuTask(), wrong) as specialist:
        ran = run("solve", puzzle, specialists=[specialist])
    assert ran.code == 1
    assert "✗ unverified" in ran.out
    assert "no solution was found; there may be none" in ran.out


def test_language_without_an_llm_is_abstained_from(run):
    ran = run("solve", "Which wine goes with mushrooms?", "--json")
    assert (ran.code, ran.json["status"]) == (1, "abstained")


def test_a_specialist_that_breaks_is_an_error_and_not_bad_input(run, puzzle):
    with ScriptedSpecialist(SudokuTask(), SpecialistCrashed("it broke")) as specialist:
        ran = run("solve", puzzle, "--json", specialists=[specialist])
    assert ran.code == 1
    assert "it broke" in ran.out


def test_explain_tells_every_step(run, puzzle):
    ran = run("solve", puzzle, "--explain")
    assert "check, sudoku: verified" in ran.out


def test_watch_falls_back_to_lines_on_stderr(run, puzzle):
    ran = run("solve", puzzle, "--watch", "--json")
    assert ran.json["status"] == "verified"
    assert [line.partition(",")[0] for line in ran.err.splitlines()] == [
        "sudoku: segment 1",
        "sudoku: segment 2",
        "sudoku: segment 3",
    ]
    assert "51 changed" in ran.err.splitlines()[0]


def test_only_the_named_specialists_are_used(run, puzzle):
    assert run("solve", puzzle, "--specialist", "sudoku").code == 0
    ran = run("solve", puzzle, "--specialist", "chess", "--json")
    assert (ran.code, ran.error["code"]) == (2, "unknown_specialist")


def test_the_thinking_is_written_as_a_film(run, puzzle, tmp_path):
    ran = run("solve", puzzle, "--picture", str(tmp_path / "film.svg"))
    assert ran.code == 0
    assert "<animate" in (tmp_path / "film.svg").read_text("utf-8")
    odd = run("solve", puzzle, "--picture", "film.png")
    assert (odd.code, "is no film" in odd.err) == (2, True)


def test_a_batch_is_one_line_of_json_for_each_query(run, puzzle, tmp_path):
    file = tmp_path / "queries.jsonl"
    rows = [
        {"query": puzzle},
        {"query": {"grid": puzzle}, "task": "sudoku"},
        {"query": "Which wine goes with mushrooms?"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    ran = run("solve", "--batch", str(file), "--json")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [(one["line"], one["status"]) for one in told] == [
        (1, "verified"),
        (2, "verified"),
        (3, "abstained"),
    ]
    assert ran.code == 1
    people = run("solve", "--batch", str(file))
    assert people.out.count("✓ verified") == 2
    file.write_text('{"question": "?"}\n' + json.dumps(rows[0]), "utf-8")
    ran = run("solve", "--batch", str(file), "--json")
    refused, told = map(json.loads, ran.out.splitlines())
    assert (ran.code, refused["line"], refused["status"], told["status"]) == (
        1,
        1,
        "failed",
        "verified",
    )
    assert "has no 'query'" in refused["text"]
    both = run("solve", puzzle, "--batch", str(file), "--json")
    assert both.error["code"] == "usage"


def test_loading_is_told_apart_from_thinking_and_does_not_count(run, puzzle, solved):
    """A specialist that takes longer to load than the deadline allows still answers."""

    loads = []

    class Slow(ScriptedSpecialist):
        def warm(self):
            if not loads:
                loads.append(time.sleep(0.4))

    with Slow(SudokuTask(), SudokuSolution.model_validate({"grid": solved})) as specialist:
        ran = run("solve", puzzle, "--deadline", "0.3", specialists=[specialist])
    assert ran.code == 0
    assert re.search(r"✓ verified .*\d+ ms, after (\d{3} ms|\d\.\d s) of loading", ran.out)


def test_advice_names_options_of_the_command_line(run, puzzle):
    with ScriptedSpecialist(SudokuTask(), None, held=True) as specialist:
        ran = run("solve", puzzle, "--deadline", "0.05", "--json", specialists=[specialist])
    assert ran.code == 1
    assert "--deadline" in json.dumps(ran.json)
    assert "Policy(" not in json.dumps(ran.json)


def test_help_and_output_are_whole_in_a_pipe(run, solved):
    class Wordy(SudokuTask):
        description = "Does " + "very " * 60 + "much."

    with ScriptedSpecialist(Wordy(), None) as specialist:
        ran = run("specialists", specialists=[specialist])
    assert Wordy.description in ran.out
    assert run("specialists", "sudoku").out == run("specialists", "show", "sudoku").out
    assert run("specialists", "list", "--json").out == run("specialists", "--json").out


def test_json_is_one_value_whatever_happens(run, puzzle, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    assert run("--json").error["code"] == "usage"
    assert run("solve", "--json", "--nonsense").error["code"] == "usage"
    monkeypatch.setattr(cli_solve, "read_query", interrupted)
    ran = run("solve", "--json", puzzle)
    assert (ran.code, ran.error["code"]) == (130, "interrupted")
    assert run("solve", puzzle).out == ""
