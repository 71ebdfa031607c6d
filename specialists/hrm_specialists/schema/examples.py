"""Labelled examples from tables, JSON Lines and plain objects: one reader for every purpose.

`read_pairs` gives plain values for training, where the task may not be known yet;
`read_examples` gives typed ones of a task that is. Every fault is named by file and
line. Knows nothing of splitting, training or scores.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError, InvalidInput
from hrm_specialists.reading import parse_model
from hrm_specialists.schema.fields import plain, undrawn
from hrm_specialists.schema.infer import Layout
from hrm_specialists.schema.table import JSON, KINDS, Table, open_table
from hrm_specialists.schema.text import json_lines, kind_of_file, text_lines
from hrm_specialists.schema.written import Style, date_order, moment, nothing, style_of

log = logging.getLogger(__name__)

FEWEST = 50
"""Examples below which nothing can be learned and measured."""
MOST = 100_000
"""Rows that are kept of a larger table, drawn evenly."""
QUESTION, ANSWER = "question", "answer"
"""Columns that name problem and solution by themselves, as the field writes its benchmarks."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One example as plain values, written as in its source."""

    problem: Any
    solution: Any
    line: int | None = None
    """Where it stood in its file, from 1."""
    group: str | None = None
    """Examples of one group are never split over training and test."""
    time: float | str | None = None
    """When it was, for a split in order; comparable with that of the others."""


class Pairs(list[Pair]):
    """Examples, and how the table looked that they came from (None if it was none)."""

    layout: Layout | None = None
    file: Path | None = None
    notes: tuple[str, ...] = ()
    """What people should know of the reading, in sentences."""


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


def read_pairs(
    source: object,
    *,
    label: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
) -> Pairs:
    """Read all examples of a file or an object.

    Args:
        source: JSON Lines of `{"problem": …, "solution": …}`; pairs of problem and
            solution; or a table with one column to be answered, see `open_table`.
        label: that column; `answer` beside `question` needs no naming.
        group: column, or key of the JSON line, that says what belongs together.
        time: column to order the examples by.
        ignore: columns to leave out, such as an id.
        types: what columns are to be taken as; see `kinds.TYPES`.

    Raises:
        DataError: naming file, line and column.
    """
    file = Path(source) if isinstance(source, str | Path) else None
    types = {**(types or {}), **dict.fromkeys(ignore, "ignore")}
    objects = None if label is not None else _objects(source, file)
    if objects is not None:
        found = _evenly(_pair(row, line, group, time, file) for line, row in objects)
    else:
        table = open_table(source)
        found = _from_table(table, label, group, time, types)
    found.file = file
    if time is not None:
        _order(found, time)
    if len(found) < FEWEST:
        raise DataError(
            f"{len(found)} examples; at least {FEWEST} are needed to learn and to measure, "
            "and some hundreds to be often right",
            file=file,
        )
    return found


def _objects(source: object, file: Path | None) -> Iterator[tuple[int, Any]] | None:
    """Pairs, or mappings with `problem` and `solution`; None if it is a table."""
    if file is not None:
        if kind_of_file(file, KINDS) not in JSON:
            return None
        if not file.is_file():
            raise DataError("there is no such file", file=file)
        return json_lines(file)
    if isinstance(source, Mapping) or hasattr(source, "columns") or hasattr(source, "schema"):
        return None
    if isinstance(source, tuple) and len(source) == 2 and hasattr(source[0], "shape"):
        return enumerate(zip(*map(plain, source), strict=True), start=1)  # arrays X, y
    if not isinstance(source, Iterable):
        raise DataError(f"a {type(source).__name__} holds no examples")
    return enumerate(source, start=1)


def _pair(row: Any, line: int, group: str | None, time: str | None, file: Path | None) -> Pair:
    if not isinstance(row, Mapping):
        if file is None and isinstance(row, list | tuple) and len(row) == 2:
            return Pair(_plain(row[0]), _plain(row[1]), line)
        wanted = (
            "(problem, solution)" if file is None else "an object with 'problem' and 'solution'"
        )
        raise DataError(f"expected {wanted}", file=file, line=line)
    if "problem" not in row or "solution" not in row:
        raise DataError(
            "expected an object with 'problem' and 'solution'; where each key is a column, "
            "name the one to be answered as label",
            file=file,
            line=line,
        )
    problem, solution = _plain(row["problem"]), _plain(row["solution"])
    if problem is None or solution is None:
        raise DataError("problem or solution is null", file=file, line=line)
    for name in (group, time):
        if name is not None and name not in row:
            raise DataError(f"has no key {name!r}", file=file, line=line)
    return Pair(
        problem, solution, line, str(row[group]) if group else None, row[time] if time else None
    )


