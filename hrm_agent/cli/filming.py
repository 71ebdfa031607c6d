"""`--picture`: the events of one solve kept, and made into a film of its first problem."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from hrm_agent.cli.output import note
from hrm_agent.pictures import film_of, write_film
from hrm_router.answer import Answer
from hrm_router.events import Answered, Event, Thinking
from hrm_specialists.contract import Task


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
