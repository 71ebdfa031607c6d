"""What the server takes on at once, from everybody and from each caller."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from aiolimiter import AsyncLimiter
from pydantic import Field, NonNegativeInt, PositiveInt, SecretStr

from hrm_agent.server.errors import Failure
from hrm_router.policy import Policy
from hrm_specialists.spelling import Spelled

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one server; beyond them callers are refused at once."""

    solves: int = 128
    """Solves under way together; one more gets 429 with `Retry-After`."""
    caller_solves: int = 64
    """Solves under way for one key (without keys: for everybody); one more gets 429."""
    connections: int = 1024
    """Open connections; beyond them, those that have been idle longest are closed."""
    body: int = 4 * 1024 * 1024
    """Bytes of a request's body; a longer one gets 413."""
    buffered: int = 64 * 1024 * 1024
    """Bytes of all bodies that are still arriving; beyond them 503."""
    patience: float = 15.0
    """Seconds for a request to arrive whole, and for a caller to take a piece of an answer."""
    drain: float = 30.0
    """Seconds that work under way may take after a request to stop."""
    max_tokens: int = 16_384
    """Most tokens that a caller may ask an LLM to write in one reply."""
    headers_within: float = 0.2
    """Seconds that a stream waits for an early error, once its query was read, before it
    sends its headers."""
    ping: float = 10.0
    """Seconds between the comments that keep a silent stream open."""


class Key(Spelled):
    """One caller's key, and what this caller may take; None leaves it to the server.

    As TOML, a table `[server.keys.NAME]` of the settings file.
    """

    key: SecretStr = Field(min_length=1)
    solves: PositiveInt | None = None
    """Solves under way together."""
    requests_per_minute: PositiveInt | None = None
    """Solves started, any 60 seconds."""
    llm_tokens_per_day: NonNegativeInt | None = None
    """LLM tokens, prompt and completion, in one UTC day; then only specialists answer."""
    budget: str | None = None
    """Which of the router's budgets pays for this caller's LLM calls."""
    deadline: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    max_llm_calls: NonNegativeInt | None = None
    local_only: bool = False
    """Ask no endpoint that is not on the server's machine."""
    manages: bool = False
    """May see how specialists grow, and promote, demote and roll back versions."""


class Caller:
    """One key's account: what it has under way and what it spent."""

    def __init__(self, name: str, key: Key | None, limits: Limits) -> None:
        self.name, self.key = name, key
        self.solves = limits.caller_solves
        self.manages = key is None or key.manages
        self.under_way = 0
        self._rate: AsyncLimiter | None = None
        if key is not None:
            self.solves = min(key.solves or limits.caller_solves, limits.caller_solves)
            if key.requests_per_minute:
                self._rate = AsyncLimiter(key.requests_per_minute, 60)
        self._day, self._spent = 0, 0

    async def full(self) -> Failure | None:
        """Why this caller may start no further solve now; counts one if it may."""
        if self.under_way >= self.solves:
            why = f"{self.under_way} of your solves are under way; wait for one to end"
            return Failure(429, "too_many_requests", why, headers={"Retry-After": "1"})
        if self._rate is not None:
            if not self._rate.has_capacity():
                why = f"this key may start {self._rate.max_rate:g} solves a minute"
                return Failure(429, "rate_limit_exceeded", why, headers={"Retry-After": "5"})
            await self._rate.acquire()
        return None

    def charge(self, tokens: int) -> None:
        """Add what an answer took of the LLM."""
        self._today()
        self._spent += tokens

    def tightened(self, policy: Policy) -> Policy:
        """The server's policy under this caller's own limits."""
        if self.key is None:
            return policy
        self._today()
        key = self.key
        changes: dict[str, Any] = {"budget": self.key.budget or policy.budget}
        if key.deadline is not None:
            changes["deadline"] = min(key.deadline, policy.deadline)
        calls = policy.max_llm_calls
        if key.max_llm_calls is not None:
            calls = min(key.max_llm_calls, calls)
        if key.llm_tokens_per_day is not None and self._spent >= key.llm_tokens_per_day:
            calls = 0
        local = policy.local_only or key.local_only
        return policy.model_copy(update={**changes, "max_llm_calls": calls, "local_only": local})

    def _today(self) -> None:
        if (today := int(time.time() // DAY)) != self._day:
            self._day, self._spent = today, 0


class Callers:
    """Everybody who may come in.

    Args:
        keys: name to key; none at all lets in whoever reaches the server.
        limits: of the server.
    """

    def __init__(self, keys: Mapping[str, Key], limits: Limits) -> None:
        self._known = [
            (_digest(key.key.get_secret_value()), Caller(name, key, limits))
            for name, key in keys.items()
        ]
        self._anybody = Caller("", None, limits) if not keys else None

    @classmethod
    def of(cls, key: str | None, limits: Limits) -> Callers:
        """With one key, or with none."""
        return cls(
            {} if key is None else {"default": Key(key=SecretStr(key), manages=True)}, limits
        )

    @property
    def with_keys(self) -> bool:
        """Whether a key is needed."""
        return self._anybody is None

    def named(self, authorization: str) -> Caller | None:
        """Whose key stands in the header, compared in constant time; None for nobody's."""
        if self._anybody is not None:
            return self._anybody
        scheme, _, given = authorization.partition(" ")
        digest, found = _digest(given.strip()), None
        for known, caller in self._known:
            if hmac.compare_digest(digest, known):
                found = caller
        return found if scheme.lower() == "bearer" else None


def _digest(key: str) -> bytes:
    """Of a fixed length, so that comparing tells nothing about the key's."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
