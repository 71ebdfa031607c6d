"""What is measured of answers to the rows of a table, and of what would be tried first instead.

Each function takes answers, or a solver, and what is right.
Shapes: N rows, K labels.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.evaluation.values import area_under_curve
from hrm_specialists.learners.rivals import rivals_for
from hrm_specialists.learners.rows import take
from hrm_specialists.learners.solver import RowSolver
from hrm_specialists.schema.columns import Answers, Column
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.teaching.competing import Lesson, Until

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

SHUFFLED = 2_000
"""Test rows that permutation importance looks at."""
MOST_COLUMNS = 60
"""Columns up to which permutation importance is worth its time."""


def score_of(outcome: Floats, targets: NDArray[Any]) -> float:
    """Accuracy of probabilities `[N, K]`, or the mean absolute error of numbers `[N, 1]`."""
    if outcome.shape[1] > 1:
        return float((outcome.argmax(1) == targets).mean())
    return float(np.abs(outcome[:, 0] - targets).mean())


def metrics_of(found: Answers, targets: NDArray[Any], labels: int) -> dict[str, float]:
    """Measures of the kind of answer; `labels` is 0 for numbers."""
    known = targets >= 0 if labels else np.isfinite(targets)
    targets, answers = targets[known], found.answers[known]
    if not labels:
        errors = answers - targets
        metrics = {
            "mae": float(np.abs(errors).mean()),
            "rmse": float(np.sqrt((errors**2).mean())),
        }
        if found.low is not None and found.high is not None:
            inside = (found.low[known] <= targets) & (targets <= found.high[known])
            metrics["coverage"] = float(inside.mean())
        return metrics
    from sklearn.metrics import average_precision_score

    recalls = [(answers[targets == label] == label).mean() for label in np.unique(targets)]
    metrics = {"balanced_accuracy": float(np.mean(recalls))}
    if found.probabilities is None:
        return metrics
    probabilities = found.probabilities[known]
    own = np.clip(probabilities[np.arange(len(targets)), targets], 1e-6, 1)
    metrics["log_loss"] = float(-np.log(own).mean())
    counts = np.bincount(targets, minlength=labels)
    watched = [int(np.argmin(counts))] if labels == 2 else range(labels)
    areas = [area_under_curve(probabilities[:, label], targets == label) for label in watched]
    if told := [area for area in areas if area is not None]:
        metrics["auc"] = float(np.mean(told))
    if labels == 2 and counts.min():
        rare = watched[0]
        precision = average_precision_score(targets == rare, probabilities[:, rare])
        metrics["average_precision"] = float(precision)
    return metrics


def confusion(task: DataTask, found: Answers, targets: NDArray[Any]) -> dict[str, dict[str, int]]:
    """Right label to given label to count; empty for more than thirty labels."""
    names = [str(name) for name in task.schema.answer.names]
    if len(names) > 30:
        return {}
    table = np.zeros((len(names), len(names)), int)
    known = targets >= 0
    np.add.at(table, (targets[known], found.answers[known]), 1)
    return {
        right: {given: int(n) for given, n in zip(names, row, strict=True) if n}
        for right, row in zip(names, table, strict=True)
    }


def importance(
    solver: RowSolver,
    columns: Sequence[Any],
    targets: NDArray[Any],
    seed: int,
    until: Until,
) -> dict[str, float]:
    """What is lost when one column is shuffled. Source: Breiman, "Random forests" (2001)."""
    if not 1 < len(columns) <= MOST_COLUMNS:
        return {}
    at = np.arange(min(SHUFFLED, len(targets)))
    part, wanted = take(columns, at), targets[at]
    rng = np.random.default_rng(seed)

    def score(given: Sequence[Any]) -> float:
        mixture = solver.mixture
        found = score_of(mixture.predict(mixture.rows(given)), wanted)
        return found if mixture.labels else -found

    whole, lost = score(part), {}
    for n, column in enumerate(part):
        if until.left < 0:
            return {}
        shuffled = [*part[:n], *take([column], rng.permutation(at)), *part[n + 1 :]]
        lost[column.name] = round(whole - score(shuffled), 5)
    return dict(sorted(lost.items(), key=lambda item: -item[1])[:12])


def baselines(
    lesson: Lesson,
    solver: RowSolver,
    columns: Sequence[Column],
    targets: NDArray[Any],
    seed: int,
    until: Until,
) -> dict[str, float]:
    """What a user would try first, fitted on the same rows: default settings."""
    labels = lesson.labels
    if labels:
        common = np.bincount(lesson.targets, minlength=labels).argmax()
        found = {"commonest answer": float((targets == common).mean())}
        kind = "logistic"
    else:
        found = {"mean": float(np.abs(targets - lesson.targets.mean()).mean())}
        found["median"] = float(np.abs(targets - np.median(lesson.targets)).mean())
        kind = "ridge"
    encoder = solver.mixture.encoder
    rows, asked = encoder.rows(lesson.columns), encoder.rows(columns)
    names = {
        "linear": f"{kind} regression",
        "forest": "random forest",
        "boosting": "gradient-boosted trees",
        "n-grams": f"TF-IDF + {kind} regression",
    }
    for rival in rivals_for(encoder, rows, labels, seed=seed):
        if rival.name not in names or until.left < 0:
            continue
        try:
            member = rival.fit(rows, lesson.targets, labels)
            found[names[rival.name]] = score_of(member.predict(asked), targets)
        except Exception as error:  # a comparison that fails costs itself alone
            log.warning("%s is left out of the comparison: %s", rival.name, error)
    return found
