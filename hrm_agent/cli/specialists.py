"""`hrm-agent specialists`: which are there, and what is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hrm_agent.cli.context import Context
from hrm_agent.cli.drawing import draw
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson
from hrm_agent.cli.output import OK, note, plain, screen, show, write_json

if TYPE_CHECKING:
    from hrm_specialists.specialist import Specialist


def specialists(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME|FOLDER", help="Show this one's card and an example."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FOLDER", help="Copy this one to a new folder, fit for the hub."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List the specialists on this machine, or show the card of one."""
    context: Context = ctx.obj
    if export is not None and name is None:
        raise UsageError("which one is to be exported?", "hrm-agent specialists NAME --export DIR")
    if name is not None:
        with context.specialist(name) as one:
            if export is not None:
                _export(one, export)
            if as_json:
                write_json(describe(one))
            else:
                show(*card_view(one), *_example(one))
        return OK
    registry = context.registry()
    if as_json:
        write_json(
            {
                "specialists": [describe(one) for one in registry],
                "broken": dict(registry.broken),
                "untrained": sorted(registry.untrained),
            }
        )
        return OK
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "version", "answers are", "what it does"):
        table.add_column(column)
    for one in registry:
        checked = "verified" if one.task.has_checker else "accepted"
        table.add_row(
            plain(one.name, "bold"),
            plain(one.version or "-"),
            plain(checked + (", private" if one.private else "")),
            plain(one.task.description or one.task.title),
        )
    show(table if registry.names() else plain("no specialists; `hrm-agent doctor` says why"))
    for untrained in registry.untrained:
        show(plain(f"{untrained}: read and checked here, but not trained; an LLM solves it", "dim"))
    for broken, reason in registry.broken.items():
        show(Text().append("broken: ", "bold red").append_text(plain(f"{broken}: {reason}")))
    return OK


def _export(specialist: Specialist, to: Path) -> None:

    from hrm_specialists.errors import ConfigError
    from hrm_specialists.hub import export

    if specialist.folder is None:
        raise ConfigError(f"{specialist.name!r} has no folder of weights that could be exported")
    export(specialist.folder, to)
    note(f"exported to {to}; upload it with: hf upload YOU/{specialist.name} {to}")


def describe(specialist: Specialist) -> dict[str, Any]:
    """What is known of a specialist, as plain data."""
    task = specialist.task
    return {
        "name": specialist.name,
        "version": specialist.version,
        "title": task.title,
        "description": task.description,
        "checker": task.has_checker,
        "private": specialist.private,
        "threshold": specialist.threshold,
        "folder": None if specialist.folder is None else str(specialist.folder),
        "card": dict(specialist.card),
    }


def card_view(specialist: Specialist) -> Iterator[RenderableType]:
    """What is known of a specialist, as people see it."""
    task = specialist.task
    yield plain(f"{task.title or specialist.name} {specialist.version}".strip(), "bold")
    if task.description:
        yield plain(task.description)
    table = Table.grid(padding=(0, 2))
    for key, value in _facts(specialist):
        table.add_row(plain(key, "dim"), plain(value))
    yield Text()
    yield table


def _example(specialist: Specialist) -> Iterator[RenderableType]:
    task = specialist.task
    if task.example is not None:
        yield Text()
        yield plain("an example", "dim")
        yield draw(task, task.example, None, styled=screen().is_terminal)


def _facts(specialist: Specialist) -> list[tuple[str, str]]:
    answers = (
        "verified by its checker"
        if specialist.task.has_checker
        else (f"accepted from confidence {specialist.threshold:g}")
    )
    facts = [("answers", answers)]
    if specialist.private:
        facts.append(("private", "its problems are kept from language models"))
    if specialist.folder is not None:
        facts.append(("folder", str(specialist.folder)))
    return facts + [
        (key.replace("_", " "), _written(value)) for key, value in specialist.card.items()
    ]


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_written(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_written(item) for item in value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
