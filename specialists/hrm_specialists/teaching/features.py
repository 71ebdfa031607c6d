"""Examples as plain vectors, for baselines that know nothing of tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hrm_specialists.fields import Category, Number, Series
from hrm_specialists.prose import Field
from hrm_specialists.teaching.data_task import DataTask, Plain


def vectors_of(task: DataTask, problems: Sequence[Plain]) -> list[list[float]]:
    """One vector a problem: numbers as they are, symbols by their place, NaN for none."""
    return [
        [
            part
            for (name, field) in task.codec.problem_fields.items()
            for part in _parts(field, getattr(problem, name))
        ]
        for problem in problems
    ]


def labels_of(task: DataTask, solutions: Sequence[Plain]) -> list[Any] | None:
    """One label a solution, if solutions are single categories; else None."""
    fields: Mapping[str, Field] = task.codec.solution_fields
    if len(fields) != 1:
        return None
    name, field = next(iter(fields.items()))
    return [getattr(s, name) for s in solutions] if isinstance(field, Category) else None


def _parts(field: Field, value: Any) -> list[float]:
    if isinstance(field, Number):
        return [math.nan if value is None else float(value)]
    if isinstance(field, Series):
        return [*map(float, value), *[math.nan] * (field.length - len(value))]
    known = {(type(s), s): float(at) for at, s in enumerate(field.alphabet)}
    numeric = all(isinstance(s, int) for s in field.alphabet)
    return [
        float(s) if numeric and isinstance(s, int) else known.get((type(s), s), math.nan)
        for s in field.spread(value)
    ]
