"""A thread that works on what is handed to it, for those who never wait.

The queue has a size: what does not fit is dropped, and whoever hands it over is told.
Knows nothing of the work.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

_END = object()


class Worker(Generic[T]):
    """A daemon thread and its queue.

    Args:
        name: of the thread.
        work: called on the thread with what waits, in order; what it raises is logged.
        size: how much may wait.
        most: how much `work` takes at once.
        every: seconds of quiet after which `work` is called with nothing.
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
