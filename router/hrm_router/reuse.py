"""Equal problems, solved once, and what answers depend on, named for the keys of caches.

What a specialist answers is decided by it, the problem, the effort and the seed. Only
verified and accepted parts are kept, and only by a router that is asked to.
Thread-safe; knows nothing of queries.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Hashable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from hrm_router.answer import Part
from hrm_router.lifecycle import outcome
from hrm_router.llm.protocol import LanguageModel
from hrm_router.policy import Policy
from hrm_specialists.errors import ConfigError
from hrm_specialists.specialist import Specialist

CLOSE_BY = 0.1
"""An equal solve is waited for if its deadline is at most this part of the time left earlier."""


class Reuse:
    """The good parts of `size` problems, the least used forgotten first."""

    def __init__(self, size: int) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ConfigError(f"cache is the number of answers to keep, 0 for none, not {size!r}")
        self._size = size
        self._lock = threading.Lock()
        self._parts: OrderedDict[Hashable, Part] = OrderedDict()
        self._under_way: dict[Hashable, tuple[float, Future[None]]] = {}
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

    @asynccontextmanager
    async def turn(
        self, key: Hashable, until: float, *, waits: bool
    ) -> AsyncGenerator[Part | None, None]:
        """The part that is kept, perhaps after an equal solve has ended; None to solve it here.

        An equal solve is waited for where its deadline is close before `until`; if it comes to
        nothing good, nobody waits a second time.
        """
        own: Future[None] = Future()
        with self._lock:
            ends, other = self._under_way.setdefault(key, (until, own))
            close = 0 <= until - ends <= CLOSE_BY * (until - time.monotonic())
            joins = waits and close and other is not own
            self.joined += joins
        try:
            if joins:
                await outcome(other)
            yield self.find(key)
        finally:
            own.set_result(None)
            with self._lock:
                if self._under_way.get(key) == (until, own):
                    del self._under_way[key]


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
