"""`hrm-agent export SPECIALIST --onnx DIR`: a trained model for other runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.options import AsJson, SpecialistName
from hrm_agent.cli.output import OK, note, write_json


def export(
    ctx: typer.Context,
    specialist: SpecialistName,
    onnx: Annotated[
        Path, typer.Option(metavar="DIR", help="Write an ONNX model to this new folder.")
    ],
    as_json: AsJson = False,
) -> int:
    """Write a specialist as model.onnx, with model.json that says how to run it.

    A network becomes one segment, to be called in a loop; other learners become whole.
    """
    from hrm_specialists.exporting.export import MODEL
    from hrm_specialists.exporting.export import export as write

    context: Context = ctx.obj
    with context.specialist(specialist, device="cpu") as chosen:
        about = write(chosen, onnx)
    size = (onnx / MODEL).stat().st_size
    if as_json:
        write_json({"folder": str(onnx), "kind": about["kind"], "bytes": size})
    else:
        note(f"{chosen.name} written to {onnx} ({size / 1e3:,.0f} kB)")
    return OK
