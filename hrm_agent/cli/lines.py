"""Rows of a JSON Lines file for commands that want objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.text import json_lines


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
