"""Tables from files and objects: named columns of plain values, a chunk of rows at a time.

CSV in any of its dialects, JSON Lines, Parquet and Arrow, data frames, lists of
mappings. Values of CSV stay text; what they mean is told later, by `infer`. Memory
is bounded by the chunk. Knows nothing of tasks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

from hrm_specialists.errors import DataError, of_file
from hrm_specialists.schema.dates import moment
from hrm_specialists.schema.models import flattened
from hrm_specialists.schema.text import (
    decoded,
    json_lines,
    kind_of_file,
    parsed_json,
    read_csv,
    text_lines,
)
from hrm_specialists.schema.written import plain

ROWS = 8192
"""Rows of a chunk."""
PEEK = 64
"""Objects whose keys make the header."""
JSON, CSV, ARROW = (
    (".jsonl", ".ndjson"),
    (".csv", ".tsv", ".tab"),
    (".parquet", ".arrow", ".feather"),
)
KINDS = (*CSV, *JSON, *ARROW)


@dataclass(slots=True)
class Chunk:
    """Some rows, column by column."""

    lines: list[int]
    """Where each row stands in its file, from 1; or its number."""
    columns: dict[str, list[Any]]
    faults: dict[int, str] = field(default_factory=dict)
    """Rows that could not be cut into columns, by their place in the chunk: the reason."""

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line and values of each row."""
        names = list(self.columns)
        for line, values in zip(self.lines, zip(*self.columns.values(), strict=True), strict=True):
            yield line, dict(zip(names, values, strict=True))


@dataclass(slots=True)
class Table:
    """Columns by name, and a way to read their rows once.

    Raises, while it is read:
        DataError: naming file and line.
    """

    header: tuple[str, ...]
    chunks: Iterator[Chunk]
    file: Path | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    """Columns that only number the rows, and why they are left out."""
    decimal: str = "."
    """"," where the separator suggests decimal commas."""

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line and values of every row."""
        for chunk in self.chunks:
            yield from chunk.rows()

    def require(self, *names: str | None) -> None:
        """Refuse to go on without these columns.

        Raises:
            DataError: one is missing; the message lists those that are there.
        """
        for name in names:
            if name is not None and name not in self.header:
                why = f"; it is {self.left_out[name]}" if name in self.left_out else ""
                said = f"has no column {name!r}{why}; columns: {', '.join(self.header)}"
                raise DataError(said, file=self.file, line=1)


def open_table(source: object, *, tolerant: bool = False) -> Table:
    """The table that a file or an object holds.

    Args:
        source: a path (see `KINDS`; `.gz` may follow), a stream of bytes that holds CSV
            or JSON Lines, a data frame, an Arrow table, a mapping of columns, or an
            iterable of mappings.
        tolerant: whether rows of a wrong length are kept, with their fault, rather
            than raised, and the index of a data frame stays a column.

    Raises:
        DataError: it holds no table; file and line are named.
    """
    if isinstance(source, str | Path):
        file = Path(source)
        with of_file(file):
            table = _from_file(file, kind_of_file(file, KINDS), tolerant)
        table.file, table.chunks = file, _named(table.chunks, file)
        return table
    if hasattr(source, "readline"):
        return _from_stream(source, tolerant)  # type: ignore[arg-type]
    if hasattr(source, "iloc") and hasattr(source, "columns"):
        return _from_frame(source)
    if hasattr(source, "to_batches") and hasattr(source, "schema"):
        arrow = cast(Any, source)
        return _from_arrow(arrow.schema, arrow.to_batches(max_chunksize=ROWS))
    if isinstance(source, Mapping):
        return _from_columns({str(name): list(plain(v)) for name, v in source.items()})
    if isinstance(source, Iterable):
        return _from_objects(enumerate(source, start=1))
    raise DataError(f"a {type(source).__name__} is no table: a file, a data frame or rows of one")


def _named(chunks: Iterator[Chunk], file: Path) -> Iterator[Chunk]:
    with of_file(file):
        yield from chunks


def _from_file(file: Path, kind: str, tolerant: bool) -> Table:
    try:
        if kind in ARROW:
            return _from_arrow_file(file, kind)
        if kind in JSON:
            return _from_objects(json_lines(file))
        return _from_csv(text_lines(file), "\t" if kind in (".tsv", ".tab") else "", tolerant)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}") from error


def _from_stream(stream: IO[bytes], tolerant: bool) -> Table:
    """CSV or JSON Lines in UTF-8, told by the first line."""
    lines = decoded(stream)
    first = next(lines, "")
    every = chain([first] if first else [], lines)
    if not first.lstrip().startswith("{"):
        return _from_csv(every, "", tolerant)
    return _from_objects(parsed_json(enumerate(every, start=1)))


def _from_csv(lines: Iterator[str], usual: str, tolerant: bool) -> Table:
    names, rows, decimal = read_csv(lines, usual, tolerant=tolerant)
    kept, left_out = _columns(names, whole=tolerant)

    def chunks() -> Iterator[Chunk]:
        while some := list(islice(rows, ROWS)):
            columns = list(zip(*(values for _, values, _ in some), strict=True))
            faults = {at: fault for at, (_, _, fault) in enumerate(some) if fault}
            by_name = {names[at]: list(columns[at]) for at in kept}
            yield Chunk([line for line, _, _ in some], by_name, faults)

    return Table(tuple(names[at] for at in kept), chunks(), None, left_out, decimal)


def _columns(names: Sequence[str], *, whole: bool = False) -> tuple[list[int], dict[str, str]]:
    """Places of the columns to be used; columns that are an index are left out.

    Raises:
        DataError: a name stands there twice.
    """
    for name, count in Counter(filter(None, names)).items():
        if count > 1:
            said = f"{name!r} stands {count} times in the header; each column needs its own name"
            raise DataError(said, line=1, column=name)
    left_out = {}
    kept = []
    for at, name in enumerate(names):
        if name == "" and at > 0:
            continue  # checked to be empty where rows are read
        index = (name == "" and len(names) > 1) or name == "Unnamed: 0"
        if not whole and (index or name.startswith("__index_")):
            left_out[name or "(column 1, without a name)"] = "the index of the table"
        else:
            kept.append(at)
    return kept, left_out


def _from_objects(rows: Iterator[tuple[int, Any]]) -> Table:
    """Mappings, whose keys are the columns."""
    objects = ((line, _object(row, line)) for line, row in rows)
    head = list(islice(objects, PEEK))
    if not head:
        raise DataError("holds no rows")
    header = list(dict.fromkeys(name for _, row in head for name in row))
    kept, left_out = _columns(header)
    names = [header[at] for at in kept]

    def chunks() -> Iterator[Chunk]:
        every = chain(head, objects)
        while some := list(islice(every, ROWS)):
            columns = {name: [flat(row.get(name)) for _, row in some] for name in names}
            yield Chunk([line for line, _ in some], columns)

    return Table(tuple(names), chunks(), None, left_out)


def _object(row: Any, line: int) -> Mapping[str, Any]:
    row = row.model_dump() if hasattr(row, "model_dump") else row
    if not isinstance(row, Mapping):
        raise DataError("expected an object: a value for each column", line=line)
    return cast(Mapping[str, Any], flattened(row))


def _from_columns(columns: dict[str, list[Any]]) -> Table:
    if len({len(values) for values in columns.values()}) > 1:
        raise DataError("the columns differ in length")
    kept, left_out = _columns(list(columns))
    names = [list(columns)[at] for at in kept]

    def chunks() -> Iterator[Chunk]:
        count = len(next(iter(columns.values()), []))
        for start in range(0, count, ROWS):
            some = {name: [*map(flat, columns[name][start : start + ROWS])] for name in names}
            yield Chunk(list(range(start + 1, min(start + ROWS, count) + 1)), some)

    return Table(tuple(names), chunks(), None, left_out)


def _from_frame(frame: Any) -> Table:
    """A pandas data frame; its index is left out, unless it has a name."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    _columns(list(map(str, frame.columns)))
    columns = {}
    for at, name in enumerate(frame.columns):
        column = frame.iloc[:, at]
        values = column.astype(object).where(column.notna(), None)
        columns[str(name)] = values.tolist()
    return _from_columns(columns)


