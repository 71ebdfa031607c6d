"""Examples as plain vectors, for baselines that know nothing of tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hrm_specialists.codec import Codec
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.field_codec import FieldCodec
from hrm_specialists.schema.fields import Category, Date, Items, Number, Series
from hrm_specialists.schema.models import Plain
from hrm_specialists.schema.prose import Field


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


def in_columns(codec: Codec[Any, Any]) -> bool:
    """Whether each position means the same in every example: no text, no grid, no free length."""
    if not isinstance(codec, FieldCodec):
        return False
    sides = (codec.problem_fields, codec.solution_fields)
    return all(
        isinstance(field, Category | Number | Date)
        or (isinstance(field, Series) and field.fixed)
        or (isinstance(field, Items) and field.fixed and not field.text)
        for side in sides
        for field in side.values()
    )


def _parts(field: Field, value: Any) -> list[float]:
    if isinstance(field, Number):
        return [math.nan if value is None else float(value)]
    if isinstance(field, Date):
        return [math.nan if part is None else float(part) for part in field.numbers(value)]
    if isinstance(field, Series):
        return [*map(float, value), *[math.nan] * (field.length - len(value))]
    known = {(type(s), s): float(at) for at, s in enumerate(field.alphabet)}
    numeric = all(isinstance(s, int) for s in field.alphabet)
    return [
        float(s) if numeric and isinstance(s, int) else known.get((type(s), s), math.nan)
        for s in field.spread(value)
    ]
