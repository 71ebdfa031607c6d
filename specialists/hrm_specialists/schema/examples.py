"""Labelled examples of a known task, typed: for measuring and for benchmarks.

From tables, JSON Lines and the published form of ARC; every fault is named by file and
line. Knows nothing of training or scores.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError, InvalidInput
from hrm_specialists.reading import parse_model
from hrm_specialists.schema.pairs import ANSWER, QUESTION
from hrm_specialists.schema.table import JSON, KINDS, open_table
from hrm_specialists.schema.text import json_lines, kind_of_file, text_lines
from hrm_specialists.schema.written import nothing

log = logging.getLogger(__name__)


class Examples(list["Example"]):
    """Typed examples, and how many rows of their file were none."""

    unread: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A problem and, if it is known, its right answer."""

    problem: BaseModel
    solution: BaseModel | None
    source: str = ""
    """Which kind of problem it is, by a table's column of this name."""


def read_examples(
    file: Path,
    task: Task[Any, Any],
    *,
    limit: int | None = None,
    label: str | None = None,
    tolerant: bool = False,
) -> Examples:
    """Read the first `limit` examples of `task` from `file`, or all of them.

    A table has a column for each field of the problem, or the columns `question` and
    `answer`; other columns are ignored. A JSON line is an object with `problem` and
    `solution`, or with a key for each column; a `.json` file holds ARC tasks as they are
    published. The answer may be missing.

    Args:
        file: where.
        task: of which they are examples.
        limit: of the number.
        label: the column of the answer, if it has another name than the task's.
        tolerant: whether lines that are no examples are left out, with a warning, as long
            as they are fewer than the others; `Examples.unread` counts them.

    Raises:
        DataError: the file cannot be read, has another form, or holds a line
            that is none of the task's examples.
    """
    kind = kind_of_file(file, (*KINDS, ".json"))
    rows = _arc_rows(file) if kind == ".json" else None
    if kind in JSON:
        rows = _json_rows(file)
    if rows is None:
        rows = _table_rows(file, task, label, tolerant)
    examples = Examples()
    unread: list[DataError] = []
    for line, problem, solution, source in islice(rows, limit):
        try:
            asked = _side(task, problem, file, line, solution=False)
            known = _solution(task, solution, file, line)
        except DataError as error:
            if not tolerant:
                raise
            unread.append(error)
        else:
            examples.append(Example(asked, known, source))
    if unread and len(unread) > len(examples):
        raise unread[0]
    if unread:
        log.warning("%d rows are left out; %s", len(unread), unread[0])
        examples.unread = len(unread)
    if not examples:
        raise DataError("holds no examples", file=file)
    return examples


Row = tuple[int, Any, Any, str]
"""Line number, problem, solution (None for none) and source, as they stand in the file."""


def _json_rows(file: Path) -> Iterator[Row] | None:
    """Objects with `problem`; None if the keys are columns."""
    if not file.is_file():
        raise DataError("there is no such file", file=file)
    lines = json_lines(file)
    first = next(lines, None)
    if first is None:
        return iter(())
    if isinstance(first[1], Mapping) and "problem" not in first[1] and len(first[1]) > 1:
        return None

    def rows() -> Iterator[Row]:
        for line, row in chain([first], lines):
            if not isinstance(row, dict) or "problem" not in row:
                raise DataError(
                    "expected an object with 'problem' and 'solution'", file=file, line=line
                )
            yield line, row["problem"], row.get("solution"), ""

    return rows()


def _table_rows(
    file: Path, task: Task[Any, Any], label: str | None, tolerant: bool
) -> Iterator[Row]:
    table = open_table(file, tolerant=tolerant)
    names = field_names(task.Problem)
    asked = field_names(task.Solution)
    header = set(table.header)
    table.require(label)
    if QUESTION in header and not set(names) <= header:
        given, answer = [QUESTION], label or ANSWER
    else:
        given, answer = names, label or asked[0]
        if lacking := [name for name in given if name not in header]:
            also = " or 'question'" if len(names) == 1 else ""
            raise DataError(
                f"no column {', '.join(map(repr, lacking))}{also}; "
                f"columns: {', '.join(table.header) or 'none'}",
                file=file,
                line=1,
            )
    for chunk in table.chunks:
        for at, (line, row) in enumerate(chunk.rows()):
            problem = row[given[0]] if len(given) == 1 else {name: row[name] for name in given}
            if at in chunk.faults:
                problem = DataError(chunk.faults[at], file=file, line=line)
            yield line, problem, row.get(answer), str(row.get("source") or "")


def field_names(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as people write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _arc_rows(file: Path) -> Iterator[Row]:
    """The published form: what is asked for stands beside the test inputs, or is missing."""
    try:
        tasks = json.loads("".join(text_lines(file)))
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON: {error}", file=file) from error
    if isinstance(tasks, dict) and "train" in tasks:
        tasks = {file.stem: tasks}
    try:
        for number, name in enumerate(sorted(tasks), start=1):
            train, tests = tasks[name]["train"], tasks[name]["test"]
            problem = {"train": train, "test": [{"input": test["input"]} for test in tests]}
            known = all("output" in test for test in tests)
            solution = {"grids": [test["output"] for test in tests]} if known else None
            yield number, problem, solution, ""
    except (KeyError, TypeError) as error:
        raise DataError(
            "expected an ARC task with 'train' and 'test', or an object of such by name", file=file
        ) from error


def _solution(task: Task[Any, Any], value: Any, file: Path, line: int) -> BaseModel | None:
    """The right answer, or None; "NA" is one where training had it among its labels."""
    if not nothing(value):
        return _side(task, value, file, line, solution=True)
    fields = getattr(task, "fields", {}).get("solution", {})
    labels = [label for field in fields.values() for label in getattr(field, "values", ())]
    given = value.strip() if isinstance(value, str) else None
    return _side(task, value, file, line, solution=True) if given in labels and given else None


def _side(task: Task[Any, Any], value: Any, file: Path, line: int, *, solution: bool) -> BaseModel:
    """One side of an example: as it stands, or text as the value of the only field."""
    if isinstance(value, DataError):  # the row could not be cut into columns
        raise value
    try:
        found: BaseModel = parse_model(task, value, solution=solution, read=False)
        return found
    except InvalidInput as error:
        raise DataError(str(error), file=file, line=line) from error
