"""What breaks with one problem stays with that problem."""

from __future__ import annotations

import logging
import os
import threading
import warnings

import pytest

from hrm_specialists.contract import Verdict
from hrm_specialists.errors import (
    ForkedProcess,
    NonFiniteOutput,
    SpecialistCrashed,
    SpecialistOutOfMemory,
)

WAIT = 20.0


def together(engine, problems):
    """Submit all while the engine is held, so that they share a batch."""
    ready = threading.Event()
    gate = engine.submit(problems[0], watch=lambda _: ready.wait(WAIT))
    tickets = [gate, *map(engine.submit, problems[1:])]
    ready.set()
    return [
        ticket.future.exception(WAIT) or ticket.future.result(WAIT).reason for ticket in tickets
    ]


@pytest.mark.parametrize(
    ("trouble", "error"),
    [("NAN", NonFiniteOutput), ("BOOM", SpecialistCrashed), ("FULL", SpecialistOutOfMemory)],
)
def test_a_network_that_fails_on_one_row_fails_that_row(make_engine, planted, trouble, error):
    engine = make_engine(batch=8)
    bad = planted.cells(2, getattr(planted, trouble))
    good = [planted.cells(n) for n in (2, 3, 4)]

    first, broken, *others = together(engine, [planted.cells(1), bad, *good])

    assert isinstance(broken, error)
    assert [first, *others] == ["verified"] * 4
    assert together(engine, good) == ["verified"] * 3


def test_the_cause_of_a_crash_is_chained(make_engine, planted):
    failed = make_engine().submit(planted.cells(1, planted.BOOM)).future.exception(WAIT)

    assert isinstance(failed.__cause__, RuntimeError)
    assert "boom" in str(failed)


@pytest.mark.parametrize("method", ["check", "decode", "symmetry"])
def test_task_code_that_raises_fails_its_problem_only(make_engine, planted, method):
    bad = planted.cells(0, 0, 5, 5)

    class Fragile(planted.TurningTask):
        seen = None

        def check(self, problem, solution):
            if method == "check" and problem == bad:
                raise KeyError("check")
            return Verdict(problem == solution)

        def symmetry(self, rng):
            if method == "symmetry":
                raise KeyError("symmetry")
            return super().symmetry(rng)

    task = Fragile()
    if method == "decode":
        decode = task.codec.decode

        def fragile(problem, tokens):
            if problem == bad:
                raise KeyError("decode")
            return decode(problem, tokens)

        task.codec.decode = fragile
    engine = make_engine(task)

    first, broken, other = together(engine, [planted.cells(1), bad, planted.cells(3)])

    assert isinstance(broken, SpecialistCrashed)
    assert isinstance(broken.__cause__, KeyError)
    assert [first, other] == ["verified", "verified"]
    assert together(engine, [planted.cells(2)]) == ["verified"]


def test_a_codec_that_raises_fails_the_submission(make_engine, planted):
    task = planted.EchoTask()
    engine = make_engine(task)

    def broken(problem):
        raise ZeroDivisionError("encode")

    task.codec.encode = broken
    with pytest.raises(SpecialistCrashed, match="ZeroDivisionError"):
        engine.submit(planted.cells(1))


def test_a_watcher_that_raises_is_only_logged(make_engine, planted, caplog):
    def broken(_):
        raise ValueError("watch")

    with caplog.at_level(logging.WARNING):
        attempt = make_engine().submit(planted.cells(2), watch=broken).future.result(WAIT)

    assert attempt.reason == "verified"
    assert "a watcher of 'echo' raised" in caplog.text


def test_a_checker_that_hangs_never_passes_and_is_given_up(make_engine, planted):
    release = threading.Event()

    class Hanging(planted.EchoTask):
        checker_timeout = 0.02
        calls = 0

        def check(self, problem, solution):
            Hanging.calls += 1
            assert release.wait(WAIT)
            return Verdict(True)

    engine = make_engine(Hanging())
    attempts = [engine.submit(planted.cells(1), effort="low").future.result(WAIT) for _ in "four"]
    release.set()

    assert not any(attempt.verdict.passed for attempt in attempts)
    assert "longer than 0.02 s" in attempts[0].verdict.reason
    assert "is off" in attempts[-1].verdict.reason
    assert Hanging.calls == 3


def test_a_checker_under_a_time_limit_works_as_any_other(make_engine, planted):
    class Careful(planted.EchoTask):
        checker_timeout = WAIT

        def check(self, problem, solution):
            if problem == planted.cells(3):
                raise KeyError("check")
            return Verdict(problem == solution)

    engine = make_engine(Careful())

    first, broken, other = together(engine, [planted.cells(n) for n in (1, 3, 2)])

    assert (first, other) == ("verified", "verified")
    assert isinstance(broken, SpecialistCrashed)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_is_told_so(make_engine, planted):
    engine = make_engine()
    engine.submit(planted.cells(1)).future.result(WAIT)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads
        child = os.fork()
    if child == 0:
        code = 1
        try:
            engine.close()  # returns, too
            engine.submit(planted.cells(1))
        except ForkedProcess:
            code = 0
        finally:
            os._exit(code)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert engine.submit(planted.cells(1)).future.result(WAIT).reason == "verified"
