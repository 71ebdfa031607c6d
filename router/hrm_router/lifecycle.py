"""Whether a router may still be used, and who is using it.

A router that was closed, or was used before this process was forked off, says
so at once. Closing waits a while for the solves under way, then cancels them.
Knows nothing of what they do.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from hrm_router.errors import RouterClosed
from hrm_specialists.errors import ForkedProcess


class Lifecycle:
    """Counts solves in and out, from any thread and loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._pid: int | None = None
        self._running: dict[Future[None], tuple[asyncio.AbstractEventLoop, asyncio.Task[object]]]
        self._running = {}

    def use(self) -> None:
        """Say that the router is about to be used in this process.

        Raises:
            RouterClosed: it was closed.
            ForkedProcess: it was used before a fork; its threads stayed behind.
        """
        pid = os.getpid()
        if self._pid not in (None, pid):
            raise ForkedProcess(
                f"this router was used in process {self._pid} and forked into {pid}; "
                "make a new one after the fork, or Router.reset() the default one"
            )
        if self._closed:
            raise RouterClosed("this router was closed; make a new one")
        self._pid = pid

    @property
    def used(self) -> bool:
        """Whether anything was asked of the router yet."""
        return self._pid is not None

    @property
    def forked(self) -> bool:
        """Whether this is a forked copy of a router in use; its locks may be held for ever."""
        return self._pid not in (None, os.getpid())

    @contextmanager
    def solving(self) -> Iterator[None]:
        """Around one solve; see `use` for what is raised."""
        self.use()
        task = asyncio.current_task()
        assert task is not None, "solves run in tasks"
        ended: Future[None] = Future()
        with self._lock:
            if self._closed:
                raise RouterClosed("this router was closed; make a new one")
            self._running[ended] = (asyncio.get_running_loop(), task)
        try:
            yield
        finally:
            with self._lock:
                del self._running[ended]
            ended.set_result(None)

    def close(self) -> bool:
        """Refuse new solves; False if that was so already."""
        with self._lock:
            was_open, self._closed = not self._closed, True
        return was_open

    async def drain(self, grace: float) -> None:
        """Wait `grace` seconds for the solves under way, then cancel the rest."""
        with self._lock:
            running = dict(self._running)
        me = asyncio.current_task()
        waiting = {
            asyncio.wrap_future(ended): (loop, task)
            for ended, (loop, task) in running.items()
            if task is not me
        }
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=grace)
        for waiter in late:
            loop, task = waiting[waiter]
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        if late:
            await asyncio.wait(late, timeout=1.0)
