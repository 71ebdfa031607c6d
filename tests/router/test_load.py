"""Many solves at once: none lost, bounded queues, a free event loop, no growth.

Sized to be quick; the bigger variants are marked slow.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
import time

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.policy import Policy
from hrm_specialists.errors import HrmAgentError, QueueFull


def quantile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


async def outcome(awaitable):
    try:
        return (await awaitable).status
    except HrmAgentError as error:
        return error.code


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
async def test_a_thousand_solves_are_a_thousand_answers(router, sorting, sorted_, count):
    specialist = ScriptedSpecialist(sorting, sorted_, seconds=0.01)
    one, at_once = router(specialist), count // 4
    await one.warm()
    problems = [sorting.Problem(values=(n, 1)) for n in range(count)]
    answers = await one.solve_many(problems, at_once=at_once)
    assert [answer.status for answer in answers] == ["verified"] * count
    assert specialist.longest <= at_once


async def cpu(one, problem, count):
    """Seconds of the event loop's own thread for each of `count` solves side by side."""
    gc.collect()
    gc.disable()  # what other tests left on the heap is none of the router's time
    try:
        begun = time.thread_time()
        answers = await one.solve_many([problem] * count, at_once=100)
        spent = time.thread_time() - begun
    finally:
        gc.enable()
    assert {answer.status for answer in answers} == {"verified"}
    return spent / count


async def test_the_router_adds_little(router, sorting, sorted_, numbers):
    """In time of its own thread, which other work on the machine does not change.

    Percentiles by the clock belong to `hrm-agent bench router`.
    """
    one = router(ScriptedSpecialist(sorting, sorted_, seconds=0.01))
    await one.warm()
    await cpu(one, numbers(2, 1), 100)
    assert await cpu(one, numbers(2, 1), 500) <= 0.002


async def test_overload_is_refused_fast_and_the_queue_is_bounded(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_, held=True, max_waiting=50)
    one = router(specialist)
    await one.warm()
    refused, all_refused = [], asyncio.Event()

    async def solve(n):
        try:
            return (await one.solve(sorting.Problem(values=(n, 1)))).status
        except QueueFull as error:  # while the specialist is held: nobody waits for it
            refused.append(error.retryable)
            if len(refused) == 150:
                all_refused.set()
            return error.code

    solves = [asyncio.create_task(solve(n)) for n in range(200)]
    await asyncio.wait_for(all_refused.wait(), 10)
    specialist.release()
    results = await asyncio.gather(*solves)
    assert results.count("verified") == 50
    assert results.count("queue_full") == 150
    assert specialist.longest == 50
    assert all(refused)


async def under(router, sorting, sorted_, load, seconds):
    """Solves started at `load` times what a specialist can do, 100 a second.

    Returns the seconds of those accepted and of those refused, and the longest queue.
    """
    specialist = ScriptedSpecialist(sorting, sorted_, seconds=0.1, max_waiting=10)
    one = router(specialist)
    await one.warm()
    accepted, refused, running = [], [], set()

    async def solve(n):
        begun = time.monotonic()
        said = await outcome(one.solve(sorting.Problem(values=(n, 1))))
        assert said in ("verified", "queue_full")
        (accepted if said == "verified" else refused).append(time.monotonic() - begun)

    begun = time.monotonic()
    for n in range(int(100 * load * seconds)):
        await asyncio.sleep(max(0.0, begun + n / (100 * load) - time.monotonic()))
        running.add(asyncio.create_task(solve(n)))
    await asyncio.gather(*running)
    return accepted, refused, specialist.longest


@pytest.mark.parametrize("seconds", [1, pytest.param(4, marks=pytest.mark.slow)])
async def test_under_overload_the_excess_is_refused_and_the_accepted_stay_fast(
    router, sorting, sorted_, seconds
):
    calm, none, _ = await under(router, sorting, sorted_, 0.5, seconds)
    busy, refused, longest = await under(router, sorting, sorted_, 4, seconds)
    assert longest <= 10
    assert len(calm) + len(none) == 50 * seconds
    assert len(busy) + len(refused) == 400 * seconds
    assert len(refused) > len(busy) / 2
    assert quantile(refused, 0.5) <= 0.05
    assert quantile(busy, 0.5) <= 3 * quantile(calm, 0.5) + 0.05


async def test_a_hung_llm_does_not_slow_specialists(router, sorting, sorted_, numbers):
    llm = ScriptedLLM(held=True)
    one = router(ScriptedSpecialist(sorting, sorted_, seconds=0.01), llm=llm)
    await one.warm()

    async def least():
        return min([await cpu(one, numbers(2, 1), 100) for _ in range(4)])

    usual = await least()
    hung = [
        asyncio.create_task(one.solve("a poem about the sea", policy=Policy(deadline=60)))
        for _ in range(100)
    ]
    async with asyncio.timeout(20):
        while len(llm.requests) < len(hung):  # noqa: ASYNC110, all wait for the LLM then
            await asyncio.sleep(0.01)
    slowed = await least()
    for task in hung:
        task.cancel()
    await asyncio.gather(*hung, return_exceptions=True)
    assert slowed <= 1.5 * usual


def descriptors():
    return len(os.listdir("/proc/self/fd"))


async def growth(router, sorting, sorted_, rounds, solves, fails):
    """Peak memory after each round, in MB; one solve in `fails` fails."""

    def script(problem):
        return ZeroDivisionError("oops") if problem.values[0] % fails == 0 else sorted_(problem)

    specialist = ScriptedSpecialist(sorting, script)
    one = router(specialist)
    await one.warm()
    peaks, before = [], descriptors()
    for _ in range(rounds):
        answers = await one.solve_many([{"values": [n, 1]} for n in range(solves)], "sorting")
        assert [answer.status for answer in answers].count("verified") == solves - solves // fails
        del answers
        specialist.asked.clear()
        specialist.efforts.clear()
        gc.collect()
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert len(asyncio.all_tasks()) == 1
    assert descriptors() <= before
    return peaks


@pytest.mark.parametrize("solves", [150, pytest.param(2_000, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
async def test_memory_settles_over_many_solves(router, sorting, sorted_, solves):
    for fails in (10, 1):
        peaks = await growth(router, sorting, sorted_, rounds=3, solves=solves, fails=fails)
        assert peaks[-1] - peaks[-2] <= 5
        assert peaks[-1] - peaks[0] <= 50


async def test_whatever_the_size_of_the_text_the_loop_stays_free(router, sorting, sorted_):
    dice = random.Random(3)
    one = router(ScriptedSpecialist(sorting, sorted_))
    await one.warm()
    text = "".join(dice.choice("abc [1, 2] \n") for _ in range(200_000))
    begun = time.thread_time()
    await outcome(one.solve(text))
    assert time.thread_time() - begun < 0.1
