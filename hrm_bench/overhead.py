"""What a router adds to a specialist's own time, how free it leaves the event loop, what it keeps.

The specialist is scripted and thinks for 10 ms about each problem, many side by
side. Queries arrive open-loop at a share of what the machine can do, so that a
slow answer does not slow the arrivals; then as many as wished are outstanding at once.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.contract import Task, Verdict
from hrm_specialists.errors import HrmAgentError

THINKING = 0.01
"""Seconds that the scripted specialist thinks about a problem."""
LOAD = 0.7
"""Of the rate that the machine reaches with all outstanding, how fast queries arrive."""


class Numbers(BaseModel):
    """Numbers to put in order."""

    model_config = ConfigDict(frozen=True)

    values: tuple[int, ...]


class Sorting(Task[Numbers, Numbers]):
    """A task whose own code takes no time."""

    name = "sorting"
    Problem = Solution = Numbers
    checks_at_once = reads_at_once = True

    def check(self, problem: Numbers, solution: Numbers) -> Verdict:
        """Whether the numbers are in order."""
        return Verdict(tuple(sorted(problem.values)) == solution.values)


async def measure(solves: int, outstanding: int, seed: int) -> dict[str, Any]:
    """All figures, as plain JSON.

    Args:
        solves: how many solves each of the two measurements makes.
        outstanding: how many of them are under way at once in the first.
        seed: the first number of the first problem.
    """
    specialist = ScriptedSpecialist(
        Sorting(),
        lambda problem: Numbers(values=tuple(sorted(problem.values))),
        seconds=THINKING,
        max_waiting=outstanding + 1,
    )
    async with Router([specialist], llm=None, settings=Settings()) as router:
        await router.warm()
        gc.set_threshold(10_000, 20, 20)  # as `hrm-agent serve` does
        problems = [Numbers(values=(seed + number, 1)) for number in range(solves)]
        await _together(router, problems[: solves // 10], outstanding)
        before, busy = _memory(), time.process_time()
        ended, seconds = await _together(router, problems, outstanding)
        busy, rate = time.process_time() - busy, solves / seconds
        overhead, lags, paced = await _paced(router, problems, LOAD * rate)
        gc.collect()
        after = _memory()
    specialist.close()
    return {
        "solves": solves,
        "outstanding": outstanding,
        "ended": dict(ended + paced),
        "a_second": round(rate, 1),
        "cpu_ms_each": round(1000 * busy / solves, 2),
        "arrivals_a_second": round(LOAD * rate, 1),
        "overhead_ms": _milliseconds(overhead),
        "loop_lag_ms": _milliseconds(lags),
        "memory_growth_mb": round(after - before, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "load_average": os.getloadavg()[0],
    }


async def _together(
    router: Router, problems: Sequence[Numbers], outstanding: int
) -> tuple[Counter[str], float]:
    """How all ended, and the seconds it took, with so many outstanding at once."""
    begun, ended = time.monotonic(), Counter[str]()
    async for _, answer in router.as_completed(problems, at_once=outstanding):
        ended[answer.code if isinstance(answer, HrmAgentError) else answer.status] += 1
    return ended, time.monotonic() - begun


async def _paced(
    router: Router, problems: Sequence[Numbers], rate: float
) -> tuple[list[float], list[float], Counter[str]]:
    """Seconds over the specialist's own, the loop's lags, and how all ended."""
    overhead: list[float] = []
    lags: list[float] = []
    ended: Counter[str] = Counter()

    async def solve(problem: Numbers) -> None:
        begun = time.monotonic()
        try:
            answer = await router.solve(problem)
        except HrmAgentError as error:
            ended[error.code] += 1
            return
        own = sum(step.seconds for step in answer.trace if step.stage == "solve")
        overhead.append(time.monotonic() - begun - own)
        ended[answer.status] += 1

    async def watch() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            lags.append(time.monotonic() - begun - 0.01)

    begun = time.monotonic()
    watcher = asyncio.create_task(watch())
    async with asyncio.TaskGroup() as group:
        for number, problem in enumerate(problems):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            group.create_task(solve(problem))
    watcher.cancel()
    await asyncio.gather(watcher, return_exceptions=True)
    return overhead, lags, ended


def _milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    ranked = sorted(seconds)
    places = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    last = len(ranked) - 1
    return {name: round(1000 * ranked[int(share * last)], 2) for name, share in places.items()}


def _memory() -> float:
    """Resident memory now, in MB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
