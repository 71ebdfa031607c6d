"""How the events of a solve reach whoever watches it: a stream, or a callback of the router.

A stream's queue has a size: the solve waits for a slow consumer, except with thinking, which
is dropped. No timeout or task group is open while the consumer holds an event, and a
consumer who leaves early cancels the solve. A callback holds no solve up: a function is
called on a thread of its own, an `async def` runs on the solve's loop, beside it; what it raises
is logged, and one that is too slow misses events. Knows nothing of what the events say.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar
from weakref import finalize

from pydantic import BaseModel

from hrm_router.errors import RouterClosed
from hrm_router.events import Event, Failed, Told
from hrm_router.lifecycle import Lifecycle, hear
from hrm_router.offload import Worker
from hrm_specialists.errors import InvalidInput

Q = TypeVar("Q")
A = TypeVar("A")

log = logging.getLogger(__name__)

OnEvent = Callable[[Told], Any] | Callable[[Told], Awaitable[Any]]
"""What `Router(on_event=…)` takes."""
SIZE = 64
"""Events of a stream that may wait; thinking is dropped from half of it."""
WAITING = 4096
"""Events that may wait for a callback: of all solves for a function, of one for an
`async def`; further ones are dropped."""
LAST = 1.0
"""Seconds that the end of the program waits for a callback."""


async def events_of(
    solve: Callable[..., Awaitable[object]],
) -> AsyncGenerator[Event, None]:
    """Run `solve` and yield its events; what it raises is raised at the end.

    It is called with `tell`, to be awaited with every event, and `show`, for those that may
    be dropped.
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


class Observer:
    """Tells one callback, a function or an `async def`, of the solves of one router."""

    def __init__(self, callback: OnEvent) -> None:
        self._callback = callback
        self._is_async = _is_async(callback)
        self._lock = threading.Lock()
        self._tasks = Lifecycle()
        self._worker: Worker[Told] | None = None
        self._complained = False
        self._closed = False

    def feed(self, solve_id: str) -> Callable[[Event | Failed], None]:
        """What one solve calls with its events, on its own event loop; returns at once."""
        if self._is_async:
            waiting: deque[Told] = deque()
            return lambda event: self._begin(waiting, Told(solve_id, event))
        return lambda event: self._put(Told(solve_id, event))

    async def aclose(self, grace: float) -> None:
        """Wait until everything is told, `grace` seconds at most; what comes later is dropped."""
        with self._lock:
            self._closed = True
            worker = self._worker
        if worker is not None:
            await asyncio.to_thread(worker.close, grace)
        await self._tasks.close(grace)

    def _put(self, told: Told) -> None:
        if self._worker is None:
            with self._lock:
                if self._closed:
                    return
                if self._worker is None:
                    self._worker = Worker("hrm-events", _telling(self._callback), size=WAITING)
                    finalize(self, self._worker.close, LAST)  # also at the end of the program
        if not self._worker.put(told) and not (self._complained or self._closed):
            self._complained = True
            log.warning("the on_event callback is too slow; events are dropped")

    def _begin(self, waiting: deque[Told], told: Told) -> None:
        if self._closed:
            return
        if len(waiting) >= WAITING:
            log.warning("the on_event callback is too slow; an event of a solve was dropped")
            return
        waiting.append(told)
        if len(waiting) == 1:
            task = asyncio.create_task(self._tasks.run(self._work(waiting)))
            task.add_done_callback(hear)

    async def _work(self, waiting: deque[Told]) -> None:
        while waiting:
            try:
                await self._callback(waiting[0])
            except Exception:
                log.exception("the on_event callback raised")
            waiting.popleft()


def _telling(callback: OnEvent) -> Callable[[Sequence[Told]], None]:
    """Knows the callback alone, so that an observer nobody has any more is let go."""

    def tell(waiting: Sequence[Told]) -> None:
        for told in waiting:
            callback(told)

    return tell


def _is_async(callback: object) -> bool:
    """Whether it is an `async def`, or an object whose `__call__` is one."""
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
        getattr(callback, "__call__", None)  # noqa: B004  not whether, but which
    )
