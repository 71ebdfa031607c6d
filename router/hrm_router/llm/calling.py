"""How an endpoint is called: in time, again where that helps, not too fast, not while it is down.

One retry loop with jitter, Retry-After and a budget that all calls share; a circuit breaker;
limits of requests and tokens a minute. Shared by threads and event loops. Knows nothing
of what a call is; cancelling passes straight through.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from hrm_router.errors import (
    CallBudgetExceeded,
    CircuitOpen,
    LLMError,
    LLMTimeout,
    LLMUnavailable,
    RetryBudgetExhausted,
)
from hrm_specialists.errors import ConfigError, HrmAgentError

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter
    from tenacity import RetryCallState

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.2, 8.0
"""Seconds; the jitter is drawn from zero up to a bound that doubles."""
LONGEST_RETRY_AFTER = 60.0
"""Seconds that an endpoint may make a call wait; beyond this the call fails."""
PATIENCE = 1.0
"""Seconds of silence that count against an endpoint; less says nothing about it."""
BURST = 10.0
"""Seconds of the allowance of a minute that may be used in one go."""

Outcome = Literal["answered", "failed", "unknown"]
"""`unknown`: the caller left, or gave too little time to tell."""


def left(deadline: float) -> float:
    """Seconds until `deadline`, on the clock of `time.monotonic()`; never negative."""
    return max(0.0, deadline - time.monotonic())


async def within(
    seconds: float,
    step: Callable[[], Awaitable[T]],
    name: str,
    translate: Callable[[Exception], LLMError],
) -> T:
    """Await `step` for so long; what goes wrong is an `LLMTimeout`, its own, or `translate`d."""
    begun = time.monotonic()
    try:
        async with asyncio.timeout(None if seconds == math.inf else seconds):
            return await step()
    except HrmAgentError:
        raise
    except TimeoutError:
        waited = time.monotonic() - begun
        late = LLMTimeout(f"{name} did not answer within {waited:.1f} s")
        late.silence = waited
        failure: LLMError = late
    except Exception as error:
        failure = translate(error)
    raise failure  # outside of `except`: the original holds the request, and that the key


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
            enough = self._left >= 1.0
            self._left -= enough
            return enough


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    *,
    deadline: float,
    attempts: int,
    budget: RetryBudget,
    name: str,
) -> T:
    """Call `attempt` until it succeeds or must not be called again, at most `attempts` times.

    Only errors that say they are `retryable` are tried again, only if the wait ends
    before the deadline (`time.monotonic()`), and only while the shared budget lasts.

    Raises:
        RetryBudgetExhausted: a retry was due, but none is left.
        LLMError: the last attempt's; where the deadline cut that one short, that
            of the one before, which says more.
    """
    from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

    failed: list[LLMError] = []

    jitter = wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)

    def wait(state: RetryCallState) -> float:
        """Full jitter, never before the endpoint wants to be asked again."""
        return (failed[-1].retry_after or 0.0) + jitter(state)

    def over(state: RetryCallState) -> bool:
        pause, last = state.upcoming_sleep, state.attempt_number >= attempts
        return last or pause > LONGEST_RETRY_AFTER or time.monotonic() + pause >= deadline

    def charge(_: RetryCallState) -> None:
        if not budget.take():
            raise RetryBudgetExhausted(
                f"{name} failed ({failed[-1]}), and too many calls are being retried already"
            ) from failed[-1]

    async def telling() -> T:
        try:
            return await attempt()
        except (CallBudgetExceeded, LLMError) as error:
            late = isinstance(error, LLMTimeout) and time.monotonic() >= deadline
            if failed and (late or isinstance(error, CallBudgetExceeded)):
                raise failed[-1] from None  # why it was tried again says more
            if isinstance(error, LLMError):
                failed.append(error)
            raise

    budget.call()
    loop = AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, LLMError) and error.retryable),
        wait=wait,
        stop=over,
        before_sleep=charge,
        sleep=asyncio.sleep,
        reraise=True,
    )
    return await loop(telling)


class Breaker:
    """Leaves an endpoint alone while it keeps failing.

    Closed, it lets every call through; after several failures in a row it opens and
    refuses calls at once; after a rest it lets a single one through, and that one decides.

    Args:
        failures: how many in a row open it.
        rest: seconds that it stays open before one call may try.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = 5,
        rest: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.failures, self.rest = name, failures, rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """Where it stands now."""
        with self._lock:
            if self._opened is None:
                return "closed"
            return "open" if self._clock() < self._opened + self.rest else "half-open"

    @contextmanager
    def call(self, *, goes_on: bool = False, begun: bool = False) -> Iterator[None]:
        """Let a call through, and learn from how it ends.

        Args:
            goes_on: the call has only begun when the block ends, as a stream has.
            begun: it was let through before.

        Raises:
            CircuitOpen: the endpoint is resting; `retry_after` says for how long.
        """
        probe = not begun and self._enter()
        outcome: Outcome = "unknown"
        try:
            yield
            outcome = "unknown" if goes_on and not probe else "answered"
        except LLMTimeout as error:
            outcome = "failed" if error.silence >= PATIENCE else "unknown"
            raise
        except LLMError as error:
            outcome = "failed" if isinstance(error, LLMUnavailable) else "answered"
            raise
        finally:
            with self._lock:
                self._probing &= not probe
                if self._opened is None or probe:  # else it was begun before: old news
                    if outcome == "answered":
                        self._failed, self._opened = 0, None
                    elif outcome == "failed":
                        self._failed += 1
                        if probe or self._failed >= self.failures:
                            self._opened = self._clock()

    def _enter(self) -> bool:
        """Whether a call that is let through is the one that decides."""
        with self._lock:
            if self._opened is None:
                return False
            left = self._opened + self.rest - self._clock()
            if left <= 0 and not self._probing:
                self._probing = True
                return True
        error = CircuitOpen(
            f"{self.name} failed {self.failures} times in a row and is left alone; "
            + (f"try again in {left:.1f} s" if left > 0 else "one call is trying it just now")
        )
        error.retry_after = max(left, 0.1)
        raise error


class Pace:
    """Requests and tokens a minute, and calls at once; None is no limit.

    Callers wait for their turn. The limits hold for each event loop by itself, for
    which aiolimiter keeps them.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        concurrency: int | None = None,
    ) -> None:
        self._limits = (requests_per_minute, tokens_per_minute, concurrency)
        for limit in self._limits:
            if limit is not None and not limit > 0:
                raise ConfigError(f"a limit of an LLM must be above 0, not {limit}")
        self._kept: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[None]:
        """Wait for the turn of a request of so many tokens, and hold one of the places."""
        loop = asyncio.get_running_loop()
        if loop not in self._kept:
            *a_minute, at_once = self._limits
            places = nullcontext() if at_once is None else asyncio.Semaphore(int(at_once))
            self._kept[loop] = (places, *map(_limiter, a_minute))
        places, requests, allowance = self._kept[loop]
        async with places:
            if requests is not None:
                await requests.acquire()
            if allowance is not None:
                await allowance.acquire(min(tokens, allowance.max_rate))
            yield


def _limiter(a_minute: float | None) -> AsyncLimiter | None:
    if a_minute is None:
        return None
    from aiolimiter import AsyncLimiter  # looks through all that is installed

    at_once = max(1.0, a_minute * BURST / 60)
    return AsyncLimiter(at_once, 60 * at_once / a_minute)
