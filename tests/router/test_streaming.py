"""Events in their order; leaving early stops the work."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.events import Answered, Checked, Decided, Solved, TextDelta, Thinking
from hrm_router.watching import SIZE

QUERY = "sort [3, 1, 2] and explain the first number to a child"


async def test_a_stream_tells_the_whole_story_in_order(router, sorting, sorted_):
    one = router(ScriptedSpecialist(sorting, sorted_, segments=3), llm=ScriptedLLM("one is least"))
    events = [event async for event in one.stream(QUERY)]

    kinds = [event.kind for event in events]
    assert kinds == [
        "decided",
        *["thinking"] * 3,
        "checked",
        "solved",
        *["text_delta"] * 3,
        "answer",
    ]
    decided, thinking, checked, answered = events[0], events[1:4], events[4], events[-1]
    assert isinstance(events[5], Solved)
    assert events[5].answer.solution == sorted_(events[5].answer.problem)
    assert isinstance(decided, Decided)
    assert decided.decision.route == "hybrid"
    assert [t.segment for t in thinking if isinstance(t, Thinking)] == [1, 2, 3]
    assert isinstance(checked, Checked)
    assert checked.passed
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text.strip() == "one is least"
    assert isinstance(answered, Answered)
    assert answered.answer.parts[1].text == "one is least"


async def test_leaving_early_stops_the_work(router, sorting, sorted_):
    specialist, llm = ScriptedSpecialist(sorting, sorted_), ScriptedLLM(held=True)
    one = router(specialist, llm=llm)
    async with aclosing(one.stream(QUERY)) as events:
        async for event in events:
            if event.kind == "checked":
                break
    assert len(asyncio.all_tasks()) == 1

    held = ScriptedSpecialist(sorting, sorted_, held=True)
    async with aclosing(router(held).stream("[2, 1]")) as events:
        async for event in events:
            assert event.kind == "decided"
            break
        await asyncio.to_thread(held.wait_for)
    assert held.withdrawn == 1


async def test_a_cancelled_consumer_cancels_the_solve(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)

    async def consume():
        async with aclosing(router(held).stream("[2, 1]")) as events:
            async for _ in events:
                pass

    task = asyncio.create_task(consume())
    await asyncio.to_thread(held.wait_for)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.withdrawn == 1


async def test_a_slow_consumer_misses_thinking_and_nothing_else(router, sorting, sorted_):
    words = " ".join(str(n) for n in range(3 * SIZE))
    one = router(ScriptedSpecialist(sorting, sorted_, segments=10 * SIZE), llm=ScriptedLLM(words))
    events = []
    async for event in one.stream(QUERY):
        events.append(event)
        if event.kind == "decided":  # now do something else for a while
            await asyncio.sleep(0.5)
    kinds = [event.kind for event in events]
    assert kinds.count("thinking") < 10 * SIZE
    assert kinds.count("text_delta") == 3 * SIZE
    assert kinds[-1] == "answer"
