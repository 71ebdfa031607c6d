"""Labelled examples: as plain values for training, and typed where the task is known.

From tables, JSON Lines, objects, and what a task reads itself; every fault is named by file
and line. Knows nothing of splitting, training or scores.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError, InvalidInput, MalformedTask, of_file
from hrm_specialists.reading import parse_model
from hrm_specialists.schema.dates import date_order, moment
from hrm_specialists.schema.infer import Layout
from hrm_specialists.schema.table import JSON, KINDS, Table, flat, open_table
from hrm_specialists.schema.text import json_lines, kind_of_file, text_lines
from hrm_specialists.schema.written import Style, nothing, plain, style_of, undrawn

log = logging.getLogger(__name__)

FEWEST = 50
"""Examples below which nothing can be learned and measured."""
MOST = 100_000
"""Rows that are kept of a larger table, drawn evenly."""
MOST_COLUMNS = 4000
"""Columns of a table that one answer may depend on."""
QUESTION, ANSWER = "question", "answer"
"""Columns that name problem and solution by themselves, as the field writes its benchmarks."""
OTHERS = (QUESTION, "problem", "text")
"""Columns that hold the only field of a problem, if none has its name."""


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


@dataclass(frozen=True, slots=True)
class Example:
    """A problem and, if it is known, its right answer, typed."""

    problem: BaseModel
    solution: BaseModel | None
    source: str = ""
    """Which kind of problem it is, by a table's column of this name."""


class Examples(list[Example]):
    """Typed examples, and how many rows of their file were none."""

    unread: int = 0


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
    with of_file(file):
        objects = None if label is not None else _objects(source, file)
        if objects is None:
            found = _from_table(open_table(source), label, group, time, types)
        else:
            paired = file is None
            found = _evenly(_pair(row, line, group, time, paired) for line, row in objects)
        if time is not None:
            _order(found, time)
        if len(found) < FEWEST:
            raise DataError(
                f"{len(found)} examples; at least {FEWEST} are needed to learn and to measure, "
                "and some hundreds to be often right"
            )
    found.file = file
    return found


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
    `solution`, or with a key for each column; a `.json` file is read by `Task.published`.
    The answer may be missing.

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
    examples, unread = Examples(), list[DataError]()
    with of_file(file):
        for line, problem, solution, source in islice(_typed(file, task, label, tolerant), limit):
            try:
                examples.append(_example(task, problem, solution, source))
            except InvalidInput as error:
                unread.append(DataError(str(error), file=file, line=line))
                if not tolerant:
                    raise unread[0] from error
        if len(unread) > len(examples):
            raise unread[0]
        if not examples:
            raise DataError("holds no examples")
    if unread:
        log.warning("%d rows are left out; %s", len(unread), unread[0])
        examples.unread = len(unread)
    return examples


