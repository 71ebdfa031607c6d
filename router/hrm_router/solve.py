"""One solve: its clock, budgets, events and trace, and the answer it ends with.

Everything that happens in a solve writes here, so that an answer can be put
together at any moment, the deadline's included. Belongs to one event loop; knows
nothing of how questions are answered.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from typing import Any, Literal, NoReturn, TypeVar

from hrm_router.answer import Answer, Part, Step, Timing, Usage, written
from hrm_router.decision import Decision, Route
from hrm_router.errors import DeadlineExceeded, SolveBroke, typed
from hrm_router.events import Event, Failed, Thinking
from hrm_router.lifecycle import Lifecycle, TimeIsUp
from hrm_router.llm.budgets import Budget
from hrm_router.llm.protocol import Reply
from hrm_router.policy import Policy
from hrm_router.stats import Ledger
from hrm_router.tracing import API, NOWHERE, Note, span
from hrm_specialists.contract import Attempt, Thought
from hrm_specialists.errors import HrmAgentError, InvalidInput

T = TypeVar("T")
Stage = Literal["read", "decide", "solve", "check", "llm", "compose"]
LAST_MOMENT = 0.05
"""Seconds before the deadline at which specialists are asked for what they have."""


class Solve:
    """The limits and the running account of one query.

    `tell` is awaited with every event, in order; `show` is called with thinking, which may be
    dropped; `observe` makes, for the solve's id, what is called with every event and returns at
    once. The policy names which of the `budgets` also pays; `InvalidInput` if there is none.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        tell: Callable[[Event], Awaitable[None]] | None = None,
        show: Callable[[Event], None] | None = None,
        observe: Callable[[str], Callable[[Event | Failed], None]] | None = None,
        ledger: Ledger | None = None,
        budgets: Mapping[str, Budget] | None = None,
    ) -> None:
        self.id = secrets.token_hex(8)
        self.policy = policy
        self.started = time.monotonic()
        self.deadline = self.started + policy.deadline
        self.decision: Decision | None = None
        self.parts: dict[int, Part] = {}
        """Finished and best-effort parts by their place in the answer."""
        self.errors: list[HrmAgentError] = []
        self.steps: list[Step] = []
        if policy.budget is not None and policy.budget not in (budgets or {}):
            known = ", ".join(sorted(budgets or {})) or "none; give the router budgets={...}"
            raise InvalidInput(f"there is no budget {policy.budget!r}; known: {known}")
        self._shared_budgets = budgets or {}
        self.heard: list[str] = []
        """The LLM's text as far as it was streamed."""
        self.thinking_seconds = 0.0
        """This solve's share of the time that specialists took."""
        self._tell, self._show = tell, show
        self._ledger = ledger or Ledger()
        self._observe = observe(self.id) if observe is not None else None
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._used: defaultdict[str, Any] = defaultdict(int)

    @cached_property
    def budgets(self) -> tuple[Budget, ...]:
        """What its LLM calls are charged to: its own first, and the one that the policy names."""
        policy = self.policy
        calls, tokens, cost = policy.max_llm_calls, policy.total_tokens, policy.max_cost
        own = Budget(calls=calls, tokens=tokens, cost=cost, failover=True)
        return (own,) if policy.budget is None else (own, self._shared_budgets[policy.budget])

    @property
    def left(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def specialist_deadline(self) -> float:
        """When a specialist should hand over what it has, a moment early."""
        return self.deadline - min(LAST_MOMENT, 0.1 * self.policy.deadline)

    @property
    def streams(self) -> bool:
        """Whether somebody watches, so that text should come bit by bit."""
        return self._tell is not None

    async def tell(self, event: Event) -> None:
        """Pass an event on to whoever streams or observes."""
        if self._observe is not None:
            self._observe(event)
        if self._tell is not None:
            await self._tell(event)

    async def run(self, owner: Lifecycle, work: Coroutine[Any, Any, T], late: Callable[[], T]) -> T:
        """Run `work` in a task of `owner`; if the deadline passes first, `late` makes the answer.

        Ends once, by the deadline, with a value or a `HrmAgentError` that says whose solve it was;
        what is not one of ours becomes `SolveBroke`.
        """
        try:
            return await owner.run(work, until=self.deadline)
        except TimeIsUp:
            pass
        except HrmAgentError as error:
            if not (isinstance(error, TimeoutError) and not self.left):
                self.own(error)
                raise
        except Exception as error:
            raise self.own(typed(error, SolveBroke, "something in the solve")) from error
        return late()

    def own(self, error: HrmAgentError) -> HrmAgentError:
        """The error with the solve it belongs to and what was tried."""
        error.solve_id, error.attempts = self.id, tuple(self.steps)
        return error

    def failed(self, error: Exception) -> None:
        """Say that the solve ends in an error."""
        if self._observe is not None:
            self._observe(Failed(error))

    def answer(self) -> Answer:
        """The answer that the parts make: solutions as their checkers saw them, then language.

        Raises:
            HrmAgentError: the first error of the solve, if every part failed.
        """
        parts = tuple(self.parts[index] for index in sorted(self.parts))
        if self.errors and all(part.status == "failed" for part in parts):
            raise self.errors[0]
        return Answer(
            route=_route(parts, self.decision),
            text="\n\n".join(text for part in parts if (text := written(part))),
            parts=parts,
            unread=self.decision.unread if self.decision is not None else (),
            usage=self.usage,
            timing=self.timing,
            trace=tuple(self.steps),
            solve_id=self.id,
        )

    def late_answer(self) -> Answer:
        """The answer from what there is when the deadline has passed; raises if that is nothing."""
        if not self.heard and all(part.solution is None for part in self.parts.values()):
            self.nothing_yet()
        decision, late = self.decision, DeadlineExceeded.code
        assert decision is not None, "parts come after a decision"
        failed = Part(status="failed", by="none", reason=self._spent, error=late)
        for index, found in enumerate(decision.problems):
            if index not in self.parts or self.parts[index].solution is None:
                about = {"task": found.task, "problem": found.problem, "span": found.span}
                self.parts[index] = failed.model_copy(update=about)
        rest = len(decision.problems)
        if self.heard and rest not in self.parts:
            self.parts[rest] = self.cut_off(self._spent, late)
        elif decision.residual and rest not in self.parts:
            self.parts[rest] = failed
        self.note("compose", "router", "late", self._spent)
        return self.answer()

    def cut_off(self, reason: str, error: str) -> Part:
        """The part for the LLM's text where its stream broke off."""
        return Part(
            status="unverified",
            by="llm",
            text="".join(self.heard),
            finish_reason="length",
            reason=f"the reply was cut off: {reason}",
            error=error,
        )

    def nothing_yet(self) -> NoReturn:
        """Say that the deadline passed with nothing to show."""
        raise self.own(DeadlineExceeded(f"{self._spent}; allow more with Policy(deadline=…)"))

    @property
    def _spent(self) -> str:
        return f"the deadline of {self.policy.deadline:g} s passed"

    def watcher(self, part: int, specialist: str) -> Callable[[Thought], None] | None:
        """What a specialist calls from its own thread after each segment."""
        lookers = [look for look in (self._observe, self._show) if look is not None]
        if not lookers:
            return None
        loop = asyncio.get_running_loop()

        def watch(thought: Thought) -> None:
            at, sure = (thought.segment, thought.start), thought.confidence
            event = Thinking(part, specialist, *at, thought.solution, sure)
            with suppress(RuntimeError):  # the loop is closed: nobody looks any more
                for look in lookers:
                    loop.call_soon_threadsafe(look, event)

        return watch

    def note(
        self, stage: Stage, by: str, outcome: str, reason: str = "", seconds: float = 0.0
    ) -> None:
        """Write down what was tried and why it was taken or left."""
        self.steps.append(Step(stage=stage, by=by, outcome=outcome, reason=reason, seconds=seconds))

    @contextmanager
    def timed(self, stage: Stage, **about: object) -> Iterator[Note]:
        """Add the time spent inside to a stage, and put a span around it with these attributes."""
        begun = time.monotonic()
        try:
            with self.span("hrm.dispatch" if stage == "solve" else f"hrm.{stage}", **about) as note:
                yield note
        finally:
            self._seconds[stage] += time.monotonic() - begun

    def span(self, name: str, **about: object) -> AbstractContextManager[Note]:
        """A span of OpenTelemetry, where the program uses it."""
        return span(name, **about) if API in sys.modules else NOWHERE

    @contextmanager
    def thinking(self) -> Iterator[None]:
        """Around the wait for a specialist; counts this solve's share of the time."""
        begun = self._ledger.waiting(1)
        try:
            yield
        finally:
            self.thinking_seconds += self._ledger.waiting(-1) - begun

    def thought(self, attempt: Attempt) -> None:
        """Add what a specialist spent."""
        self._used["segments"] += attempt.segments
        self._used["starts"] += attempt.starts

    def asked(self, reply: Reply) -> None:
        """Add what the LLM spent on a reply."""
        self._used["prompt_tokens"] += reply.tokens.prompt
        self._used["completion_tokens"] += reply.tokens.completion
        if reply.cost is not None:
            self._used["cost"] += reply.cost

    @property
    def usage(self) -> Usage:
        """What was spent so far."""
        calls = self.budgets[0].calls if "budgets" in vars(self) else 0
        return Usage(llm_calls=calls, **self._used)

    @property
    def timing(self) -> Timing:
        """Seconds per stage so far."""
        return Timing(**self._seconds, total=time.monotonic() - self.started)


def _route(parts: Sequence[Part], decision: Decision | None) -> Route:
    by = {part.by for part in parts} - {"none"}
    if len(by) > 1 or (by and decision is not None and decision.route == "hybrid"):
        return "hybrid"
    if "specialist" in by:
        return "specialist"
    return "llm" if by else "none"
