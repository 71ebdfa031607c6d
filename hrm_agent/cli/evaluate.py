"""`hrm-agent evaluate SPECIALIST --data FILE`: how good it is, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hrm_agent.cli.context import Context
from hrm_agent.cli.options import AsJson, Device, EffortText, Seed, SpecialistName, effort_of
from hrm_agent.cli.output import note, plain, show, write_json

if TYPE_CHECKING:
    from hrm_specialists.evaluation.scores import Scores


def evaluate(
    ctx: typer.Context,
    specialist: SpecialistName,
    data: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Examples that it was not trained on, in a file like the training file: "
            ".csv, .tsv, .jsonl, .parquet; or question and answer, or ARC tasks as .json.",
        ),
    ],
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column of the answer, if renamed since training."),
    ] = None,
    effort: EffortText = "default",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use only this many examples, from the beginning.")
    ] = None,
    curve: Annotated[
        bool,
        typer.Option(
            "--curve", help="Measure at low, default and max effort: accuracy against cost."
        ),
    ] = False,
    seed: Seed = 0,
    device: Device = None,
    as_json: AsJson = False,
) -> None:
    """Measure a specialist on labelled problems: accuracy, verification, time, cost.

    `false_verified` counts answers that passed the task's checker and are
    refused by a second one, written independently; it must be 0.
    """
    from hrm_agent.cli.progress import counting
    from hrm_specialists.evaluation.scores import evaluate as measure
    from hrm_specialists.schema.examples import read_examples

    context: Context = ctx.obj
    efforts = ["low", "default", "max"] if curve else [effort]
    with context.specialist(specialist, device=device) as chosen:
        inferred = hasattr(chosen.task, "schema")
        examples = read_examples(data, chosen.task, limit=limit, label=label, tolerant=inferred)
        with counting(quiet=as_json) as report:
            measured = [
                measure(chosen, examples, effort=effort_of(one), seed=seed, report=report)
                for one in efforts
            ]
    seen = measured[0].trained_on
    about = {"data": str(data), "seed": seed, "unread": examples.unread, "trained_on": seen}
    if seen:
        note(
            f"Attention: {seen} of these {len(examples)} examples also stand in the training data "
            "of this specialist, with the same answers. These figures tell how well it remembers "
            "them, and new ones may be answered worse. Its card has honest figures; else take "
            "examples that it has not seen."
        )
    if as_json and curve:
        write_json({"curve": [scores.to_mapping() for scores in measured], **about})
    elif as_json:
        write_json({**measured[0].to_mapping(), **about})
    elif curve:
        show(_curve(measured))
    else:
        show(_table(measured[0], data))


def _table(scores: Scores, data: Path) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()

    def row(name: str, value: str, remark: str = "") -> None:
        table.add_row(plain(name, "dim"), plain(value, "bold"), plain(remark, "dim"))

    table.add_column()
    row("specialist", f"{scores.specialist} {scores.version}".strip(), f"effort {scores.effort}")
    row("problems", f"{scores.n}", str(data))
    if scores.exact_accuracy is not None and scores.exact_interval is not None:
        low, high = scores.exact_interval
        row("exact", _share(scores.exact_accuracy), f"95 %: {_share(low)} to {_share(high)}")
    thinks = scores.segments > 0
    if thinks and scores.single_pass_exact is not None:
        row("one pass", _share(scores.single_pass_exact), "exact, without search")
    if thinks and scores.cell_accuracy is not None:
        row("cells", _share(scores.cell_accuracy))
    if scores.verified is not None:
        second = scores.false_verified
        remark = "" if second is None else f"{second} falsely, says a second checker"
        row("verified", _share(scores.verified), remark)
    if scores.accepted is not None:
        false = scores.false_accepted
        remark = "" if false is None else f"; {false} falsely"
        row("accepted", _share(scores.accepted), f"by confidence, without a checker{remark}")
    if scores.accepted_accuracy is not None:
        row("right of these", _share(scores.accepted_accuracy))
    if scores.balanced_accuracy is not None:
        row("balanced", _share(scores.balanced_accuracy), "mean over the labels")
    if scores.auc is not None:
        row("AUC", f"{scores.auc:.3f}", "mean over the labels, each against the rest")
    if scores.mean_absolute_error is not None:
        row("error", f"{scores.mean_absolute_error:.4g}", "mean, absolute")
    if scores.ece is not None:
        row("calibration", f"{scores.ece:.3f}", "expected error of the confidence")
    for name, share in scores.properties.items():
        row(name.replace("_", " "), _share(share))
    for name, found in scores.sources.items():
        shares = [
            f"{key} {_share(found[key] or 0.0)}"
            for key in ("exact", "verified")
            if found[key] is not None
        ]
        row(name, f"{found['n']}", ", ".join(shares))
    if thinks:
        row("segments", f"{scores.segments:.1f}", f"{scores.starts:.1f} starts, on average")
    row("alone", f"{scores.median_ms:.1f} ms", f"median of {scores.timed}; p95 {scores.p95_ms:.1f}")
    row("together", f"{scores.seconds:.1f} s", f"{scores.n / scores.seconds:.0f} a second")
    if scores.parameters is not None and scores.flop_per_puzzle is not None:
        row("network", f"{scores.parameters:,} parameters", f"{_flop(scores.flop_per_puzzle)} each")
    return table


def _curve(measured: Sequence[Scores]) -> Table:
    """A line for each effort: what it reaches and what it costs."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("effort", "exact", "verified or accepted", "segments", "FLOP", "median ms"):
        table.add_column(column, justify="left" if column == "effort" else "right")
    for scores in measured:
        good = scores.accepted if scores.verified is None else scores.verified
        table.add_row(
            plain(str(scores.effort), "bold"),
            plain("-" if scores.exact_accuracy is None else _share(scores.exact_accuracy)),
            plain("-" if good is None else _share(good)),
            plain(f"{scores.segments:.1f}"),
            plain("-" if scores.flop_per_puzzle is None else _flop(scores.flop_per_puzzle)),
            plain(f"{scores.median_ms:.0f}"),
        )
    return table


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"


def _flop(value: float) -> str:
    for factor, unit in ((1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP")):
        if value >= factor:
            return f"{value / factor:.2f} {unit}"
    return f"{value:.0f} FLOP"
