"""Every solve ends exactly once, in time; whoever leaves is gone at once."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.errors import DeadlineExceeded
from hrm_router.policy import Policy
from hrm_specialists.specialist import Specialist

SOON = Policy(deadline=0.2)


async def in_time(awaitable):
    """What it gives while all that it could wait for still hangs: no clock is needed."""
    async with asyncio.timeout(15):
        return await awaitable


async def test_nothing_to_show_at_the_deadline_is_an_error(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    with pytest.raises(DeadlineExceeded, match=r"0\.2 s") as caught:
        await in_time(router(held).solve("[2, 1]", policy=SOON))
    assert isinstance(caught.value, TimeoutError)
    assert held.withdrawn == 1

    llm = ScriptedLLM(held=True)
    with pytest.raises(DeadlineExceeded):
        await in_time(router(held, llm=llm).solve("a poem about the sea", policy=SOON))


async def test_what_is_there_at_the_deadline_is_given(router, sorting, sorted_):
    query = "sort [3, 1, 2] and explain the first number to a child"
    one = router(ScriptedSpecialist(sorting, sorted_), llm=ScriptedLLM(held=True))
    answer = await in_time(one.solve(query, policy=SOON))

    assert [part.status for part in answer.parts] == ["verified", "failed"]
    assert answer.parts[1].error == "deadline_exceeded"
    assert answer.solution.values == (1, 2, 3)


async def test_a_wrong_solution_is_kept_as_best_effort_when_time_runs_out(router, sorting, numbers):
    one = router(ScriptedSpecialist(sorting, numbers(2, 1)), llm=ScriptedLLM(held=True))
    answer = await in_time(one.solve(numbers(2, 1), policy=SOON))
    assert (answer.status, answer.solution) == ("unverified", numbers(2, 1))


async def test_a_specialist_is_asked_for_what_it_has_a_moment_early(router, sorting, sorted_):
    slow = ScriptedSpecialist(sorting, sorted_, seconds=30)
    answer = await in_time(router(slow).solve("[2, 1]", policy=SOON))
    assert answer.status == "verified"


async def test_a_slow_load_does_not_hold_its_callers(router, sorting, sorted_):
    opened = threading.Event()

    def open_solver():
        opened.wait(20)
        raise RuntimeError("no such device")

    slow = Specialist(sorting, open_solver)
    with pytest.raises(DeadlineExceeded):
        await in_time(router(slow).solve("[2, 1]", policy=SOON))
    opened.set()


async def test_cancelling_goes_through_and_gives_the_place_up(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(held)
    solves = [asyncio.create_task(one.solve(f"[{n}, 1]")) for n in range(2, 12)]
    await asyncio.to_thread(held.wait_for, 10)
    for task in solves[::2]:
        task.cancel()
    gone = await asyncio.gather(*solves[::2], return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in gone)
    assert held.withdrawn == 5
    held.release()
    stayed = await asyncio.gather(*solves[1::2])
    assert [answer.solution.values for answer in stayed] == [(1, n) for n in range(3, 12, 2)]


async def test_cancelled_at_any_moment_nobody_else_notices(router, sorting, sorted_):
    """At each turn of the event loop, until the solve is over before it is cancelled."""
    query = "sort [3, 1, 2] and explain the first number to a child"
    specialist = ScriptedSpecialist(sorting, sorted_, segments=2)
    one = router(specialist, llm=ScriptedLLM("because"))
    cancelled = turns = 0
    while True:
        leaver = asyncio.create_task(one.solve(query))
        neighbours = [asyncio.create_task(one.solve(f"[{n}, 1]")) for n in (2, 3, 4)]
        for _ in range(turns):
            await asyncio.sleep(0)
        leaver.cancel()
        left = (await asyncio.gather(leaver, return_exceptions=True))[0]
        answers = await asyncio.gather(*neighbours)
        assert [answer.solution.values for answer in answers] == [(1, 2), (1, 3), (1, 4)]
        if not isinstance(left, asyncio.CancelledError):
            assert left.status == "answered"
            break
        cancelled += 1
        turns = max(turns + 1, int(1.1 * turns))
    assert cancelled >= 10
    assert len(asyncio.all_tasks()) == 1
