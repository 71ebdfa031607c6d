"""A specialist: a task with a solver behind it, loaded on first use.

What the registry holds and the router asks. Imports no torch; the solver that
`open_solver` returns usually does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Effort, Solver, Task, Thought, Ticket
from hrm_specialists.errors import LifecycleError, MalformedTask

if TYPE_CHECKING:
    from hrm_specialists.predicting import Predictions

log = logging.getLogger(__name__)


class Specialist:
    """One task and whoever solves it.

    Args:
        task: what it solves.
        open_solver: called once, on first use, in the thread that needs it.
        private: keep its problems, their solutions and the rest of the query
            from language models.
        threshold: calibrated confidence from which an unchecked answer counts
            as accepted, 0 to 1.
        card: what is known of it: parameters, training data, measured accuracy.
        folder: where its files are, if it has any.
        version: which training of it this is.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        open_solver: Callable[[], Solver],
        *,
        private: bool = False,
        threshold: float = 0.9,
        card: Mapping[str, Any] | None = None,
        folder: Path | None = None,
        version: str = "",
    ) -> None:
        self.task, self.private, self.threshold = task, private, threshold
        self.card: Mapping[str, Any] = card or {}
        self.folder, self.version = folder, version
        self._open_solver = open_solver
        self._solver: Solver | None = None
        self._closed = False
        self._loading = threading.Lock()

    @classmethod
    def from_function(
        cls, task: Task[Any, Any], solve: Callable[[Any], Any], *, private: bool = False
    ) -> Specialist:
        """Any code as a specialist: `solve` takes a `Problem`.

        It returns a `Solution`, plain values for one, or None for nothing. Its answers are
        verified if the task has a checker that passes them, else unverified, never accepted:
        no held-out figures say how often code is right. `hrm-agent evaluate`, or
        `hrm_specialists.evaluation.scores.evaluate`, measures it on labelled examples. It runs
        on a thread of its own; one that raises or returns something else fails its solve, and
        one that hangs ends with the deadline.
        """
        return cls._wrapped(task, lambda p: (solve(p), 0.0, None), "function", private=private)

    @classmethod
    def from_estimator(
        cls,
        task: Task[Any, Any],
        fitted: Any,
        *,
        held_out: Sequence[tuple[Any, Any]] | None = None,
        cost_of_wrong: float = 9.0,
        private: bool = False,
    ) -> Specialist:
        """A fitted estimator or pipeline with scikit-learn's interface, in memory.

        Args:
            task: its problem's fields are the columns that the estimator was fitted on.
            fitted: anything with `predict`, and `predict_proba` if it is to be accepted.
            held_out: problems and right solutions that it was not fitted on, to calibrate
                its probabilities; without them no unchecked answer is accepted.
            cost_of_wrong: see `train`.
            private: keep its problems from language models.

        Raises:
            ConfigError: it has no `predict`, or was fitted on other columns.
        """
        from hrm_specialists.learners.wrapped import estimator_answers

        answer = estimator_answers(task, fitted)
        return cls._wrapped(task, answer, "estimator", held_out, cost_of_wrong, private=private)

    @classmethod
    def from_onnx(
        cls,
        file: Path | str,
        *,
        task: Task[Any, Any],
        held_out: Sequence[tuple[Any, Any]] | None = None,
        cost_of_wrong: float = 9.0,
        sha256: str | None = None,
        size: int | None = None,
        private: bool = False,
    ) -> Specialist:
        """An ONNX model, run by onnxruntime (extra `onnx`).

        Args:
            file: the model. It may want no files besides and no operators of its own.
            task: its problem's fields are the model's inputs, by name, or in order for a
                single input.
            held_out, cost_of_wrong, private: see `from_estimator`.
            sha256: what the file must hash to.
            size: bytes that it has; a larger file is not read.

        Raises:
            ConfigError: onnxruntime is not installed.
            CheckpointError: the file is damaged, unsafe, or has other inputs.
        """
        from hrm_specialists.learners.wrapped import onnx_answers

        answer = onnx_answers(task, Path(file), sha256=sha256, size=size)
        return cls._wrapped(task, answer, "onnx", held_out, cost_of_wrong, private=private)

    @classmethod
    def _wrapped(
        cls,
        task: Task[Any, Any],
        answer: Callable[[BaseModel], Any],
        learner: str,
        held_out: Sequence[tuple[Any, Any]] | None = None,
        cost_of_wrong: float = 9.0,
        *,
        private: bool,
    ) -> Specialist:
        from hrm_specialists.learners.wrapped import FunctionSolver, calibrated

        threshold, card = 1.0, {"learner": learner, "measured_on": "nothing yet"}
        if held_out is not None:
            answer, threshold, known = calibrated(
                task, answer, held_out, cost_of_wrong=cost_of_wrong
            )
            card = {"learner": learner, **known}
        return cls(
            task,
            lambda: FunctionSolver(task, answer),
            private=private,
            threshold=threshold,
            card=card,
        )

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name

    @property
    def learner(self) -> str:
        """What answers: network, trees, linear, kernel, series, function, estimator or onnx.

        Cards written before there was a choice name none: they are of networks.
        """
        return str(self.card.get("learner") or "network")

    @property
    def loaded(self) -> bool:
        """Whether the solver is there, so that `submit` returns at once."""
        return self._solver is not None

    def warm(self) -> None:
        """Load the solver now; callers on several threads share one load."""
        _ = self.solver

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Ticket:
        """Queue a problem; see `Solver.submit`. Loads first, if need be.

        Whatever solves it, the attempt says what is `unfamiliar` about the problem.
        """
        if not isinstance(problem, self.task.Problem):
            raise MalformedTask(
                f"a {type(problem).__name__} came; task {self.name!r} takes "
                f"{self.task.Problem.__name__}: `specialist.task.parse(…)` makes one"
            )
        unfamiliar = self.unfamiliar(problem)
        ticket = self.solver.submit(
            problem, effort=effort, deadline=deadline, seed=seed, watch=watch
        )
        return _Warned(ticket, unfamiliar) if unfamiliar else ticket

    def unfamiliar(self, problem: BaseModel) -> tuple[str, ...]:
        """What `Task.unfamiliar` says; a task that fails to say it makes nothing familiar."""
        try:
            return tuple(self.task.unfamiliar(problem))
        except Exception as error:  # a task's author's mistake
            log.warning("%r cannot tell what is unfamiliar: %r", self.name, error)
            return (f"whether training covers this problem is unknown ({type(error).__name__})",)

    def accepts(self, attempt: Attempt) -> bool:
        """Whether an unchecked answer counts as accepted: familiar, and sure enough."""
        return (
            attempt.solution is not None
            and not attempt.unfamiliar
            and attempt.confidence >= self.threshold
        )

    def solve(
        self,
        problem: BaseModel | Mapping[str, Any] | Sequence[Any] | str,
        *,
        effort: Effort = "default",
        seed: int = 0,
    ) -> Attempt:
        """Solve one problem and wait for it; for scripts and tests.

        Args:
            problem: an instance of the task's `Problem`, or what `Task.parse` makes
                one of: a mapping of its fields, a text, the value of its only field.
            effort: how hard to try.
            seed: decides the randomness of the search.

        Raises:
            MalformedTask: it is no problem of this task.
        """
        given = problem if isinstance(problem, BaseModel) else self.task.parse(problem)
        return self.submit(given, effort=effort, seed=seed).future.result()

    def predict(self, rows: object, *, effort: Effort = "default") -> Predictions:
        """Answer many rows: each with prediction, probability, status and reason.

        Args:
            rows: a file (`.csv`, `.parquet`, `.jsonl`, …), a data frame, an Arrow table, a
                mapping of columns, or rows as mappings, problems or bare values.
            effort: how hard to try each.

        Returns:
            One `Prediction` a row, in order; also as a table (`to_pandas`, `to_arrow`). A
            row that is no problem of the task has the status "failed", and the reason.

        Raises:
            DataError: there is no table in `rows`, or a column is missing.
            SpecialistError: the specialist broke.
        """
        from hrm_specialists.predicting import predict

        return predict(self, rows, effort=effort)

    @property
    def solver(self) -> Solver:
        """Whatever solves; loaded now, if need be."""
        if self._solver is not None:
            return self._solver
        with self._loading:
            if self._closed:
                raise LifecycleError(f"specialist {self.name!r} is closed")
            if self._solver is None:
                self._solver = self._open_solver()
            return self._solver

    def close(self) -> None:
        """Release the solver; the specialist cannot be used again."""
        with self._loading:
            self._closed = True
            solver, self._solver = self._solver, None
        if solver is not None:
            solver.close()

    def __enter__(self) -> Specialist:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Specialist({self.name!r}{', private' if self.private else ''})"


class _Warned:
    """A ticket whose attempt carries what is unfamiliar about its problem."""

    def __init__(self, ticket: Ticket, unfamiliar: tuple[str, ...]) -> None:
        self.withdraw, self._unfamiliar = ticket.withdraw, unfamiliar
        self.future: Future[Attempt] = Future()
        ticket.future.add_done_callback(self._pass_on)

    def _pass_on(self, done: Future[Attempt]) -> None:
        with suppress(InvalidStateError):  # the caller left in the meantime
            if done.cancelled():
                self.future.cancel()
                self.future.set_running_or_notify_cancel()
            elif (error := done.exception()) is not None:
                self.future.set_exception(error)
            else:
                attempt = done.result()
                said = (*self._unfamiliar, *attempt.unfamiliar)
                self.future.set_result(replace(attempt, unfamiliar=said))
