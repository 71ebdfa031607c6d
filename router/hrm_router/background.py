"""A private event loop on a thread of its own, for callers that cannot await.

Started on first use, so that synchronous calls work from scripts, threads and
inside a notebook's running loop alike. Knows nothing of what runs on it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hrm_specialists.errors import LifecycleError

T = TypeVar("T")


class Background:
    """One loop on one daemon thread; `run` from any other thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the background loop and wait for it here.

        Interrupting the wait (Ctrl-C) cancels the coroutine.

        Raises:
            LifecycleError: called on the background loop itself, which would
                wait for ever; await the asynchronous method there.
        """
        loop, thread = self._start()
        if threading.current_thread() is thread:
            raise LifecycleError("a synchronous call inside an asynchronous one; await it instead")
        future = asyncio.run_coroutine_threadsafe(work(), loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self, last: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run one last coroutine and end the loop, if it ever began."""
        with self._lock:
            started, self._started = self._started, None
        if started is None:
            return
        loop, thread = started
        asyncio.run_coroutine_threadsafe(last(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def _start(self) -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
        with self._lock:
            if self._started is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(
                    target=_run, args=(loop,), name="hrm-background", daemon=True
                )
                thread.start()
                self._started = (loop, thread)
            return self._started


def _run(loop: asyncio.AbstractEventLoop) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().run_forever()
