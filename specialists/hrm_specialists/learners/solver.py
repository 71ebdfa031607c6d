"""Trees and linear models as a solver: one row at once, or columns of a million.

Answers within the call, on the caller's thread: a row takes some tenths of a millisecond.
Imports neither torch nor scikit-learn. Shapes: N rows, K labels.
"""

from __future__ import annotations

import math
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
from hrm_specialists.learners.stored import unpack
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
        thresholds: confidence from which each label is accepted, where it is above the
            specialist's; by the label as text.
        tolerance: how far a number may miss and still be right; None accepts none.
        digits: decimals of a number that is answered.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        mixture: Mixture,
        *,
        calibration: Calibration,
        thresholds: Mapping[str, float] | None = None,
        tolerance: float | None = None,
        digits: int | None = None,
    ) -> None:
        self.task, self.mixture, self.calibration = task, mixture, calibration
        self.thresholds, self.tolerance, self.digits = thresholds or {}, tolerance, digits
        self._schema = task.schema  # type: ignore[attr-defined]
        self._names = self._schema.answer.names
        self._least = np.array([self.thresholds.get(str(name), 0.0) for name in self._names])
        self._closed = False

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
        return Answered(self.answer_all([problem])[0])

    def answer_all(
        self, problems: Sequence[BaseModel], *, effort: Effort = "default"
    ) -> list[Attempt]:
        """Answer many problems at once; see `Engine.answer_all`."""
        began = time.monotonic()
        found = self.answer_columns(self._schema.columns(problems))
        seconds = (time.monotonic() - began) / max(1, len(problems))
        spread = [] if found.probabilities is None else found.probabilities.tolist()
        ends = []
        if found.low is not None and found.high is not None:
            ends = list(zip(found.low.tolist(), found.high.tolist(), strict=True))
        each = zip(
            found.answers.tolist(), found.confidence.tolist(), found.unfamiliar or (), strict=True
        )
        return [
            Attempt(
                self._schema.solution(answer),
                None,
                sure,
                0,
                1,
                seconds,
                "one answer",
                unfamiliar=(said,) if said else (),
                probabilities=dict(zip(self._names, spread[at], strict=True)) if spread else None,
                interval=ends[at] if ends else None,
            )
            for at, (answer, sure, said) in enumerate(each)
        ]

    def answer_columns(self, columns: Sequence[Column]) -> Answers:
        """Answer N rows, given the columns of the task's schema."""
        size = len(columns[0].values)
        parts = []
        for start in range(0, max(1, size), ROWS_AT_ONCE):
            part = columns
            if size > ROWS_AT_ONCE:
                part = take(columns, np.arange(start, min(size, start + ROWS_AT_ONCE)))
            rows = self.mixture.rows(part)
            parts.append(self.judged(part, rows.dense, self.mixture.predict(rows)))
        return parts[0] if len(parts) == 1 else _joined(parts)

    def judged(
        self,
        columns: Sequence[Column],
        dense: Floats,
        outcome: Floats,
        sure: Floats | None = None,
    ) -> Answers:
        """What the mixture gave for rows, or other models for theirs, as answers.

        Args:
            columns: of the rows.
            dense: the same encoded, `[N, F]`.
            outcome: raw probabilities `[N, K]`, or numbers `[N, 1]`.
            sure: how probable the best labels are; None to calibrate them.
        """
        said = self._strange(columns, dense)
        if not self.mixture.labels:
            return self._numbers(dense, outcome[:, 0], said)
        probabilities, answers = calibrated(outcome, self.calibration.line), outcome.argmax(1)
        if sure is None:
            sure = probabilities[np.arange(len(dense)), answers]
        # Labels that are right by default need more.
        for at in np.flatnonzero(sure < self._least[answers]).tolist():
            label, least = self._names[answers[at]], self._least[answers[at]]
            said[at] = said[at] or f"{label!r} is accepted from a probability of {least:.2f} on"
        return Answers(
            answers=answers.astype(np.int64),
            confidence=sure,
            probabilities=probabilities,
            unfamiliar=said,
        )

    def close(self) -> None:
        """Take no more problems."""
        self._closed = True

    def _strange(self, columns: Sequence[Column], dense: Floats) -> list[str]:
        """What makes rows unlike training; empty text where nothing does."""
        far, limit = self.mixture.familiar.distance(dense), self.mixture.familiar.limit
        said = [""] * len(dense)
        for at in np.flatnonzero(far > limit).tolist():
            here, usual = math.ceil(100 * far[at] ** 0.5), math.floor(100 * limit**0.5)
            said[at] = (
                "these values together are unlike the training examples "
                f"(distance {here / 100:.2f}, usual up to {usual / 100:.2f})"
            )
        for column, known in zip(columns, self.mixture.vocabularies, strict=True):
            for row in [] if known is None else known.strange(column.values.tolist()):
                said[row] = f"most words of {column.name!r} were never seen in training"
        return said

    def _numbers(self, dense: Floats, outcome: Floats, said: list[str]) -> Answers:
        spread = self.mixture.spread
        assert spread is not None
        scale = spread.scale(dense)
        half = spread.half_width(scale)
        if self.tolerance is None:
            sure, said = np.zeros(len(dense)), [why or NO_TOLERANCE for why in said]
        else:
            sure = spread.within(scale, self.tolerance)
        return Answers(
            answers=outcome if self.digits is None else np.round(outcome, self.digits),
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
        learner, names = config.learner, task.schema.answer.names  # type: ignore[attr-defined]
        mixture: Mixture = unpack(learner["mixture"], arrays)
        count = len(mixture.encoder.plans)
        if count != len(learner["columns"]) or count != len(mixture.vocabularies):
            raise ValueError("the task has other columns")
        if mixture.labels != len(names):
            raise ValueError("the task has other labels")
        return RowSolver(
            task,
            mixture,
            calibration=Calibration.from_mapping(config.calibration),
            **{name: learner.get(name) for name in ("thresholds", "tolerance", "digits")},
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ConfigError) as error:
        raise IncompatibleCheckpoint(
            f"specialist {config.name!r}: its learner cannot be rebuilt: {error}"
        ) from error


def _joined(parts: Sequence[Answers]) -> Answers:
    def joined(name: str) -> Any:
        found = [getattr(part, name) for part in parts]
        return None if found[0] is None else np.concatenate(found)

    said = [why for part in parts for why in part.unfamiliar or ()]
    arrays = ("answers", "confidence", "probabilities", "low", "high")
    return Answers(**{name: joined(name) for name in arrays}, unfamiliar=said)
