"""`hrm-agent compress SPECIALIST --int8`: a smaller version, with what it costs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, Device, Root, SpecialistName
from hrm_agent.cli.output import note, result


def compress(
    ctx: typer.Context,
    specialist: SpecialistName,
    int8: Annotated[
        bool, typer.Option("--int8", help="Store 8-bit weights: a quarter of the size.")
    ] = False,
    bf16: Annotated[
        bool, typer.Option("--bf16", help="Store 16-bit weights: half of the size.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Problems with solutions to measure on; the tasks that ship bring their own.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use only this many problems, from the beginning.")
    ] = None,
    max_loss: Annotated[
        float, typer.Option(min=0, max=1, help="The largest loss of accuracy that is allowed.")
    ] = 0.01,
    root: Root = None,
    device: Device = None,
    as_json: AsJson = False,
) -> int:
    """Store a specialist's weights smaller, as a new version, and measure both.

    The smaller version loads everywhere; where it would lose accuracy, it is not written.
    """
    if int8 == bf16:
        raise UsageError("one precision is needed", "--int8 or --bf16")
    from hrm_agent.cli.progress import counting
    from hrm_specialists.schema.examples import read_examples
    from hrm_specialists.teaching.compressing import compress as write_smaller

    context: Context = ctx.obj
    with context.specialist(specialist, device=device) as chosen:
        examples = read_examples(data or _own(chosen.name), chosen.task, limit=limit)
        with counting(quiet=as_json) as report:
            found = write_smaller(
                chosen,
                "int8" if int8 else "bf16",
                examples,
                root=root,
                max_loss=max_loss,
                device=device or "auto",
                report=report,
            )
    table = Table("weights", "kB", "solved in one pass", "ms alone", box=None)
    for kind, size in (("before", found.before), (found.kind, found.after)):
        share = f"{100 * size.accuracy:.1f} %"
        table.add_row(kind, f"{size.bytes / 1e3:,.0f}", share, f"{size.median_ms:.1f}")
    same = f"{100 * found.same:.1f} % of {found.problems} problems answered alike"
    if not as_json:
        note(f"written to {found.folder}")
    return result(as_json, asdict(found), table, same)


def _own(name: str) -> Path:
    """The held-out problems that ship with a task."""
    from hrm_specialists.installed import installed_task, installed_tasks, task_folder

    known = name in installed_tasks()
    file = task_folder(installed_task(name)) / "held_out_256.csv" if known else None
    if file is None or not file.is_file():
        raise UsageError(f"{name!r} brings no problems to measure on", "--data FILE")
    return file
