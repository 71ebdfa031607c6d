"""Rows of a JSON Lines file, every fault named by its line; `.gz` is unpacked.

Knows nothing of what the rows mean.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hrm_specialists.errors import DataError


def read_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line that is not blank.

    Raises:
        DataError: the file cannot be read, holds nothing, or a line is no JSON object.
    """
    opened = gzip.open if file.suffix == ".gz" else open
    found = False
    try:
        with opened(file, "rt", encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    found = True
                    yield number, _object(line, file, number)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot be read: {reason}", file=file) from error
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text: {error.reason}", file=file) from error
    if not found:
        raise DataError("holds no lines", file=file)


def _object(line: str, file: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON: {error}", file=file, line=number) from error
    if not isinstance(row, dict):
        raise DataError("is no JSON object", file=file, line=number)
    return row
