"""An engine: what callers see of it, whoever else is there."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import CancelledError

import pytest
import torch
from pydantic import BaseModel

from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.engine import Engine
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.engine.runner import Runner
from hrm_specialists.errors import (
    ConfigError,
    LifecycleError,
    MalformedTask,
    QueueFull,
    TaskTooLarge,
)
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig

WAIT = 20.0


class Other(BaseModel):
    """A problem of some other task."""


def solve(engine, problem, **options):
    return engine.submit(problem, **options).future.result(WAIT)


@pytest.fixture
def blocked():
    """A watcher that stops the engine's thread until told to go on."""

    class Blocked:
        def __init__(self):
            self.entered, self.go = threading.Event(), threading.Event()

        def __call__(self, thought):
            self.entered.set()
            assert self.go.wait(WAIT)

    gate = Blocked()
    yield gate
    gate.go.set()


@pytest.mark.parametrize("segments", [1, 2, 3, 4])
def test_an_answer_is_returned_in_the_segment_that_verifies_it(make_engine, planted, segments):
    engine = make_engine()

    attempt = solve(engine, planted.cells(segments))

    assert attempt.solution == planted.cells(segments)
    assert attempt.verdict.passed
    assert (attempt.reason, attempt.confidence) == ("verified", 1.0)
    assert (attempt.segments, attempt.starts) == (segments, 1)


def test_every_caller_gets_its_own_answer(make_engine, planted):
    engine = make_engine(batch=4)
    problems = [planted.cells(1 + n % 4, 0, n % 7, n % 5) for n in range(120)]

    tickets = [engine.submit(problem) for problem in problems]
    attempts = [ticket.future.result(WAIT) for ticket in tickets]

    assert [attempt.solution for attempt in attempts] == problems


def test_rows_think_together(make_engine, planted, blocked):
    network = planted.Network()
    engine = make_engine(network=network, batch=8)
    first = engine.submit(planted.cells(1), watch=blocked)
    assert blocked.entered.wait(WAIT)
    others = [engine.submit(planted.cells(2)) for _ in range(8)]
    blocked.go.set()
    for ticket in (first, *others):
        ticket.future.result(WAIT)

    assert max(network.rows_seen) == 8


def test_what_one_pass_leaves_open_is_found_by_starting_again(make_engine, planted):
    """Beyond `low`: starts with noise are right at other segments."""
    engine = make_engine(network=planted.Network(halt_max_steps=2))

    assert solve(engine, planted.cells(3), effort="low").reason == "effort spent"
    attempt = solve(engine, planted.cells(3), effort="default")

    assert attempt.reason == "verified"
    assert attempt.starts > 1


def test_a_pass_may_be_longer_than_in_training(make_engine, planted):
    settings = SearchSettings(segments=9)
    engine = make_engine(network=planted.Network(halt_max_steps=2), settings=settings)

    attempt = solve(engine, planted.cells(9), effort="low")

    assert (attempt.reason, attempt.segments, attempt.starts) == ("verified", 9, 1)


def test_the_first_pass_has_noise_where_the_specialist_says_so(make_engine, planted):
    plain = make_engine()
    noisy = make_engine(settings=SearchSettings(first_noise=1.0))

    spent = [
        {solve(engine, planted.cells(3), effort="low", seed=n).segments for n in range(12)}
        for engine in (plain, noisy)
    ]

    assert spent[0] == {3}
    assert len(spent[1]) > 1


def test_answers_of_turned_problems_are_turned_back(make_engine, planted):
    engine = make_engine(planted.TurningTask(), planted.Network(halt_max_steps=2))
    starts = set()
    attempt = solve(
        engine,
        planted.cells(0, 0, 3, 4),
        watch=lambda thought: starts.add(thought.start),
    )
    assert attempt.reason == "effort spent"
    assert starts == set(range(25))

    found = [solve(engine, planted.cells(3, 0, n % 9, 8 - n % 9), seed=n) for n in range(9)]

    assert [one.solution for one in found] == [
        planted.cells(3, 0, n % 9, 8 - n % 9) for n in range(9)
    ]


