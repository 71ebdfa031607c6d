"""Problems handed to specialists: loaded once, waited for without blocking, solved once.

An attempt at a problem is decided by the specialist, the problem, the effort and the
seed, so that equal queries can share one, or be answered from what was solved before.
Only verified and accepted parts are kept, and only by a router that is asked to.
Thread-safe; knows nothing of queries.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from hrm_router.answer import Part
from hrm_router.identity import mark_of
from hrm_router.offload import outcome, tame, typed
from hrm_router.policy import Policy
from hrm_specialists.contract import Attempt, Effort, Thought, Ticket
from hrm_specialists.errors import (
    ConfigError,
    HrmAgentError,
    SpecialistCrashed,
    SpecialistOutOfMemory,
)
from hrm_specialists.specialist import Specialist

CLOSE_BY = 0.1
"""An attempt is shared if its deadline is at most this part of the time left earlier."""
GOOD = ("verified", "accepted")


@dataclass(slots=True)
class Flight:
    """An attempt under way, and how many wait for it."""

    ticket: Ticket
    deadline: float
    """On the clock of `time.monotonic()`."""
    waiting: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self) -> bool:
        """Wait for it as well; False if everybody has left it, or it has ended."""
        with self.lock:
            if not self.waiting or self.ticket.future.done():
                return False
            self.waiting += 1
            return True

    def leave(self) -> None:
        """Wait for it no more; the last one to leave gives its place up."""
        with self.lock:
            self.waiting -= 1
            last = not self.waiting
        if last:
            self.ticket.future.cancel()
            self.ticket.withdraw()


class Reuse:
    """The good parts of `size` problems, the least used forgotten first.

    Raises:
        ConfigError: `size` is no number of parts.
    """

    def __init__(self, size: int) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ConfigError(f"cache is the number of answers to keep, 0 for none, not {size!r}")
        self._size = size
        self._lock = threading.Lock()
        self._parts: OrderedDict[Hashable, Part] = OrderedDict()
        self._flights: dict[Hashable, Flight] = {}
        self.hits = self.joined = 0

    @staticmethod
    def key(specialist: Specialist, problem: BaseModel, policy: Policy) -> Hashable:
        """What a part depends on; another version of a specialist is another specialist."""
        limits = (policy.effort, policy.when_unverified, policy.seed)
        kept = (policy.local_only, policy.private)
        who = (mark_of(specialist), specialist.name, specialist.version)
        return (who, limits, kept, problem.model_dump_json())

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
        if self._size and part.status in GOOD and part.by == "specialist":
            copy = part.model_copy(deep=True)
            with self._lock:
                self._parts[key] = copy
                while len(self._parts) > self._size:
                    self._parts.popitem(last=False)

    @staticmethod
    def attempt(specialist: Specialist, problem: BaseModel, effort: Effort, seed: int) -> Hashable:
        """What an attempt depends on, its deadline apart."""
        return (mark_of(specialist), effort, seed, problem.model_dump_json())

    def join(self, key: Hashable, deadline: float, now: float) -> Flight | None:
        """An equal attempt under way that ends in time and not much earlier, if there is one."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                return None
            earlier = deadline - flight.deadline
            if not 0 <= earlier <= CLOSE_BY * (deadline - now) or not flight.join():
                return None
            self.joined += 1
            return flight

    def begin(self, key: Hashable, flight: Flight) -> None:
        """Let others join an attempt until it ends."""
        with self._lock:
            self._flights[key] = flight
        flight.ticket.future.add_done_callback(lambda _: self._landed(key, flight))

    def _landed(self, key: Hashable, flight: Flight) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]


class Specialists:
    """Hands problems to specialists and waits for them without blocking.

    A specialist is loaded once, off the event loop, however many callers wait for
    it. A caller who is cancelled or out of time leaves at once and gives its place up.
    """

    def __init__(self) -> None:
        self._loads: WeakKeyDictionary[Specialist, Future[None]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    async def attempt(
        self,
        specialist: Specialist,
        problem: BaseModel,
        *,
        effort: Effort,
        deadline: float,
        seed: int,
        watch: Callable[[Thought], None] | None = None,
        reuse: Reuse | None = None,
    ) -> Attempt:
        """Let `specialist` try `problem` until `deadline` (`time.monotonic()`).

        With `reuse`, equal attempts at the same time are one; whoever watches has its own,
        and so has whoever joined one that broke.

        Raises:
            QueueFull: it has as many problems waiting as it takes.
            SpecialistError: it broke; whatever it raised is chained.
        """
        name = f"{specialist.name!r}"
        try:
            await self.warm(specialist)
            key = reuse and reuse.attempt(specialist, problem, effort, seed)
            attempt = None
            if reuse is not None and watch is None:
                joined = reuse.join(key, deadline, time.monotonic())
                if joined is not None:
                    with suppress(Exception):
                        attempt = await _landing(joined)
            if attempt is None:
                try:
                    ticket = specialist.submit(
                        problem, effort=effort, deadline=deadline, seed=seed, watch=watch
                    )
                except BaseException as error:  # its own code, run here: nobody leaves meanwhile
                    raise tame(error) from None
                flight = Flight(ticket, deadline)
                if reuse is not None:
                    reuse.begin(key, flight)
                attempt = await _landing(flight)
        except HrmAgentError:
            raise
        except MemoryError as error:
            raise SpecialistOutOfMemory(f"{name} ran out of memory") from error
        except Exception as error:
            raise typed(error, SpecialistCrashed, name) from error
        if not isinstance(attempt, Attempt):
            raise SpecialistCrashed(f"{name} returned a {type(attempt).__name__}, not an Attempt")
        if not isinstance(attempt.solution, BaseModel | None):
            kind = type(attempt.solution).__name__
            raise SpecialistCrashed(f"{name} returned a {kind} as solution, not a model")
        return attempt

    async def warm(self, specialist: Specialist) -> None:
        """Wait until it is loaded; all callers share one load, off the loop.

        Raises:
            HrmAgentError: it cannot be loaded; the next call tries again.
        """
        if specialist.loaded:
            return
        with self._lock:
            load = self._loads.get(specialist)
            if load is None or load.done():
                load = self._loads[specialist] = Future()
                threading.Thread(
                    target=_load,
                    args=(specialist, load),
                    name=f"hrm-load-{specialist.name}",
                    daemon=True,
                ).start()
        await outcome(load)


async def _landing(flight: Flight) -> Attempt:
    try:
        return await outcome(flight.ticket.future)
    finally:
        flight.leave()


def _load(specialist: Specialist, load: Future[None]) -> None:
    try:
        specialist.warm()
    except BaseException as error:  # the callers must hear of it, whatever it is
        load.set_exception(error)
    else:
        load.set_result(None)
