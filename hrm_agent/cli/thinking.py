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


def viewer(tasks: Tasks) -> Lines | Animation:
    """An animation on a terminal, lines elsewhere."""
    console = screen()
    return Animation(tasks, console) if console.is_terminal else Lines(tasks)


async def follow(
    events: AsyncIterator[Event], shown: Lines | Animation | None = None
) -> tuple[Answer, list[Thinking]]:
    """The answer at the end of `events`, and the thinking before it."""
    problems: tuple[FoundProblem, ...] = ()
    thoughts: list[Thinking] = []
    answer: Answer | None = None
    try:
        async for event in events:
            if isinstance(event, Decided):
                problems = event.decision.problems
            elif isinstance(event, Thinking):
                thoughts.append(event)
                if shown is not None:
                    shown.see(event, problems[event.part])
            elif isinstance(event, Answered):
                answer = event.answer
    finally:
        if shown is not None:
            await shown.end(early=answer is None)
    assert answer is not None, "a stream ends with its answer or raises"
    return answer, thoughts


class Lines:
    """A line on stderr for each segment."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._last: dict[int, BaseModel | None] = {}

    def see(self, thought: Thinking, found: FoundProblem) -> None:
        """Write it."""
        task, before = self._tasks()[found.task], self._last.get(thought.part)
        moved = _changed(task, found.problem, before, thought.solution)
        self._last[thought.part] = thought.solution
        note(f"{_headline(thought)}, {moved} changed")

    async def end(self, *, early: bool) -> None:
        """Nothing is left to do."""


class Animation:
    """Pictures on a terminal, each for `pace` seconds, while the thinking goes on and after it."""

    def __init__(self, tasks: Tasks, console: Console, *, pace: float = PACE) -> None:
        self._tasks, self._console, self._pace = tasks, console, pace
        self._seen: list[tuple[Thinking, FoundProblem]] = []
        self._at, self._stride, self._ended = 0, 1, False
        self._more = asyncio.Event()
        self._player = asyncio.create_task(self._play())

    def see(self, thought: Thinking, found: FoundProblem) -> None:
        """Show it when its turn comes."""
        self._seen.append((thought, found))
        self._more.set()

    async def end(self, *, early: bool) -> None:
        """Play what is left, quickly if it is much; at once if there is no answer."""
        self._stride += (len(self._seen) - self._at) // MOST
        self._ended = True
        self._more.set()
        if early:
            self._player.cancel()
        await asyncio.gather(self._player, return_exceptions=early)

    async def _play(self) -> None:
        last: dict[int, BaseModel | None] = {}
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                while self._at >= len(self._seen):
                    if self._ended:
                        return
                    self._more.clear()
                    await self._more.wait()
                thought, found = self._seen[self._at]
                task, earlier = self._tasks()[found.task], last.get(thought.part)
                state = last[thought.part] = thought.solution
                picture = draw(task, found.problem, state, styled=True, earlier=earlier)
                headline = plain(_headline(thought), "dim")
                live.update(Group(picture, headline, Text()), refresh=True)
                await asyncio.sleep(self._pace)
                self._at += self._stride


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
