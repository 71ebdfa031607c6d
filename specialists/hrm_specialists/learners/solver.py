"""Trees and linear models as a solver: one row at once, or columns of a million.

Answers within the call, on the caller's thread: a row takes some tenths of a millisecond.
Imports neither torch nor scikit-learn. Shapes: N rows, K labels.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Effort, Task, Thought, Ticket
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.errors import (
    ConfigError,
    CorruptCheckpoint,
    IncompatibleCheckpoint,
    LifecycleError,
)
from hrm_specialists.learners.mixture import Mixture, calibrated
from hrm_specialists.learners.rows import take
from hrm_specialists.schema.columns import Answers, Column

if TYPE_CHECKING:
    from hrm_specialists.packaging import SpecialistConfig

Floats = NDArray[np.float64]

ROWS_AT_ONCE = 20_000
NO_TOLERANCE = "no tolerance was stated in training, so no number is accepted"


class Answered:
    """A ticket whose attempt is there already."""

    def __init__(self, attempt: Attempt) -> None:
        self.future: Future[Attempt] = Future()
        self.future.set_result(attempt)

    def withdraw(self) -> None:
        """Nothing is left to be given up."""


class RowSolver:
    """A mixture of learners with its calibration; see `Solver` and `BatchSolver`.

    Args:
        task: gives columns and takes labels; its answer is one label or a number.
        mixture: what was learned.
        calibration: of the most probable label.
        labels: confidence from which each label is accepted, where it is above the
            specialist's threshold; by the label as text.
        tolerance: how far a number may miss and still be right; None accepts none.
        digits: decimals of a number that is answered.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        mixture: Mixture,
        *,
        calibration: Calibration,
        labels: Mapping[str, float] | None = None,
        tolerance: float | None = None,
        digits: int | None = None,
    ) -> None:
        self.task, self.mixture, self.tolerance = task, mixture, tolerance
        self.calibration, self._digits = calibration, digits
        self._schema = task.schema  # type: ignore[attr-defined]
        names = self._schema.answer.names
        self._thresholds = np.array([(labels or {}).get(str(name), 0.0) for name in names])
        self._closed = False

    def with_mixture(self, mixture: Mixture) -> RowSolver:
        """The same with other learners."""
        other = copy.copy(self)
        other.mixture = mixture
        return other

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Ticket:
        """Answer a problem at once; effort, deadline and seed change nothing.

        Raises:
            LifecycleError: it was closed.
        """
        if self._closed:
            raise LifecycleError(f"specialist {self.task.name!r} is closed")
        return Answered(self.answer_all([problem], effort=effort)[0])

    def answer_all(
        self, problems: Sequence[BaseModel], *, effort: Effort = "default"
    ) -> list[Attempt]:
        """Answer many problems at once; see `Engine.answer_all`."""
        began = time.monotonic()
        found = self.answer_columns(self._schema.columns(problems))
        seconds = (time.monotonic() - began) / max(1, len(problems))
        names = self._schema.answer.names
        attempts = []
        for at, (answer, sure) in enumerate(
            zip(found.answers.tolist(), found.confidence.tolist(), strict=True)
        ):
            probabilities: dict[Any, float] | None = None
            interval: tuple[float, float] | None = None
            if found.probabilities is not None:
                probabilities = dict(zip(names, found.probabilities[at].tolist(), strict=True))
            if found.low is not None and found.high is not None:
                interval = (float(found.low[at]), float(found.high[at]))
            said = found.unfamiliar[at] if found.unfamiliar is not None else ""
            attempts.append(
                Attempt(
                    self._schema.solution(answer),
                    None,
                    sure,
                    0,
                    1,
                    seconds,
                    "one answer",
                    unfamiliar=(said,) if said else (),
                    probabilities=probabilities,
                    interval=interval,
                )
            )
        return attempts

    def answer_columns(self, columns: Sequence[Column]) -> Answers:
        """Answer N rows, given the columns of the task's schema."""
        size = len(columns[0].values)
        if size <= ROWS_AT_ONCE:
            return self._answer(columns)
        parts = [
            self._answer(take(columns, np.arange(start, min(size, start + ROWS_AT_ONCE))))
            for start in range(0, size, ROWS_AT_ONCE)
        ]
        return _joined(parts)

    def close(self) -> None:
        """Take no more problems."""
        self._closed = True

    def _answer(self, columns: Sequence[Column]) -> Answers:
        rows = self.mixture.rows(columns)
        outcome = self.mixture.predict(rows)
        said = self._strange(columns, rows.dense)
        if not self.mixture.labels:
            return self._numbers(rows.dense, outcome[:, 0], said)
        probabilities = self.calibrated(outcome)
        answers = outcome.argmax(1)
        sure = probabilities[np.arange(len(rows)), answers]
        self._default(said, answers, sure)
        return Answers(
            answers=answers.astype(np.int64),
            confidence=sure,
            probabilities=probabilities,
            unfamiliar=said,
        )

    def doubts(
        self,
        columns: Sequence[Column],
        answers: NDArray[np.intp] | None = None,
        sure: Floats | None = None,
    ) -> list[str]:
        """Why rows are never accepted, however sure; empty text where they may be.

        Args:
            columns: of the rows.
            answers: labels that they got from elsewhere, such as from other folds.
            sure: how probable these are.
        """
        said = self._strange(columns, self.mixture.encoder.dense(columns))
        if answers is not None and sure is not None:
            self._default(said, answers, sure)
        return said

    def _strange(self, columns: Sequence[Column], dense: Floats) -> list[str]:
        """What makes rows unlike training."""
        far = self.mixture.familiar.distance(dense)
        limit = self.mixture.familiar.limit
        said = [""] * len(dense)
        for at in np.flatnonzero(far > limit).tolist():
            said[at] = (
                "these values together are unlike the training examples "
                f"(distance {far[at] ** 0.5:.1f}, usual up to {limit**0.5:.1f})"
            )
        for at, known in self.mixture.vocabularies.items():
            for row in known.strange(columns[at].values.tolist()):
                said[row] = f"most words of {columns[at].name!r} were never seen in training"
        return said

    def _default(self, said: list[str], answers: NDArray[np.intp], sure: Floats) -> None:
        """Say of labels that are right by default where they are not sure enough."""
        for at in np.flatnonzero(sure < self._thresholds[answers]).tolist():
            if not said[at]:
                label, least = self._schema.answer.names[answers[at]], self._thresholds[answers[at]]
                said[at] = f"{label!r} is accepted from a probability of {least:.2f} on"

    def calibrated(self, outcome: Floats) -> Floats:
        """Raw probabilities of the labels, calibrated."""
        return calibrated(outcome, self.calibration.line)

    def _numbers(self, dense: Floats, outcome: Floats, said: list[str]) -> Answers:
        spread = self.mixture.spread
        assert spread is not None
        scale = spread.scale(dense)
        half = spread.half_width(scale)
        if self.tolerance is None:
            sure = np.zeros(len(dense))
            said = [why or NO_TOLERANCE for why in said]
        else:
            sure = spread.within(scale, self.tolerance)
        answers = outcome if self._digits is None else np.round(outcome, self._digits)
        return Answers(
            answers=answers,
            confidence=sure,
            unfamiliar=said,
            low=outcome - half,
            high=outcome + half,
        )


