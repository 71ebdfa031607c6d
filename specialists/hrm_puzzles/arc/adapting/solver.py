"""A solver that learns each problem anew, one after the other, on a thread of its own.

Keeps the promises of every solver: a bounded queue, a seed that decides all
randomness, a deadline after which the best so far comes back, callers who may
leave at any time. One learner after the other learns the problem and votes,
until the effort is spent or the votes are sure.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from hrm_puzzles.arc import ArcProblem, ArcSolution
from hrm_puzzles.arc.adapting.framing import CUTS, framings_of
from hrm_puzzles.arc.adapting.learning import Ballot, Learner, Pace, score_of
from hrm_puzzles.arc.adapting.lesson import Lesson
from hrm_specialists.contract import Attempt, Effort, Task, Thought
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.lanes import keep_to_one_thread
from hrm_specialists.engine.runner import translate
from hrm_specialists.engine.shell import Place, Shell
from hrm_specialists.errors import ConfigError, LifecycleError

log = logging.getLogger(__name__)

LEARNERS = {"low": 1, "default": 1, "max": 4}
"""Learners that may vote, by effort."""
SHORT = 0.3
"""Share of the steps that a learner takes at effort "low"."""
SHOWN = 10
"""Steps between two thoughts that are shown."""
NO_RULE = "no rule known here tells how large the answer is"


@dataclass(eq=False, slots=True, kw_only=True)
class _Job(Place):
    """One caller's problem, from submission to its future's result."""

    learners: int
    """-1 for as many as time allows."""
    pace: Pace
    seed: int
    for_seconds: bool
    starts: int = 0
    ballots: list[Ballot] = field(default_factory=list)
    doubts: int = 1


class AdaptingSolver(Shell[_Job]):
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
        super().__init__(task, max_waiting)
        self.pace = pace or Pace()
        self._threshold = threshold
        self._calibration = calibration or Calibration()
        self._begin()

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
        self._ready()
        self._own(problem)
        now = time.monotonic()
        learners, pace, seconds = self._plan(effort)
        if seconds is not None:
            deadline = min(now + seconds, math.inf if deadline is None else deadline)
        return self._enter(
            _Job(
                problem=problem,
                submitted=now,
                deadline=deadline,
                watch=watch,
                learners=learners,
                pace=pace,
                seed=seed,
                for_seconds=seconds is not None,
            )
        )

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
        while (new := self._arrived(most=1)) is not None:
            for job in new:
                try:
                    if not job.future.done():
                        job.settle(self._attempt(job, self._learn(job)))
                except LifecycleError as error:
                    job.settle(error)
                except Exception as error:
                    job.settle(translate(error))
        self._end()

    def _learn(self, job: _Job) -> str:
        """Let learners learn and vote; why it ended."""
        if self._over(job):
            return "deadline"
        problem = cast(ArcProblem, job.problem)
        digest = hashlib.blake2b(problem.model_dump_json().encode(), digest_size=7).digest()
        seed = int.from_bytes(digest, "big") + job.seed * 1009
        framings = framings_of(problem)
        if not framings:
            return NO_RULE
        # The whole input is the plain reading; which part to cut out is open to doubt.
        job.doubts = 1 if framings[0].cut_name == next(iter(CUTS)) else len(framings)
        lesson = Lesson(problem, framings[0], seed)
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
