"""A solver that learns each problem anew keeps the promises of every solver."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from hrm_puzzles.arc import ArcProblem, ArcTask
from hrm_puzzles.arc.adapting.framing import framings_of
from hrm_puzzles.arc.adapting.learning import Ballot, Learner, Pace, score_of
from hrm_puzzles.arc.adapting.lesson import Lesson
from hrm_puzzles.arc.adapting.seeing import colours
from hrm_puzzles.arc.adapting.solver import NO_RULE, AdaptingSolver
from hrm_specialists.errors import ConfigError, LifecycleError, MalformedTask, QueueFull

TASK = ArcTask()
QUICK = Pace(steps=6, hidden_size=8, batch=2)
LONG = Pace(steps=100_000, hidden_size=8, batch=2)
COPY = ArcProblem.model_validate(
    {
        "train": [
            {"input": [[1, 0, 0], [0, 2, 0]], "output": [[1, 0, 0], [0, 2, 0]]},
            {"input": [[0, 3, 0], [4, 0, 1]], "output": [[0, 3, 0], [4, 0, 1]]},
        ],
        "test": [{"input": [[5, 0, 0], [0, 0, 6]]}],
    }
)
ODD = ArcProblem.model_validate(
    {
        "train": [
            {"input": [[0, 0]], "output": [[1], [1], [1]]},
            {"input": [[0, 0, 0]], "output": [[1, 1]]},
        ],
        "test": [{"input": [[0, 0]]}],
    }
)


@pytest.fixture
def solver():
    with_long = AdaptingSolver(TASK, pace=LONG, max_waiting=2)
    yield with_long
    with_long.close()


@pytest.fixture
def quick():
    one = AdaptingSolver(TASK, pace=QUICK)
    yield one
    one.close()


def test_the_same_seed_gives_the_same_answer_and_thoughts_are_shown(quick, monkeypatch):
    monkeypatch.setattr("hrm_puzzles.arc.adapting.solver.SHOWN", 2)
    thoughts = []
    first = quick.submit(COPY, watch=thoughts.append).future.result(60)
    again = quick.submit(COPY).future.result(60)
    other = quick.submit(COPY, seed=1).future.result(60)
    assert (first.solution, first.confidence) == (again.solution, again.confidence)
    assert first.confidence != other.confidence
    assert (first.segments, first.starts, first.verdict) == (12, 1, None)
    assert [thought.segment for thought in thoughts] == [4, 8, 12]
    assert len(thoughts[-1].solution.grids[0]) == 2


@pytest.mark.slow
def test_a_rule_is_learned_from_its_demonstrations():
    solver = AdaptingSolver(TASK, pace=Pace(steps=80))
    attempt = solver.submit(COPY).future.result(120)
    solver.close()
    assert attempt.solution.grids == (COPY.test[0].input,)
    assert attempt.confidence > 0.3


def test_efforts_buy_steps_and_learners(quick):
    low = quick.submit(COPY, effort="low").future.result(60)
    most = quick.submit(COPY, effort="max").future.result(60)
    assert low.segments == 4
    assert (most.segments, most.starts, most.reason) == (48, 4, "effort spent")
    with pytest.raises(ConfigError, match="'default'"):
        quick.submit(COPY, effort="hard")
    with pytest.raises(ConfigError, match="positive"):
        quick.submit(COPY, effort=-1.0)
    with pytest.raises(MalformedTask, match="takes ArcProblem"):
        quick.submit(TASK.Solution(grids=(((0,),),)))


def test_a_size_without_a_rule_is_abstained_from_at_once(quick):
    attempt = quick.submit(ODD).future.result(60)
    assert (attempt.solution, attempt.reason, attempt.segments) == (None, NO_RULE, 0)


def test_seconds_and_deadlines_end_the_learning_with_what_there_is(solver):
    solver.submit(COPY, effort=0.1).future.result(60)  # what loads on first use is there now
    spent = solver.submit(COPY, effort=1.0).future.result(60)
    late = solver.submit(COPY, deadline=time.monotonic() + 1.0).future.result(60)
    past = solver.submit(COPY, deadline=time.monotonic() - 1).future.result(60)
    assert (spent.reason, late.reason, past.reason) == ("effort spent", "deadline", "deadline")
    assert spent.solution is not None
    assert late.solution is not None
    assert past.solution is None


def test_callers_may_leave_and_the_queue_is_bounded(solver):
    started = threading.Event()
    first = solver.submit(COPY, watch=lambda _: started.set())
    assert started.wait(60)
    second = solver.submit(COPY)
    with pytest.raises(QueueFull, match="2 problems"):
        solver.submit(COPY)
    second.withdraw()
    first.withdraw()
    assert solver.submit(ODD).future.result(60).reason == NO_RULE
    assert first.future.cancelled()


def test_closing_fails_what_is_unfinished():
    solver = AdaptingSolver(TASK, pace=LONG)
    started = threading.Event()
    running = solver.submit(COPY, watch=lambda _: started.set())
    waiting = solver.submit(COPY)
    assert started.wait(60)
    solver.close()
    for ticket in (running, waiting):
        with pytest.raises(LifecycleError):
            ticket.future.result(60)
    with pytest.raises(LifecycleError):
        solver.submit(COPY)


def test_a_watcher_that_raises_hinders_nobody(quick, monkeypatch):
    monkeypatch.setattr("hrm_puzzles.arc.adapting.solver.SHOWN", 1)

    def watch(_):
        raise RuntimeError("broken")

    assert quick.submit(COPY, watch=watch).future.result(60).solution is not None


def test_probabilities_of_colours_add_up_however_they_are_reached():
    lesson = Lesson(COPY, framings_of(COPY)[0], 0)
    learner = Learner(lesson, QUICK, 0)
    batch = lesson.draw(3, learner._rng)
    with torch.no_grad():
        _, said = learner.network(
            learner.network.first_carry(3), learner.network.embed(batch), batch.sights
        )
    chance = colours(said.logits, batch.sights)
    torch.testing.assert_close(chance.sum(-1), torch.ones(chance.shape[:2]))


def test_votes_weigh_by_belief_and_doubts_divide():
    ballot = Ballot()
    for grid, belief in ((((1,),), 0.9), (((2,),), 0.2), (((2,),), 0.3)):
        ballot.vote(grid, belief)
    assert ballot.ranked() == [((1,),), ((2,),)]
    assert score_of([ballot]) == pytest.approx(0.9 / 3, abs=0.01)
    assert score_of([ballot], doubts=3) == pytest.approx(0.1, abs=0.01)
    assert score_of([]) == 0.0
