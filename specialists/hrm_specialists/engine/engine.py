"""Think about many problems at once, on one thread of its own.

Puts together what the files beside it do: a scheduler chooses rows, a runner
thinks one segment of them, the task decodes and checks, a search decides what to
try next. Everything that goes wrong with one problem stays with that problem.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Effort, Task, Thought
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.checking import Checking
from hrm_specialists.engine.plan import SearchSettings, plan_for
from hrm_specialists.engine.runner import Placement, Runner, Segment, translate
from hrm_specialists.engine.scheduler import Job, Row, Scheduler
from hrm_specialists.engine.search import Reply, Search
from hrm_specialists.engine.shell import Shell
from hrm_specialists.errors import (
    HrmAgentError,
    InvalidInput,
    MalformedTask,
    NonFiniteOutput,
    SpecialistCrashed,
)

log = logging.getLogger(__name__)


class Engine(Shell[Job]):
    """A `Solver` for one task with one network.

    Thread-safe. A caller who leaves leaves at once; its rows retire when the
    segment in flight ends, and its neighbours never notice.

    Args:
        task: what the network was trained for.
        runner: the network; nobody else may use it from now on.
        threshold: calibrated confidence that ends a search without a checker.
        calibration: of this specialist.
        settings: how it searches.
        max_waiting: unfinished problems at most; more are refused.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        runner: Runner,
        *,
        threshold: float = 0.9,
        calibration: Calibration | None = None,
        settings: SearchSettings | None = None,
        max_waiting: int = 1024,
    ) -> None:
        super().__init__(task, max_waiting)
        self._runner = runner
        self._threshold = threshold
        self._calibration = calibration or Calibration()
        self._settings = settings or SearchSettings()
        self._scheduler = Scheduler(runner.batch)
        self._checking = Checking(task)
        self._begin()

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Job:
        """Queue a problem; see `Solver.submit`.

        Raises:
            QueueFull: `max_waiting` problems are unfinished already.
            InvalidInput: the problem does not fit the network.
            ConfigError: the effort is neither a known word nor seconds.
            SpecialistCrashed: the task's codec raised.
            LifecycleError: the engine is closed.
            ForkedProcess: the process was forked since the engine started.
        """
        self._ready()
        plan = plan_for(effort, self._runner.config.halt_max_steps, self._settings)
        tokens = self._encode(problem)
        now = time.monotonic()
        search = Search(
            tokens,
            plan,
            symmetry=self.task.symmetry,
            checked=self.task.has_checker,
            seed=seed,
            waves=self._runner.waves,
            threshold=self._threshold,
            calibration=self._calibration,
        )
        if plan.seconds is not None:
            deadline = min(now + plan.seconds, float("inf") if deadline is None else deadline)
        return self._enter(
            Job(
                problem=problem,
                submitted=now,
                deadline=deadline,
                watch=watch,
                tokens=tokens,
                search=search,
            )
        )

    def answer_all(
        self, problems: Sequence[BaseModel], *, effort: Effort = "default"
    ) -> list[Attempt | HrmAgentError] | None:
        """Answer many problems at once, as `submit` would one by one, on the caller's thread.

        Returns:
            An attempt for each, or why there is none; None where one pass does not decide
            (there is a checker, or further starts), or where nothing would be gained.

        Raises:
            ConfigError: the effort is neither a known word nor seconds.
            LifecycleError: the engine is closed.
        """
        self._ready()
        plan = plan_for(effort, self._runner.config.halt_max_steps, self._settings)
        if plan.restarts or plan.seconds is not None or self.task.has_checker:
            return None
        began = time.monotonic()
        found: list[Attempt | HrmAgentError | None] = [None] * len(problems)
        encoded: dict[int, list[int]] = {}
        for at, problem in enumerate(problems):
            try:
                encoded[at] = self._encode(problem)
            except HrmAgentError as error:
                found[at] = error
        if not encoded:
            return [one for one in found if one is not None]
        passes = self._runner.passes(list(encoded.values()), plan.segments)
        if passes is None:
            return None
        seconds = (time.monotonic() - began) / len(encoded)
        thought = zip(
            encoded, passes.answers, passes.scores, passes.finite, passes.segments, strict=True
        )
        for at, answer, score, finite, segments in thought:
            if not finite:
                found[at] = self._not_finite()
                continue
            try:
                solution, score = self.task.codec.decode(problems[at], answer), score
            except MalformedTask:
                solution, score = None, 0.0
            except Exception as error:
                found[at] = translate(error)
                continue
            confidence = self._calibration.confidence(score)
            sure = solution is not None and confidence >= self._threshold
            reason = "confident" if sure else "effort spent"
            found[at] = Attempt(solution, None, confidence, segments, 1, seconds, reason)
        return [one for one in found if one is not None]

    def _run(self) -> None:
        try:
            self._runner.own_thread()
            while (new := self._arrived(busy=bool(self._scheduler.jobs))) is not None:
                for job in new:
                    self._scheduler.add(job)
                try:
                    self._step()
                except Exception as error:  # our own mistake, never a caller's wait without end
                    log.exception("the engine of %r stumbled", self.task.name)
                    self._fail(list(self._scheduler.jobs), translate(error))
        finally:
            self._end(self._scheduler.jobs)
            self._checking.close()
            self._runner.close()

    def _step(self) -> None:
        """One segment of whoever's turn it is."""
        self._retire()
        self._place(self._scheduler.admit())
        rows = self._scheduler.pick()
        for group, segment in self._think(rows):
            for row, answer, score, finite in zip(
                group, segment.answers, segment.scores, segment.finite, strict=True
            ):
                self._hear(row, answer, score, finite)

    def _retire(self) -> None:
        """Let go of jobs whose caller left or whose time is up."""
        now = time.monotonic()
        for job in list(self._scheduler.jobs):
            if job.future.cancelled():
                self._scheduler.drop(job)
            elif job.deadline is not None and now >= job.deadline:
                self._finish(job, "deadline" if job.search.plan.seconds is None else "effort spent")

    def _place(self, rows: Sequence[Row]) -> None:
        placements = []
        for row in rows:
            start = row.start
            tokens: Sequence[int] = start.tokens
            try:
                if start.symmetry is not None:
                    tokens = start.symmetry.apply(tokens)
                plan = row.job.search.plan
                noise, damping = plan.first_noise, 0.0  # of the first pass
                if start.number:
                    noise, damping = plan.noise, plan.damping
                placements.append(
                    Placement(row.slot, tokens, noise, start.seed, damping, not start.number)
                )
            except Exception as error:
                self._fail([row.job], translate(error))
        try:
            self._runner.place(placements)
        except Exception as error:
            self._fail([row.job for row in rows], translate(error))

    def _think(self, rows: Sequence[Row]) -> list[tuple[Sequence[Row], Segment]]:
        """Think all rows together, or each alone if together they crash."""
        if not rows:
            return []
        try:
            return [(rows, self._runner.think([row.slot for row in rows]))]
        except Exception as error:
            if len(rows) == 1:
                self._fail([rows[0].job], translate(error))
                return []
        return [thought for row in rows for thought in self._think([row])]

    def _hear(self, row: Row, answer: list[int], score: float, finite: bool) -> None:
        """Judge what one row answered, and let its search decide."""
        job = row.job
        if job not in self._scheduler.jobs:
            return
        job.segments += 1
        row.segments += 1
        if not job.search.wants(row.start):  # another start of its wave won meanwhile
            return
        try:
            if not finite:
                raise self._not_finite()
            row.reply = self._judge(row, answer, score)
            job.search.hear(row.start, row.reply)
            self._show(row)
            outcome = job.search.outcome()
        except Exception as error:
            self._fail([job], translate(error))
            return
        for other in list(job.rows):
            if not job.search.wants(other.start):
                self._scheduler.release(other)
        if outcome is not None:
            self._finish(job, outcome.reason)

    def _judge(self, row: Row, answer: list[int], score: float) -> Reply:
        if row.reply is not None and answer == row.answer:
            return Reply(row.reply.solution, row.reply.verdict, score, row.reply.tokens)
        row.answer = answer
        if row.start.symmetry is not None:
            answer = row.start.symmetry.inverse().apply(answer)
        try:
            solution = self.task.codec.decode(row.job.problem, answer)
        except MalformedTask:
            return Reply(None, None, score)
        verdict = self._checking.check(row.job.problem, solution)
        return Reply(solution, verdict, score, tuple(answer))

    def _show(self, row: Row) -> None:
        job = row.job
        if job.watch is None or row.reply is None:
            return
        confidence = 1.0 if row.reply.passed else job.search.confidence(row.reply)
        try:
            job.watch(Thought(job.segments, row.start.number, row.reply.solution, confidence))
        except Exception:
            log.warning("a watcher of %r raised", self.task.name, exc_info=True)

    def _finish(self, job: Job, reason: str) -> None:
        outcome = job.search.result(reason)
        self._scheduler.drop(job)
        attempt = Attempt(
            solution=outcome.solution,
            verdict=outcome.verdict,
            confidence=outcome.confidence,
            segments=job.segments,
            starts=job.search.begun,
            seconds=time.monotonic() - job.submitted,
            reason=outcome.reason,
        )
        job.settle(attempt)

    def _fail(self, jobs: Sequence[Job], error: HrmAgentError) -> None:
        for job in jobs:
            self._scheduler.drop(job)
            job.settle(error)

    def _encode(self, problem: BaseModel) -> list[int]:
        self._own(problem)
        try:
            tokens = list(self.task.codec.encode(problem))
        except InvalidInput:
            raise
        except Exception as error:
            raise SpecialistCrashed(
                f"the codec of {self.task.name!r} raised {type(error).__name__}: {error}"
            ) from error
        config = self._runner.config
        if len(tokens) != config.seq_len or not all(0 <= t < config.vocab_size for t in tokens):
            raise MalformedTask(
                f"encoded to {len(tokens)} tokens up to {max(tokens, default=0)}; the network "
                f"takes {config.seq_len}, each below {config.vocab_size}"
            )
        return tokens

    def _not_finite(self) -> NonFiniteOutput:
        return NonFiniteOutput(
            f"the network of {self.task.name!r} produced NaN or infinity; "
            "its weights may be damaged"
        )
