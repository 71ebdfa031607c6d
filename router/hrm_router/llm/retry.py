"""The one retry loop: jitter, Retry-After, and a budget that all calls share.

Only errors that say they are `retryable` are tried again, only if the wait ends
before the deadline, and only while the shared budget lasts. Knows nothing of
HTTP; cancelling passes straight through.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from hrm_router.errors import CallBudgetExceeded, LLMError, LLMTimeout, RetryBudgetExhausted

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.2, 8.0
"""Seconds; the jitter is drawn from zero up to a bound that doubles."""
LONGEST_RETRY_AFTER = 60.0
"""Seconds that an endpoint may make a call wait; beyond this the call fails."""


class RetryBudget:
    """How many retries may still be made, by everybody together.

    Every call brings `share` of a retry, every retry takes a whole one: however
    long an outage lasts, there are at most `reserve + share` × calls retries.
    """

    def __init__(self, *, share: float = 0.2, reserve: float = 10.0) -> None:
        self.share, self.reserve = share, reserve
        self._lock = threading.Lock()
        self._left = reserve

    def call(self) -> None:
        """A first attempt is being made."""
        with self._lock:
            self._left = min(self.reserve, self._left + self.share)

    def take(self) -> bool:
        """Take a retry, if one is left."""
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True


def left(deadline: float) -> float:
    """Seconds until `deadline`, on the clock of `time.monotonic()`; never negative."""
    return max(0.0, deadline - time.monotonic())


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    *,
    deadline: float,
    attempts: int,
    budget: RetryBudget,
    name: str,
) -> T:
    """Call `attempt` until it succeeds or must not be called again.

    Args:
        deadline: on the clock of `time.monotonic()`; no wait goes beyond it.
        attempts: most calls of `attempt`.
        name: whom `attempt` calls, for messages.

    Raises:
        RetryBudgetExhausted: a retry was due, but none is left.
        LLMError: the last attempt's; where the deadline cut that one short, that
            of the one before, which says more.
    """
    from tenacity import AsyncRetrying, retry_if_exception

    def over(state: RetryCallState) -> bool:
        if state.attempt_number >= attempts or state.upcoming_sleep > LONGEST_RETRY_AFTER:
            return True
        return time.monotonic() + state.upcoming_sleep >= deadline

    def charge(state: RetryCallState) -> None:
        if not budget.take():
            last = _error(state)
            raise RetryBudgetExhausted(
                f"{name} failed ({last}), and too many calls are being retried already"
            ) from last

    before: list[LLMError] = []

    async def telling() -> T:
        try:
            return await attempt()
        except CallBudgetExceeded:
            if before:
                raise before[-1] from None  # why it was tried again says more
            raise
        except LLMTimeout:
            if before and time.monotonic() >= deadline:
                raise before[-1] from None
            raise
        except LLMError as error:
            before.append(error)
            raise

    budget.call()
    loop = AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, LLMError) and error.retryable),
        wait=_wait,
        stop=over,
        before_sleep=charge,
        sleep=asyncio.sleep,
        reraise=True,
    )
    return await loop(telling)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _wait(state: RetryCallState) -> float:
    """Full jitter, never before the endpoint wants to be asked again."""
    error = _error(state)
    asked = error.retry_after if isinstance(error, LLMError) else None
    bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (state.attempt_number - 1))
    return (asked or 0.0) + random.uniform(0.0, bound)
