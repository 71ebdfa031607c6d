"""What a command works on: the text of an argument, a file or standard input, or rows.

Texts are read with a limit and refused if they are none, so that nothing large or
binary goes further. Knows nothing of what they mean.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hrm_agent.cli.errors import UsageError
from hrm_specialists.errors import DataError, InvalidInput, TaskTooLarge
from hrm_specialists.schema.text import json_lines

MAX_BYTES = 4_000_000
"""More than the router's longest text has in UTF-8, and quickly read."""


def read_query(text: str | None, file: Path | None) -> str:
    """The query itself.

    Args:
        text: as given; `-` stands for standard input.
        file: read this instead.

    Raises:
        UsageError: neither or both were given.
        InvalidInput: there is nothing in it, or it is not text.
        TaskTooLarge: more than `MAX_BYTES`.
    """
    if (text is None) == (file is None):
        both = "both a text and --file" if text is not None else "no text"
        raise UsageError(
            f"{both} given", "one of: a text in quotes, --file FILE, - for standard input"
        )
    if file is not None:
        return _text(_read_file(file), str(file))
    if text == "-":
        return _text(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")
    assert text is not None
    return _text(text.encode("utf-8", "surrogateescape"), "the text")


def _read_file(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"cannot read {file}: {error.strerror}") from error


def _text(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise TaskTooLarge(f"{name} holds more than {MAX_BYTES / 1e6:g} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{name} is not UTF-8 text: byte 0x{data[error.start]:02x} at {error.start}"
        ) from None
    if "\0" in text:
        raise InvalidInput(f"{name} is binary data, not text: NUL at {text.index(chr(0))}")
    if not text.strip():
        raise InvalidInput(f"{name} is empty")
    return text


def read_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line that is not blank; `.gz` is unpacked.

    Raises:
        DataError: the file cannot be read, holds nothing, or a line is no JSON object.
    """
    number = 0
    for number, row in json_lines(file):
        if not isinstance(row, dict):
            raise DataError("is no JSON object", file=file, line=number)
        yield number, row
    if not number:
        raise DataError("holds no lines", file=file)


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """A line of a batch."""

    line: int
    query: Any
    task: str | None
    wrong: DataError | None
    """Why it cannot be asked."""


def read_queries(text: str | None, query_file: Path | None, file: Path) -> list[BatchQuery]:
    """The `query`, and the `task` if there is one, of every line of a batch.

    Raises:
        UsageError: a text or another file was given, too.
        DataError: as `read_rows`.
    """
    if text is not None or query_file is not None:
        raise UsageError("--batch takes its queries from the file, and no other")
    found = []
    for number, row in read_rows(file):
        query, task, wrong = row.get("query"), row.get("task"), ""
        if not isinstance(query, str | dict | list):
            wrong = "has no 'query': a text or a problem"
        elif not isinstance(task, str | None):
            wrong = "'task' is no text"
        refused = DataError(wrong, file=file, line=number) if wrong else None
        found.append(BatchQuery(number, query, None if refused else task, refused))
    return found
