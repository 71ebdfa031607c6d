"""The options that several verbs share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from hrm_agent.cli.errors import UsageError

AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object on stdout, and nothing else.")
]
Text = Annotated[
    str | None,
    typer.Argument(metavar="TEXT", help="The query in quotes, or - for standard input."),
]
File = Annotated[
    Path | None, typer.Option("--file", "-f", metavar="FILE", help="Read the query from a file.")
]
TaskName = Annotated[
    str | None, typer.Option("--task", metavar="NAME", help="Take the text as this task's.")
]
Specialists = Annotated[
    list[str] | None,
    typer.Option(
        "--specialist",
        metavar="NAME|FOLDER",
        help="Use only this specialist; may be given several times.",
    ),
]
EffortText = Annotated[
    str,
    typer.Option("--effort", metavar="low|default|max|SECONDS", help="How hard specialists try."),
]
Device = Annotated[
    str | None, typer.Option("--device", metavar="NAME", help="auto, cpu, cuda or mps.")
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
