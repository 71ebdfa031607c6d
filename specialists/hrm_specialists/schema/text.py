"""Lines of text files, and rows of CSV in any of its dialects.

Finds out encoding and separator; every fault is named by its line. Knows nothing of
what the values mean.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from hrm_specialists.errors import DataError, of_file

SEPARATORS = (",", ";", "\t", "|")
ALONE = "\x1f"
"""Separator of a file with one column: a sign that no text has."""
PEEK = 64
"""Lines by which a separator is told."""
csv.field_size_limit(16 << 20)


Row = tuple[int, list[str], str]
"""Line of a row, as many values as the header has, and why it could not be cut into columns."""


def kind_of_file(file: Path, known: Sequence[str]) -> str:
    """The ending that says how a file is written, without `.gz`.

    Raises:
        DataError: it is none of `known`, or is not there.
    """
    kind = (file.with_suffix("") if file.suffix == ".gz" else file).suffix.lower()
    if kind not in known:
        raise DataError(f"is none of {', '.join(known)} (.gz may follow)", file=file)
    if not file.is_file():
        raise DataError("there is no such file", file=file)
    return kind


def text_lines(file: Path) -> Iterator[str]:
    """The lines of a text file: UTF-8, or UTF-16 by its mark; ends of lines are kept.

    Raises:
        DataError: it cannot be read, or is no such text; naming the line.
    """
    with of_file(file):
        try:
            with _binary(file) as raw:
                encoding = _encoding(raw)
            with io.TextIOWrapper(_binary(file), encoding=encoding, newline="") as text:
                for number, line in enumerate(text, start=1):
                    if "\0" in line:
                        raise DataError("is binary data, not text", line=number)
                    yield line
        except UnicodeError:
            with _binary(file) as raw:
                deque(decoded(raw), maxlen=0)  # names the line
            raise DataError("is not UTF-8 text; save it as UTF-8") from None
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(f"cannot be read: {reason}") from error


def json_lines(file: Path) -> Iterator[tuple[int, Any]]:
    """Line number and value of each line of JSON; blank lines are skipped.

    Raises:
        DataError: naming the line.
    """
    with of_file(file):
        yield from parsed_json(enumerate(text_lines(file), start=1))


def parsed_json(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Any]]:
    """The value of each numbered line; see `json_lines`."""
    for number, line in lines:
        if not line.strip():
            continue
        try:
            yield number, json.loads(line, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise DataError(f"is not JSON: {error}", line=number) from error


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON; write null where a value is missing")


def decoded(stream: IO[bytes]) -> Iterator[str]:
    """The lines of a stream of UTF-8.

    Raises:
        DataError: naming the line that is none.
    """
    for number, line in enumerate(stream, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            at, byte = len(line[: error.start].decode("utf-8")), line[error.start]
            where = f"byte 0x{byte:02x} at character {at + 1}"
            said = f"is not UTF-8 text: {where}; save it as UTF-8"
            raise DataError(said, line=number) from None


def read_csv(
    lines: Iterator[str], usual: str, *, tolerant: bool
) -> tuple[list[str], Iterator[Row], str]:
    """The header of a CSV text, its rows, and the decimal mark that its separator suggests.

    `usual` is the separator that the name of the file suggests, if it does; where one is
    `tolerant`, faulty rows are kept with their fault rather than raised.

    Raises:
        DataError: the text is no CSV, or a row has another length than the header.
    """
    head = list(islice(lines, PEEK))
    said = head[0].strip() if head else ""
    separator = (said[4:] or "\t") if re.fullmatch("sep=.?", said, re.IGNORECASE) else ""
    skipped = int(bool(separator))
    told = [line for line in head[skipped:] if line.strip()]
    body = [line for line in told if not line.startswith("#")] or told
    separator = separator or (_separator(body, usual) if body else ALONE)
    title = (line for line in told if not line.startswith("#") or _parts(line, separator) > 1)
    if (first := next(title, None)) is None:
        raise DataError("holds no rows")
    skipped = head.index(first, skipped)
    head = head[skipped:]
    if not tolerant:
        _refuse_title(head, skipped, separator)
    padded = separator != "\t" and not _drawn(head, separator)
    reader = csv.reader(
        chain(head, lines), delimiter=separator, strict=True, skipinitialspace=padded
    )
    try:
        names = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise DataError(f"is no CSV: {error}", line=reader.line_num + skipped) from error
    rows = _rows(reader, names, skipped, tolerant)
    return names, rows, "," if separator == ";" else "."


DRAWN = 16
"""Characters from which values of one width may be drawings."""


def _drawn(head: list[str], separator: str) -> bool:
    """Whether values of one width begin with a space here and there: rows of a maze do."""
    header, *rows = csv.reader(head, delimiter=separator)
    return any(
        len(set(map(len, values))) == 1
        and len(values[0]) >= DRAWN
        and len({value.startswith(" ") for value in values}) == 2
        for values in zip(*(row for row in rows if len(row) == len(header)), strict=True)
    )


def _parts(line: str, separator: str) -> int:
    """Fields of a line that are not empty."""
    try:
        return sum(map(bool, map(str.strip, next(csv.reader([line], delimiter=separator), []))))
    except csv.Error:
        return 1


def _refuse_title(head: Sequence[str], skipped: int, separator: str) -> None:
    """Say so where the first lines are no header: a title above a table."""
    marks = SEPARATORS if separator == ALONE else (separator,)
    for mark in marks:
        counts = [_parts(line, mark) for line in head if line.strip()]
        most, times = Counter(counts[1:]).most_common(1)[0] if len(counts) > 8 else (0, 0)
        if most > 1 and 2 * counts[0] <= most and times >= 0.8 * (len(counts) - 3):
            at = next(n for n, line in enumerate(head) if _parts(line, mark) == most)
            raise DataError(
                f"is no header: {counts[0]} field(s), where lines from {skipped + at + 1} on have "
                f"{most}. A title? Remove what stands above the names of the columns",
                line=skipped + 1,
            )


def _separator(head: Sequence[str], usual: str) -> str:
    """What parts the columns: the sign that cuts most lines into as many parts as the first."""
    best, most = ALONE, (0.0, 1)
    for separator in dict.fromkeys((*filter(None, [usual]), *SEPARATORS)):
        try:
            rows = [row for row in csv.reader(head, delimiter=separator) if row]
        except csv.Error:
            continue
        width = len(rows[0])
        same = sum(len(row) == width for row in rows) / len(rows)
        if width > 1 and (round(same, 1), width) > most:
            best, most = separator, (round(same, 1), width)
    return best


def _rows(reader: Any, names: list[str], skipped: int, tolerant: bool) -> Iterator[Row]:
    width = len(names)
    nameless = [at for at, name in enumerate(names) if name == "" and at > 0]
    try:
        for row in reader:
            line, fault = reader.line_num + skipped, ""
            comment = len(row) == 1 < width and row[0].startswith("#")
            header = len(row) == width > 1 and [value.strip() for value in row] == names
            empty = not any(map(str.strip, row))
            if not row or (not tolerant and (comment or header or empty)):
                continue
            if header:
                fault = "repeats the header"
            if not any(map(str.strip, row[width:])):
                row = row[:width]
            if len(row) != width:
                fault = f"{len(row)} fields under a header of {width}"
                row = [*row, *[""] * width][:width]
            for at in nameless:
                if row[at].strip():
                    fault = f"column {at + 1} has no name, and {row[at]!r} in it"
            if fault and not tolerant:
                raise DataError(fault, line=line)
            yield line, row, fault
    except csv.Error as error:
        raise DataError(f"is no CSV: {error}", line=reader.line_num + skipped) from error


def _binary(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]


def _encoding(raw: IO[bytes]) -> str:
    head = raw.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2], head[1::2]
    if len(head) >= 16 and max(even.count(0), odd.count(0)) > 0.4 * len(even):
        return "utf-16-be" if even.count(0) > odd.count(0) else "utf-16-le"
    return "utf-8-sig"
