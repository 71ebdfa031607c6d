"""What is counted is what happened, and a wrong answer never counts as right."""

from __future__ import annotations

import json
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.arc import ArcSolution, ArcTask
from hrm_puzzles.sudoku import SudokuProblem, SudokuSolution, SudokuTask
from hrm_specialists.contract import Attempt, Task, Verdict
from hrm_specialists.errors import SpecialistCrashed
from hrm_specialists.evaluation.scores import evaluate, wilson
from hrm_specialists.evaluation.taught import TAUGHT, taught_file
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count, segment_flops
from hrm_specialists.schema import infer_task
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
PROBLEM = SudokuProblem.model_validate({"grid": PUZZLE})
RIGHT = SudokuSolution.model_validate({"grid": SOLVED})
WRONG = SudokuSolution.model_validate({"grid": "6" + SOLVED[1:]})
EXAMPLE = Example(PROBLEM, RIGHT)


def attempts(*solutions):
    """One after the other, over and over."""
    order = [Attempt(s, None, 0.5, segments=4, starts=2, seconds=0.0) for s in solutions]
    asked = iter(range(10**6))
    return lambda problem: order[next(asked) % len(order)]


def test_right_answers_count_once_each():
    told = []
    with ScriptedSpecialist(SudokuTask(), RIGHT, segments=3) as specialist:
        scores = evaluate(specialist, [EXAMPLE] * 7, timed=3, report=lambda *now: told.append(now))
    assert told[-1] == ("solving", 7, 7)
    assert {stage for stage, *_ in told} == {"timing", "solving"}
    assert (scores.n, scores.timed) == (7, 3)
    assert scores.exact_accuracy == scores.verified == scores.cell_accuracy == 1
    assert scores.single_pass_exact == 1
    assert scores.false_verified == 0
    assert scores.segments == 3
    assert len(specialist.asked) == 1 + 3 + 7  # warm, alone, together: each was a single pass
    assert specialist.efforts.count("low") == 1


def test_only_what_took_further_starts_is_asked_once_more_for_a_single_pass():
    with ScriptedSpecialist(SudokuTask(), attempts(RIGHT, WRONG)) as specialist:
        told = []
        scores = evaluate(specialist, [EXAMPLE] * 8, timed=3, report=lambda *now: told.append(now))
    assert scores.starts == 2
    assert told[-1] == ("single pass", 8, 8)
    assert specialist.efforts.count("low") == 1 + 8


def test_wrong_and_missing_answers_count_as_such():
    script = attempts(RIGHT, WRONG, None, None)
    with ScriptedSpecialist(SudokuTask(), script) as specialist:
        scores = evaluate(specialist, [EXAMPLE] * 8, effort="low", timed=3)
    assert scores.exact_accuracy == scores.verified == scores.single_pass_exact == 0.25
    assert scores.cell_accuracy == pytest.approx((81 + 80) / (4 * 81))
    assert (scores.segments, scores.starts) == (4, 2)


class Lenient(SudokuTask):
    """A Sudoku whose checker passes everything."""

    def check(self, problem, solution):
        return Verdict(True, details={"whole": True, "pretty": solution == RIGHT})


def test_a_checker_that_lets_wrong_answers_pass_is_found_out():
    with ScriptedSpecialist(Lenient(), attempts(RIGHT, WRONG)) as specialist:
        scores = evaluate(specialist, [EXAMPLE] * 4, effort="low", timed=1)
    assert (scores.verified, scores.exact_accuracy, scores.false_verified) == (1, 0.5, 2)
    assert scores.properties == {"pretty": 0.5, "whole": 1.0}
    assert scores.to_mapping()["pretty"] == 0.5


class Unchecked(SudokuTask):
    """A Sudoku that nobody can check."""

    name = "unchecked"
    check = Task.check


def test_without_a_checker_nothing_is_verified_and_confidence_decides():
    with ScriptedSpecialist(Unchecked(), RIGHT, confidence=0.95) as specialist:
        scores = evaluate(specialist, [EXAMPLE], timed=1)
    assert (scores.verified, scores.false_verified, scores.accepted) == (None, None, 1)


def test_without_references_only_the_checker_speaks():
    with ScriptedSpecialist(SudokuTask(), RIGHT) as specialist:
        scores = evaluate(specialist, [Example(PROBLEM, None)], timed=1)
    assert scores.verified == 1
    assert scores.exact_accuracy is scores.exact_interval is scores.single_pass_exact is None
    assert scores.cell_accuracy is None


