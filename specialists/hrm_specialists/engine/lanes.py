"""Work of one segment, spread over the cores of a CPU.

A small network gains nothing from splitting one product over cores, so each lane
is one thread that thinks about rows of its own, with torch kept to that thread;
a large network has one lane, and torch splits its products. What others in the
process do with torch is left alone. Knows nothing of networks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

A = TypeVar("A")
R = TypeVar("R")

_changing = threading.Lock()


class Lanes:
    """The caller's thread and `count - 1` more; one caller at a time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._others = (
            ThreadPoolExecutor(count - 1, "lane", initializer=keep_to_one_thread)
            if count > 1
            else None
        )

    def map(self, work: Callable[[A], R], parts: Iterable[A]) -> list[R]:
        """`work` of each part, in order; raises what one of them raised, once all are done."""
        first, *rest = parts
        if self._others is None or not rest:
            return [work(first), *map(work, rest)]
        futures = [self._others.submit(work, part) for part in rest]
        try:
            done = work(first)
        finally:
            for future in futures:
                future.exception()  # nobody may still be writing when this returns
        return [done, *(future.result() for future in futures)]

    def close(self) -> None:
        """Let the threads end."""
        if self._others is not None:
            self._others.shutdown()


def keep_to_one_thread() -> None:
    """Let torch use no other thread for what the calling thread does from now on.

    `torch.set_num_threads` decides for the calling thread and for every thread
    that comes later; the second part is put back from a thread made for it.
    """
    with _changing:
        before = torch.get_num_threads()
        if before == 1:
            return
        torch.set_num_threads(1)
        restorer = threading.Thread(target=torch.set_num_threads, args=(before,))
        restorer.start()
        restorer.join()
