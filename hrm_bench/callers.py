"""Many callers at once, through the router: latency at a given load, and throughput."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from hrm_agent import Answer, Policy, Router


@dataclass(frozen=True, slots=True)
class Load:
    """What callers saw. Latencies are from the moment a query was due."""

    rate: float
    """Queries a second that were sent."""
    p50_ms: float
    p99_ms: float
    verified: float
    """Share of answers verified."""


async def open_loop(
    router: Router, problems: Sequence[BaseModel], *, task: str, rate: float, seed: int = 0
) -> Load:
    """Send problems at random moments, `rate` a second on average, however slow answers are."""
    rng = random.Random(seed)
    due, latencies, verified = 0.0, [], []
    began = time.perf_counter()

    async def ask(problem: BaseModel, at: float) -> None:
        answer = await router.solve(problem, task=task, policy=PATIENT)
        latencies.append(time.perf_counter() - began - at)
        verified.append(answer.status == "verified")

    async with asyncio.TaskGroup() as group:
        for problem in problems:
            due += rng.expovariate(rate)
            await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
            group.create_task(ask(problem, due))
    ordered = sorted(latencies)
    return Load(
        rate=rate,
        p50_ms=1000 * ordered[len(ordered) // 2],
        p99_ms=1000 * ordered[int(0.99 * (len(ordered) - 1))],
        verified=sum(verified) / len(verified),
    )


async def closed_loop(
    router: Router, problems: Sequence[BaseModel], *, task: str, callers: int
) -> float:
    """Answers a second when `callers` each send the next problem as soon as one returns."""
    waiting = iter(problems)

    async def caller() -> list[Answer]:
        return [await router.solve(p, task=task, policy=PATIENT) for p in waiting]

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    return len(problems) / (time.perf_counter() - began)


PATIENT = Policy(deadline=120.0, local_only=True)