def field_names(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as people write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def columns_of(task: Task[Any, Any], table: Table) -> dict[str, str]:
    """For each field of the task's problem, the column that holds it; or `question` for all.

    Raises:
        DataError: a column is missing that is no optional field's.
    """
    names, header = field_names(task.Problem), table.header
    lacking = [name for name in names if name not in header]
    if lacking and len(names) == 1:
        others = [name for name in OTHERS if name in header] or list(header)
        if others and (len(header) == 1 or others[0] in OTHERS):
            return {names[0]: others[0]}
    elif lacking and QUESTION in header:
        return {QUESTION: QUESTION}
    fields = zip(names, task.Problem.model_fields.values(), strict=True)
    if any(field.is_required() and name in lacking for name, field in fields):
        also = " or 'question'" if len(names) == 1 else ""
        raise DataError(
            f"has no column {', '.join(map(repr, lacking))}{also}; "
            f"columns: {', '.join(header) or 'none'}",
            file=table.file,
            line=1,
        )
    return {name: name for name in names if name in header}


Row = tuple[int, Any, Any, str]
"""Line number, problem, solution (None for none) and source, as they stand in the file."""


def _typed(file: Path, task: Task[Any, Any], label: str | None, tolerant: bool) -> Iterator[Row]:
    """The examples of a file as they stand in it."""
    own = type(task).published is not Task.published
    if kind_of_file(file, (*KINDS, ".json") if own else KINDS) == ".json":
        text = "".join(text_lines(file))
        try:
            found = list(task.published(json.loads(text)))
        except (ValueError, RecursionError) as error:
            raise DataError(f"holds no published examples: {error}") from error
        yield from ((number, *both, "") for number, both in enumerate(found, start=1))
        return
    objects = _objects(file, file)
    if objects is not None:
        for line, row in objects:
            yield line, *_both(row, line, paired=False), ""
        return
    table = open_table(file, tolerant=tolerant)
    table.require(label)
    columns = columns_of(task, table)
    named = field_names(task.Solution)[0]
    answer = label or (named if named in table.header else ANSWER)
    for chunk in table.chunks:
        for at, (line, row) in enumerate(chunk.rows()):
            problem: Any = {name: row[column] for name, column in columns.items()}
            if at in chunk.faults:
                problem = MalformedTask(chunk.faults[at])
            elif len(columns) == 1:
                (problem,) = problem.values()
            yield line, problem, row.get(answer), str(row.get("source") or "")


def _objects(source: object, file: Path | None) -> Iterator[tuple[int, Any]] | None:
    """Pairs, or mappings with `problem` and `solution`; None if it is a table."""
    if file is not None:
        if kind_of_file(file, KINDS) not in JSON:
            return None
        lines = json_lines(file)
        first = list(islice(lines, 1))
        keys = next((row for _, row in first if isinstance(row, Mapping)), None)
        table = keys is not None and "problem" not in keys and len(keys) > 1
        return None if table else chain(first, lines)
    if isinstance(source, Mapping) or hasattr(source, "columns") or hasattr(source, "schema"):
        return None
    if isinstance(source, tuple) and len(source) == 2 and hasattr(source[0], "shape"):
        return enumerate(zip(*map(plain, source), strict=True), start=1)  # arrays X, y
    if not isinstance(source, Iterable):
        raise DataError(f"a {type(source).__name__} holds no examples")
    return enumerate(source, start=1)


def _both(row: Any, line: int, *, paired: bool) -> tuple[Any, Any]:
    """Problem and solution of an object, or of a pair; None for no solution."""
    if paired and isinstance(row, list | tuple) and len(row) == 2:
        return row[0], row[1]
    if isinstance(row, Mapping) and "problem" in row:
        return row["problem"], row.get("solution")
    wanted = f"{'(problem, solution) or ' if paired else ''}an object with 'problem' and 'solution'"
    hint = "where each key is a column, name the one to be answered as label"
    raise DataError(f"expected {wanted}; {hint}", line=line)


def _pair(row: Any, line: int, group: str | None, time: str | None, paired: bool) -> Pair:
    problem, solution = map(flat, _both(row, line, paired=paired))
    keys = row if isinstance(row, Mapping) else {"problem": 0, "solution": 0}
    for name in ("problem", "solution", group, time):
        if name is not None and name not in keys:
            said = f"has no key {name!r}; expected an object with 'problem' and 'solution'"
            raise DataError(said, line=line)
    if problem is None or solution is None:
        raise DataError("problem or solution is null", line=line)
    return Pair(problem, solution, line, *_beside(keys, group, time))


def _beside(row: Mapping[str, Any], group: str | None, time: str | None) -> tuple[Any, Any]:
    """Group and time of a row."""
    return str(row[group]) if group else None, row[time] if time else None


def _from_table(
    table: Table,
    label: str | None,
    group: str | None,
    time: str | None,
    types: Mapping[str, str],
) -> Pairs:
    header = table.header
    table.require(label, group, time, *(types.keys() - table.left_out.keys()))
    ignored = [name for name, told in types.items() if told == "ignore"]
    given = [name for name in header if name not in (label, group, *ignored)]
    fault = ""
    if label is None and not {QUESTION, ANSWER} <= set(header):
        fault = f"which column is to be answered? name it as label; columns: {', '.join(header)}"
    elif label is None:
        given, label = [QUESTION], ANSWER
    elif not given:
        fault = "no column is left to answer from"
    elif len(given) > MOST_COLUMNS:
        fault = (
            f"holds {len(given):,} columns to answer from; at most {MOST_COLUMNS:,} are supported: "
            "leave some out, or put values of one kind into one column as a list"
        )
    if fault or label is None:
        raise DataError(fault, line=1)
    bare = given[0] if len(given) == 1 else None
    as_written = types.get(label) == "category"
    missing: list[int] = []

    def pairs() -> Iterator[Pair]:
        for line, row in table.rows():
            solution = row[label]
            if solution is None or solution == "" if as_written else nothing(solution):
                missing.append(line)
                continue
            problem = _undrawn(row[bare]) if bare else {name: row[name] for name in given}
            yield Pair(problem, _undrawn(solution), line, *_beside(row, group, time))

    found = _evenly(pairs())
    if missing:
        raise DataError(
            f"the answer is empty in {len(missing)} row(s); fill them in, leave the rows out, or "
            f"keep such words as answers with --type {label}=category",
            line=missing[0],
            column=label,
        )
    if not found:
        raise DataError("holds no rows")
    left_out = {**table.left_out}
    if group and group not in given:
        left_out[group] = "groups the rows"
    left_out |= dict.fromkeys(ignored, "as told")
    found.layout = Layout(header, types, left_out, table.decimal, (bare, label))
    return found


def _undrawn(value: Any) -> Any:
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
        raise DataError("a time is missing", line=line, column=column)
    for at, pair in enumerate(pairs):
        if texts and order is not None:
            pairs[at] = replace(pair, time=str(moment(pair.time, order)))
        elif style is not None:  # else text such as 2024-W07, which sorts as it stands
            pairs[at] = replace(pair, time=style.number(pair.time))


def _example(task: Task[Any, Any], problem: Any, solution: Any, source: str) -> Example:
    """Both sides as they stand, or text as the value of the only field.

    A word for a missing answer is an answer where training had it among its labels.
    """
    if isinstance(problem, InvalidInput):  # the row could not be cut into columns
        raise problem
    asked: BaseModel = parse_model(task, problem, read=False)
    fields = getattr(task, "fields", {}).get("solution", {}).values()
    labels = [label for field in fields for label in getattr(field, "values", ())]
    word = solution.strip() if isinstance(solution, str) else ""
    if nothing(solution) and not (word and word in labels):
        return Example(asked, None, source)
    return Example(asked, parse_model(task, solution, solution=True, read=False), source)


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


def contradictions(pairs: Sequence[Pair]) -> Contradictions:
    """How noisy labels are: what even a perfect memory of the problems gets wrong."""
    answers: dict[str, dict[str, list[Pair]]] = {}
    key = partial(json.dumps, sort_keys=True, default=str)
    for pair in pairs:
        answers.setdefault(key(pair.problem), {}).setdefault(key(pair.solution), []).append(pair)
    noisy = [found for found in answers.values() if len(found) > 1]
    if not noisy:
        return Contradictions(0.0)
    wrong = sum(sum(map(len, found.values())) - max(map(len, found.values())) for found in noisy)
    one, other = islice(noisy[0].values(), 2)
    return Contradictions(wrong / len(pairs), one[0].line, other[0].line)
