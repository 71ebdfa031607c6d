"""`hrm-agent predict SPECIALIST IN`: a table in, the same table with answers out."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, Device, EffortText, SpecialistName, effort_of
from hrm_agent.cli.output import plain, show, write_json
from hrm_specialists.errors import DataError

if TYPE_CHECKING:
    from hrm_specialists.predicting import Predictions
    from hrm_specialists.schema.table import Chunk
    from hrm_specialists.specialist import Specialist

Write = Callable[[dict[str, list[Any]]], None]
"""Writes the columns of some rows behind those before."""


def predict(
    ctx: typer.Context,
    specialist: SpecialistName,
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="A table: .csv, .tsv, .jsonl, .parquet; or - for CSV or JSON Lines on stdin.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(metavar="OUT", help="Result: .csv, .jsonl or .parquet; - for CSV on stdout."),
    ] = "-",
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Add a column for each label's probability.")
    ] = False,
    effort: EffortText = "default",
    device: Device = None,
    as_json: AsJson = False,
) -> None:
    """Answer every row of a table.

    Adds the columns prediction, probability, status (verified, accepted, unverified or
    failed) and reason. Rows that cannot be read are marked as failed; the order is kept.
    """
    from hrm_agent.cli.progress import counting
    from hrm_specialists.predicting import predict_table
    from hrm_specialists.schema.table import open_table

    if as_json and out == "-":
        raise UsageError("--json tells of a file", "--out OUT.csv")
    context: Context = ctx.obj
    counts: Counter[str] = Counter()
    with context.specialist(specialist, device=device) as chosen:
        labels = _labels(chosen) if probabilities else ()
        table = open_table(sys.stdin.buffer if source == "-" else Path(source), tolerant=True)
        with _writer(out) as write, counting(quiet=as_json) as report:
            answered = predict_table(
                chosen,
                table,
                effort=effort_of(effort),
                probabilities=probabilities,
                report=lambda done: report("rows", done, None),
            )
            for chunk, found in answered:
                write(_beside(chunk, found, labels))
                counts.update(found.status)
    told = {"n": counts.total(), **{name: counts[name] for name in _STATUSES if counts[name]}}
    if as_json:
        write_json({**told, "out": out})
    elif out != "-":
        said = ", ".join(f"{counts[name]:,} {name}" for name in _STATUSES if counts[name])
        show(plain(f"{counts.total():,} rows in {out}: {said or 'none'}"))


_STATUSES = ("verified", "accepted", "unverified", "failed")


def _labels(specialist: Specialist) -> Sequence[Any]:
    from hrm_specialists.schema.data_task import DataTask

    task = specialist.task
    if not isinstance(task, DataTask) or task.schema.answer.kind != "label":
        raise UsageError(
            f"{specialist.name} does not answer with one of some labels",
            "leave --probabilities out",
        )
    return task.schema.answer.names


def _beside(chunk: Chunk, found: Predictions, labels: Sequence[Any]) -> dict[str, list[Any]]:
    """The columns that came, and behind them those of the answers."""
    added = found.columns(labels)
    if "probability" in added:
        added["probability"] = [None if p is None else round(p, 4) for p in added["probability"]]
    kept = {name: values for name, values in chunk.columns.items() if name not in added}
    return {**kept, **added}


@contextmanager
def _writer(out: str) -> Iterator[Write]:
    """A function that writes rows to `out`, which is there when all are written, or not at all."""
    if out == "-":
        yield _csv(sys.stdout)
        return
    file = Path(out)
    kind = file.suffix.lower()
    if kind not in (".csv", ".jsonl", ".parquet"):
        raise UsageError(f"--out {out} is no table", "a file .csv, .jsonl or .parquet")
    beside = file.with_name(f".{file.name}.part")
    try:
        if kind == ".parquet":
            with _parquet(beside) as write:
                yield write
        else:
            with beside.open("w", encoding="utf-8", newline="") as text:
                yield _csv(text) if kind == ".csv" else _json(text)
        os.replace(beside, file)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", file=file) from error
    finally:
        beside.unlink(missing_ok=True)


def _csv(text: Any) -> Write:
    table = csv.writer(text, lineterminator="\n")
    header: list[str] = []

    def write(columns: dict[str, list[Any]]) -> None:
        if not header:
            header.extend(columns)
            table.writerow(header)
        plain_columns = (map(_cell, columns[name]) for name in header)
        table.writerows(zip(*plain_columns, strict=True))

    return write


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _json(text: Any) -> Write:
    def write(columns: dict[str, list[Any]]) -> None:
        for values in zip(*columns.values(), strict=True):
            row = dict(zip(columns, values, strict=True))
            text.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

    return write


@contextmanager
def _parquet(file: Path) -> Iterator[Write]:
    import pyarrow
    from pyarrow import parquet

    opened: list[Any] = []

    def array(values: list[Any], kind: Any = None) -> Any:
        try:
            made = pyarrow.array(values, kind)
        except (pyarrow.ArrowException, OverflowError):
            made = pyarrow.array([None if v is None else str(v) for v in values], pyarrow.string())
        return made.cast(pyarrow.string()) if pyarrow.types.is_null(made.type) else made

    def write(columns: dict[str, list[Any]]) -> None:
        if not opened:
            table = pyarrow.table({name: array(values) for name, values in columns.items()})
            opened.append(parquet.ParquetWriter(file, table.schema))
        else:
            schema = opened[0].schema
            made = [array(columns[f.name], f.type).cast(f.type) for f in schema]
            table = pyarrow.table(made, schema=schema)
        opened[0].write_table(table)

    try:
        yield write
    except pyarrow.ArrowException as error:
        raise DataError(f"a column changes its type: {error}", file=file) from error
    finally:
        for writer in opened:
            writer.close()
    if not opened:
        parquet.write_table(pyarrow.table({"prediction": []}), file)
