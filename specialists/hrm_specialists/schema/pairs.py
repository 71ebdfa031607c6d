"""Labelled examples for training, as plain values: the task may not be known yet.

From tables, JSON Lines and objects; every fault is named by file and line. Knows nothing
of tasks, splitting or training.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hrm_specialists.errors import DataError
from hrm_specialists.schema.fields import plain, undrawn
from hrm_specialists.schema.infer import Layout
from hrm_specialists.schema.table import JSON, KINDS, Table, open_table
from hrm_specialists.schema.text import json_lines, kind_of_file
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
    table.require(label, group, time, *(types.keys() - table.left_out.keys()))
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