def open_rows(task: Task[Any, Any], config: SpecialistConfig, weights: bytes) -> RowSolver:
    """What answers with the arrays of a specialist's folder.

    Raises:
        CorruptCheckpoint: they are unreadable, or not finite.
        IncompatibleCheckpoint: they do not fit the task.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(weights)
    except SafetensorError as error:
        raise CorruptCheckpoint(f"the weights cannot be read: {error}") from error
    try:
        learner = config.learner
        mixture = Mixture.of(learner, arrays)
        calibration = Calibration.from_mapping(config.calibration)
        schema = task.schema  # type: ignore[attr-defined]
        if len(mixture.encoder.plans) != len(learner["columns"]) or mixture.labels != len(
            schema.answer.names
        ):
            raise ValueError("the task has other columns or labels")
        return RowSolver(
            task,
            mixture,
            calibration=calibration,
            labels=learner.get("thresholds"),
            tolerance=learner.get("tolerance"),
            digits=learner.get("digits"),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ConfigError) as error:
        raise IncompatibleCheckpoint(
            f"specialist {config.name!r}: its learner cannot be rebuilt: {error}"
        ) from error


def _joined(parts: Sequence[Answers]) -> Answers:
    def joined(name: str) -> Any:
        found = [getattr(part, name) for part in parts]
        return None if found[0] is None else np.concatenate(found)

    return Answers(
        answers=joined("answers"),
        confidence=joined("confidence"),
        probabilities=joined("probabilities"),
        unfamiliar=[why for part in parts for why in part.unfamiliar or ()],
        low=joined("low"),
        high=joined("high"),
    )
