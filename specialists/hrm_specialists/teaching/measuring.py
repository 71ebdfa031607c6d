"""What a trained network is worth: calibrated on one part, measured on another.

Knows nothing of training or files.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Attempt, Effort, Task
from hrm_specialists.engine.calibration import FLOOR, Calibration, fit_chances, fit_crosswise
from hrm_specialists.engine.engine import Engine
from hrm_specialists.engine.opening import solver_for
from hrm_specialists.engine.plan import Plan, SearchSettings, plan_for
from hrm_specialists.engine.runner import Runner
from hrm_specialists.errors import HrmAgentError, MalformedTask
from hrm_specialists.evaluation.reliability import threshold_for
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.predicting import answered
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist
from hrm_specialists.training.data import Examples

SECONDS = 30.0
"""Time at most for searching; what it leaves open teaches nothing."""
SEARCHED = 0.03
"""Share of the time for a whole training that searching may take, up to `SECONDS`."""
UNREACHED = 2.0
"""A threshold that ends no search: what is not checked is searched to the end, so that it
is as sure as it was when it was measured."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers to held-out examples, in order."""

    confidences: list[float]
    right: list[bool]
    solutions: list[Any]

    @property
    def accuracy(self) -> float:
        """Share of whole answers right."""
        return sum(self.right) / len(self.right)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the validation part told."""

    calibration: Calibration
    threshold: float
    judged: Judged


@dataclass(frozen=True, slots=True)
class Trained:
    """A network as it will be used."""

    task: Task[Any, Any]
    network: NetworkConfig
    weights: Mapping[str, Tensor]
    settings: SearchSettings
    device: str

    def calibrated(
        self, validation: Sequence[Example], *, cost_of_wrong: float, seconds: float = SECONDS
    ) -> Calibrated:
        """Learn from the validation part what the network's confidence is worth.

        Answers are calibrated at the effort at which they are given: one pass where a
        checker judges them, the default search where nothing else does. Searching the same
        problems, for `seconds` at most, tells when a search has become hopeless.
        """
        most = len(validation)
        with self._specialist(Calibration(), UNREACHED, most) as plain:
            raw = judge(plain, validation)
        line, confidences = fit_crosswise(raw.confidences, raw.right)
        threshold = threshold_for(confidences, raw.right, cost_of_wrong=cost_of_wrong)
        calibration = Calibration(line=line)
        if self.task.has_checker:
            plan = plan_for("default", self.network.halt_max_steps, self.settings)
            with self._specialist(calibration, threshold, most) as searching:
                within = min(SECONDS, seconds)
                chances = learn_chances(searching, validation, plan, seconds=within)
            calibration = replace(calibration, chances=chances, floor=FLOOR)
        return Calibrated(calibration, threshold, raw)

    def measured(
        self, examples: Sequence[Example], calibration: Calibration, threshold: float
    ) -> Judged:
        """Answer every example of the test part, as it was calibrated, and compare."""
        with self._specialist(calibration, threshold, len(examples)) as specialist:
            return judge(specialist, examples)

    def _specialist(self, calibration: Calibration, threshold: float, most: int) -> Specialist:
        """With room for `most` problems; each thinks on the smallest canvas that holds it."""

        def engine(task: Task[Any, Any], shape: NetworkConfig) -> Engine:
            model = HRM(shape)
            model.load_state_dict(dict(self.weights))
            return Engine(
                task,
                Runner(model, device=self.device),
                threshold=threshold,
                calibration=calibration,
                settings=self.settings,
                max_waiting=most + 1,
            )

        return Specialist(self.task, partial(solver_for, self.task, self.network, engine))


def learn_chances(
    specialist: Specialist, examples: Sequence[Example], plan: Plan, *, seconds: float = SECONDS
) -> tuple[float, ...]:
    """How likely one more start helps, for a `Calibration`.

    Args:
        specialist: one that does not give up yet.
        examples: held out; their solutions are not looked at.
        plan: what the default effort buys.
        seconds: time at most.
    """
    deadline = time.monotonic() + seconds
    tickets = [specialist.submit(e.problem, deadline=deadline) for e in examples]
    attempts = [ticket.future.result() for ticket in tickets]
    solved_at = [
        attempt.starts if attempt.reason in ("verified", "confident") else None
        for attempt in attempts
        if attempt.reason != "deadline"
    ]
    return fit_chances(solved_at, 1 + plan.restarts)


def judge(specialist: Specialist, examples: Sequence[Example]) -> Judged:
    """Answer every example and compare: in one pass where there is a checker, else as asked."""
    effort: Effort = "low" if specialist.task.has_checker else "default"
    attempts = []
    for attempt in answered(specialist, [e.problem for e in examples], effort=effort):
        if isinstance(attempt, HrmAgentError):
            raise attempt
        attempts.append(attempt)
    return Judged(
        [attempt.confidence for attempt in attempts],
        [_is_right(specialist.task, e, a) for e, a in zip(examples, attempts, strict=True)],
        [attempt.solution for attempt in attempts],
    )


def _is_right(task: Task[Any, Any], example: Example, attempt: Attempt) -> bool:
    """What the checker passes; without one, what equals the answer in tokens.

    A maze has many shortest ways, and a quantity is right if it falls into the right bin.
    """
    if task.has_checker:
        return attempt.verdict is not None and attempt.verdict.passed
    if attempt.solution is None or example.solution is None:
        return False
    try:
        given = task.codec.target(example.problem, attempt.solution)
    except MalformedTask:
        return False
    return given == task.codec.target(example.problem, example.solution)


def compare(train_tokens: Examples, test_tokens: Examples) -> dict[str, float]:
    """Test accuracy of what needs no network and no library, by name."""
    known, asked = train_tokens.targets.numpy(), test_tokens.targets.numpy()
    given, fresh = train_tokens.inputs.numpy(), test_tokens.inputs.numpy()
    rows, counts = np.unique(known, axis=0, return_counts=True)
    nearest = [int((given == one).sum(1).argmax()) for one in fresh]
    right = {
        "commonest answer": asked == rows[counts.argmax()],
        "nearest example": asked == known[nearest],
    }
    if not (asked == IGNORE).all(0).any():  # else there is nothing to copy
        right["problem copied"] = (asked == IGNORE) | (asked == fresh)
    return {name: float(whole.all(1).mean()) for name, whole in right.items()}
