"""Thinking made visible: the grid after each segment, animated, as lines, or kept as a film.

Takes the router's events and gives back the answer. A specialist thinks faster
than anybody can look, so the pictures follow at their own pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hrm_agent.cli.output import note, plain, screen
from hrm_agent.cli.showing import draw
from hrm_agent.pictures import film_of, write_film
from hrm_router.answer import Answer
from hrm_router.decision import FoundProblem
from hrm_router.events import Answered, Decided, Event, Thinking
from hrm_specialists.contract import Task

Tasks = Callable[[], Mapping[str, Task[Any, Any]]]
"""Asked once the query was decided: finding specialists may take a moment."""

PACE = 0.12
"""Seconds that a picture stands."""
MOST = 40
"""Pictures still shown once the answer is there; of more, every k-th is."""


async def watch(events: AsyncIterator[Event], tasks: Tasks) -> Answer:
    """Show the thinking in `events` and return the answer at their end."""
    console = screen()
    if console.is_terminal:
        return await animate(events, tasks, console)
    return await _tell(events, tasks)


async def _tell(events: AsyncIterator[Event], tasks: Tasks) -> Answer:
    """A line on stderr for each segment."""
    problems: tuple[FoundProblem, ...] = ()
    last: dict[int, BaseModel | None] = {}
    answer: Answer | None = None
    async for event in events:
        if isinstance(event, Decided):
            problems = event.decision.problems
        elif isinstance(event, Thinking):
            task, found = tasks()[problems[event.part].task], problems[event.part]
            moved = _changed(task, found.problem, last.get(event.part), event.solution)
            last[event.part] = event.solution
            note(f"{_headline(event)}, {moved} changed")
        elif isinstance(event, Answered):
            answer = event.answer
    assert answer is not None, "a stream ends with its answer or raises"
    return answer


async def animate(
    events: AsyncIterator[Event], tasks: Tasks, console: Console, *, pace: float = PACE
) -> Answer:
    """Play the thinking on a terminal while the events come, and to its end after them."""
    problems: tuple[FoundProblem, ...] = ()
    thoughts: list[Thinking] = []
    answer: Answer | None = None
    more = asyncio.Event()
    stride, ended = 1, False
    at = 0

    async def play() -> None:
        nonlocal at
        last: dict[int, BaseModel | None] = {}
        with Live(console=console, auto_refresh=False, transient=True) as live:
            while not (ended and at >= len(thoughts)):
                if at >= len(thoughts):
                    more.clear()
                    await more.wait()
                    continue
                thought = thoughts[at]
                found = problems[thought.part]
                picture = draw(
                    tasks()[found.task],
                    found.problem,
                    thought.solution,
                    styled=True,
                    earlier=last.get(thought.part),
                )
                last[thought.part] = thought.solution
                headline = plain(_headline(thought), "dim")
                live.update(Group(picture, headline, Text()), refresh=True)
                await asyncio.sleep(pace)
                at += stride

    player = asyncio.create_task(play())
    try:
        async for event in events:
            if isinstance(event, Decided):
                problems = event.decision.problems
            elif isinstance(event, Thinking):
                thoughts.append(event)
                more.set()
            elif isinstance(event, Answered):
                answer = event.answer
        ended = True
        stride += (len(thoughts) - at) // MOST
        more.set()
        await player
    finally:
        player.cancel()
        await asyncio.gather(player, return_exceptions=True)
    assert answer is not None, "a stream ends with its answer or raises"
    return answer


async def recorded(events: AsyncIterator[Event], thoughts: list[Thinking]) -> AsyncIterator[Event]:
    """The same events; the thinking among them is also put into `thoughts`."""
    async for event in events:
        if isinstance(event, Thinking):
            thoughts.append(event)
        yield event


async def unseen(
    events: AsyncIterator[Event], tasks: Callable[[], Mapping[str, Task[Any, Any]]]
) -> Answer:
    """The answer at the end of events that nobody watches."""
    answer: Answer | None = None
    async for event in events:
        if isinstance(event, Answered):
            answer = event.answer
    assert answer is not None, "a stream ends with its answer or raises"
    return answer


def film_answer(
    file: Path, answer: Answer, thoughts: list[Thinking], tasks: Mapping[str, Task[Any, Any]]
) -> None:
    """Write a film of the first problem in an answer; a note says so if there is none."""
    for number, part in enumerate(answer.parts):
        task = tasks.get(part.task or "")
        if part.problem is None or task is None:
            continue
        states = [
            (f"segment {thought.segment}, confidence {thought.confidence:.2f}", thought.solution)
            for thought in thoughts
            if thought.part == number
        ]
        film = film_of(task, part.problem, states, part.status, part.solution)
        write_film(file, film)
        return
    note(f"no picture: there is no puzzle in it, so {file} was not written")


def _headline(thought: Thinking) -> str:
    start = f", start {thought.start + 1}" if thought.start else ""
    return (
        f"{thought.specialist}: segment {thought.segment}{start}, "
        f"confidence {thought.confidence:.2f}"
    )


def _changed(
    task: Task[Any, Any], problem: BaseModel, old: BaseModel | None, new: BaseModel | None
) -> int:
    """Characters that differ between two states, as the task writes them."""
    if new is None:
        return 0
    before = task.render(problem) if old is None else task.render(problem, old)
    return sum(a != b for a, b in zip(before, task.render(problem, new), strict=False))
