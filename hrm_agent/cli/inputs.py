"""The text a command works on: an argument, a file, or standard input.

Read with a limit and refused if it is not text, so that nothing large or
binary goes further. Knows nothing of what the text means.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hrm_agent.cli.errors import UsageError
from hrm_specialists.errors import InvalidInput, TaskTooLarge

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
