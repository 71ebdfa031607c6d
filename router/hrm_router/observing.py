"""A caller's callback, told what happens in every solve, and unable to hold one up.

A plain function is called on a thread of its own, one event at a time; an
`async def` runs on the event loop of the solve, beside it. What a callback raises
is logged and ends nothing; one that is too slow misses events, and that is
logged too. Knows nothing of what the events say.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from weakref import finalize

from hrm_router.events import Event, Failed, Told
from hrm_router.lifecycle import Lifecycle, hear
from hrm_router.worker import Worker

log = logging.getLogger(__name__)

OnEvent = Callable[[Told], Any] | Callable[[Told], Awaitable[Any]]
"""What `Router(on_event=…)` takes."""
WAITING = 4096
"""Events that may wait for a callback: of all solves for a function, of one for an
`async def`; further ones are dropped."""
LAST = 1.0
"""Seconds that the end of the program waits for a callback."""


class Observer:
    """Tells one callback of the solves of one router.

    Args:
        callback: gets a `Told` for each event; a function or an `async def`.
    """

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
        """Wait until everything is told, but not for longer than `grace` seconds.

        What happens later is told to nobody.
        """
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
                    call = partial(_call_with_all, self._callback)
                    self._worker = Worker("hrm-events", call, size=WAITING)
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


def _call_with_all(callback: Callable[[Told], Any], waiting: Sequence[Told]) -> None:
    for told in waiting:
        try:
            callback(told)
        except Exception:
            log.exception("the on_event callback raised")


def _is_async(callback: object) -> bool:
    """Whether it is an `async def`, or an object whose `__call__` is one."""
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
        getattr(callback, "__call__", None)  # noqa: B004  not whether, but which
    )
