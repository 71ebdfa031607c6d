"""`hrm-agent train`: from examples to a measured specialist in the user's data folder."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from hrm_agent.cli.card import card_view
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, Device, Minutes, Private, Root, Seed
from hrm_agent.cli.output import OK, note, plain, result, screen
from hrm_agent.cli.specialists import describe

if TYPE_CHECKING:
    from hrm_specialists.schema.data_task import Shown

Learner = Literal["auto", "network", "trees", "linear", "kernel", "series"]
"""How `hrm_specialists` calls its learners; "auto" compares those that fit."""


def train(
    source: Annotated[
        str,
        typer.Argument(
            metavar="EXAMPLES|TASK",
            help="Examples (.csv, .tsv, .jsonl, .parquet), or a task that ships with its own.",
        ),
    ],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the new specialist, such as my-task.")
    ] = "",
    minutes: Minutes = None,
    recipe: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="A recipe: every detail of the training."),
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of a table to predict.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Keep rows with the same value of this column in one part of the split.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="A column to leave out; repeat the option for several."
        ),
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="COLUMN=TYPE",
            help="What a column is: number, category, text, series, date or ignore; may be "
            "repeated. Found out where it is not said.",
        ),
    ] = None,
    symmetries: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MOVE",
            help="Moves of a grid that do not change the task: mirror, flip, half-turn, "
            "turn, transpose, all; repeat the option for several. With a checker they are found.",
        ),
    ] = None,
    description: Annotated[
        str, typer.Option(metavar="TEXT", help="What the specialist does, in one sentence.")
    ] = "",
    private: Private = False,
    cost_of_wrong: Annotated[
        float,
        typer.Option(
            metavar="TIMES",
            help="The cost of a wrong answer if a right one is worth 1; decides what is accepted.",
        ),
    ] = 9.0,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            "--start",
            metavar="SPECIALIST",
            help="Start from this one's weights, as far as they fit: a name or a folder.",
        ),
    ] = None,
    time_column: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="COLUMN",
            help="The column with the time of a row; the latest rows are the test part.",
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            metavar="SIZE",
            min=0,
            help="How far a predicted number may be off and still count as right.",
        ),
    ] = None,
    learner: Annotated[
        Learner, typer.Option(help="The kind of model for answers of one label or number.")
    ] = "auto",
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Train this many times and keep the best.")] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted training of this name.")
    ] = False,
    root: Root = None,
    device: Device = None,
    as_json: AsJson = False,
) -> int:
    """Teach a specialist from about a thousand examples, measure it, and publish it.

    It goes into the user's data folder as a new version, found from then on.
    """
    began = time.monotonic()
    if minutes is not None and not 0 < minutes < 1e6:
        raise UsageError(f"--minutes {minutes:g} is no time for training")
    types_told = _types(types or ())
    named = (label, group, time_column, *(ignore or ()), *types_told)
    chosen = _source(source, name, recipe, minutes, device or "auto", named)
    from hrm_agent.cli.progress import training
    from hrm_specialists.teaching.teach import train as teach

    if minutes is not None:  # loading took some of them
        minutes = max(0.5 * minutes, minutes - (time.monotonic() - began) / 60)
    follower = os.environ.get("RANK", "0") != "0"  # of those that torchrun started
    with training(quiet=as_json or follower) as report:
        try:
            specialist = teach(
                **chosen,
                minutes=minutes,
                seed=seed,
                seeds=seeds,
                label=label,
                group=group,
                time=time_column,
                tolerance=tolerance,
                learner=learner,
                ignore=tuple(ignore or ()),
                types=types_told,
                show=None if as_json or follower else _show_columns,
                symmetries=tuple(symmetries or ()),
                description=description,
                private=private,
                cost_of_wrong=cost_of_wrong,
                start=start,
                device=device or "auto",
                root=root,
                resume=resume,
                callback=report,
            )
        except KeyboardInterrupt:
            note("interrupted, nothing published; --resume takes up what was learned, if anything")
            raise
    with specialist:
        if follower:
            return OK
        return result(as_json, describe(specialist), *card_view(specialist))


def _types(told: Sequence[str]) -> dict[str, str]:
    """`COLUMN=TYPE` as it stands on the command line.

    Raises:
        UsageError: it is written otherwise, or there is no such type.
    """
    from hrm_specialists.schema.kinds import TYPES

    found = {}
    for one in told:
        column, _, kind = one.rpartition("=")
        if not column or kind not in TYPES:
            raise UsageError(f"--type {one!r} names no type", f"COLUMN={'|'.join(TYPES)}")
        found[column] = kind
    return found


def _show_columns(columns: Sequence[Shown]) -> None:
    """What each column was taken for, before anything is learned from it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("column", "taken as", "holds", "missing", "example"):
        table.add_column(name, justify="right" if name == "missing" else "left")
    for column in columns:
        missing = str(column.missing) if column.missing else ""
        cells = (column.name, column.taken_as, column.holds, missing, column.example)
        table.add_row(*map(plain, cells))
    screen(error=True).print(table)
    note("--type COLUMN=number|category|text|series|date|ignore changes what a column is taken as")


def _source(
    source: str,
    name: str,
    recipe: Path | None,
    minutes: float | None,
    device: str,
    columns: Sequence[str | None],
) -> dict[str, Any]:
    """What to train from: a task's own examples and recipe, or somebody's file.

    Raises:
        UsageError: neither a file nor a task, or a file without a name.
        DataError: the file is not there, is no table, or lacks one of `columns`.
        DeviceUnavailable: there is no such device.
        ConfigError: the recipe cannot be used.
    """
    from hrm_specialists.installed import installed_task, installed_tasks, task_folder

    changes = {} if minutes is None else {"minutes": minutes}
    if source in installed_tasks():
        from hrm_specialists.training.recipe import Recipe

        task = installed_task(source)
        home = task_folder(task)
        return {
            "examples": next(iter(sorted(home.glob("train*.csv")))),
            "held_out": home / "held_out_256.csv",
            "name": name or source,
            "task": task,
            "recipe": Recipe.load(recipe or shipped_recipe(home, device), **changes),
        }
    if not Path(source).suffix:
        raise UsageError(
            f"{source!r} is neither a file of examples nor a task that ships",
            f"examples.jsonl, or one of: {', '.join(installed_tasks())}",
        )
    _look(Path(source), columns)
    if not name:
        raise UsageError("the specialist needs a name", "--name my-task")
    from hrm_specialists.training.recipe import Recipe

    return {
        "examples": Path(source),
        "name": name,
        "recipe": None if recipe is None else Recipe.load(recipe, **changes),
    }


def _look(file: Path, columns: Sequence[str | None]) -> None:
    """Open the file and read its header: what is wrong there is said before anything loads.

    Raises:
        DataError: it is not there, cannot be read, or lacks a column.
    """
    from hrm_specialists.schema.table import KINDS, open_table
    from hrm_specialists.schema.text import kind_of_file

    kind_of_file(file, KINDS)
    if any(columns):
        open_table(file).require(*columns)


def shipped_recipe(home: Path, device: str) -> Path:
    """The recipe of a task that ships: that of the device's kind, if it has one of its own."""
    from hrm_specialists.network.hardware import pick_device

    own = home / f"recipe-{pick_device(device).type}.toml"
    return own if own.exists() else home / "recipe.toml"
