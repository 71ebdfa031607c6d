"""Time limits of tests on a machine that has other work to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pauses:
    """Adds up how long the machine kept a thread that only sleeps from running."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Pauses:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.is_set():
            begun = time.monotonic()
            time.sleep(0.005)
            self.seconds += time.monotonic() - begun - 0.005


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail a block that takes longer, the time apart for which the machine paused it."""
    begun = time.monotonic()
    with Pauses() as pauses:
        yield
        spent = time.monotonic() - begun
        time.sleep(0.011)  # let a pause that is going on be noted
    assert spent - pauses.seconds < seconds, f"{spent:.2f} s, {pauses.seconds:.2f} s of them paused"
