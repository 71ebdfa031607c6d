"""From pairs of plain values to a task and its parts, validated and encoded.

Errors name the file and the line. Knows nothing of training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.examples import Example
from hrm_specialists.schema.infer import Layout, infer_task
from hrm_specialists.schema.pairs import Pair
from hrm_specialists.schema.shapes import kind_of
from hrm_specialists.teaching.changing import as_model
from hrm_specialists.teaching.publishing import Part
from hrm_specialists.teaching.splitting import Split
from hrm_specialists.training.data import encode


def inferred(
    name: str, cut: Split, source: object, description: str, layout: Layout | None
) -> DataTask:
    """The task of a split's pairs; alphabets and ranges come from its training part alone."""
    pairs = [*cut.train, *cut.validation, *cut.test]
    try:
        sides = [(pair.problem, pair.solution) for pair in pairs]
        return infer_task(
            name, sides, learned=len(cut.train), layout=layout, description=description
        )
    except DataError as error:
        raise located(DataError(error.message, line=_odd_line(pairs)), source) from None


def _odd_line(pairs: Sequence[Pair]) -> int | None:
    """Where the first example stands whose side is of another kind than most."""
    for side in ("problem", "solution"):
        kinds = Counter(kind_of(getattr(pair, side)) for pair in pairs)
        common = kinds.most_common(1)[0][0]
        odd = [p.line for p in pairs if kind_of(getattr(p, side)) != common and p.line]
        if odd:
            return min(odd)
    return None


def part_of(task: Task[Any, Any], pairs: Sequence[Pair], source: object) -> Part:
    """Validate and encode, naming the line that does not fit."""
    examples: list[Example] = []
    for pair in pairs:
        try:
            problem = as_model(task.Problem, pair.problem)
            solution = as_model(task.Solution, pair.solution)
            encode(task, [(problem, solution)])
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise located(DataError(f"{where}: {first['msg']}", line=pair.line), source) from None
        except DataError as error:
            message = error.message.removeprefix("example 1: ")
            raise located(DataError(message, line=pair.line), source) from None
        examples.append(Example(problem, solution))
    return Part(examples, encode(task, [(e.problem, e.solution) for e in examples]))


def located(error: DataError, source: object) -> DataError:
    """The error with the file, where it names none."""
    if error.file is None and isinstance(source, Path | str):
        return DataError(error.message, file=source, line=error.line)
    return error
