"""Read labelled problems from CSV, JSON Lines and JSON, every fault named by its line.

CSV has the columns `question` and `answer`, as the field writes its benchmarks;
other columns are ignored and spaces are data. A JSON line is an object with
`problem` and `solution`. A JSON file holds ARC tasks as they are published: one
with `train` and `test`, or an object of such by name. The answer may be missing. Any
may be compressed (`.gz`). Knows nothing of specialists or scores.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from pydantic import BaseModel, ValidationError

from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError

Row = tuple[int, Any, Any, str]
"""Line number, problem, solution (None for none) and source, as they stand in the file."""


@dataclass(frozen=True, slots=True)
class Example:
    """A problem and, if it is known, its right answer."""

    problem: BaseModel
    solution: BaseModel | None
    source: str = ""
    """Which kind of problem it is, by a CSV's column of this name."""


def read_examples(file: Path, task: Task[Any, Any], *, limit: int | None = None) -> list[Example]:
    """Read the first `limit` examples of `task` from `file`, or all of them.

    Raises:
        DataError: the file cannot be read, has another form, or holds a line
            that is none of the task's examples.
    """
    kind = _kind(file)
    try:
        with _open(file) as lines:
            rows = _ROWS[kind](lines, file)
            examples = [
                Example(
                    _model(task, task.Problem, problem, file, line, "problem"),
                    None
                    if solution is None
                    else _model(task, task.Solution, solution, file, line, "solution"),
                    source,
                )
                for line, problem, solution, source in islice(rows, limit)
            ]
    except (OSError, EOFError) as error:
        raise DataError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", file=file
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text: {error.reason}", file=file) from error
    if not examples:
        raise DataError("holds no examples", file=file)
    return examples


def _kind(file: Path) -> str:
    kind = (file.with_suffix("") if file.suffix == ".gz" else file).suffix.lower()
    if kind not in _ROWS:
        raise DataError(f"is none of {', '.join(_ROWS)} (.gz may follow)", file=file)
    return kind


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _csv_rows(lines: TextIO, file: Path) -> Iterator[Row]:
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, [])
        if "question" not in header:
            raise DataError(
                f"no column 'question' among {', '.join(map(repr, header[:8])) or 'none'}",
                file=file,
                line=1,
            )
        question = header.index("question")
        answer = header.index("answer") if "answer" in header else None
        source = header.index("source") if "source" in header else None
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(header):
                raise DataError(
                    f"{len(fields)} fields under a header of {len(header)}",
                    file=file,
                    line=reader.line_num,
                )
            solution = None if answer is None else fields[answer] or None
            kind = "" if source is None else fields[source]
            yield reader.line_num, fields[question], solution, kind
    except csv.Error as error:
        raise DataError(f"is no CSV: {error}", file=file, line=reader.line_num) from error


def _json_rows(lines: TextIO, file: Path) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"is not JSON: {error}", file=file, line=number) from error
        if not isinstance(row, dict) or "problem" not in row:
            raise DataError(
                "expected an object with 'problem' and 'solution'", file=file, line=number
            )
        yield number, row["problem"], row.get("solution"), ""


def _arc_rows(text: TextIO, file: Path) -> Iterator[Row]:
    """The published form: what is asked for stands beside the test inputs, or is missing."""
    try:
        tasks = json.load(text)
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


_ROWS: Mapping[str, Callable[[TextIO, Path], Iterator[Row]]] = MappingProxyType(
    {".csv": _csv_rows, ".jsonl": _json_rows, ".json": _arc_rows}
)


def _model(
    task: Task[Any, Any], model: type[BaseModel], value: Any, file: Path, line: int, what: str
) -> BaseModel:
    """Validate a value as it stands, or text as the only field that a model has."""
    try:
        if isinstance(value, str):
            return _from_text(model, value)
        return model.model_validate(value)
    except (ValidationError, RecursionError) as error:
        raise DataError(
            f"no {what} of {task.name!r}: {_first(error)}", file=file, line=line
        ) from error


def _from_text(model: type[BaseModel], text: str) -> BaseModel:
    """JSON, or the value of a model's only field; a square grid may be written in one line."""
    if text.lstrip().startswith("{"):
        return model.model_validate_json(text)
    fields = list(model.model_fields)
    if len(fields) != 1:
        return model.model_validate(text)
    try:
        return model.model_validate({fields[0]: text})
    except ValidationError:
        side = math.isqrt(len(text))
        if side < 2 or side * side != len(text) or "\n" in text:
            raise
        lines = [text[at : at + side] for at in range(0, len(text), side)]
        try:
            return model.model_validate({fields[0]: "\n".join(lines)})
        except ValidationError:
            pass
        raise


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
