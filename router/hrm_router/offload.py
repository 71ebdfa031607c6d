"""Other people's synchronous code, kept off the event loop and under a time limit.

Readers of long texts, checkers and loaders run here, on a few daemon threads.
A job that overstays cannot be killed: its thread is written off and replaced, up
to a limit. Knows nothing of what the jobs do.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from hrm_specialists.errors import Overloaded

T = TypeVar("T")


class _Job(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.future: Future[T] = Future()
        self.started: float | None = None
        self.written_off = False

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        self.started = time.monotonic()
        try:
            result = self.work()
        except BaseException as error:  # whatever it is, the caller must hear of it
            self.future.set_exception(tame(error))
        else:
            self.future.set_result(result)


def tame(error: BaseException) -> Exception:
    """`error` as one that a future can carry and that ends nothing but its caller.

    A `SystemExit` would end the program, a `CancelledError` look like somebody
    leaving, and a `StopIteration` cannot be set on asyncio's futures at all.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    tamed = RuntimeError(f"raised {type(error).__name__}")
    tamed.__cause__ = error
    return tamed


class Offload:
    """A few daemon threads; `run` from any event loop.

    Args:
        threads: how many jobs run at once.
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

    async def run(self, work: Callable[[], T], *, within: float | None = None) -> T:
        """Run `work()` on a thread and wait for it.

        Args:
            work: called once; it goes on running if the caller leaves.
            within: seconds it may run, waiting for a thread not counted.

        Raises:
            TimeoutError: it ran longer than `within`.
            Overloaded: too many jobs hang already.
        """
        job = _Job(work)
        self._hire()
        self._jobs.put(job)
        waiter = asyncio.wrap_future(job.future)
        left = within
        try:
            while True:
                done, _ = await asyncio.wait({waiter}, timeout=left)
                if done:
                    return waiter.result()
                assert within is not None
                left = within if job.started is None else job.started + within - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"ran longer than {within:g} s")
        finally:
            if not waiter.done():
                waiter.cancel()
                self._write_off(job)

    def close(self) -> None:
        """Let the threads end when their jobs do; never waits."""
        with self._lock:
            self._closed = True
            for _ in range(self._working):
                self._jobs.put(None)

    def _hire(self) -> None:
        with self._lock:
            if self._hung > self.max_hung:
                raise Overloaded(f"{self._hung} checkers or readers hang; fix or remove them")
            if self._working >= self.threads or self._closed:
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
        with self._lock:
            self._working -= 1
