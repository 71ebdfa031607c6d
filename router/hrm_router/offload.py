"""Code of unknown cost, kept off the event loop and under a time limit.

Tasks' readers, validators, checkers and renderers, and long texts, run here, on
a few daemon threads. A job that overstays, or whose caller has left, cannot be
killed: its thread is written off and replaced, up to a limit. Knows nothing of
what the jobs do.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from itertools import islice
from typing import Any, Generic, TypeVar

from hrm_router.errors import RouterClosed
from hrm_router.lifecycle import ending, result_of, settle
from hrm_specialists.errors import InvalidInput, Overloaded, TaskTooLarge

T = TypeVar("T")

_left: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar("_left")
PATIENCE = 0.2
"""Seconds after which a job that waits for a thread gets one more."""


class Abandoned(BaseException):
    """Nobody waits for this job any more."""


def carry_on() -> None:
    """For long jobs, now and then.

    Raises:
        Abandoned: whoever asked for the job has left, or its time is up.
    """
    left = _left.get(None)
    if left is not None and left():
        raise Abandoned


class _Job(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self.work, self.context = work, contextvars.copy_context()
        self.future: Future[T] = Future()
        self.started: float | None = None
        self.written_off = False

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        self.started = time.monotonic()
        self.context.run(_left.set, lambda: self.written_off)
        settle(self.future, lambda: self.context.run(self.work))


class Offload:
    """A few daemon threads; `run` from any event loop.

    Args:
        threads: how many jobs run at once; more while these do not get on.
        max_hung: how many overstaying threads are tolerated before new jobs
            are refused.
    """

    def __init__(self, threads: int = 4, max_hung: int = 16) -> None:
        self.threads, self.max_hung = threads, max_hung
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._working = 0
        self._hung = 0
        self._closed = False

    async def run(self, work: Callable[[], T], *, within: float = math.inf) -> T:
        """Run `work()` on a thread and wait for it.

        Args:
            work: called once; it goes on running if the caller leaves.
            within: seconds it may run, waiting for a thread not counted.

        Raises:
            TimeoutError: it ran longer than `within`.
            Overloaded: too many jobs hang already.
            RouterClosed: the threads are gone.
            Exception: what `work` raises.
        """
        job = _Job(work)
        ended = ending(job.future)
        self._hire(self.threads)
        self._jobs.put(job)
        try:
            while not ended.is_set():
                spent = 0.0 if job.started is None else time.monotonic() - job.started
                left = PATIENCE if job.started is None else within - spent
                if left <= 0:
                    raise TimeoutError(f"ran longer than {within:g} s")
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if left == math.inf else left):
                        await ended.wait()
                if job.started is None and not ended.is_set():
                    self._hire(self.threads + self.max_hung)
        finally:
            if not ended.is_set():
                job.future.cancel()
                self._write_off(job)
        return result_of(job.future)

    def close(self) -> None:
        """Let the threads end when their jobs do; never waits; may be called again."""
        with self._lock:
            self._closed = True
            for _ in range(self._working):
                self._jobs.put(None)

    def _hire(self, most: int) -> None:
        with self._lock:
            if self._closed:
                raise RouterClosed("this router was closed; make a new one")
            if self._hung > self.max_hung:
                raise Overloaded(f"{self._hung} checkers or readers hang; fix or remove them")
            if self._working >= most:
                return
            self._working += 1
        threading.Thread(target=self._work, name="hrm-offload", daemon=True).start()

    def _write_off(self, job: _Job[Any]) -> None:
        with self._lock:
            if job.future.running() and not job.written_off:
                job.written_off = True
                self._working -= 1
                self._hung += 1

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            with self._lock:
                if job.written_off:
                    self._hung -= 1
                    return
                if self._working > self.threads and self._jobs.empty():
                    break  # it was hired for a jam that is over
        with self._lock:
            self._working -= 1


def plain(data: object, what: str, *, most: int = 400_000, depth: int = 100) -> None:
    """See to it that data can be walked through: it is no larger, no deeper, and no circle.

    Raises:
        InvalidInput: it has more values than `most`, or is nested deeper than `depth`.
    """
    level, count = [data], 0
    for _ in range(depth):
        inner: list[Any] = []
        for item in level:
            count += len(item) if isinstance(item, Mapping | list | tuple) else 0
            if count > most:
                raise TaskTooLarge(f"{what}: more than {most} values")
            if isinstance(item, Mapping):
                inner.extend(item.values())
            elif isinstance(item, list | tuple):
                inner.extend(item)
        level = inner
        if not level:
            return
    raise InvalidInput(f"{what}: nested more than {depth} deep")


VALUE = 25
"""Characters that a number, a truth value or a container counts for in `size`."""


def size(value: object, most: int) -> int:
    """How large plain data is, in characters; each value besides texts counts as `VALUE`.

    Counts no further than just above `most`, so that huge data costs no time.
    """
    total, left = 0, [value]
    while left and total <= most:
        item = left.pop()
        total += len(item) if isinstance(item, str) else VALUE
        if isinstance(item, Mapping):
            left.extend(islice(item.values(), max(0, most + 1 - total)))
        elif isinstance(item, list | tuple):
            left.extend(item[: max(0, most + 1 - total)])
    return total