def test_never_more_under_way_than_the_window_or_the_queue_allow(monkeypatch):
    monkeypatch.setattr("hrm_specialists.predicting.WINDOW", 8)
    with ScriptedSpecialist(SudokuTask(), RIGHT, seconds=0.001) as specialist:
        evaluate(specialist, [EXAMPLE] * 40, effort="low", timed=1)
        assert specialist.longest == 8
    with ScriptedSpecialist(SudokuTask(), RIGHT, seconds=0.001, max_waiting=5) as specialist:
        scores = evaluate(specialist, [EXAMPLE] * 40, effort="low", timed=1)
        assert (scores.n, specialist.longest) == (40, 5)


def test_a_specialist_that_breaks_is_reported_and_its_queue_left():
    calls = iter(range(100))
    script = lambda problem: SpecialistCrashed("gone") if next(calls) == 5 else RIGHT  # noqa: E731
    with ScriptedSpecialist(SudokuTask(), script) as specialist:
        with pytest.raises(SpecialistCrashed, match="gone"):
            evaluate(specialist, [EXAMPLE] * 20, effort="low", timed=1)
        assert specialist.solve(PROBLEM).solution == RIGHT


def test_cost_and_what_was_trained_on_come_from_the_folder(tmp_path):
    shape = NetworkConfig(seq_len=81, vocab_size=11, hidden_size=32, num_heads=4)
    (tmp_path / "config.json").write_text(json.dumps({"network": shape.to_mapping()}), "utf-8")
    (tmp_path / TAUGHT).write_bytes(taught_file([EXAMPLE]))
    with ScriptedSpecialist(SudokuTask(), RIGHT, segments=5) as specialist:
        specialist.folder = tmp_path
        scores = evaluate(specialist, [EXAMPLE, Example(PROBLEM, WRONG)], timed=1)
    assert (scores.n, scores.trained_on) == (2, 1)
    assert scores.parameters == parameter_count(shape)
    assert scores.flop_per_puzzle == 5 * segment_flops(shape)


def test_intervals_are_wilsons():
    for hits, wanted in {0: (0.0, 0.037), 100: (0.963, 1.0), 50: (0.404, 0.596)}.items():
        assert wilson(hits, 100) == pytest.approx(wanted, abs=5e-4)


def test_arc_counts_the_first_guess_the_second_and_what_was_falsely_accepted():
    task = ArcTask()
    right, wrong = (((0, 0), (0, 3)),), (((3, 0), (0, 0)),)
    example = Example(task.example, ArcSolution(grids=right))
    first = ArcSolution(grids=right, second=wrong)
    second = ArcSolution(grids=wrong, second=right)
    sure = [Attempt(s, None, 0.95, segments=4, starts=1, seconds=0.0) for s in (first, second)]
    asked = iter(range(10**6))
    with ScriptedSpecialist(task, lambda _: sure[next(asked) % 2], threshold=0.9) as specialist:
        scores = evaluate(specialist, [example] * 2, effort="low", timed=1)
    plain = scores.to_mapping()
    assert (plain["exact_accuracy"], plain["exact_within_two"]) == (0.5, 1.0)
    assert (plain["accepted"], plain["false_accepted"], plain["cell_accuracy"]) == (1.0, 1, None)


def test_a_solver_that_answers_many_at_once_is_asked_so_and_says_what_is_unfamiliar():
    """Rows through a queue, one by one, took most of the time of measuring a table."""

    class Threshold:
        queued, batches = 0, []

        def submit(self, problem, **kwargs):
            Threshold.queued += 1
            future = Future()
            future.set_result(self.answer_all([problem])[0])
            return SimpleNamespace(future=future, withdraw=lambda: None)

        def answer_all(self, problems, *, effort="default"):
            Threshold.batches.append(len(problems))
            answers = [task.Solution.model_validate(str(p.size > 50)) for p in problems]
            return [Attempt(a, None, 0.95, 1, 1, 0.0) for a in answers]

        def close(self):
            pass

    pairs = [({"size": float(n)}, str(n > 50)) for n in range(100)]
    task = infer_task("big", pairs)
    fresh = [*pairs, ({"size": 1e6}, "True")]
    examples = [Example(task.parse(p), task.Solution.model_validate(s)) for p, s in fresh]

    with Specialist(task, Threshold, threshold=0.9) as specialist:
        scores = evaluate(specialist, examples, timed=3)
    assert (scores.exact_accuracy, scores.accepted) == (1.0, 100 / 101)
    assert max(Threshold.batches) == 101
    assert Threshold.queued == 1 + 3  # warm, and alone for the clock
