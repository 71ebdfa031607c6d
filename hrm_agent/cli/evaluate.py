"""`hrm-agent evaluate SPECIALIST --data FILE`: how good it is, in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hrm_agent.cli.options import AsJson, Device, EffortText, effort_of
from hrm_agent.cli.output import plain, show, write_json
from hrm_agent.cli.surroundings import Surroundings

if TYPE_CHECKING:
    from hrm_specialists.evaluation.scores import Scores


def evaluate(
    ctx: typer.Context,
    specialist: Annotated[
        str, typer.Argument(metavar="SPECIALIST", help="A name, or the folder of one.")
    ],
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            metavar="FILE",
            help="CSV with columns question and answer, or JSON Lines with problem and solution.",
        ),
    ],
    effort: EffortText = "default",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many examples.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the search.")] = 0,
    device: Device = None,
    as_json: AsJson = False,
) -> None:
    """Measure a specialist on labelled problems: accuracy, verification, time, cost.

    `false_verified` counts answers that passed the task's checker and are
    refused by a second one, written independently; it must be 0.
    """
    from hrm_agent.cli.progress import counting
    from hrm_specialists.evaluation.examples import read_examples
    from hrm_specialists.evaluation.scores import evaluate as measure

    surroundings: Surroundings = ctx.obj
    wanted = effort_of(effort)
    with surroundings.specialist(specialist, device=device) as chosen:
        examples = read_examples(data, chosen.task, limit=limit)
        with counting(quiet=as_json) as report:
            scores = measure(chosen, examples, effort=wanted, seed=seed, report=report)
    if as_json:
        write_json({**scores.to_mapping(), "data": str(data), "seed": seed})
    else:
        show(_table(scores, data))


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
    if scores.single_pass_exact is not None:
        row("one pass", _share(scores.single_pass_exact), "exact, without search")
    if scores.cell_accuracy is not None:
        row("cells", _share(scores.cell_accuracy))
    if scores.verified is not None:
        second = scores.false_verified
        remark = "" if second is None else f"{second} falsely, says a second checker"
        row("verified", _share(scores.verified), remark)
    if scores.accepted is not None:
        row("accepted", _share(scores.accepted), "by confidence; the task has no checker")
    for name, share in scores.properties.items():
        row(name, _share(share))
    row("segments", f"{scores.segments:.1f}", f"{scores.starts:.1f} starts, on average")
    row("alone", f"{scores.median_ms:.1f} ms", f"median of {scores.timed}; p95 {scores.p95_ms:.1f}")
    row("together", f"{scores.seconds:.1f} s", f"{scores.n / scores.seconds:.0f} a second")
    if scores.parameters is not None and scores.flop_per_puzzle is not None:
        row("network", f"{scores.parameters:,} parameters", f"{_flop(scores.flop_per_puzzle)} each")
    return table


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"


def _flop(value: float) -> str:
    for factor, unit in ((1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP")):
        if value >= factor:
            return f"{value / factor:.2f} {unit}"
    return f"{value:.0f} FLOP"
