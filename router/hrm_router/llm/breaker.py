"""A circuit breaker: leaves an endpoint alone while it keeps failing.

Closed, it lets every call through; after several failures in a row it opens and
refuses calls at once; after a rest it lets a single one through, and that one
decides. Shared by threads and event loops. Knows nothing of what a call is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from hrm_router.errors import CircuitOpen

Outcome = Literal["answered", "failed", "unknown"]
"""`unknown`: the caller left, or gave too little time to tell."""


class Breaker:
    """The state of one endpoint.

    Args:
        name: of the endpoint, for messages.
        failures: how many in a row open it.
        rest: seconds that it stays open before one call may try.
        clock: seconds, never going back.
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

    def enter(self) -> bool:
        """Let a call through; whether it is the one that decides.

        Every call let through must `leave`, with this value.

        Raises:
            CircuitOpen: the endpoint is resting; `retry_after` says for how long.
        """
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

    def leave(self, probe: bool, outcome: Outcome) -> None:
        """Say how a call ended that was let through."""
        with self._lock:
            if probe:
                self._probing = False
            if self._opened is not None and not probe:
                return  # begun before it opened: old news
            if outcome == "answered":
                self._failed, self._opened = 0, None
            elif outcome == "failed":
                self._failed += 1
                if probe or self._failed >= self.failures:
                    self._opened = self._clock()
