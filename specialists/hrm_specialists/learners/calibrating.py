"""Models made elsewhere, made to say how sure they are, by examples that were held out.

Knows nothing of how they were made. Shapes: N held-out examples.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task
from hrm_specialists.engine.calibration import Calibration, fit_crosswise
from hrm_specialists.errors import ConfigError
from hrm_specialists.evaluation.reliability import (
    expected_calibration_error,
    threshold_for,
    thresholds_of_labels,
)
from hrm_specialists.evaluation.scores import wilson
from hrm_specialists.learners.wrapped import Answered, FunctionSolver


def _named(solution: BaseModel | None) -> str:
    """A solution as text; of one value, that."""
    values = [] if solution is None else list(solution.model_dump(mode="json").values())
    return str(values[0] if len(values) == 1 else values)


def calibrated(
    task: Task[Any, Any],
    answer: Callable[[BaseModel], Answered],
    held_out: Sequence[tuple[Any, Any]],
    *,
    cost_of_wrong: float,
) -> tuple[Callable[[BaseModel], Answered], float, dict[str, Any]]:
    """The same answers with calibrated confidence, a threshold that is vouched for, and a card.

    Args:
        task: of the problems.
        answer: what is to be calibrated.
        held_out: problems and right solutions that it was not fitted on.
        cost_of_wrong: of accepting a wrong answer, in right ones.

    Raises:
        ConfigError: nothing was held out.
        SpecialistCrashed: the model fails, or answers something else.
    """
    if not held_out:
        raise ConfigError("held_out is empty: some hundreds of examples calibrate, none cannot")
    scores, right, wanted_ones = [], [], Counter[str]()
    solver = FunctionSolver(task, answer)
    try:
        for problem, wanted in held_out:
            found, confidence, _ = solver.answer(task.parse(problem))
            scores.append(confidence)
            solution = solver.solution(wanted)
            right.append(found is not None and found == solution)
            wanted_ones[_named(solution)] += 1
    finally:
        solver.close()
    line, sure = fit_crosswise(scores, right)
    threshold = threshold_for(sure, right, cost_of_wrong=cost_of_wrong)
    shares = {label: count / len(right) for label, count in wanted_ones.items()}
    labels = thresholds_of_labels(shares, threshold)
    calibration = Calibration(line=line)

    def answered(problem: BaseModel) -> Answered:
        given, confidence, probabilities = answer(problem)
        kept = calibration.confidence(confidence)
        if probabilities is not None and given in probabilities:
            rest = max(1e-12, 1 - probabilities[given])
            probabilities = {
                label: kept if label == given else p * (1 - kept) / rest
                for label, p in probabilities.items()
            }
        if labels and kept >= threshold:
            least = labels.get(_named(solver.solution(given)), 0.0)
            kept = kept if kept >= least else min(kept, math.nextafter(threshold, 0.0))
        return given, kept, probabilities

    low, high = wilson(sum(right), len(right))
    card = {
        "examples": {"held out": len(right)},
        "test_accuracy": sum(right) / len(right),
        "test_interval": [low, high],
        "calibration_error": expected_calibration_error(sure, right),
        "threshold": threshold,
        "thresholds": labels,
    }
    return answered, threshold, card