def _plain(side: Any) -> Any:
    """A side without arrays and models in it."""
    if isinstance(side, BaseModel):
        return side.model_dump()
    if isinstance(side, Mapping):
        return {str(key): _plain(value) for key, value in side.items()}
    value = plain(side)
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def _from_table(
    table: Table,
    label: str | None,
    group: str | None,
    time: str | None,
    types: Mapping[str, str],
) -> Pairs:
    file, header = table.file, table.header
    table.require(label, group, time, *types)
    bare = None
    if label is None:
        if not {QUESTION, ANSWER} <= set(header):
            raise DataError(
                f"which column is to be answered? name it as label; columns: {', '.join(header)}",
                file=file,
                line=1,
            )
        given, label = [QUESTION], ANSWER
    else:
        apart = {label, group, *(name for name, told in types.items() if told == "ignore")}
        given = [name for name in header if name not in apart]
    if not given:
        raise DataError("no column is left to answer from", file=file, line=1)
    if len(given) == 1:
        bare = given[0]
    as_written = types.get(label) == "category"
    missing: list[int] = []

    def pairs() -> Iterator[Pair]:
        for line, row in table.rows():
            solution = row[label]
            if solution is None or solution == "" if as_written else nothing(solution):
                missing.append(line)
                continue
            yield Pair(
                _value(row[bare]) if bare else {name: row[name] for name in given},
                undrawn(solution) if isinstance(solution, str) else solution,
                line,
                str(row[group]) if group else None,
                row[time] if time else None,
            )

    found = _evenly(pairs())
    if missing:
        raise DataError(
            f"the answer is empty in {len(missing)} row(s); fill them in, leave the rows out, or "
            f"keep such words as answers with --type {label}=category",
            file=file,
            line=missing[0],
            column=label,
        )
    if not found:
        raise DataError("holds no rows", file=file)
    left_out = {name: "as told" for name, told in types.items() if told == "ignore"}
    if group:
        left_out.setdefault(group, "groups the rows") if group not in given else None
    found.layout = Layout(
        header=header,
        types=types,
        left_out={**table.left_out, **left_out},
        decimal=table.decimal,
        names=(bare, label),
    )
    return found


def _value(value: Any) -> Any:
    return undrawn(value) if isinstance(value, str) else value


def _evenly(pairs: Iterable[Pair]) -> Pairs:
    """At most `MOST` of them, each as likely as any other, in order."""
    rng = random.Random(0)
    kept = Pairs()
    count = 0
    for count, pair in enumerate(pairs, start=1):
        if count <= MOST:
            kept.append(pair)
        elif (at := rng.randrange(count)) < MOST:
            kept[at] = pair
    kept.sort(key=lambda pair: pair.line or 0)
    if count > MOST:
        note = f"{MOST:,} of {count:,} examples are used, drawn evenly: no more are kept in memory."
        kept.notes = (note,)
        log.warning("%s", note)
    return kept


def _order(pairs: Pairs, column: str) -> None:
    """Make times comparable: dates as text of ISO 8601, numbers as numbers."""
    values = [pair.time for pair in pairs]
    texts = [value for value in values if isinstance(value, str)]
    order, style = date_order(texts), style_of(texts) if texts else Style()
    if any(map(nothing, values)) or (texts and len(texts) < len(values)):
        line = next((p.line for p in pairs if nothing(p.time)), None)
        raise DataError("a time is missing", file=pairs.file, line=line, column=column)
    if texts and order is None and style is None:
        return  # text such as 2024-W07 sorts as it stands
    for at, pair in enumerate(pairs):
        if texts and order is not None:
            moved: Any = moment(pair.time, order)
            moved = moved.isoformat()
        else:
            moved = style.number(pair.time) if style is not None else pair.time
        pairs[at] = replace(pair, time=moved)


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Examples whose problem has another solution elsewhere."""

    share: float
    """Of all examples, those that differ from their problem's commonest solution."""
    line: int | None = None
    other: int | None = None
    """Where two of them stand that contradict each other."""

    @property
    def ceiling(self) -> float:
        """The accuracy that nothing can exceed on these examples."""
        return 1.0 - self.share


def contradictions(
    pairs: Sequence[Pair], key: Callable[[Any], Hashable] | None = None
) -> Contradictions:
    """How noisy labels are: what even a perfect memory of the problems gets wrong."""
    key = key or (lambda problem: json.dumps(problem, sort_keys=True, default=str))
    answers: dict[Hashable, dict[str, list[Pair]]] = {}
    for pair in pairs:
        solution = json.dumps(pair.solution, sort_keys=True, default=str)
        answers.setdefault(key(pair.problem), {}).setdefault(solution, []).append(pair)
    noisy = [found for found in answers.values() if len(found) > 1]
    if not noisy:
        return Contradictions(0.0)
    wrong = sum(sum(map(len, found.values())) - max(map(len, found.values())) for found in noisy)
    one, other = islice(noisy[0].values(), 2)
    return Contradictions(wrong / len(pairs), one[0].line, other[0].line)


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
