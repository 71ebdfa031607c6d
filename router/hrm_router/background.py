"""A private event loop on a thread of its own, for callers that cannot await.

Started on first use, so that synchronous calls work from scripts, threads and
inside a notebook's running loop alike. Knows nothing of what runs on it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from hrm_router.errors import RouterClosed
from hrm_specialists.errors import LifecycleError

T = TypeVar("T")

SECONDS = 5.0
"""How long the last coroutine may take."""


class Background:
    """One loop on one daemon thread; `run` from any other thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None
        self._stopped = False

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the background loop and wait for it here.

        Interrupting the wait (Ctrl-C) cancels the coroutine.

        Raises:
            LifecycleError: called on the background loop itself, which would
                wait for ever; await the asynchronous method there.
            RouterClosed: the loop has ended, or ends meanwhile.
        """
        loop, thread = self._start()
        if threading.current_thread() is thread:
            raise LifecycleError("a synchronous call inside an asynchronous one; await it instead")
        coroutine = work()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        except RuntimeError:
            coroutine.close()
            raise RouterClosed("this router was closed; make a new one") from None
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
            self._stopped = True
            started = self._started
        if started is None:
            return
        loop, thread = started
        final = _last(last, loop)
        try:
            asyncio.run_coroutine_threadsafe(final, loop)
        except RuntimeError:  # somebody else has ended it
            final.close()
        thread.join()

    def _start(self) -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
        with self._lock:
            if self._stopped:
                raise RouterClosed("this router was closed; make a new one")
            if self._started is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(
                    target=_run, args=(loop,), name="hrm-background", daemon=True
                )
                thread.start()
                self._started = (loop, thread)
            return self._started


async def _last(
    work: Callable[[], Coroutine[Any, Any, object]], loop: asyncio.AbstractEventLoop
) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await work()
    finally:
        loop.stop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().run_forever()
