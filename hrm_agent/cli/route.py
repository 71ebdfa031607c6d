"""`hrm-agent route`: where a query would go, and why; or a file of queries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import failure
from hrm_agent.cli.inputs import BatchQuery, read_queries, read_query
from hrm_agent.cli.options import AsJson, File, Specialists, Text
from hrm_agent.cli.output import BAD_INPUT, OK, note, plain, show, write_json
from hrm_specialists.errors import HrmAgentError

if TYPE_CHECKING:
    from hrm_router.decision import Decision
    from hrm_router.router import Router


def route(
    ctx: typer.Context,
    text: Text = None,
    file: File = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the evidence for the decision.")
    ] = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Decide on the field 'query' of every line, in order; one line of output each.",
        ),
    ] = None,
    specialist: Specialists = None,
    as_json: AsJson = False,
) -> int:
    """Say where a query goes: to a specialist, the LLM, both (hybrid) or nobody.

    Nothing is solved and no LLM is asked.
    """
    import asyncio

    context: Context = ctx.obj
    if batch is not None:
        queries = read_queries(text, file, batch)
        return asyncio.run(_route_all(context.router(specialist), queries, as_json, explain))
    query = read_query(text, file)
    decision = asyncio.run(_route(context.router(specialist), query))
    if as_json:
        write_json(decision.model_dump(mode="json"))
    else:
        show(plain(_told(decision, explain)))
    return OK


SHOWN = ("route", "task", "confidence", "problems", "residual", "unclear", "suspects", "unread")
"""What a line of a batch shows of a decision."""


async def _route(router: Router, query: str) -> Decision:
    async with router:
        return await router.route(query)


async def _route_all(
    router: Router, queries: Sequence[BatchQuery], as_json: bool, explain: bool
) -> int:
    """Print a decision for each query as it is made; of one that is refused, stderr says why."""
    from hrm_router.decision import Decision

    worst = OK
    async with router:
        for one in queries:
            try:
                if one.wrong is not None:
                    raise one.wrong
                decision = await router.route(one.query, one.task)
            except HrmAgentError as error:
                worst = BAD_INPUT
                told = failure(error)
                note(told.message if one.wrong else f"line {one.line}: {told.message}")
                decision = Decision(route="none", confidence=1.0, reason=told.message)
            if as_json:
                write_json(in_short(decision))
            else:
                show(plain(_told(decision, explain)))
    return worst


def in_short(decision: Decision) -> dict[str, Any]:
    """A line of a batch: where it goes, what was found, what is left."""
    shown = decision.model_dump(mode="json")
    found = [{key: one[key] for key in ("task", "problem", "span")} for one in shown["problems"]]
    return {key: found if key == "problems" else shown[key] for key in SHOWN}


def _told(decision: Decision, explain: bool) -> str:
    story = decision.explain()
    return story if explain else story.partition("\n")[0]
