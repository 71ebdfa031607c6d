"""What a trained network is worth: calibrated on one part, measured on another.

Knows nothing of training or files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Attempt, Task
from hrm_specialists.engine.calibration import FLOOR, Calibration, fit_confidence
from hrm_specialists.engine.engine import Engine
from hrm_specialists.engine.opening import solver_for
from hrm_specialists.engine.plan import SearchSettings, plan_for
from hrm_specialists.engine.runner import Runner
from hrm_specialists.errors import MalformedTask
from hrm_specialists.evaluation import baselines
from hrm_specialists.evaluation.reliability import threshold_for
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist
from hrm_specialists.teaching.features import labels_of, vectors_of
from hrm_specialists.teaching.giving_up import SECONDS, learn_chances
from hrm_specialists.training.data import Examples


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
    """What validation told."""

    calibration: Calibration
    threshold: float
    accuracy: float


def calibrate(
    task: Task[Any, Any],
    network: NetworkConfig,
    weights: Mapping[str, Tensor],
    validation: Sequence[Example],
    *,
    cost_of_wrong: float,
    settings: SearchSettings,
    device: str,
    seconds: float = SECONDS,
) -> Calibrated:
    """Learn from the validation part what the network's confidence is worth.

    With a checker the threshold does not matter to verified answers; it is
    still set for those that come without. Searching the same problems tells when
    a search has become hopeless.
    """
    solver = partial(_solver, task, network, weights, settings, device, len(validation))
    with solver(Calibration(), 1.0) as plain:
        raw = judge(plain, validation)
    scores, rights = fit_confidence(raw.confidences, raw.right)
    calibration = Calibration(scores=scores, rights=rights)
    confidences = [calibration.confidence(score) for score in raw.confidences]
    threshold = min(1.0, threshold_for(confidences, raw.right, cost_of_wrong=cost_of_wrong))
    with solver(calibration, threshold) as searching:
        plan = plan_for("default", network.halt_max_steps, settings)
        chances = learn_chances(searching, validation, plan, seconds=min(SECONDS, seconds))
    calibration = replace(calibration, chances=chances, floor=FLOOR)
    return Calibrated(calibration, threshold, raw.accuracy)


def measured(
    task: Task[Any, Any],
    network: NetworkConfig,
    weights: Mapping[str, Tensor],
    examples: Sequence[Example],
    calibrated: Calibrated,
    *,
    settings: SearchSettings,
    device: str,
) -> Judged:
    """Answer every example of the test part in one pass and compare."""
    calibration, threshold = calibrated.calibration, calibrated.threshold
    with _solver(
        task, network, weights, settings, device, len(examples), calibration, threshold
    ) as specialist:
        return judge(specialist, examples)


def judge(specialist: Specialist, examples: Sequence[Example]) -> Judged:
    """Answer every example in one pass and compare."""
    tickets = [specialist.submit(e.problem, effort="low") for e in examples]
    attempts = [ticket.future.result() for ticket in tickets]
    return Judged(
        [attempt.confidence for attempt in attempts],
        [_is_right(specialist.task, e, a) for e, a in zip(examples, attempts, strict=True)],
        [attempt.solution for attempt in attempts],
    )


def _solver(
    task: Task[Any, Any],
    network: NetworkConfig,
    weights: Mapping[str, Tensor],
    settings: SearchSettings,
    device: str,
    most: int,
    calibration: Calibration,
    threshold: float,
) -> Specialist:
    """What was trained, as it will be used, with room for `most` problems.

    A problem thinks on the smallest canvas that holds it here, too.
    """

    def engine(task: Task[Any, Any], shape: NetworkConfig) -> Engine:
        model = HRM(shape)
        model.load_state_dict(dict(weights))
        return Engine(
            task,
            Runner(model, device=device),
            threshold=threshold,
            calibration=calibration,
            settings=settings,
            max_waiting=most + 1,
        )

    return Specialist(task, partial(solver_for, task, network, engine))


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


def compare(
    task: Task[Any, Any],
    train: Sequence[Example],
    test: Sequence[Example],
    train_tokens: Examples,
    test_tokens: Examples,
) -> dict[str, float]:
    """Test accuracy of what needs no network, by name."""
    known, asked = train_tokens.targets.tolist(), test_tokens.targets.tolist()
    given, open_ones = train_tokens.inputs.tolist(), test_tokens.inputs.tolist()
    found = {
        "commonest answer": baselines.majority(known, asked),
        "nearest example": baselines.nearest(given, known, open_ones, asked),
    }
    if (test_tokens.targets == IGNORE).all(0).any():
        pass  # answered beside the problem: there is nothing to copy
    else:
        found["problem copied"] = baselines.copied(open_ones, asked, IGNORE)
    if isinstance(task, DataTask):
        labels = labels_of(task, [e.solution for e in train])  # type: ignore[misc]
        wanted = labels_of(task, [e.solution for e in test])  # type: ignore[misc]
        if labels is not None and wanted is not None:
            vectors = [vectors_of(task, [e.problem for e in part]) for part in (train, test)]  # type: ignore[misc]
            found |= baselines.trees(vectors[0], labels, vectors[1], wanted)
    return found
