"""The options that several verbs share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from hrm_agent.cli.errors import UsageError


def specialist_names(incomplete: str) -> list[str]:
    """Names that the shell completes: installed ones and those in the data folder."""
    from importlib.metadata import entry_points

    from hrm_specialists.registry import data_folder

    home = data_folder()
    names = {entry.name for entry in entry_points(group="hrm_agent.specialists")}
    names |= {one.name for one in home.iterdir() if one.is_dir()} if home.is_dir() else set()
    return sorted(name for name in names if name.startswith(incomplete))


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Text = Annotated[
    str | None,
    typer.Argument(
        metavar="TEXT", help="The query in quotes, or - to read it from standard input."
    ),
]
File = Annotated[
    Path | None, typer.Option("--file", "-f", metavar="FILE", help="Read the query from a file.")
]
TaskName = Annotated[
    str | None,
    typer.Option("--task", metavar="NAME", help="Treat the query as a problem of this task."),
]
Specialists = Annotated[
    list[str] | None,
    typer.Option(
        "--specialist",
        metavar="NAME|FOLDER",
        help="Use only this specialist; repeat the option for several.",
        autocompletion=specialist_names,
    ),
]
SpecialistName = Annotated[
    str,
    typer.Argument(
        metavar="SPECIALIST",
        help="The name or the folder of a specialist.",
        autocompletion=specialist_names,
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Random seed.")]
Root = Annotated[
    Path | None,
    typer.Option(
        "--root", metavar="FOLDER", help="Publish in this folder instead of the data folder."
    ),
]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", metavar="MINUTES", help="Minutes until the result is published."),
]
Private = Annotated[bool, typer.Option("--private", help="Keep its problems from language models.")]
EffortText = Annotated[
    str,
    typer.Option(
        "--effort", metavar="low|default|max|SECONDS", help="How hard the specialists try."
    ),
]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any free one.")
]
Device = Annotated[
    str | None,
    typer.Option("--device", metavar="NAME", help="Where to compute: auto, cpu, cuda or mps."),
]


def effort_of(text: str) -> Literal["low", "default", "max"] | float:
    """An effort by name or in seconds.

    Raises:
        UsageError: it is neither.
    """
    if text in ("low", "default", "max"):
        return cast(Literal["low", "default", "max"], text)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(
            f"--effort {text!r} is no effort", "low, default, max, or seconds such as 2.5"
        )
    return seconds
