"""How fast an endpoint may be asked: requests and tokens a minute, and calls at once.

Callers wait for their turn. The limits hold for each event loop by itself, for
which aiolimiter keeps them. Knows nothing of what a call is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from hrm_specialists.errors import ConfigError

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

BURST = 10.0
"""Seconds of the allowance that may be used in one go."""


class Pace:
    """Limits of one endpoint; None is no limit.

    Raises:
        ConfigError: a limit is not positive.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        concurrency: int | None = None,
    ) -> None:
        for limit in (requests_per_minute, tokens_per_minute, concurrency):
            if limit is not None and not limit > 0:
                raise ConfigError(f"a limit of an LLM must be above 0, not {limit}")
        self._rates = (requests_per_minute, tokens_per_minute)
        self._concurrency = concurrency
        self._kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Gate] = WeakKeyDictionary()

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[None]:
        """Wait for the turn of a request of so many tokens, and hold one of the places."""
        loop = asyncio.get_running_loop()
        gate = self._kept.get(loop)
        if gate is None:
            gate = self._kept[loop] = _Gate(*self._rates, self._concurrency)
        if gate.places is not None:
            await gate.places.acquire()
        try:
            if gate.requests is not None:
                await gate.requests.acquire()
            if gate.tokens is not None:
                await gate.tokens.acquire(min(tokens, gate.tokens.max_rate))
            yield
        finally:
            if gate.places is not None:
                gate.places.release()


class _Gate:
    def __init__(
        self, requests: float | None, tokens: float | None, concurrency: int | None
    ) -> None:
        self.requests, self.tokens = map(_limiter, (requests, tokens))
        self.places = None if concurrency is None else asyncio.Semaphore(concurrency)


def _limiter(a_minute: float | None) -> AsyncLimiter | None:
    if a_minute is None:
        return None
    from aiolimiter import AsyncLimiter  # looks through all that is installed

    at_once = max(1.0, a_minute * BURST / 60)
    return AsyncLimiter(at_once, 60 * at_once / a_minute)
