"""`hrm-agent new specialist NAME`: a package to begin one's own specialist with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hrm_agent.cli.options import AsJson
from hrm_agent.cli.output import plain, result

new = typer.Typer(
    name="new", help="Write a package for a specialist of your own.", no_args_is_help=True
)


@new.callback()
def _group() -> None:
    """Write a package for a specialist of your own."""


@new.command("specialist")
def specialist(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The name of the specialist, such as tide-tables.")
    ],
    into: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The folder in which to make the new one.")
    ] = Path(),
    as_json: AsJson = False,
) -> int:
    """Write a package with a task that works: models, checker, examples, training, tests.

    Installed, it is found by hrm-agent through its entry point.
    """
    from hrm_agent.scaffold import Scaffold

    begun = Scaffold(name)
    written = begun.write(into)
    folder = into / begun.distribution
    then = [
        f"cd {folder}",
        "pip install -e '.[dev]'",
        "pytest",
        f"python -m {begun.module}.teach --minutes 2",
        f"hrm-agent specialists {begun.name}",
    ]
    files = [file.as_posix() for file in written]
    told = {"name": name, "folder": str(folder), "files": files, "next": then}
    views = [*(plain(into / file) for file in written), plain("\nnext:", "dim")]
    return result(as_json, told, *views, *(f"  {command}" for command in then))
