"""Whether a router may be used, and the tasks it runs for its callers.

Everything that a router does for a caller runs in a task of the router's own.
Closing ends these tasks, and their callers get `RouterClosed`; a caller's own
task is never cancelled. Knows nothing of what the tasks do.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from hrm_router.errors import RouterClosed, SolveBroke
from hrm_specialists.errors import ForkedProcess

T = TypeVar("T")

LEAVING = 0.05
"""Seconds that a cancelled task may take to clean up; then it is left behind."""


class TimeIsUp(Exception):
    """The time that `Lifecycle.run` was given has passed, and the work was cancelled."""


class _Child(Generic[T]):
    """A task that runs for a caller."""

    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task, self.loop = task, asyncio.get_running_loop()
        self.ended: Future[None] | None = None
        """Told of its end, once somebody waits for it."""
        self.closed = False

    def close(self) -> None:
        """Cancel the task because the router closes; from any thread."""
        self.closed = True
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.task.cancel)


class Lifecycle:
    """Runs work for callers on any thread and loop, until it is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._pid: int | None = None
        self._children: set[_Child[Any]] = set()

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

    async def run(self, work: Coroutine[Any, Any, T], *, until: float = math.inf) -> T:
        """Run `work` in a task of the router's own and wait for it.

        A caller who is cancelled cancels the work. Work that does not end when it
        is cancelled is left behind after `LEAVING` seconds.

        Args:
            until: when to stop waiting, on the clock of `time.monotonic()`.

        Raises:
            TimeIsUp: `until` has passed.
            RouterClosed: the router was closed before or meanwhile.
            ForkedProcess: it was used before a fork.
            SolveBroke: something inside raised `CancelledError` though nobody cancelled.
            Exception: whatever `work` raises.
        """
        child = self._begin(work)
        task, late = child.task, False
        try:
            left = None if until == math.inf else max(0.0, until - time.monotonic())
            late = not (await asyncio.wait({task}, timeout=left))[0]
        finally:
            try:
                if not task.done():
                    task.cancel()
                    await asyncio.wait({task}, timeout=LEAVING)
            finally:
                task.add_done_callback(_hear)
                with self._lock:
                    self._children.discard(child)
                if child.ended is not None:
                    child.ended.set_result(None)
        if task.done() and not task.cancelled():
            return task.result()
        if late:
            raise TimeIsUp
        if child.closed:
            raise RouterClosed("the router was closed while this was under way")
        raise SolveBroke("something in this solve raised CancelledError, and nobody cancelled it")

    def close(self) -> None:
        """Refuse new work; may be called again."""
        with self._lock:
            self._closed = True

    async def drain(self, grace: float) -> None:
        """Wait `grace` seconds for the work under way, then end the rest."""
        me = asyncio.current_task()
        waiting = {}
        with self._lock:
            for child in self._children:
                if child.task is not me:
                    child.ended = child.ended or Future()
                    waiting[asyncio.wrap_future(child.ended)] = child
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=grace)
        for waiter in late:
            waiting[waiter].close()
        if late:
            await asyncio.wait(late, timeout=1.0)

    def _begin(self, work: Coroutine[Any, Any, T]) -> _Child[T]:
        try:
            self.use()
            with self._lock:
                if self._closed:
                    raise RouterClosed("this router was closed; make a new one")
                child = _Child(asyncio.get_running_loop().create_task(work))
                self._children.add(child)
        except BaseException:
            work.close()
            raise
        return child


class Closing:
    """A resource that is closed by `aclose`, by `close`, or at the end of a `with`."""

    _lifecycle: Lifecycle

    async def aclose(self) -> None:
        """Release everything."""
        raise NotImplementedError

    def close(self) -> None:
        """`aclose` for callers that cannot await."""
        closing = threading.Thread(target=lambda: asyncio.run(self.aclose()), name="hrm-closing")
        closing.start()
        closing.join()

    def _retire(self) -> None:
        if self._lifecycle.used and not self._lifecycle.forked:
            threading.Thread(target=self.close, name="hrm-closing", daemon=True).start()

    def __enter__(self) -> Self:
        self._lifecycle.use()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self._lifecycle.use()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def _hear(task: asyncio.Task[Any]) -> None:
    """Take note of what a task raised, so that nobody is warned of it."""
    if not task.cancelled():
        task.exception()
