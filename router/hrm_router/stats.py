"""What a router has done so far: solves, time, tokens and money by route.

Sums over finished solves, kept under a lock. What an LLM would have cost and
the energy are estimates; each says what it assumes.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_router.answer import GOOD, Answer, Status
from hrm_router.settings import Prices

if TYPE_CHECKING:
    from hrm_router.llm.cascade import CascadeStats
    from hrm_router.traffic.growth import Shown

CHARACTERS_PER_TOKEN = 4.0
"""Rough average for English and JSON; digits cost more, so estimates are low."""


@dataclass(frozen=True, slots=True)
class RouteStats:
    """Sums over the solves that went one way."""

    solves: int = 0
    statuses: dict[Status, int] = field(default_factory=dict)
    seconds: float = 0.0
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    segments: int = 0
    energy_joules: float = 0.0
    """Seconds of specialists at the router's `watts`, shared among the solves that wait
    at the same time; remote LLMs are not counted."""


@dataclass(frozen=True, slots=True)
class Stats:
    """A snapshot; `as_dict()` is plain JSON."""

    routes: dict[str, RouteStats]
    errors: dict[str, int]
    """Solves that ended in an error, by its code."""
    llm_tokens_saved: int
    """Estimated tokens an LLM would have read and written for what specialists
    solved, verified or accepted, had it answered at once and without reasoning."""
    llm_cost_saved: float | None
    """The same in money; None where no prices are known."""
    cache_hits: int = 0
    """Problems that were answered from the cache; see `Router(cache=…)`."""
    joined: int = 0
    """Solves that waited for an equal one under way."""
    growth: tuple[Shown, ...] = ()
    """How the versions of distilled specialists stand; see `Router(grow=…)`."""
    recorded: dict[str, int] = field(default_factory=dict)
    """What became of the calls to record: `stored`, `dropped`, `withheld`."""
    cascade: CascadeStats | None = None
    """What the router's `Cascade` of LLMs has done; None without one."""

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return asdict(self)


class Ledger:
    """Adds up answers, and shares the time of specialists among those who wait for them.

    While `n` solves wait, each is charged a second's nth part for every second,
    so that all shares together are the time during which anybody waited.
    """

    def __init__(self, prices: Prices | None = None, watts: float = 0.0) -> None:
        self._prices, self._watts = prices, watts
        self._lock = threading.Lock()
        self._sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._statuses: defaultdict[str, Counter[Status]] = defaultdict(Counter)
        self._errors: Counter[str] = Counter()
        self._saved: Counter[str] = Counter()
        self._waiting, self._share, self._seen = 0, 0.0, 0.0

    def waiting(self, more: int) -> float:
        """So many more solves wait; what each was charged since the beginning, in seconds."""
        with self._lock:
            now = time.monotonic()
            if self._waiting:
                self._share += (now - self._seen) / self._waiting
            self._seen, self._waiting = now, self._waiting + more
            return self._share

    def add(self, answer: Answer, thinking_seconds: float) -> None:
        """Count one finished solve, and its share of the specialists' time."""
        sums = answer.usage.model_dump(exclude={"starts"}) | {
            "solves": 1,
            "seconds": answer.timing.total,
            "cost": answer.usage.cost or 0.0,
            "energy_joules": thinking_seconds * self._watts,
        }
        saved: Counter[str] = Counter()
        for part in answer.parts:
            if part.by == "specialist" and part.problem is not None and part.status in GOOD:
                saved["prompt"] += len(_written(part.problem))
                saved["completion"] += len(part.text)
        with self._lock:
            self._sums[answer.route].update(sums)
            self._statuses[answer.route][answer.status] += 1
            self._saved.update(saved)

    def add_error(self, code: str) -> None:
        """Count one solve that ended in an error."""
        with self._lock:
            self._errors[code] += 1

    def snapshot(self, **more: Any) -> Stats:
        """The sums as they stand, and what else the router knows."""
        with self._lock:
            routes: dict[str, Any] = {
                route: RouteStats(**sums, statuses=dict(self._statuses[route]))
                for route, sums in self._sums.items()
            }
            errors = dict(self._errors)
            prompt, completion = (
                self._saved[what] / CHARACTERS_PER_TOKEN for what in ("prompt", "completion")
            )
        cost = None
        if self._prices is not None:
            cost = (prompt * self._prices.prompt + completion * self._prices.completion) / 1e6
        return Stats(routes, errors, round(prompt + completion), cost, **more)


def _written(problem: BaseModel) -> str:
    try:
        return problem.model_dump_json()
    except Exception:  # a model's author's mistake must not cost the answer
        return ""
