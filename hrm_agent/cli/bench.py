"""`hrm-agent bench …`: figures that a claim can rest on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_agent.cli.lines import read_rows
from hrm_agent.cli.options import AsJson, Specialists
from hrm_agent.cli.output import OK, plain, show, write_json
from hrm_agent.cli.surroundings import Surroundings
from hrm_specialists.errors import DataError

if TYPE_CHECKING:
    from hrm_router.deciding import LabelledQuery
    from hrm_router.router import Router
    from hrm_router.routing_scores import RoutingScores, Share

bench = typer.Typer(
    name="bench", help="Measure how well and how fast things go.", no_args_is_help=True
)


@bench.command("routing")
def routing(
    ctx: typer.Context,
    data: Annotated[
        list[Path],
        typer.Option(
            "--data",
            metavar="FILE.jsonl",
            help="Queries with fields query and label (a task, hybrid or llm), and further "
            "labels to accept; may be given several times.",
        ),
    ],
    specialist: Specialists = None,
    as_json: AsJson = False,
) -> int:
    """Decide labelled queries: accuracy, false claims, calibration, time; no LLM is asked."""
    import asyncio

    surroundings: Surroundings = ctx.obj
    queries = [query for file in data for query in _labelled(file)]
    scores = asyncio.run(_evaluate(surroundings.router(specialist), queries))
    if as_json:
        write_json(_plain(scores))
    else:
        show(plain(scores))
    return OK


async def _evaluate(router: Router, queries: list[LabelledQuery]) -> RoutingScores:
    async with router:
        return await router.evaluate(queries)


def _labelled(file: Path) -> list[LabelledQuery]:
    """Raises DataError where a line has no `query` or no `label`."""
    from pydantic import ValidationError

    from hrm_router.deciding import LabelledQuery

    queries = []
    for number, row in read_rows(file):
        known = {key: row[key] for key in LabelledQuery.model_fields if key in row}
        try:
            queries.append(LabelledQuery.model_validate(known))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise DataError(f"{where}: {first['msg']}", file=file, line=number) from error
    return queries


def _plain(scores: RoutingScores) -> dict[str, Any]:
    """As JSON, every share with its value."""
    shares: dict[str, Share] = {
        name: getattr(scores, name)
        for name in ("accuracy", "claimed", "hybrids", "false_claims", "abstentions")
    }
    return {
        **scores.model_dump(mode="json"),
        **{name: {"value": one.value, **one.model_dump()} for name, one in shares.items()},
    }