def test_the_same_problem_and_seed_give_the_same_answer_from_the_same_starts(make_engine, planted):
    alone = make_engine(network=planted.Network(halt_max_steps=2))
    crowded = make_engine(network=planted.Network(halt_max_steps=2))
    crowd = [crowded.submit(planted.cells(0), effort="max") for _ in range(5)]

    first = solve(alone, planted.cells(4), seed=3)
    again = solve(crowded, planted.cells(4), seed=3)

    assert first.solution == again.solution
    assert first.starts == again.starts
    for ticket in crowd:
        ticket.withdraw()


def test_an_effort_in_seconds_ends_in_time(make_engine, planted):
    engine = make_engine()

    before = time.monotonic()
    attempt = solve(engine, planted.cells(0), effort=0.05)

    assert attempt.reason == "effort spent"
    assert attempt.segments > 4
    assert 0.05 <= time.monotonic() - before < 5


@pytest.mark.parametrize("effort", ["hard", 0.0, -1.0, math.nan, math.inf])
def test_an_unknown_effort_is_refused(make_engine, planted, effort):
    with pytest.raises(ConfigError, match="effort"):
        make_engine().submit(planted.cells(1), effort=effort)


def test_a_deadline_returns_the_best_answer_so_far(make_engine, planted):
    engine = make_engine()

    attempt = solve(engine, planted.cells(0), effort="max", deadline=time.monotonic() + 0.02)

    assert attempt.reason == "deadline"
    assert not attempt.verdict.passed
    assert attempt.confidence == 0.0


def test_a_deadline_that_passed_in_the_queue_spends_nothing(make_engine, planted):
    attempt = solve(make_engine(), planted.cells(1), deadline=time.monotonic() - 1)

    assert attempt.reason == "deadline"
    assert (attempt.segments, attempt.starts, attempt.solution) == (0, 0, None)


def test_the_queue_is_bounded_and_recovers(make_engine, planted, blocked):
    engine = make_engine(max_waiting=3)
    tickets = [engine.submit(planted.cells(1), watch=blocked)]
    assert blocked.entered.wait(WAIT)
    tickets += [engine.submit(planted.cells(1)) for _ in range(2)]

    with pytest.raises(QueueFull, match="3 problems") as caught:
        engine.submit(planted.cells(1))
    assert caught.value.retryable

    blocked.go.set()
    for ticket in tickets:
        assert ticket.future.result(WAIT).reason == "verified"
    assert solve(engine, planted.cells(1)).reason == "verified"


def test_withdrawing_makes_room_at_once(make_engine, planted, blocked):
    engine = make_engine(max_waiting=2)
    engine.submit(planted.cells(1), watch=blocked)
    assert blocked.entered.wait(WAIT)
    engine.submit(planted.cells(1)).withdraw()

    ticket = engine.submit(planted.cells(2))
    blocked.go.set()

    assert ticket.future.result(WAIT).reason == "verified"


@pytest.mark.parametrize("segment", range(1, 13))
def test_a_caller_may_leave_in_any_segment(make_engine, planted, segment):
    """Neighbours get their answers, and what was left comes to rest."""
    engine = make_engine(batch=2)
    left = threading.Event()

    def leave(thought):
        if thought.segment == segment:
            ticket.withdraw()
            left.set()

    ready = threading.Event()
    gate = engine.submit(planted.cells(1), watch=lambda _: ready.wait(WAIT))
    ticket = engine.submit(planted.cells(0), effort="max", watch=leave)
    neighbours = [engine.submit(planted.cells(n)) for n in (1, 2, 3, 4)]
    ready.set()

    assert left.wait(WAIT)
    with pytest.raises(CancelledError):
        ticket.future.result(0)
    for neighbour in (gate, *neighbours):
        assert neighbour.future.result(WAIT).reason == "verified"
    assert solve(engine, planted.cells(4)).reason == "verified"


def test_hard_problems_do_not_starve_easy_ones(make_engine, planted):
    engine = make_engine(batch=4)
    hard = [engine.submit(planted.cells(0), effort=WAIT) for _ in range(20)]
    restarted = threading.Event()
    hard.append(
        engine.submit(
            planted.cells(0),
            effort=WAIT,
            watch=lambda thought: thought.start > 2 and restarted.set(),
        )
    )
    assert restarted.wait(WAIT)

    easy = solve(engine, planted.cells(4))

    assert easy.reason == "verified"
    assert not any(ticket.future.done() for ticket in hard)
    for ticket in hard:
        ticket.withdraw()


