"""The async boundary: a specialist's thread on one side, any event loop on the other.

A specialist is loaded once, off the loop, however many callers wait for it. A
caller who is cancelled or out of time leaves at once and gives its place up.
Knows nothing of checking or of what comes next.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from hrm_router.offload import tame
from hrm_specialists.contract import Attempt, Effort, Thought
from hrm_specialists.errors import HrmAgentError, SpecialistCrashed, SpecialistOutOfMemory
from hrm_specialists.specialist import Specialist


class Dispatcher:
    """Hands problems to specialists and waits for them without blocking."""

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
    ) -> Attempt:
        """Let `specialist` try `problem` until `deadline` (`time.monotonic()`).

        Raises:
            QueueFull: it has as many problems waiting as it takes.
            SpecialistError: it broke; whatever it raised is chained.
        """
        try:
            await self.warm(specialist)
            ticket = specialist.submit(
                problem, effort=effort, deadline=deadline, seed=seed, watch=watch
            )
            try:
                return await asyncio.wrap_future(ticket.future)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                raise SpecialistCrashed(f"{specialist.name!r} gave a problem up") from None
            finally:
                ticket.withdraw()
        except HrmAgentError:
            raise
        except MemoryError as error:
            raise SpecialistOutOfMemory(f"{specialist.name!r} ran out of memory") from error
        except Exception as error:
            raise SpecialistCrashed(
                f"{specialist.name!r} raised {type(error).__name__}: {error}"
            ) from error

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
                load.set_running_or_notify_cancel()  # so that no leaving caller cancels it
                threading.Thread(
                    target=_load,
                    args=(specialist, load),
                    name=f"hrm-load-{specialist.name}",
                    daemon=True,
                ).start()
        await asyncio.wrap_future(load)


def _load(specialist: Specialist, load: Future[None]) -> None:
    try:
        specialist.warm()
    except BaseException as error:  # the callers must hear of it, whatever it is
        load.set_exception(tame(error))
    else:
        load.set_result(None)
