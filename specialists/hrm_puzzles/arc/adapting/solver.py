"""A solver that learns each problem anew, one after the other, on a thread of its own.

Keeps the promises of every solver: a bounded queue, a seed that decides all
randomness, a deadline after which the best so far comes back, callers who may
leave at any time. One learner after the other learns the problem and votes,
until the effort is spent or the votes are sure.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from pydantic import BaseModel

from hrm_puzzles.arc import ArcProblem, ArcSolution
from hrm_puzzles.arc.adapting.framing import CUTS, framings_of
from hrm_puzzles.arc.adapting.learning import Ballot, Learner, Pace, score_of
from hrm_puzzles.arc.adapting.lesson import Lesson
from hrm_specialists.contract import Attempt, Effort, Task, Thought
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.lanes import keep_to_one_thread
from hrm_specialists.engine.runner import translate
from hrm_specialists.errors import (
    ConfigError,
    ForkedProcess,
    HrmAgentError,
    LifecycleError,
    MalformedTask,
    QueueFull,
)

log = logging.getLogger(__name__)

LEARNERS = {"low": 1, "default": 1, "max": 4}
"""Learners that may vote, by effort."""
SHORT = 0.3
"""Share of the steps that a learner takes at effort "low"."""
SHOWN = 10
"""Steps between two thoughts that are shown."""
NO_RULE = "no rule known here tells how large the answer is"


@dataclass(eq=False, slots=True)
class _Job:
    """One caller's problem, from submission to its future's result."""

    problem: ArcProblem
    learners: int
    """-1 for as many as time allows."""
    pace: Pace
    seed: int
    submitted: float
    deadline: float | None
    for_seconds: bool
    watch: Callable[[Thought], None] | None
    future: Future[Attempt] = field(default_factory=Future)
    segments: int = 0
    starts: int = 0
    ballots: list[Ballot] = field(default_factory=list)
    doubts: int = 1

    def withdraw(self) -> None:
        """Cancel the future, unless it is done; learning stops after this step."""
        self.future.cancel()


class AdaptingSolver:
    """A `Solver` for ARC, by test-time training. Thread-safe.

    Args:
        task: ARC.
        pace: how a learner learns at effort "default".
        threshold: calibrated confidence that ends the search.
        calibration: what the votes' agreement is worth.
        max_waiting: unfinished problems at most; more are refused.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        *,
        pace: Pace | None = None,
        threshold: float = 0.9,
        calibration: Calibration | None = None,
        max_waiting: int = 64,
    ) -> None:
        self.task, self.pace, self.max_waiting = task, pace or Pace(), max_waiting
        self._threshold = threshold
        self._calibration = calibration or Calibration()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._unfinished: set[_Job] = set()
        self._closing = False
        self._submitting = threading.Lock()
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name=f"adapting-{task.name}", daemon=True)
        self._thread.start()
        # A daemon thread that is still inside the network at exit can crash the process.
        atexit.register(self.close)

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> _Job:
        """Queue a problem; see `Solver.submit`.

        Raises:
            QueueFull: `max_waiting` problems are unfinished already.
            MalformedTask: the problem is none of this task.
            ConfigError: the effort is neither a known word nor seconds.
            LifecycleError: the solver is closed.
            ForkedProcess: the process was forked since the solver started.
        """
        if os.getpid() != self._pid:
            raise ForkedProcess(
                f"the solver of {self.task.name!r} was started before this process was forked; "
                "load the specialist after the fork"
            )
        if not isinstance(problem, ArcProblem):
            raise MalformedTask(
                f"a {type(problem).__name__} came; task {self.task.name!r} takes ArcProblem"
            )
        now = time.monotonic()
        learners, pace, seconds = self._plan(effort)
        if seconds is not None:
            deadline = min(now + seconds, math.inf if deadline is None else deadline)
        job = _Job(problem, learners, pace, seed, now, deadline, seconds is not None, watch)
        with self._submitting:
            if self._closing:
                raise LifecycleError(f"the solver of {self.task.name!r} is closed")
            if len(self._unfinished) >= self.max_waiting:
                raise QueueFull(
                    f"{len(self._unfinished)} problems wait for {self.task.name!r} already; "
                    "come back later"
                )
            self._unfinished.add(job)
        job.future.add_done_callback(lambda _: self._unfinished.discard(job))
        self._jobs.put(job)
        return job

    def close(self) -> None:
        """Stop after the step in flight; whatever is unfinished fails."""
        if os.getpid() != self._pid:
            return  # the thread stayed behind in the parent
        with self._submitting:
            self._closing = True
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5.0)
        atexit.unregister(self.close)
        for job in list(self._unfinished):
            _settle(job.future, LifecycleError(f"the solver of {self.task.name!r} was closed"))

    def _plan(self, effort: Effort) -> tuple[int, Pace, float | None]:
        """Learners, their pace, and seconds for all of it."""
        if isinstance(effort, str):
            if effort not in LEARNERS:
                raise ConfigError(
                    f"effort {effort!r} is unknown; use {', '.join(map(repr, LEARNERS))} or seconds"
                )
            pace = self.pace.shortened(SHORT) if effort == "low" else self.pace
            return LEARNERS[effort], pace, None
        if not (math.isfinite(effort) and effort > 0):
            raise ConfigError(f"effort {effort!r} is not a positive number of seconds")
        return -1, self.pace, float(effort)

    def _run(self) -> None:
        keep_to_one_thread()  # products this small gain nothing from more
        while (job := self._jobs.get()) is not None:
            if not job.future.done():
                try:
                    _settle(job.future, self._attempt(job, self._learn(job)))
                except LifecycleError as error:
                    _settle(job.future, error)
                except Exception as error:
                    _settle(job.future, translate(error))

    def _learn(self, job: _Job) -> str:
        """Let learners learn and vote; why it ended."""
        if self._over(job):
            return "deadline"
        digest = hashlib.blake2b(job.problem.model_dump_json().encode(), digest_size=7).digest()
        seed = int.from_bytes(digest, "big") + job.seed * 1009
        framings = framings_of(job.problem)
        if not framings:
            return NO_RULE
        # The whole input is the plain reading; which part to cut out is open to doubt.
        job.doubts = 1 if framings[0].cut_name == next(iter(CUTS)) else len(framings)
        lesson = Lesson(job.problem, framings[0], seed)
        job.ballots = [Ballot() for _ in lesson.tests]
        while job.learners < 0 or job.starts < job.learners:
            learner = Learner(lesson, job.pace, seed + job.starts)
            job.starts += 1
            if not self._teach(job, learner):
                return "effort spent" if job.for_seconds else "deadline"
            if self._confidence(job) >= self._threshold:
                return "confident"
        return "effort spent"

    def _teach(self, job: _Job, learner: Learner) -> bool:
        """Let one learner learn to its end; False if time ran out before."""
        spent = 0.0  # seconds of the last step
        while learner.done < learner.pace.steps:
            began = time.monotonic()
            if self._closing:
                raise LifecycleError(f"the solver of {self.task.name!r} was closed")
            if job.future.cancelled():
                return False
            # A vote costs about three steps: so much is kept for the last one.
            if self._over(job, within=4 * spent):
                if learner.done:
                    learner.vote(job.ballots)
                return False
            learner.step()
            job.segments += learner.pace.segments
            spent = time.monotonic() - began
            if learner.votes_now:
                learner.vote(job.ballots)
            if job.watch is not None and learner.done % SHOWN == 0:
                self._show(job, learner)
        return True

    def _over(self, job: _Job, within: float = 0.0) -> bool:
        return job.deadline is not None and time.monotonic() + within >= job.deadline

    def _show(self, job: _Job, learner: Learner) -> None:
        assert job.watch is not None
        solution = ArcSolution(grids=tuple(learner.guess()))
        try:
            job.watch(Thought(job.segments, job.starts - 1, solution, self._confidence(job)))
        except Exception:
            log.warning("a watcher of %r raised", self.task.name, exc_info=True)

    def _confidence(self, job: _Job) -> float:
        return self._calibration.confidence(score_of(job.ballots, job.doubts))

    def _attempt(self, job: _Job, reason: str) -> Attempt:
        ranked = [ballot.ranked() for ballot in job.ballots]
        solution = None
        if ranked and all(ranked):
            second = tuple(found[min(1, len(found) - 1)] for found in ranked)
            first = tuple(found[0] for found in ranked)
            solution = ArcSolution(grids=first, second=None if second == first else second)
        return Attempt(
            solution=solution,
            verdict=None,
            confidence=self._confidence(job) if solution is not None else 0.0,
            segments=job.segments,
            starts=job.starts,
            seconds=time.monotonic() - job.submitted,
            reason=reason,
        )


def _settle(future: Future[Attempt], result: Attempt | HrmAgentError) -> None:
    try:
        if isinstance(result, Attempt):
            future.set_result(result)
        else:
            future.set_exception(result)
    except InvalidStateError:
        pass  # the caller left in the meantime
