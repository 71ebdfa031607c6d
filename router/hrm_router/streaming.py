"""Events from a solve to whoever watches it, through a queue with a size.

The solve waits for a slow consumer, except with thinking, which is dropped.
No timeout or task group is open while the consumer holds an event, and a
consumer who leaves early cancels the solve. Knows nothing of what the events say.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
)
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel

from hrm_router.errors import RouterClosed
from hrm_router.events import Event
from hrm_specialists.errors import InvalidInput

Q = TypeVar("Q")
A = TypeVar("A")

SIZE = 64
"""Events that may wait; thinking is dropped from half of it."""


async def events_of(
    solve: Callable[..., Awaitable[object]],
) -> AsyncGenerator[Event, None]:
    """Run `solve` and yield its events; what it raises is raised at the end.

    Args:
        solve: called with `tell`, to be awaited with every event, and `show`, for those
            that may be dropped.
    """
    events: asyncio.Queue[Event | None] = asyncio.Queue(SIZE)
    left = False

    def show(event: Event) -> None:
        if events.qsize() < SIZE // 2:
            events.put_nowait(event)

    async def produce() -> None:
        try:
            await solve(tell=events.put, show=show)
        finally:
            if not left:
                await events.put(None)

    producer = asyncio.create_task(produce())
    try:
        while (event := await events.get()) is not None:
            yield event
        await producer
    finally:
        left = True
        producer.cancel()
        await asyncio.gather(producer, return_exceptions=True)


async def side_by_side(
    work: Callable[[Q], Awaitable[A]], items: Iterable[Q], at_once: int
) -> AsyncGenerator[tuple[int, A], None]:
    """Work on `items`, `at_once` at a time; each one's number and result as it ends.

    Items are taken as there is room for them. Leaving early cancels what is under way.

    Raises:
        InvalidInput: `items` is one query, and no list of them.
    """
    if isinstance(items, str | bytes | Mapping | BaseModel):
        raise InvalidInput("this takes a list of queries; for one, use solve")
    numbered = enumerate(items)
    running: dict[asyncio.Future[A], int] = {}
    try:
        while True:
            for number, item in islice(numbered, max(1, at_once) - len(running)):
                running[asyncio.ensure_future(work(item))] = number
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for one in sorted(done, key=running.__getitem__):
                yield running.pop(one), one.result()
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def stepwise(
    run: Callable[[Callable[[], Coroutine[Any, Any, Event | None]]], Event | None],
    events: AsyncGenerator[Event, None],
) -> Generator[Event, None, None]:
    """The same for a caller that cannot await; `run` runs each step on one loop."""

    async def step() -> Event | None:
        return await anext(events, None)

    async def leave() -> None:
        await events.aclose()

    try:
        while (event := run(step)) is not None:
            yield event
    finally:
        with suppress(RouterClosed):  # its loop has ended, and the solve with it
            run(leave)
