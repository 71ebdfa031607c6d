"""Tasks inferred from tables, as training infers them."""

from __future__ import annotations

from typing import Any

from hrm_specialists.schema import DataTask, infer_task, read_pairs


def task_of(source: object, *, name: str = "t", **options: Any) -> tuple[DataTask, Any]:
    """The task that a table shows, and the examples that were read from it."""
    pairs = read_pairs(source, **options)
    sides = [(pair.problem, pair.solution) for pair in pairs]
    return infer_task(name, sides, layout=pairs.layout), pairs
