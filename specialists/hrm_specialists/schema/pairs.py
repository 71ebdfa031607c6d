"""Plain examples from JSON Lines, CSV and Parquet, each with the line it came from.

Values stay as JSON has them; what they mean is inferred later. Knows nothing of
tasks.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.infer import tidy

FEWEST = 50
"""Examples below which nothing can be learned and measured."""
_CODE = re.compile(r"0\d+")
LONGEST_NUMBER = 24
"""Characters of a number; a longer row of digits is a text."""
QUESTION, ANSWER = "question", "answer"
"""Columns that name problem and solution by themselves, as the field writes its benchmarks."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One example as plain JSON values."""

    problem: Any
    solution: Any
    line: int | None = None
    """Where it stood in its file, from 1."""
    group: str | None = None
    """Examples of one group are never split over training and test."""


def read_pairs(
    file: Path,
    *,
    label: str | None = None,
    group: str | None = None,
    ignore: Sequence[str] = (),
) -> list[Pair]:
    """Read all examples of a file.

    Args:
        file: `.jsonl` with lines `{"problem": …, "solution": …}`, or a table
            (`.csv`, `.parquet`) with one column to be answered.
        label: that column; `answer` beside `question` needs no naming.
        group: column, or key of the JSON line, that says what belongs together.
        ignore: columns to leave out, such as an id.

    Raises:
        DataError: naming file and line.
    """
    suffix = file.suffix.lower()
    readers = {".jsonl": _json_lines, ".csv": _csv, ".parquet": _parquet}
    if suffix not in readers:
        raise DataError(f"is none of {', '.join(readers)}", file=file)
    if not file.is_file():
        raise DataError("there is no such file", file=file)
    try:
        rows = readers[suffix](file)
        if suffix == ".jsonl":
            pairs = [_from_object(row, line, group, file) for line, row in rows]
        else:
            pairs = _from_table(rows, file, label, group, ignore)
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text: {error.reason}", file=file) from error
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", file=file) from error
    if len(pairs) < FEWEST:
        raise DataError(f"{len(pairs)} examples; at least {FEWEST} are needed", file=file)
    return pairs


def plain_pairs(examples: Iterable[Any]) -> list[Pair]:
    """Examples given in Python: pairs, or mappings with `problem` and `solution`.

    Raises:
        DataError: naming the example by its number.
    """
    pairs = []
    for number, example in enumerate(examples, start=1):
        if isinstance(example, dict):
            pairs.append(_from_object(example, number, None, None))
        elif isinstance(example, list | tuple) and len(example) == 2:
            pairs.append(Pair(_tidy(example[0]), example[1], number))
        else:
            raise DataError("expected (problem, solution)", line=number)
    if len(pairs) < FEWEST:
        raise DataError(f"{len(pairs)} examples; at least {FEWEST} are needed")
    return pairs


def _json_lines(file: Path) -> Iterator[tuple[int, Any]]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line, parse_constant=_refuse)
            except (ValueError, RecursionError) as error:
                raise DataError(f"is not JSON: {error}", file=file, line=number) from error


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON; write null where a value is missing")


def _from_object(row: Any, line: int, group: str | None, file: Path | None) -> Pair:
    if not isinstance(row, dict) or "problem" not in row or "solution" not in row:
        raise DataError("expected an object with 'problem' and 'solution'", file=file, line=line)
    problem, solution = _tidy(row["problem"]), row["solution"]
    if problem is None or solution is None:
        raise DataError("problem or solution is null", file=file, line=line)
    if group is not None and group not in row:
        raise DataError(f"has no key {group!r} to group by", file=file, line=line)
    return Pair(problem, solution, line, str(row[group]) if group else None)


def _tidy(side: Any) -> Any:
    if isinstance(side, dict):
        return {str(key): tidy(value) for key, value in side.items()}
    return tidy(side)


def _csv(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        try:
            for row in reader:
                if None in row or None in row.values():
                    raise DataError(
                        f"the header names {len(reader.fieldnames or ())} fields; here are others",
                        file=file,
                        line=reader.line_num,
                    )
                yield reader.line_num, row
        except csv.Error as error:
            raise DataError(f"is no CSV: {error}", file=file, line=reader.line_num) from error


def _parquet(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise DataError(
            "Parquet needs pyarrow: pip install 'hrm-agent[teach]'", file=file
        ) from None
    try:
        yield from enumerate(parquet.read_table(file).to_pylist(), start=1)
    except ArrowException as error:
        raise DataError(f"is no Parquet file: {error}", file=file) from error


def _from_table(
    rows: Iterator[tuple[int, dict[str, Any]]],
    file: Path,
    label: str | None,
    group: str | None,
    ignore: Sequence[str],
) -> list[Pair]:
    lines, table = [], []
    for line, row in rows:
        lines.append(line)
        table.append(row)
    if not table:
        raise DataError("holds no rows", file=file)
    header = list(table[0])
    for name in (label, group, *ignore):
        if name is not None and name not in header:
            raise DataError(
                f"has no column {name!r}; columns: {', '.join(header)}", file=file, line=1
            )
    if label is None:
        if not {QUESTION, ANSWER} <= set(header):
            raise DataError(
                f"which column is to be answered? name it as label; columns: {', '.join(header)}",
                file=file,
                line=1,
            )
        given, label = [QUESTION], ANSWER
    else:
        given = [name for name in header if name not in (label, group, *ignore)]
    if not given:
        raise DataError("no column is left to answer from", file=file, line=1)
    columns = {name: _column([row[name] for row in table]) for name in (*given, label)}
    alone = len(given) == 1
    return [
        Pair(
            columns[given[0]][at] if alone else {name: columns[name][at] for name in given},
            _answered(columns[label][at], label, file, lines[at]),
            lines[at],
            str(table[at][group]) if group else None,
        )
        for at in range(len(table))
    ]


def _answered(value: Any, label: str, file: Path, line: int) -> Any:
    if value is None:
        raise DataError(f"column {label!r} is empty", file=file, line=line)
    return value


def _column(values: Sequence[Any]) -> list[Any]:
    """Text of a table to numbers, if the whole column is numbers; blank or NaN is missing."""
    texts = [_stripped(value) for value in values]
    given = [text for text in texts if text not in ("", None)]
    if any(isinstance(text, str) and len(text) > LONGEST_NUMBER for text in given):
        return [None if text == "" else tidy(text) for text in texts]
    if not all(isinstance(text, str) for text in given):
        return [None if text == "" else _known(tidy(text)) for text in texts]
    # Codes such as 007 are names, not numbers.
    coded = any(_CODE.fullmatch(text) for text in given)
    for parse in () if coded else (int, float):
        try:
            numbers = {text: parse(text) for text in given}
        except ValueError:
            continue
        return [None if text in ("", None) else _known(numbers[text]) for text in texts]
    return [None if text in ("", None) else tidy(text) for text in texts]


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _stripped(value: Any) -> Any:
    """Without spaces around it, unless it is a drawing of several lines: there they are cells."""
    drawn = not isinstance(value, str) or ("\n" in value.strip("\r\n") and value.strip())
    return value if drawn else value.strip()
