"""`hrm-agent solve`: one query in, one answer out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.inputs import read_query
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
    from hrm_router.events import Event, Thinking
    from hrm_router.policy import Policy
    from hrm_router.router import Router
    from hrm_specialists.contract import Task


def solve(
    ctx: typer.Context,
    text: Text = None,
    file: File = None,
    task: TaskName = None,
    effort: EffortText = "",
    deadline: Annotated[
        float | None, typer.Option("--deadline", metavar="SECONDS", help="For the whole call.")
    ] = None,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Let nothing leave this machine.")
    ] = False,
    specialist: Specialists = None,
    device: Device = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the grid after each segment of thinking.")
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE.svg|gif", help="Write the thinking as a film."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell every attempt and why it was taken or left.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Answer a query: puzzles by specialists, checked; language by the LLM, if there is one."""
    import asyncio

    from hrm_agent.cli.showing import answer_view

    context: Context = ctx.obj
    query = read_query(text, file)
    if picture is not None and picture.suffix.lower() not in (".svg", ".gif"):
        raise UsageError(f"--picture {picture} is no film", "a file .svg or .gif")
    policy = _policy(context.settings.policy, effort, deadline, local_only)
    router = context.router(specialist, device=device)
    if context.settings.base_url is None:
        _look_for_slips(query, _tasks(router, task))
    thoughts: list[Thinking] | None = [] if picture is not None else None
    answer, tasks = asyncio.run(_solve(router, query, task, policy, watch, thoughts))
    if picture is not None and thoughts is not None:
        from hrm_agent.cli.filming import film_answer

        film_answer(picture, answer, thoughts, tasks)
    if as_json:
        write_json(answer.model_dump(mode="json"))
    else:
        show(*answer_view(answer, tasks, styled=screen().is_terminal))
        if explain:
            show(plain(answer.explain()))
    return OK if answer.ok else FAILED


async def _solve(
    router: Router,
    query: str,
    task: str | None,
    policy: Policy,
    watch: bool,
    thoughts: list[Thinking] | None,
) -> tuple[Answer, Mapping[str, Task[Any, Any]]]:
    async with router:
        if watch or thoughts is not None:
            from hrm_agent.cli import filming
            from hrm_agent.cli.watch import watch as watch_events

            events: AsyncIterator[Event] = router.stream(query, task=task, policy=policy)
            if thoughts is not None:
                events = filming.recorded(events, thoughts)
            show = watch_events if watch else filming.unseen
            return await show(events, lambda: router.tasks), router.tasks
        return await router.solve(query, task=task, policy=policy), router.tasks


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


def _policy(policy: Policy, effort: str, deadline: float | None, local_only: bool) -> Policy:
    """The settings' policy with this call's wishes over it."""
    changes: dict[str, object] = {}
    if effort:
        changes["effort"] = effort_of(effort)
    if deadline is not None:
        if not 0 < deadline < float("inf"):
            raise UsageError(f"--deadline {deadline:g} is no time", "seconds, such as 2.5")
        changes["deadline"] = deadline
    if local_only:
        changes["local_only"] = True
    return policy.model_copy(update=changes)
