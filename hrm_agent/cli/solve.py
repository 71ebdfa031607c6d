"""`hrm-agent solve`: one query in, one answer out; or a file of queries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_agent.cli import warm
from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import ServerRefused, UsageError
from hrm_agent.cli.inputs import BatchQuery, read_queries, read_query
from hrm_agent.cli.options import (
    AsJson,
    Device,
    EffortText,
    File,
    Specialists,
    TaskName,
    Text,
    effort_of,
)
from hrm_agent.cli.output import FAILED, OK, plain, screen, show, write_json
from hrm_specialists.errors import MalformedTask, UnknownSpecialist

if TYPE_CHECKING:
    from hrm_router.answer import Answer
    from hrm_router.policy import Policy
    from hrm_router.router import Router
    from hrm_specialists.contract import Task

CHUNK = 64
"""Queries of a batch that are solved together; their answers are printed then."""


def solve(
    ctx: typer.Context,
    text: Text = None,
    file: File = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl",
            help="Solve the field 'query' of every line, in order; one line of output each.",
        ),
    ] = None,
    task: TaskName = None,
    effort: EffortText = "",
    deadline: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Seconds for thinking; loading does not count."),
    ] = None,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Ask no endpoint outside this machine.")
    ] = False,
    specialist: Specialists = None,
    device: Device = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL|none",
            help="Ask this hrm-agent server. By default a running one of yours is found; "
            "'none' solves in this process.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the grid after each segment of thinking.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg|gif", help="Write the thinking as a film.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print every attempt and why it was taken or left.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Answer a query: problems by specialists, checked; language by the LLM, if there is one."""
    context: Context = ctx.obj
    if picture is not None and picture.suffix.lower() not in (".svg", ".gif"):
        raise UsageError(f"--picture {picture} is no film", "a file .svg or .gif")
    limits = _limits(effort, deadline, local_only)
    if batch is not None:
        queries = read_queries(text, file, batch)
        router = context.router(specialist, device=device)
        policy = context.settings.policy.model_copy(update=limits)
        return asyncio.run(_solve_all(router, queries, task, policy, as_json=as_json))
    query = read_query(text, file)
    here = bool(specialist or device or watch or picture or explain or context.given)
    here = here or (server is None and not warm.fits_server(effort, deadline))
    if (url := _server(server, here=here)) is not None:
        options = {"effort": effort, "deadline": deadline, "local-only": local_only}
        try:
            return _ask(url, warm.question(text=query, task=task, **options), as_json)
        except (warm.NotReachable, ServerRefused) as error:
            unknown = getattr(error, "code", "") == UnknownSpecialist.code  # one of a minute ago
            if server is not None or not (unknown or isinstance(error, warm.NotReachable)):
                raise
    policy = context.settings.policy.model_copy(update=limits)
    router = context.router(specialist, device=device)
    if context.settings.base_url is None:
        _look_for_slips(query, _tasks(router, task))
    asked = _Asked(query, task, policy)
    answer = asyncio.run(asked.solve(router, watch=watch, film=picture))
    if as_json:
        write_json(answer.model_dump(mode="json"))
    else:
        from hrm_agent.cli.showing import answer_view

        styled = screen().is_terminal
        show(*answer_view(answer, asked.tasks, styled=styled, loading=asked.loading))
        if explain:
            show(plain(answer.explain()))
    return OK if answer.ok else FAILED


@dataclass(slots=True)
class _Asked:
    """One query on its way through a router of this process."""

    query: str
    task: str | None
    policy: Policy
    tasks: Mapping[str, Task[Any, Any]] = field(default_factory=dict)
    loading: float = 0.0
    """Seconds until the thinking could begin."""

    async def solve(self, router: Router, *, watch: bool, film: Path | None) -> Answer:
        """Load what the query needs, then solve; the deadline counts from there."""
        async with router:
            begun = time.perf_counter()
            await _load(router, self.query, self.task)
            self.tasks = router.tasks
            self.loading = time.perf_counter() - begun
            if not watch and film is None:
                return await router.solve(self.query, self.task, self.policy)
            from hrm_agent.cli import thinking

            events = router.stream(self.query, self.task, self.policy)
            viewer = thinking.viewer(lambda: router.tasks) if watch else None
            answer, thoughts = await thinking.follow(events, viewer)
        if film is not None:
            thinking.film_answer(film, answer, thoughts, self.tasks)
        return answer


