"""Scores of answers that are one label or one number, beyond right and wrong.

The same figures as scikit-learn's `balanced_accuracy_score`, `mean_absolute_error` and
`roc_auc_score(multi_class="ovr")`, without it.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Attempt
from hrm_specialists.schema.examples import Example

MOST_LABELS = 512
"""Different answers above which they are no labels."""


def of_values(examples: Sequence[Example], attempts: Sequence[Attempt]) -> dict[str, float | None]:
    """`balanced_accuracy`, `auc` and `mean_absolute_error`; None where they mean nothing."""
    none: dict[str, float | None] = {
        "balanced_accuracy": None,
        "auc": None,
        "mean_absolute_error": None,
    }
    wanted = [_value(example.solution) for example in examples]
    given = [_value(attempt.solution) for attempt in attempts]
    if not wanted or any(value is _NONE for value in wanted):
        return none
    labels = sorted(set(wanted), key=lambda value: (type(value).__name__, value))
    if any(isinstance(value, float) and not value.is_integer() for value in wanted):
        errors = [
            abs(float(g) - float(w))
            for g, w in zip(given, wanted, strict=True)
            if isinstance(g, int | float)
        ]
        return {**none, "mean_absolute_error": statistics.fmean(errors) if errors else None}
    if not 1 < len(labels) <= min(MOST_LABELS, max(2, len(wanted) // 2)):
        return none
    return {
        **none,
        "balanced_accuracy": balanced_accuracy(wanted, given),
        "auc": _auc(labels, wanted, given, attempts),
    }


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


def area(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """The chance that a positive case scores above a negative one, ties counted half."""
    of_positive = [s for s, p in zip(scores, positive, strict=True) if p]
    others = sorted(s for s, p in zip(scores, positive, strict=True) if not p)
    if not of_positive or not others:
        return None
    above = sum(bisect_left(others, s) + bisect_right(others, s) for s in of_positive) / 2
    return above / (len(of_positive) * len(others))


def _auc(
    labels: Sequence[Any], wanted: Sequence[Any], given: Sequence[Any], attempts: Sequence[Attempt]
) -> float | None:
    areas = []
    for label in labels:
        scores = [
            _chance(label, answer, attempt, len(labels))
            for answer, attempt in zip(given, attempts, strict=True)
        ]
        areas.append(area(scores, [value == label for value in wanted]))
    known = [found for found in areas if found is not None]
    return statistics.fmean(known) if known else None


def _chance(label: Any, answer: Any, attempt: Attempt, labels: int) -> float:
    """The probability of a label; what is left of the confidence is shared by the others."""
    spread: Mapping[Any, float] | None = getattr(attempt, "probabilities", None)
    if spread is not None:
        return spread.get(label, 0.0)
    if answer == label:
        return attempt.confidence
    return (1 - attempt.confidence) / max(1, labels - 1)


_NONE = object()


def _value(solution: BaseModel | None) -> Any:
    """The value of the only field, if it is one; else `_NONE`."""
    if solution is None or len(type(solution).model_fields) != 1:
        return _NONE
    value = getattr(solution, next(iter(type(solution).model_fields)))
    return value if isinstance(value, str | int | float) else _NONE
