"""Doubles for tests of code that uses the router: ours, and yours.

A `ScriptedSpecialist` answers from a script on a thread of its own, as real
ones do; a `ScriptedLLM` says what it was told to say. Neither needs torch or a
network; `network_locked` makes sure that nothing else uses one.

    router = Router(specialists=[ScriptedSpecialist(task, solution)], llm=ScriptedLLM("hello"))
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hrm_agent.network_lock import NetworkLocked, network_locked
from hrm_router.llm.budgets import admit, price
from hrm_router.llm.protocol import Reply, Request, Tokens
from hrm_router.settings import Prices
from hrm_specialists.contract import Attempt, Effort, Task, Thought
from hrm_specialists.errors import LifecycleError, QueueFull
from hrm_specialists.specialist import Specialist

__all__ = ["NetworkLocked", "ScriptedLLM", "ScriptedSpecialist", "network_locked"]

Scripted = BaseModel | Attempt | BaseException | None
"""A solution, a whole attempt, an error to raise, or no answer."""
Script = Scripted | Mapping[Any, Scripted] | Callable[[Any], Scripted]
"""One answer for all problems, one for each, or a function of the problem."""


class ScriptedSpecialist(Specialist):
    """A specialist that answers from a script.

    Args:
        task: what it solves; readers and checkers are the task's own.
        script: its answers.
        seconds: how long it thinks about each problem; problems are thought
            about side by side.
        confidence: of every solution.
        segments: how many it takes, watched one by one.
        max_waiting: problems it holds at once before `QueueFull`.
        held: think about nothing until `release` is called.
        private: keep its problems from every LLM.
        threshold: confidence from which an unchecked answer is accepted.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        script: Script = None,
        *,
        seconds: float = 0.0,
        confidence: float = 1.0,
        segments: int = 1,
        max_waiting: int = 2048,
        held: bool = False,
        private: bool = False,
        threshold: float = 0.9,
    ) -> None:
        self._script, self._confidence = script, confidence
        self._seconds, self._segments = seconds, segments
        self.max_waiting = max_waiting
        self.asked: list[BaseModel] = []
        """The problems that came, in order."""
        self.efforts: list[Effort] = []
        """How hard it was to try, for each of them."""
        self.withdrawn = 0
        """Callers that left before they had their answer."""
        self.longest = 0
        """Most problems that were held at once."""
        self.loads = 0
        """How often it was loaded."""
        self._came = threading.Condition()
        self._released = threading.Event()
        if not held:
            self._released.set()
        super().__init__(task, self._open, private=private, threshold=threshold)

    def release(self) -> None:
        """Let a held specialist think."""
        self._released.set()

    def wait_for(self, count: int = 1, *, within: float = 10.0) -> None:
        """Wait until `count` problems have come; on a thread, in asynchronous tests.

        Raises:
            TimeoutError: they did not come `within` that many seconds.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self.asked) >= count, within):
                raise TimeoutError(f"{len(self.asked)} of {count} problems came")

    def answer_to(self, problem: BaseModel) -> Scripted:
        """What the script says to one problem."""
        if callable(self._script):
            return self._script(problem)
        if isinstance(self._script, Mapping):
            return self._script.get(problem)
        return self._script

    def _open(self) -> _ScriptedSolver:
        self.loads += 1
        return _ScriptedSolver(self)


@dataclass(order=True)
class _Row:
    due: float
    number: int
    problem: BaseModel = field(compare=False)
    submitted: float = field(compare=False)
    watch: Callable[[Thought], None] | None = field(compare=False)
    leave: Callable[[_Row], None] = field(compare=False)
    future: Future[Attempt] = field(compare=False, default_factory=Future)

    def withdraw(self) -> None:
        self.leave(self)


class _ScriptedSolver:
    """One thread that finishes rows when their time has come."""

    def __init__(self, owner: ScriptedSpecialist) -> None:
        self._owner = owner
        self._rows: list[_Row] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(
            target=self._work, name=f"scripted-{owner.name}", daemon=True
        )
        self._thread.start()

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> _Row:
        owner, now = self._owner, time.monotonic()
        with self._wake:
            if self._closed:
                raise LifecycleError(f"specialist {owner.name!r} is closed")
            if len(self._rows) >= owner.max_waiting:
                raise QueueFull(f"{len(self._rows)} problems wait for {owner.name!r} already")
            due = now + owner._seconds
            if deadline is not None:
                due = min(due, max(now, deadline))
            row = _Row(due, next(self._numbers), problem, now, watch, self._leave)
            heapq.heappush(self._rows, row)
            owner.asked.append(problem)
            owner.efforts.append(effort)
            owner.longest = max(owner.longest, len(self._rows))
            self._wake.notify()
        with owner._came:
            owner._came.notify_all()
        return row

    def close(self) -> None:
        with self._wake:
            self._closed = True
            left, self._rows = self._rows, []
            self._wake.notify()
        self._owner.release()
        for row in left:
            _finish(row, LifecycleError(f"specialist {self._owner.name!r} was closed"))
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _leave(self, row: _Row) -> None:
        with self._wake:
            if row in self._rows and not (row.future.done() and not row.future.cancelled()):
                self._rows.remove(row)
                heapq.heapify(self._rows)
                self._owner.withdrawn += 1
        row.future.cancel()

    def _work(self) -> None:
        self._owner._released.wait()
        while True:
            with self._wake:
                while not self._closed:
                    if not self._rows:
                        self._wake.wait()
                    elif (wait := self._rows[0].due - time.monotonic()) > 0:
                        self._wake.wait(wait)
                    else:
                        break
                if self._closed:
                    return
                row = heapq.heappop(self._rows)
            self._answer(row)

    def _answer(self, row: _Row) -> None:
        try:
            said = self._owner.answer_to(row.problem)
        except BaseException as error:
            said = error
        if isinstance(said, BaseException):
            return _finish(row, said)
        if row.watch is not None and not isinstance(said, Attempt):
            for segment in range(1, self._owner._segments + 1):
                row.watch(Thought(segment, 0, said, self._owner._confidence))
        if not isinstance(said, Attempt):
            said = Attempt(
                solution=said,
                verdict=None,
                confidence=self._owner._confidence if said is not None else 0.0,
                segments=self._owner._segments,
                starts=1,
                seconds=time.monotonic() - row.submitted,
                reason="scripted",
            )
        return _finish(row, said)


def _finish(row: _Row, said: Attempt | BaseException) -> None:
    if not row.future.set_running_or_notify_cancel():
        return
    if isinstance(said, BaseException):
        row.future.set_exception(said)
    else:
        row.future.set_result(said)


Said = str | Reply | BaseException | Callable[[Request], Any]
"""A text, a whole reply, an error to raise, or a function of the request."""


class ScriptedLLM:
    """A language model that says what it was told to say.

    Args:
        script: what it says, one item a call; the last one again and again.
        name: the model's name in answers and figures.
        local: whether it counts as running on this machine.
        prices: cost of a million tokens, under `prompt` and `completion`.
        held: never answer; for tests of deadlines and of leaving.
    """

    def __init__(
        self,
        *script: Said,
        name: str = "scripted",
        local: bool = True,
        prices: Prices | Mapping[str, float] | None = None,
        held: bool = False,
    ) -> None:
        self._script = script or ("",)
        self.name = name
        """Its name."""
        self.local = local
        """Whether it says of itself that it is on this machine."""
        self.prices = Prices.model_validate(prices) if prices is not None else None
        """What its tokens cost."""
        self.requests: list[Request] = []
        """What it was asked, in order."""
        self.reached = threading.Event()
        """Set when the first request has come."""
        self._held = held

    @property
    def heard(self) -> str:
        """Everything that was sent to it, for tests of what must not be."""
        return "\n".join(
            str(message.get("content")) for request in self.requests for message in request.messages
        )

    async def complete(self, request: Request) -> Reply:
        """The next item of the script."""
        prompt = sum(len(str(message.get("content"))) for message in request.messages) // 4 + 1
        admit(request.budgets, prompt, self.prices)
        said = self._script[min(len(self.requests), len(self._script) - 1)]
        self.requests.append(request)
        self.reached.set()
        if self._held:
            await asyncio.get_running_loop().create_future()
        if callable(said) and not isinstance(said, BaseException):
            said = said(request)
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, Reply):
            return said
        tokens = Tokens(prompt=prompt, completion=len(str(said)) // 4 + 1)
        cost = price(tokens, self.prices)
        for budget in request.budgets:
            budget.spend(tokens, cost)
        return Reply(text=str(said), tokens=tokens, cost=cost, model=self.name)

    async def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """The next item of the script, word by word."""
        reply = await self.complete(request)
        for word in re.findall(r"\S+\s*|\s+", reply.text):
            yield word
        yield reply

    async def aclose(self) -> None:
        """Nothing is held open."""