def _from_arrow_file(file: Path, kind: str) -> Table:
    import pyarrow
    from pyarrow import feather, parquet

    try:
        if kind == ".parquet":
            opened = parquet.ParquetFile(file)
            return _from_arrow(opened.schema_arrow, opened.iter_batches(batch_size=ROWS))
        table = feather.read_table(file, memory_map=True)
        return _from_arrow(table.schema, table.to_batches(max_chunksize=ROWS))
    except pyarrow.ArrowException as error:
        raise DataError(f"is no file of the kind {kind}: {error}") from error


def _from_arrow(schema: Any, batches: Iterable[Any]) -> Table:
    import pyarrow

    is_a = pyarrow.types

    def whole(table: Any) -> Any:
        while any(is_a.is_struct(part.type) for part in table.schema):
            table = table.flatten()
        return table

    schema = whole(schema.empty_table()).schema
    kept, left_out = _columns(schema.names)
    casts: dict[int, Any] = {}
    for at in kept[:]:
        kind = schema.field(at).type
        if is_a.is_timestamp(kind):
            casts[at] = pyarrow.timestamp("us", kind.tz)
        elif is_a.is_duration(kind):
            casts[at] = pyarrow.duration("us")
        elif is_a.is_time64(kind):
            casts[at] = pyarrow.time64("us")
        elif (is_a.is_nested(kind) or is_a.is_binary(kind) or is_a.is_large_binary(kind)) and not (
            is_a.is_list(kind) or is_a.is_large_list(kind)
        ):
            kept.remove(at)
            left_out[schema.names[at]] = f"of the type {kind}, which cannot be learned from"

    def chunks() -> Iterator[Chunk]:
        done = 0
        try:
            for batch in batches:
                table = whole(pyarrow.Table.from_batches([batch]))
                columns = {}
                for at in kept:
                    column = table.column(at)
                    column = column.cast(casts[at], safe=False) if at in casts else column
                    columns[schema.names[at]] = list(map(flat, column.to_pylist()))
                lines = list(range(done + 1, done + batch.num_rows + 1))
                done += batch.num_rows
                yield Chunk(lines, columns)
        except pyarrow.ArrowException as error:
            raise DataError(f"cannot be read: {error}") from error

    return Table(tuple(schema.names[at] for at in kept), chunks(), None, left_out)


def flat(value: Any) -> Any:
    """A value as plain JSON has it: dates as text, decimals as numbers."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "tolist") or hasattr(value, "model_dump"):
        return flat(value.tolist() if hasattr(value, "tolist") else value.model_dump())
    if hasattr(value, "isoformat"):
        found = moment(value) if hasattr(value, "year") else value
        return None if found is None else found.isoformat()
    if isinstance(value, list | tuple):
        return list(map(flat, value))
    if isinstance(value, Mapping):
        return {str(key): flat(part) for key, part in value.items()}
    if hasattr(value, "as_tuple"):  # a Decimal
        return float(value)
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    return str(value)
