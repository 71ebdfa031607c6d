"""Three ways to leave the event loop: jobs, a worker for those who never wait, a loop of its own.

`Offload` runs code of unknown cost (tasks' readers, validators, checkers, renderers, long
texts) under a time limit. `Worker` takes what is handed to it through a bounded queue.
`Background` runs coroutines for callers that cannot await. Knows nothing of what runs there.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from itertools import islice
from typing import Any, Generic, TypeVar

from hrm_router.errors import RouterClosed
from hrm_router.lifecycle import ending, result_of, settle
from hrm_specialists.errors import InvalidInput, LifecycleError, Overloaded, TaskTooLarge

T = TypeVar("T")

log = logging.getLogger(__name__)

_left: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar("_left")
PATIENCE = 0.2
"""Seconds after which a job that waits for a thread gets one more."""
LAST = 5.0
"""Seconds that the last coroutine of a background loop may take."""
_CLOSED = "this router was closed; make a new one"
_END = object()


class Abandoned(BaseException):
    """Nobody waits for this job any more."""


def carry_on() -> None:
    """For long jobs, now and then: raises `Abandoned` once nobody waits for them any more."""
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

    A job that overstays, or whose caller has left, cannot be killed: its thread is written
    off and replaced, until `max_hung` of them hang.
    """

    def __init__(self, threads: int = 4, max_hung: int = 16) -> None:
        self.threads, self.max_hung = threads, max_hung
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._working = 0
        self._hung = 0
        self._closed = False

    async def run(self, work: Callable[[], T], *, within: float = math.inf) -> T:
        """Run `work()` on a thread and wait for it; it goes on running if the caller leaves.

        Raises:
            TimeoutError: it ran longer than `within` seconds, waiting for a thread not counted.
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
                with self._lock:
                    if job.future.running():
                        job.written_off = True
                        self._working -= 1
                        self._hung += 1
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
                raise RouterClosed(_CLOSED)
            if self._hung > self.max_hung:
                raise Overloaded(f"{self._hung} checkers or readers hang; fix or remove them")
            if self._working >= most:
                return
            self._working += 1
        threading.Thread(target=self._work, name="hrm-offload", daemon=True).start()

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


class Worker(Generic[T]):
    """A daemon thread and its queue, in which `size` items may wait.

    `work` is called on the thread with what waits, in order, at `most` so much at once, and
    with nothing after `every` so many quiet seconds; what it raises is logged.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[T]], None],
        *,
        size: int,
        most: int = 1,
        every: float | None = None,
    ) -> None:
        self._work, self._most, self._every = work, most, every
        self._waiting: queue.Queue[Any] = queue.Queue(size)
        self.closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How much waits now."""
        return self._waiting.qsize()

    def put(self, item: T) -> bool:
        """Hand something over; False if it is dropped, for too much waits, or it is closed."""
        try:
            if not self.closed:
                self._waiting.put_nowait(item)
                return True
        except queue.Full:
            pass
        return False

    def flush(self, timeout: float) -> bool:
        """Wait until all that was handed over is worked on; False if that takes longer."""
        if self.closed:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        reached = threading.Event()
        try:
            self._waiting.put(reached, timeout=timeout)
        except queue.Full:
            return False
        return reached.wait(timeout)

    def close(self, within: float) -> None:
        """Work on what waits, then end; left behind if that takes longer. May be repeated."""
        if self.closed:
            return
        self.closed = True
        until = time.monotonic() + within
        with suppress(queue.Full):
            self._waiting.put(_END, timeout=within)
            if threading.current_thread() is not self._thread:
                self._thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        ends = False
        while not ends:
            batch: list[T] = []
            reached: list[threading.Event] = []
            with suppress(queue.Empty):
                one = self._waiting.get(timeout=self._every)
                while one is not _END:
                    kind: list[Any] = reached if isinstance(one, threading.Event) else batch
                    kind.append(one)
                    if len(batch) >= self._most:
                        break
                    one = self._waiting.get_nowait()
                ends = one is _END
            try:
                self._work(batch)
            except Exception:  # what comes later is worked on all the same
                log.exception("%s failed", self._thread.name)
            for event in reached:
                event.set()


class Background:
    """One event loop on one daemon thread, begun on first use; `run` from any other thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None
        self._stopped = False

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the background loop and wait for it here; Ctrl-C cancels it.

        Raises:
            LifecycleError: called on the background loop itself, which would wait for ever.
            RouterClosed: the loop has ended, or ends meanwhile.
        """
        with self._lock:
            if self._stopped:
                raise RouterClosed(_CLOSED)
            if self._started is None:
                loop = asyncio.new_event_loop()

                def forever() -> None:
                    with asyncio.Runner(loop_factory=lambda: loop) as runner:
                        runner.get_loop().run_forever()

                thread = threading.Thread(target=forever, name="hrm-background", daemon=True)
                thread.start()
                self._started = (loop, thread)
            loop, thread = self._started
        if threading.current_thread() is thread:
            raise LifecycleError("a synchronous call inside an asynchronous one; await it instead")
        coroutine = work()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        except RuntimeError:
            coroutine.close()
            raise RouterClosed(_CLOSED) from None
        try:
            return future.result()
        except CancelledError:
            raise RouterClosed("the router was closed while this was under way") from None
        except BaseException:
            future.cancel()
            raise

    def stop(self, last: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run one last coroutine and end the loop, if it ever began; may be called again."""
        with self._lock:
            self._stopped, started = True, self._started
        if started is None:
            return
        loop, thread = started

        def end() -> None:
            task = loop.create_task(last())
            loop.call_later(LAST, task.cancel)
            task.add_done_callback(lambda _: loop.stop())

        with suppress(RuntimeError):  # somebody else has ended it
            loop.call_soon_threadsafe(end)
        thread.join()


def plain(data: object, what: str, *, most: int = 400_000, depth: int = 100) -> None:
    """See to it that data can be walked through: no larger, no deeper, and no circle."""
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
    """How large plain data is, in characters, counted no further than just above `most`."""
    total, left = 0, [value]
    while left and total <= most:
        item = left.pop()
        total += len(item) if isinstance(item, str) else VALUE
        if isinstance(item, Mapping):
            left.extend(islice(item.values(), max(0, most + 1 - total)))
        elif isinstance(item, list | tuple):
            left.extend(item[: max(0, most + 1 - total)])
    return total
