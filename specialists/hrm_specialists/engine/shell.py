"""What every solver with a thread of its own promises: a bounded queue and a clean end.

Callers may leave at any time, a closed solver fails what is unfinished, and a forked process
is told so. Knows nothing of what the thread does.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Task, Thought
from hrm_specialists.errors import (
    ForkedProcess,
    HrmAgentError,
    LifecycleError,
    MalformedTask,
    QueueFull,
)


@dataclass(eq=False, slots=True, kw_only=True)
class Place:
    """A caller's place, and its `Ticket`."""

    problem: BaseModel
    submitted: float
    """`time.monotonic()` at submission."""
    deadline: float | None
    """When the best answer so far is returned, whatever the search."""
    watch: Callable[[Thought], None] | None
    future: Future[Attempt] = field(default_factory=Future)
    """Resolves to the attempt, or to a `SpecialistError`."""
    segments: int = 0

    def withdraw(self) -> None:
        """Cancel the future, unless it is done; thinking stops after this segment."""
        self.future.cancel()

    def settle(self, result: Attempt | HrmAgentError) -> None:
        """Give the caller its answer, or why there is none."""
        try:
            if isinstance(result, Attempt):
                self.future.set_result(result)
            else:
                self.future.set_exception(result)
        except InvalidStateError:
            pass  # the caller left in the meantime


P = TypeVar("P", bound=Place)


class Shell(Generic[P]):
    """A thread that takes what arrives until it is closed; `_run` is the subclass's.

    Args:
        task: what is solved.
        max_waiting: unfinished problems at most; more are refused.
    """

    def __init__(self, task: Task[Any, Any], max_waiting: int) -> None:
        self.task, self.max_waiting = task, max_waiting
        self._arrivals: list[P] = []
        self._unfinished = 0
        self._closing = False
        self._news = threading.Condition()
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name=f"solver-{task.name}", daemon=True)

    def _begin(self) -> None:
        self._thread.start()
        # A daemon thread that is still inside a network at exit can crash the process.
        atexit.register(self.close)

    def _run(self) -> None:
        raise NotImplementedError

    def _ready(self) -> None:
        """Raise LifecycleError or ForkedProcess where nothing can be asked."""
        if os.getpid() != self._pid:
            raise ForkedProcess(
                f"the solver of {self.task.name!r} was started before this process was forked; "
                "load the specialist after the fork"
            )
        if self._closing:
            raise LifecycleError(f"the solver of {self.task.name!r} is closed")

    def _own(self, problem: BaseModel) -> None:
        """Raise MalformedTask where a problem is another task's."""
        if not isinstance(problem, self.task.Problem):
            raise MalformedTask(
                f"a {type(problem).__name__} came; task {self.task.name!r} takes "
                f"{self.task.Problem.__name__}"
            )

    def _enter(self, place: P) -> P:
        with self._news:
            self._ready()
            if self._unfinished >= self.max_waiting:
                raise QueueFull(
                    f"{self._unfinished} problems wait for {self.task.name!r} already; "
                    "come back later"
                )
            self._unfinished += 1
            place.future.add_done_callback(self._count_down)
            self._arrivals.append(place)
            self._news.notify()
        return place

    def _arrived(self, *, busy: bool = False, most: int | None = None) -> list[P] | None:
        """Wait for what is new, unless `busy`; up to `most`. None when closing."""
        with self._news:
            while not (self._closing or self._arrivals or busy):
                self._news.wait()
            if self._closing:
                return None
            most = len(self._arrivals) if most is None else most
            arrived, self._arrivals = self._arrivals[:most], self._arrivals[most:]
            return arrived

    def _end(self, left: Iterable[P] = ()) -> None:
        """Fail what has not arrived yet, and what is `left`."""
        with self._news:
            self._closing = True
            unfinished, self._arrivals = [*left, *self._arrivals], []
        for place in unfinished:
            place.settle(LifecycleError(f"the solver of {self.task.name!r} was closed"))

    def close(self) -> None:
        """Stop after the segment in flight; whatever is unfinished fails."""
        if os.getpid() != self._pid:
            return  # the thread stayed behind in the parent
        with self._news:
            self._closing = True
            self._news.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5.0)  # a checker may hang in it
        atexit.unregister(self.close)

    def _count_down(self, _: Future[Attempt]) -> None:
        with self._news:
            self._unfinished -= 1
