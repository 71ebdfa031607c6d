"""A model that is asked itself: one deadline, one retry loop, one breaker, budgets.

What an endpoint and a LangChain model share. Knows nothing of how a request is sent.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from hrm_router.errors import LLMError, LLMTimeout
from hrm_router.llm.budgets import Budget, price
from hrm_router.llm.calling import Breaker, RetryBudget, left, retrying, within
from hrm_router.llm.chat import NOTHING, Manners, body, wanted
from hrm_router.llm.protocol import EitherWay, Reply, Request, Tokens
from hrm_router.llm.replies import Collector, estimate
from hrm_router.settings import Prices

T = TypeVar("T")

AFTERMATH = 0.25
"""Seconds to wait for the usage once a stream's text is complete."""
CLOSING = 0.05
"""Seconds that giving a connection back may take."""


@dataclass(slots=True)
class Call:
    """One call under way, which may take several requests."""

    request: Request
    stream: bool
    budgets: tuple[Budget, ...]
    prompt: int
    """Its tokens, estimated."""
    wants: frozenset[str]
    """What it asks for that not every server knows."""
    without: frozenset[str] = NOTHING
    """What was left out of the last request."""
    refused: frozenset[str] = NOTHING
    """What the endpoint has refused meanwhile."""
    sent: int = 0
    """Requests that have reached the endpoint."""

    def count(self) -> None:
        """One more request is being sent."""
        self.sent += 1


class Asked(EitherWay):
    """A model that is asked itself, within one deadline: what endpoints and LangChain share.

    Ties one deadline, one retry loop, one breaker and budgets together. A subclass yields in
    `_say` what a call adds to the text.
    """

    _model: str | None
    """What it is called, once that is known."""

    def __init__(
        self,
        label: str,
        prices: Prices | Mapping[str, float] | None,
        budget: Budget | None,
        *,
        timeout: float = math.inf,
        attempts: int = 1,
        retries: RetryBudget | None = None,
        breaker: Breaker | None = None,
        thinks: bool | None = None,
    ) -> None:
        self._label = label
        self.prices = Prices.model_validate(prices) if prices is not None else None
        self._budgets = (budget,) if budget is not None else ()
        self._timeout, self._attempts = timeout, attempts
        self._retries = retries or RetryBudget()
        self.breaker = breaker or Breaker(label)
        self._manners = Manners(label, thinks)

    @property
    def name(self) -> str:
        """The model, if it is known already, and where it is."""
        return self._label

    def _say(self, call: Call, collector: Collector) -> AsyncGenerator[str, None]:
        """Send a request, and add to `collector` what comes; yields the text that is new.

        Closed early, it drops the connection; it ends once the reply is whole.
        """
        raise NotImplementedError

    def _ours(self, error: Exception) -> LLMError:
        """Our error for one of a package."""
        raise NotImplementedError

    async def _run(self, request: Request, *, stream: bool) -> AsyncGenerator[str | Reply, None]:
        body(request, stream=stream)  # raises early
        if left(request.deadline) <= 0:
            raise LLMTimeout(f"no time is left to ask {self.name}")
        budgets, wants = (*self._budgets, *request.budgets), wanted(request, stream)
        call, spent = Call(request, stream, budgets, estimate(request.messages), wants), Tokens()
        first_by = min(request.deadline, request.first_by) if stream else request.deadline
        try:
            begun = await self._retrying(partial(self._begin, call), first_by, goes_on=stream)
            text, texts, collector = begun
            try:
                with self.breaker.call(begun=True):
                    while text is not None:
                        if text:
                            yield text
                        text = await self._within(
                            partial(_next, texts, collector), request.deadline
                        )
                with suppress(Exception):  # the reply is whole; what breaks now is nobody's concern
                    async with asyncio.timeout(min(AFTERMATH, left(request.deadline))):
                        async for _ in texts:  # usage follows the text
                            pass
            finally:
                spent = collector.tokens
                await texts.aclose()
        except (LLMTimeout, asyncio.CancelledError):  # read at least, and billed
            spent = Tokens(max(call.prompt if call.sent else 0, spent.prompt), spent.completion)
            raise
        finally:
            for budget in budgets:
                budget.spend(spent, price(spent, self.prices))
        self._manners.heard(collector)
        yield replace(collector.reply(), attempts=call.sent)

    async def _begin(self, call: Call) -> tuple[str | None, AsyncGenerator[str, None], Collector]:
        """Wait until the model says something, be it a thought; without a stream, for all of it."""
        schema = call.request.schema
        required = None if schema is None else schema.get("required", ())
        inside = self._manners.begins_inside(self._model)
        collector = Collector(call.prompt, self.prices, wanted=required, inside=inside)
        texts, first = self._say(call, collector), None
        try:
            if call.stream:
                first = await _next(texts, collector)
                while first == "" and not collector.began:
                    first = await _next(texts, collector)
            else:
                async for _ in texts:
                    pass
                collector.end()
        except BaseException:
            await texts.aclose()
            raise
        return first, texts, collector

    async def _retrying(
        self, attempt: Callable[[], Awaitable[T]], deadline: float, *, goes_on: bool = False
    ) -> T:
        """Call `attempt` as the retry loop and the breaker allow.

        A stream `goes_on` after it, and whoever reads it tells the breaker.
        """

        async def guarded() -> T:
            with self.breaker.call(goes_on=goes_on):
                return await self._within(attempt, deadline)

        return await retrying(
            guarded,
            deadline=deadline,
            attempts=self._attempts,
            budget=self._retries,
            name=self._label,
        )

    async def _within(self, step: Callable[[], Awaitable[T]], deadline: float) -> T:
        """Await `step` until the deadline, or as long as an endpoint may be silent."""
        return await within(min(self._timeout, left(deadline)), step, self._label, self._ours)


async def _next(texts: AsyncGenerator[str, None], collector: Collector) -> str | None:
    """The next text, empty while the model thinks; None once it has finished."""
    if collector.finish_reason is not None:
        return collector.end() or None
    return await anext(texts)