def test_a_watcher_sees_every_segment(make_engine, planted):
    seen = []
    attempt = solve(make_engine(), planted.cells(3), watch=seen.append)

    assert [thought.segment for thought in seen] == [1, 2, 3]
    assert seen[0].solution != attempt.solution
    assert seen[-1].solution == attempt.solution
    assert seen[-1].confidence == 1.0


def test_a_search_is_given_up_where_calibration_says_so(make_engine, planted):
    hopeless = Calibration(chances=(0.5, 0.3, 0.001), floor=0.01)

    attempt = solve(make_engine(calibration=hopeless), planted.cells(0), effort="max")

    assert (attempt.reason, attempt.starts) == ("gave up", 3)


def test_without_a_checker_confidence_decides(make_engine, planted):
    task = planted.UncheckedTask()
    sigmoid = 1 / (1 + math.exp(-3.0))

    sure = solve(make_engine(task, threshold=0.9), planted.cells(2))
    assert (sure.reason, sure.starts, sure.verdict) == ("confident", 1, None)
    assert sure.confidence == pytest.approx(sigmoid)

    calibration = Calibration(scores=(0.0, 1.0), rights=(0.0, 0.5))
    unsure = solve(make_engine(task, threshold=0.9, calibration=calibration), planted.cells(2))
    assert (unsure.reason, unsure.starts) == ("effort spent", 25)
    assert unsure.confidence < 0.5
    assert unsure.solution == planted.cells(2)


def test_problems_that_do_not_fit_are_refused_at_once(make_engine, planted):
    engine = make_engine()

    with pytest.raises(MalformedTask, match="takes Cells"):
        engine.submit(Other())
    with pytest.raises(TaskTooLarge):
        engine.submit(planted.Cells.model_construct(grid=((1, 2, 3), (4, 5, 6))))
    with pytest.raises(MalformedTask, match="each below 11"):
        engine.submit(planted.cells(99))


def test_closing_fails_what_is_unfinished(make_engine, planted, blocked):
    engine = make_engine()
    thinking = engine.submit(planted.cells(0), effort="max", watch=blocked)
    assert blocked.entered.wait(WAIT)
    waiting = engine.submit(planted.cells(1))
    closing = threading.Thread(target=engine.close)
    closing.start()
    blocked.go.set()
    closing.join(WAIT)

    for ticket in (thinking, waiting):
        with pytest.raises(LifecycleError, match="closed"):
            ticket.future.result(WAIT)
    with pytest.raises(LifecycleError, match="closed"):
        engine.submit(planted.cells(1))


@pytest.mark.parametrize("mlp_t", [True, False])
def test_many_answered_at_once_are_answered_as_one_by_one(planted, mlp_t):
    mixing = {"mlp_t": True} if mlp_t else {"conv_kernel": 3, "grid_width": 2}
    config = NetworkConfig(
        seq_len=4,
        vocab_size=11,
        hidden_size=32,
        num_heads=2,
        pos_encodings="none",
        halt_max_steps=4,
        **mixing,
    )
    torch.manual_seed(1)
    network = HRM(config)
    torch.nn.init.normal_(network.q_head.weight, std=0.5)
    network.q_head.bias.data.zero_()
    engine = Engine(
        planted.UncheckedTask(),
        Runner(network, device="cpu"),
        settings=SearchSettings(restarts={"default": 0}),
        calibration=Calibration(line=(1.5, 0.2)),
        threshold=2.0,
    )
    cells = [((a, b), (b, a)) for a in range(10) for b in range(10)]
    problems = [planted.Cells(grid=grid) for grid in cells[:75]]
    try:
        assert engine.answer_all(problems, effort="max") is None  # that one searches
        at_once = engine.answer_all(problems)
        alone = [engine.submit(p).future.result(timeout=60) for p in problems]
        assert engine.answer_all([]) == []
    finally:
        engine.close()
    assert {attempt.segments for attempt in alone} > {4}  # some halt early
    for ours, theirs in zip(at_once, alone, strict=True):
        assert ours.solution == theirs.solution
        assert (ours.segments, ours.starts) == (theirs.segments, theirs.starts)
        assert ours.reason == theirs.reason
        assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-4)


def test_one_pass_does_not_decide_where_there_is_a_checker(make_engine, planted):
    engine = make_engine(planted.EchoTask())
    assert engine.answer_all([planted.Cells(grid=((1, 2), (3, 4)))], effort="low") is None
