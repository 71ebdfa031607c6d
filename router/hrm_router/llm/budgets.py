"""Limits on calls, tokens and money: for one solve, or shared by all.

A budget is asked before each request and told afterwards what it took. Safe to
share between threads and event loops. Requests are counted exactly; tokens and
money are known only afterwards, so requests under way at the same moment may
together overrun these two. Knows nothing of endpoints.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar

from hrm_router.errors import CallBudgetExceeded
from hrm_router.llm.protocol import Tokens
from hrm_router.settings import Prices

on_sent: ContextVar[Callable[[], None] | None] = ContextVar("on_sent", default=None)
"""Called when a request begins to be sent over a connection that stands."""
PER_PRICE = 1_000_000
"""Prices are for a million tokens."""


class Budget:
    """What may still be spent.

    Args:
        calls: most requests that reach an endpoint, retries included.
        tokens: most tokens, prompt and completion together.
        cost: most money, in the currency of the prices; a model without known
            prices is not asked under it.
        failover: let each further model of a list be asked once, even where the ones
            that failed before it have used all calls.
    """

    def __init__(
        self,
        *,
        calls: int | None = None,
        tokens: int | None = None,
        cost: float | None = None,
        failover: bool = False,
    ) -> None:
        self._limits, self._failover = (calls, tokens, cost), failover
        self._lock = threading.Lock()
        self._spare: set[int] = set()
        self.calls = 0
        """Requests made so far."""
        self.tokens = 0
        """Tokens spent so far."""
        self.cost = 0.0
        """Money spent so far."""

    @property
    def calls_left(self) -> float:
        """Requests that may still be made; infinite where they are not limited."""
        limit = self._limits[0]
        return math.inf if limit is None else limit + len(self._spare) - self.calls

    def fail_over(self, model: object) -> None:
        """Allow one request to `model` where no call is left, once: those before it failed."""
        with self._lock:
            if self._failover and self.calls_left < 1:
                self._spare.add(id(model))

    def admit(self, prompt: int, prices: Prices | None) -> int | None:
        """Count one request whose prompt has about `prompt` tokens.

        Returns:
            The longest reply that still fits, in tokens; None for any.

        Raises:
            CallBudgetExceeded: nothing is left for it, or prices are needed.
        """
        calls, tokens, cost = self._limits
        rooms: list[float] = []
        with self._lock:
            if self.calls_left < 1:
                raise CallBudgetExceeded(f"all {calls} LLM calls of the budget are used")
            if tokens is not None:
                rooms.append(tokens - self.tokens - prompt)
                if rooms[-1] < 1:
                    raise CallBudgetExceeded(
                        f"{self.tokens} of {tokens} tokens are spent, and the next prompt "
                        f"has about {prompt}"
                    )
            if cost is not None:
                if prices is None:
                    raise CallBudgetExceeded(
                        f"a limit of {cost} on cost is set, but the model's prices are not known; "
                        "give the model `prices`, or lift the limit"
                    )
                left = cost - self.cost - prompt * prices.prompt / PER_PRICE
                if left < 0:
                    raise CallBudgetExceeded(
                        f"{self.cost:.6f} of {cost} is spent, and the next prompt costs too much"
                    )
                if prices.completion > 0:
                    rooms.append(left * PER_PRICE / prices.completion)
                    if rooms[-1] < 1:
                        raise CallBudgetExceeded(
                            f"{self.cost:.6f} of {cost} is spent: no reply can be paid any more"
                        )
            self.calls += 1
        return int(min(rooms)) if rooms else None

    def take_back(self) -> None:
        """Forget a request that was admitted and did not reach its endpoint after all."""
        with self._lock:
            self.calls -= 1

    def spend(self, tokens: Tokens, cost: float | None) -> None:
        """Take off what a call took."""
        with self._lock:
            self.tokens += tokens.prompt + tokens.completion
            self.cost += cost or 0.0


def admit(budgets: Iterable[Budget], prompt: int, prices: Prices | None) -> int | None:
    """Ask all budgets; the smallest room for the reply. One that refuses, refuses for all."""
    rooms: dict[Budget, int | None] = {}
    try:
        for budget in budgets:
            rooms[budget] = budget.admit(prompt, prices)
    except CallBudgetExceeded:
        for budget in rooms:
            budget.take_back()
        raise
    return min((room for room in rooms.values() if room is not None), default=None)


def price(tokens: Tokens, prices: Prices | None) -> float | None:
    """What these tokens cost; None where no prices are known."""
    if prices is None:
        return None
    return (tokens.prompt * prices.prompt + tokens.completion * prices.completion) / PER_PRICE
