"""Scores of answers that are one label or one number, beyond right and wrong.

The same figures as scikit-learn's `balanced_accuracy_score`, `mean_absolute_error` and
`roc_auc_score(multi_class="ovr")`, without it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from hrm_specialists.contract import Attempt
from hrm_specialists.schema.examples import Example

Floats = NDArray[np.float64]

MOST_LABELS = 512
"""Different answers above which they are no labels."""


def of_values(examples: Sequence[Example], attempts: Sequence[Attempt]) -> dict[str, float | None]:
    """`balanced_accuracy`, `auc` and `mean_absolute_error`; None where they mean nothing."""
    figures = ("balanced_accuracy", "auc", "mean_absolute_error")
    found: dict[str, float | None] = dict.fromkeys(figures)
    wanted = [_value(example.solution) for example in examples]
    given = [_value(attempt.solution) for attempt in attempts]
    if not wanted or None in wanted:
        return found
    labels = sorted(set(wanted), key=lambda value: (type(value).__name__, value))
    if any(isinstance(value, float) and not value.is_integer() for value in wanted):
        pairs = zip(given, wanted, strict=True)
        errors = [abs(float(g) - float(w)) for g, w in pairs if isinstance(g, int | float)]
        found["mean_absolute_error"] = statistics.fmean(errors) if errors else None
    elif 1 < len(labels) <= min(MOST_LABELS, max(2, len(wanted) // 2)):
        found["balanced_accuracy"] = balanced_accuracy(wanted, given)
        found["auc"] = _auc(labels, wanted, given, attempts)
    return found


def is_near(
    reference: BaseModel | None, solution: BaseModel | None, tolerance: float | None
) -> bool:
    """Whether a quantity is as near to the reference as its owner asked for."""
    wanted, given = _value(reference), _value(solution)
    if tolerance is None or not all(isinstance(v, int | float) for v in (wanted, given)):
        return False
    return abs(float(wanted) - float(given)) <= tolerance


def balanced_accuracy(wanted: Sequence[Any], given: Sequence[Any]) -> float:
    """Mean over the labels of the share of their cases that are right."""
    hits: dict[Any, list[bool]] = {}
    for right, answer in zip(wanted, given, strict=True):
        hits.setdefault(right, []).append(answer == right)
    return statistics.fmean(sum(found) / len(found) for found in hits.values())


def area_under_curve(scores: Floats, positive: NDArray[np.bool_]) -> float | None:
    """Chance that a positive row scores above a negative one; None if either is missing."""
    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        return None
    _, back, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[back]  # equal scores share their mean rank
    return float((ranks[positive].sum() - yes * (yes + 1) / 2) / (yes * no))


def _auc(
    labels: Sequence[Any], wanted: Sequence[Any], given: Sequence[Any], attempts: Sequence[Attempt]
) -> float | None:
    areas = []
    for label in labels:
        scores = [
            _chance(label, answer, attempt, len(labels))
            for answer, attempt in zip(given, attempts, strict=True)
        ]
        positive = np.array([value == label for value in wanted])
        areas.append(area_under_curve(np.array(scores), positive))
    known = [found for found in areas if found is not None]
    return statistics.fmean(known) if known else None


def _chance(label: Any, answer: Any, attempt: Attempt, labels: int) -> float:
    """The probability of a label; what is left of the confidence is shared by the others."""
    if attempt.probabilities is not None:
        return attempt.probabilities.get(label, 0.0)
    if answer == label:
        return attempt.confidence
    return (1 - attempt.confidence) / max(1, labels - 1)


def _value(solution: BaseModel | None) -> Any:
    """The value of the only field, if it is one; else None."""
    if solution is None or len(type(solution).model_fields) != 1:
        return None
    value = getattr(solution, next(iter(type(solution).model_fields)))
    return value if isinstance(value, str | int | float) else None
