"""`hrm-agent solve`: one query in, one answer out; or a file of queries."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_agent.cli import warm
from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.inputs import read_query, read_rows
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
from hrm_agent.cli.output import BAD_INPUT, FAILED, OK, plain, screen, show, write_json
from hrm_specialists.errors import DataError, MalformedTask, UnknownSpecialist

if TYPE_CHECKING:
    from hrm_router.answer import Answer
    from hrm_router.events import Event, Thinking
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
    import asyncio

    context: Context = ctx.obj
    if picture is not None and picture.suffix.lower() not in (".svg", ".gif"):
        raise UsageError(f"--picture {picture} is no film", "a file .svg or .gif")
    limits = _limits(effort, deadline, local_only)
    if batch is not None:
        if text is not None or file is not None:
            raise UsageError("--batch takes its queries from the file, and no other")
        queries = _queries(batch)
        router = context.router(specialist, device=device)
        policy = context.settings.policy.model_copy(update=limits)
        return asyncio.run(_solve_all(router, queries, task, policy, as_json=as_json))
    query = read_query(text, file)
    here = bool(specialist or device or watch or picture or explain or context.given)
    here = here or (server is None and not warm.fits_server(effort, deadline))
    if (url := _server(server, here=here)) is not None:
        try:
            return _ask(url, query, task, effort, deadline, local_only, as_json)
        except warm.NotReachable:
            if server is not None:
                raise
    policy = context.settings.policy.model_copy(update=limits)
    router = context.router(specialist, device=device)
    if context.settings.base_url is None:
        _look_for_slips(query, _tasks(router, task))
    asked = _Asked(query, task, policy, watch=watch, film=picture is not None)
    asyncio.run(asked.solve(router))
    answer = asked.answer
    assert answer is not None, "a solve ends with its answer or raises"
    if picture is not None:
        from hrm_agent.cli.thinking import film_answer

        film_answer(picture, answer, asked.thoughts, asked.tasks)
    if as_json:
        write_json(answer.model_dump(mode="json"))
    else:
        from hrm_agent.cli.showing import answer_view

        styled = screen().is_terminal
        show(*answer_view(answer, asked.tasks, styled=styled, loading=asked.loading))
        if explain:
            show(plain(answer.explain()))
    return OK if answer.ok else FAILED


class _Asked:
    """One query on its way through a router of this process."""

    def __init__(
        self, query: str, task: str | None, policy: Policy, *, watch: bool, film: bool
    ) -> None:
        self.query, self.task, self.policy = query, task, policy
        self._watch, self._film = watch, film
        self.answer: Answer | None = None
        self.tasks: Mapping[str, Task[Any, Any]] = {}
        self.thoughts: list[Thinking] = []
        self.loading = 0.0
        """Seconds until the thinking could begin."""

    async def solve(self, router: Router) -> None:
        """Load what the query needs, then solve; the deadline counts from there."""
        async with router:
            begun = time.perf_counter()
            await _load(router, self.query, self.task)
            self.tasks = router.tasks
            self.loading = time.perf_counter() - begun
            if not (self._watch or self._film):
                self.answer = await router.solve(self.query, task=self.task, policy=self.policy)
                return
            from hrm_agent.cli import thinking

            events: AsyncIterator[Event] = router.stream(
                self.query, task=self.task, policy=self.policy
            )
            if self._film:
                events = thinking.recorded(events, self.thoughts)
            follow = thinking.watch if self._watch else thinking.unseen
            self.answer = await follow(events, lambda: router.tasks)


async def _load(router: Router, query: str, task: str | None) -> None:
    """Load the specialists that this query goes to; what fails here fails again, in words."""
    import asyncio

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


def _ask(
    url: str,
    query: str,
    task: str | None,
    effort: str,
    deadline: float | None,
    local_only: bool,
    as_json: bool,
) -> int:
    """Have a running server answer.

    Raises:
        NotReachable: nothing answers there.
        ServerRefused: it does not solve this, and says why.
    """
    import os

    from hrm_agent.cli.errors import ServerRefused

    options = {"effort": effort, "deadline": deadline, "local-only": local_only}
    asked = warm.question(text=query, task=task, **options)
    status, told = warm.ask(url, asked, key=os.environ.get("HRM_AGENT_SERVER_KEY"))
    if not isinstance(told, dict) or (status == 200 and "parts" not in told):
        raise warm.NotReachable(f"{url} answers, but is no hrm-agent server")
    if status != 200:
        raise ServerRefused(url, status, told.get("error") or {})
    warm.show_answer(told, as_json=as_json)
    return OK if told["status"] in ("verified", "accepted", "answered") else FAILED


async def _solve_all(
    router: Router, queries: Sequence[_Query], task: str | None, policy: Policy, *, as_json: bool
) -> int:
    """Print an answer for each query, in order; the weakest decides the exit code."""
    from hrm_agent.cli.showing import last_line
    from hrm_router.answer import failed

    worst = OK
    async with router:
        for at in range(0, len(queries), CHUNK):
            for one in _grouped(queries[at : at + CHUNK], task):
                wrong = {at: query.wrong for at, query in enumerate(one.queries) if query.wrong}
                asked = [query.query for query in one.queries if query.wrong is None]
                solved = iter(await router.solve_many(asked, one.task, policy))
                answers = [
                    failed(wrong[at]) if at in wrong else next(solved)
                    for at in range(len(one.queries))
                ]
                for query, answer in zip(one.queries, answers, strict=True):
                    worst = worst if answer.ok else FAILED
                    if as_json:
                        write_json({"line": query.line, **answer.model_dump(mode="json")})
                    else:
                        first = answer.text.strip().replace("\n", "  ")[:200]
                        show(plain(f"{query.line}: ").append_text(last_line(answer)), plain(first))
    return worst if queries else BAD_INPUT


@dataclass(frozen=True, slots=True)
class _Query:
    """A line of a batch."""

    line: int
    query: Any
    task: str | None
    wrong: DataError | None = None
    """Why it cannot be asked."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring queries of one task."""

    task: str | None
    queries: Sequence[_Query]


def _grouped(queries: Sequence[_Query], task: str | None) -> list[_Group]:
    from itertools import groupby

    named = groupby(queries, key=lambda query: query.task or task)
    return [_Group(name, list(group)) for name, group in named]


def _queries(file: Path) -> list[_Query]:
    """Every line's `query` and, if it has one, its `task`.

    Raises:
        DataError: the file cannot be read, or a line is no object.
    """
    queries = []
    for number, row in read_rows(file):
        query, task = row.get("query"), row.get("task")
        wrong = None
        if not isinstance(query, str | dict | list) or not query:
            wrong = "has no 'query': a text or a problem"
        elif not isinstance(task, str | None):
            wrong = "'task' is no text"
        refused = DataError(wrong, file=file, line=number) if wrong else None
        queries.append(_Query(number, query, task if isinstance(task, str) else None, refused))
    return queries


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
