"""The life of a router: the default one, whether it may be used, its tasks, its end.

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
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from functools import update_wrapper
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar

from hrm_router.errors import RouterClosed, SolveBroke, Tamed, tame
from hrm_specialists.errors import ForkedProcess

Owner = TypeVar("Owner")
P = ParamSpec("P")
T = TypeVar("T")

LEAVING = 0.05
"""Seconds that a cancelled task may take to clean up; then it is left behind."""


class TimeIsUp(Exception):
    """The time that `Lifecycle.run` was given has passed, and the work was cancelled."""


class _Child:
    """A task that runs for a caller."""

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self.task, self.loop = task, asyncio.get_running_loop()
        self.ended: Future[None] | None = None
        """Told of its end, once somebody waits for it."""
        self.closed = False

    def close(self) -> None:
        """Cancel the task because the router closes; from any thread."""
        self.closed = True
        with suppress(RuntimeError):  # its loop is closed
            self.loop.call_soon_threadsafe(self.task.cancel)


class Lifecycle:
    """Runs work for callers on any thread and loop, until it is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._pid: int | None = None
        self._children: set[_Child] = set()

    def use(self) -> None:
        """Say that the router is about to be used here; refused once it was closed or forked."""
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
        """Run `work` in a task of the router's own and wait for it (`until` is monotonic time).

        A caller who is cancelled cancels the work. Work that does not end when it
        is cancelled is left behind after `LEAVING` seconds.

        Raises:
            TimeIsUp: `until` has passed.
            LifecycleError: the router was closed before or meanwhile, or forked after use.
            SolveBroke: something inside raised `CancelledError` though nobody cancelled.
            Exception: whatever `work` raises.
        """
        try:
            with self._lock:
                self.use()
                task = asyncio.get_running_loop().create_task(work)
                child = _Child(task)
                self._children.add(child)
        except BaseException:
            work.close()
            raise
        late = False
        try:
            left = None if until == math.inf else max(0.0, until - time.monotonic())
            late = not (await asyncio.wait({task}, timeout=left))[0]
        finally:
            try:
                if not task.done():
                    task.cancel()
                    await asyncio.wait({task}, timeout=LEAVING)
            finally:
                task.add_done_callback(hear)
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

    async def close(self, grace: float) -> None:
        """Refuse new work, and end what is under way after `grace` seconds; may be repeated."""
        me = asyncio.current_task()
        with self._lock:
            self._closed = True
            waiting = {}
            for child in self._children:
                if child.task is not me:
                    child.ended = child.ended or Future()
                    waiting[asyncio.wrap_future(child.ended)] = child
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=grace)
            for waiter in late:
                waiting[waiter].close()
            if late:
                await asyncio.wait(late, timeout=1.0)


class on_class_too(Generic[Owner, P, T]):  # noqa: N801  used as a decorator
    """Let a method of a `Living` be called on the class, where it means the default."""

    def __init__(self, method: Callable[Concatenate[Owner, P], T]) -> None:
        self._method = method
        update_wrapper(self, method)  # type: ignore[arg-type]

    def __get__(self, instance: Owner | None, owner: Any) -> Callable[P, T]:
        target = owner._default() if instance is None else instance
        bound: Callable[P, T] = self._method.__get__(target, owner)
        return bound


class Living:
    """What has a default instance, made on first use, and is closed in any usual way."""

    _shared: ClassVar[Any] = None
    _sharing: ClassVar[threading.Lock] = threading.Lock()
    _lifecycle: Lifecycle

    @classmethod
    def reset(cls) -> None:
        """Drop the default instance; the next use makes a new one."""
        cls._replace_default(None)

    @classmethod
    def _default(cls) -> Self:
        with cls._sharing:
            if cls._shared is None:
                cls._shared = cls()
            shared: Self = cls._shared
            return shared

    @classmethod
    def _replace_default(cls, new: Living | None) -> None:
        with cls._sharing:
            old, cls._shared = cls._shared, new
        if old is not None and old._lifecycle.used and not old._lifecycle.forked:
            threading.Thread(target=old.close, name="hrm-closing", daemon=True).start()

    async def aclose(self) -> None:
        """Release everything."""
        raise NotImplementedError

    def close(self) -> None:
        """`aclose` for callers that cannot await."""
        closing = threading.Thread(target=lambda: asyncio.run(self.aclose()), name="hrm-closing")
        closing.start()
        closing.join()

    def __enter__(self) -> Self:
        self._lifecycle.use()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self._lifecycle.use()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


async def outcome(future: Future[T]) -> T:
    """Wait for a thread's future; whatever it ends in comes out as a value or an `Exception`."""
    await ending(future).wait()
    return result_of(future)


def ending(future: Future[Any]) -> asyncio.Event:
    """Set on this event loop when a thread's future is done."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    future.add_done_callback(tell)
    return ended


def result_of(future: Future[T]) -> T:
    """What a future that is done ended in; see `outcome`."""
    if future.cancelled():
        raise Tamed("gave the work up")
    error = future.exception()
    if error is not None:
        raise tame(error)
    return future.result()


def settle(future: Future[T], work: Callable[[], T]) -> None:
    """Set what `work` returns, or raises: whatever it is, those who wait must hear of it."""
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


def hear(task: asyncio.Task[Any]) -> None:
    """Take note of what a task raised, so that nobody is warned of it."""
    if not task.cancelled():
        task.exception()
