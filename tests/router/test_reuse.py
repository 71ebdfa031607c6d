"""Equal problems are solved once, if a router is asked to, and nobody is worse off for it."""

from __future__ import annotations

import asyncio

import pytest

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.policy import Policy
from hrm_specialists.errors import ConfigError, SpecialistCrashed


async def joined_by(router, many):
    async with asyncio.timeout(5):
        while router.stats().joined < many:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.01)


async def test_an_equal_problem_is_answered_from_the_cache(router, sorting, numbers, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_)
    one = router(specialist, cache=2)
    spans = {"[3, 1, 2]": (0, 9), "sort [3, 1, 2]": (5, 14)}
    for query in (*spans, numbers(3, 1, 2)):
        answer = await one.solve(query)
        assert (answer.status, answer.solution) == ("verified", numbers(1, 2, 3)), query
        assert answer.parts[0].span == (spans[query] if isinstance(query, str) else None)
    assert len(specialist.efforts) == 1
    assert (one.stats().cache_hits, one.stats().joined) == (2, 0)
    assert "cache" in answer.explain()

    for query in ("[2, 1]", "[4, 1]", "[3, 1, 2]"):  # the oldest of three is forgotten
        await one.solve(query)
    assert len(specialist.efforts) == 4


async def test_nothing_is_kept_unless_asked_for_and_no_bad_size_is_taken(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_)
    one = router(specialist)
    for _ in range(2):
        await one.solve("[3, 1, 2]")
    assert len(specialist.efforts) == 2
    for size in (-1, 1.5, True, "many"):
        with pytest.raises(ConfigError, match="cache"):
            router(specialist, cache=size)


async def test_other_limits_and_other_versions_are_asked_anew(router, sorting, sorted_, numbers):
    specialist = ScriptedSpecialist(sorting, sorted_)
    one = router(specialist, cache=8)
    policies = [
        Policy(),
        Policy(seed=1),
        Policy(effort="low"),
        Policy(local_only=True),
        Policy(private=frozenset({"sorting"})),
    ]
    for policy in policies * 2:
        await one.solve("[3, 1, 2]", policy=policy)
    assert len(specialist.efforts) == len(policies)

    newer = ScriptedSpecialist(sorting, sorted_)
    one.register(newer, replace=True)
    await one.solve("[3, 1, 2]")
    newer.close()
    assert (len(specialist.efforts), len(newer.efforts)) == (len(policies), 1)


async def test_what_is_not_good_is_not_kept(router, sorting, numbers):
    specialist = ScriptedSpecialist(sorting, numbers(9))
    one = router(specialist, cache=8, policy=Policy(when_unverified="return"))
    for _ in range(2):
        assert (await one.solve("[3, 1, 2]")).status == "unverified"
    assert len(specialist.efforts) == 2


async def test_a_caller_who_changes_a_solution_changes_his_own(router, labelling):
    from pydantic import BaseModel

    class Loose(BaseModel):
        values: list[int]

    class Task(type(labelling)):
        name = "loose"
        Problem = Solution = Loose

    specialist = ScriptedSpecialist(Task(), Loose(values=[1]), confidence=0.99)
    one = router(specialist, cache=8)
    for _ in range(3):
        answer = await one.solve(Loose(values=[2]), "loose")
        assert (answer.status, answer.solution.values) == ("accepted", [1])
        answer.solution.values.append(7)
    assert len(specialist.efforts) == 1


async def test_equal_problems_at_once_are_one_attempt(router, sorting, sorted_, numbers):
    specialist = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(specialist, cache=8)
    first = asyncio.create_task(one.solve("[3, 1, 2]"))
    await asyncio.to_thread(specialist.wait_for, 1)
    others = [asyncio.create_task(one.solve("[3, 1, 2]")) for _ in range(5)]
    await joined_by(one, 5)
    specialist.release()
    async with asyncio.timeout(10):
        answers = await asyncio.gather(first, *others)
    assert [answer.solution for answer in answers] == [numbers(1, 2, 3)] * 6
    assert len(specialist.efforts) == 1


async def test_who_waited_for_a_caller_that_leaves_makes_an_own_attempt(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(specialist, cache=8)
    first, other = (asyncio.create_task(one.solve("[3, 1, 2]")) for _ in range(2))
    await joined_by(one, 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    specialist.release()
    async with asyncio.timeout(10):
        assert (await other).status == "verified"
    assert not one._kit.reuse._under_way


async def test_a_short_deadline_does_not_cut_the_search_of_who_has_time(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(specialist, cache=8)
    hasty = asyncio.create_task(one.solve("[3, 1, 2]", policy=Policy(deadline=2)))
    await asyncio.to_thread(specialist.wait_for, 1)
    patient = asyncio.create_task(one.solve("[3, 1, 2]", policy=Policy(deadline=30)))
    await asyncio.to_thread(specialist.wait_for, 2)
    specialist.release()
    async with asyncio.timeout(10):
        assert [(await each).status for each in (hasty, patient)] == ["verified"] * 2
    assert one.stats().joined == 0


async def test_who_joined_an_attempt_that_breaks_makes_its_own(router, sorting, sorted_):
    broken = iter([SpecialistCrashed("once")])

    def answer(problem):
        for error in broken:
            raise error
        return sorted_(problem)

    specialist = ScriptedSpecialist(sorting, answer, held=True)
    one = router(specialist, cache=8, policy=Policy(when_unverified="return"))
    first = asyncio.create_task(one.solve("[3, 1, 2]"))
    await asyncio.to_thread(specialist.wait_for, 1)
    second = asyncio.create_task(one.solve("[3, 1, 2]"))
    await joined_by(one, 1)
    specialist.release()
    with pytest.raises(SpecialistCrashed):
        await first
    assert (await second).status == "verified"