async def _load(router: Router, query: str, task: str | None) -> None:
    """Load the specialists that this query goes to; what fails here fails again, in words."""
    from hrm_specialists.errors import HrmAgentError

    decision = await router.route(query, task)
    known = router.specialists
    for name in {found.task for found in decision.problems} & known.keys():
        try:
            await asyncio.to_thread(known[name].warm)
        except HrmAgentError:
            continue


def _server(named: str | None, *, here: bool) -> str | None:
    """The server to ask, if one is to be asked."""
    if named == "none" or (named is None and here):
        return None
    if named is not None and here:
        raise UsageError(
            "--server answers with its own specialists; leave out --specialist, --device, "
            "--watch, --picture and --explain"
        )
    return named or warm.running()


def _ask(url: str, question: dict[str, Any], as_json: bool) -> int:
    """Have a running server answer.

    Raises:
        NotReachable: nothing answers there.
        ServerRefused: it does not solve this, and says why.
    """
    import os

    status, told = warm.ask(url, question, key=os.environ.get("HRM_AGENT_SERVER_KEY"))
    if not isinstance(told, dict) or (status == 200 and "parts" not in told):
        raise warm.NotReachable(f"{url} answers, but is no hrm-agent server")
    if status != 200:
        raise ServerRefused(url, status, told.get("error") or {})
    warm.show_answer(told, as_json=as_json)
    return OK if told["status"] in warm.GOOD else FAILED


async def _solve_all(
    router: Router,
    queries: Sequence[BatchQuery],
    task: str | None,
    policy: Policy,
    *,
    as_json: bool,
) -> int:
    """Print an answer for each query, in order; the weakest decides the exit code."""
    from hrm_agent.cli.showing import last_line
    from hrm_router.answer import failed

    async def solved(one: BatchQuery) -> Answer:
        if one.wrong is not None:
            return failed(one.wrong)
        (answer,) = await router.solve_many([one.query], one.task or task, policy)
        return answer

    worst = OK
    async with router:
        for at in range(0, len(queries), CHUNK):
            chunk = queries[at : at + CHUNK]
            answers = await asyncio.gather(*map(solved, chunk))
            for query, answer in zip(chunk, answers, strict=True):
                worst = worst if answer.ok else FAILED
                if as_json:
                    write_json({"line": query.line, **answer.model_dump(mode="json")})
                else:
                    first = answer.text.strip().replace("\n", "  ")[:200]
                    show(plain(f"{query.line}: ").append_text(last_line(answer)), plain(first))
    return worst


def _tasks(router: Router, name: str | None) -> Mapping[str, Task[Any, Any]]:
    if name is None:
        return router.tasks
    if name not in router.tasks:
        raise UnknownSpecialist(name, router.tasks)
    return {name: router.tasks[name]}


def _look_for_slips(query: str, tasks: Mapping[str, Task[Any, Any]]) -> None:
    """Refuse what looks like a problem written wrongly, with no LLM to make sense of it.

    Raises:
        MalformedTask: a grid with a cell too many, say, and nothing else to solve.
    """
    from hrm_router.reading import read_text

    if read_text(query, tasks).touched:
        return
    for task in tasks.values():
        if misses := task.near_misses(query):
            raise MalformedTask("; ".join(dict.fromkeys(miss.reason for miss in misses)))


def _limits(effort: str, deadline: float | None, local_only: bool) -> dict[str, object]:
    """What this call changes in the settings' policy."""
    changes: dict[str, object] = {}
    if effort:
        changes["effort"] = effort_of(effort)
    if deadline is not None:
        if not 0 < deadline < float("inf"):
            raise UsageError(f"--deadline {deadline:g} is no time", "seconds, such as 2.5")
        changes["deadline"] = deadline
    if local_only:
        changes["local_only"] = True
    return changes
