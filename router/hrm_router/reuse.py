"""Equal problems, solved once, and what answers depend on, named for the keys of caches.

An attempt at a problem is decided by the specialist, the problem, the effort and the
seed. Only verified and accepted parts are kept, and only by a router that is asked to.
Thread-safe; knows nothing of queries.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from hrm_router.answer import Part
from hrm_router.lifecycle import outcome
from hrm_router.llm.protocol import LanguageModel
from hrm_router.policy import Policy
from hrm_specialists.contract import Attempt, Ticket
from hrm_specialists.errors import ConfigError
from hrm_specialists.specialist import Specialist

CLOSE_BY = 0.1
"""An attempt is shared if its deadline is at most this part of the time left earlier."""


@dataclass(slots=True)
class _Flight:
    """An attempt under way, and how many wait for it."""

    key: Hashable
    ticket: Ticket
    deadline: float
    """On the clock of `time.monotonic()`."""
    waiting: int = 1

    def takes(self, deadline: float) -> bool:
        """Whether one more, who has until then, may wait for it."""
        later = deadline - self.deadline
        open_yet = self.waiting and not self.ticket.future.done()
        return bool(open_yet) and 0 <= later <= CLOSE_BY * (deadline - time.monotonic())


class Reuse:
    """The good parts of `size` problems, the least used forgotten first."""

    def __init__(self, size: int) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ConfigError(f"cache is the number of answers to keep, 0 for none, not {size!r}")
        self._size = size
        self._lock = threading.Lock()
        self._parts: OrderedDict[Hashable, Part] = OrderedDict()
        self._flights: dict[Hashable, _Flight] = {}
        self.hits = self.joined = 0

    def find(self, key: Hashable) -> Part | None:
        """The part that is kept, as a copy that nobody else has."""
        with self._lock:
            part = self._parts.get(key)
            if part is None:
                return None
            self._parts.move_to_end(key)
            self.hits += 1
        return part.model_copy(deep=True)

    def keep(self, key: Hashable, part: Part) -> None:
        """Keep a part, if it is a specialist's good one."""
        if part.status in ("verified", "accepted") and part.by == "specialist":
            copy = part.model_copy(deep=True)
            with self._lock:
                self._parts[key] = copy
                while len(self._parts) > self._size:
                    self._parts.popitem(last=False)

    async def attempt(
        self, key: Hashable, deadline: float, submit: Callable[[], Ticket], *, alone: bool
    ) -> Attempt:
        """The attempt that `submit` begins, or an equal one that is under way, unless `alone`.

        One that ends later than `deadline`, or much earlier, is not joined. Whoever joined an
        attempt that breaks makes its own.
        """
        with self._lock:
            flight = None if alone else self._flights.get(key)
            if flight is not None and flight.takes(deadline):
                flight.waiting += 1
                self.joined += 1
            else:
                flight = None
        if flight is not None:
            with suppress(Exception):
                return await self._landing(flight)
        own = _Flight(key, submit(), deadline)
        with self._lock:
            self._flights[key] = own
        return await self._landing(own)

    async def _landing(self, flight: _Flight) -> Attempt:
        """Wait for it; the last one to leave gives its place up."""
        try:
            return await outcome(flight.ticket.future)
        finally:
            with self._lock:
                flight.waiting -= 1
                last = not flight.waiting
                if last and self._flights.get(flight.key) is flight:
                    del self._flights[flight.key]
            if last:
                flight.ticket.future.cancel()
                flight.ticket.withdraw()


def key_of(specialist: Specialist, problem: BaseModel, *limits: Hashable) -> Hashable:
    """What an answer depends on; another version of a specialist is another specialist."""
    return (mark_of(specialist), specialist.version, problem.model_dump_json(), *limits)


def identity_of(
    specialists: Mapping[str, Specialist], llm: LanguageModel | None, policy: Policy
) -> dict[str, Any]:
    """Specialists, language model and policy as plain data, in a fixed order."""
    return {
        "specialists": {
            name: [one.version, str(one.folder) if one.folder else mark_of(one)]
            for name, one in sorted(specialists.items())
        },
        "llm": None if llm is None else getattr(llm, "identity", None) or mark_of(llm),
        "policy": plain_policy(policy),
    }


def plain_policy(policy: Policy) -> dict[str, Any]:
    """A policy as plain data, in a fixed order."""
    return {**policy.model_dump(mode="json"), "private": sorted(policy.private)}


_marks: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def mark_of(thing: object) -> str:
    """A name that no other object has, in this process or another."""
    return _marks.setdefault(thing, uuid4().hex)
