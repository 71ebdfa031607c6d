"""Events in their order, to callbacks and streams, which can neither harm nor hold up a solve."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import aclosing

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router import watching
from hrm_router.errors import RouterClosed
from hrm_router.events import Answered, Checked, Decided, Solved, TextDelta, Thinking
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_router.watching import SIZE
from hrm_specialists.errors import UnknownSpecialist

QUERY = "sort [3, 1, 2] and explain the first number to a child"
STORY = ["decided", "thinking", "thinking", "checked", "solved", "answer"]


def kinds(told):
    return [one.event.kind for one in told]


class Listener:
    """Keeps what it is told; a plain function or an `async def`, as asked for."""

    def __init__(self, kind):
        self.told, self.threads = [], set()
        self.on_event = self._later if kind == "async" else self._now

    def _now(self, told):
        self.threads.add(threading.current_thread().name)
        self.told.append(told)

    async def _later(self, told):
        await asyncio.sleep(0)
        self._now(told)


@pytest.fixture(params=["plain", "async"])
def listener(request):
    return Listener(request.param)


async def test_each_event_of_each_solve_is_told_in_order(router, sorting, sorted_, listener):
    specialist = ScriptedSpecialist(sorting, sorted_, segments=2)
    async with router(specialist, llm=ScriptedLLM("because"), on_event=listener.on_event) as one:
        answers = await one.solve_many([QUERY] * 20)

    assert len(listener.told) == 20 * len(STORY)
    for answer in answers:
        mine = [told for told in listener.told if told.solve_id == answer.solve_id]
        assert kinds(mine) == STORY  # no text_delta: nobody streams, so the LLM does not either
        assert mine[-1].event.answer is answer


async def test_a_stream_is_told_as_well_as_streamed(router, sorting, sorted_, listener):
    specialist = ScriptedSpecialist(sorting, sorted_, segments=2)
    async with router(specialist, llm=ScriptedLLM("b c"), on_event=listener.on_event) as one:
        streamed = [event async for event in one.stream(QUERY)]
    assert [told.event for told in listener.told] == streamed
    assert "text_delta" in kinds(listener.told)


async def test_what_a_solve_raises_is_told_last(router, sorting, listener):
    async with router(ScriptedSpecialist(sorting), on_event=listener.on_event) as one:
        with pytest.raises(UnknownSpecialist) as caught:
            await one.solve("[3, 1]", task="nobody")
    assert kinds(listener.told) == ["failed"]
    assert listener.told[0].event.error is caught.value
    assert listener.told[0].solve_id == caught.value.solve_id


async def test_functions_run_on_a_thread_and_coroutines_on_the_loop(router, sorting, sorted_):
    for kind, where in (("plain", "hrm-events"), ("async", threading.current_thread().name)):
        listener = Listener(kind)
        async with router(ScriptedSpecialist(sorting, sorted_), on_event=listener.on_event) as one:
            await one.solve("[3, 1, 2]")
        assert listener.threads == {where}


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_a_callback_that_raises_is_logged_and_harms_nothing(
    router, sorting, sorted_, caplog, kind
):
    def raises(told):
        raise ZeroDivisionError("oops")

    async def raises_later(told):
        raise ZeroDivisionError("oops")

    on_event = raises if kind == "plain" else raises_later
    with caplog.at_level(logging.ERROR, "hrm_router"):
        async with router(ScriptedSpecialist(sorting, sorted_), on_event=on_event) as one:
            assert (await one.solve("[3, 1, 2]")).status == "verified"
    assert len([r for r in caplog.records if r.exc_info[0] is ZeroDivisionError]) == 5


async def test_a_callback_that_hangs_holds_nobody_up(router, sorting, sorted_):
    free = threading.Event()
    hung = asyncio.Event()

    async def hangs(told):
        hung.set()
        await asyncio.get_running_loop().create_future()

    one = router(ScriptedSpecialist(sorting, sorted_), on_event=lambda told: free.wait(20))
    other = router(ScriptedSpecialist(sorting, sorted_), on_event=hangs)
    for each in (one, other):
        answers = await asyncio.wait_for(each.solve_many(["[3, 1, 2]"] * 10), 10)
        assert {answer.status for answer in answers} == {"verified"}
    assert hung.is_set()
    await asyncio.wait_for(other.aclose(grace=0.01), 5)
    await asyncio.wait_for(one.aclose(grace=0.01), 5)
    free.set()


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_what_a_slow_callback_cannot_take_is_dropped_and_said(
    router, sorting, sorted_, caplog, monkeypatch, kind
):
    monkeypatch.setattr(watching, "WAITING", 2)
    free, told = threading.Event(), []

    def slow(one):
        free.wait(20)
        told.append(one)

    async def slow_too(one):
        await asyncio.to_thread(free.wait, 20)
        told.append(one)

    on_event = slow if kind == "plain" else slow_too
    specialist = ScriptedSpecialist(sorting, sorted_, segments=50)
    with caplog.at_level(logging.WARNING, "hrm_router"):
        async with router(specialist, on_event=on_event) as one:
            assert (await one.solve("[3, 1, 2]")).status == "verified"
            free.set()
    assert 2 <= len(told) <= 4
    assert any("too slow" in record.getMessage() for record in caplog.records)


async def test_what_a_closed_router_refuses_is_told_to_nobody(router, sorting, listener):
    one = router(ScriptedSpecialist(sorting), on_event=listener.on_event)
    await one.aclose()
    with pytest.raises(RouterClosed):
        await one.solve("[3, 1]")
    await asyncio.sleep(0)
    assert listener.told == []
    assert "hrm-events" not in {thread.name for thread in threading.enumerate()}


def test_synchronous_solves_tell_too(sorting, sorted_, listener):
    with (
        ScriptedSpecialist(sorting, sorted_) as specialist,
        Router([specialist], llm=None, settings=Settings(), on_event=listener.on_event) as one,
    ):
        one.solve_sync("[3, 1, 2]")
    assert kinds(listener.told) == ["decided", "thinking", "checked", "solved", "answer"]


def test_a_program_that_ends_without_closing_has_told(sorting):
    import subprocess
    import sys

    code = """
from hrm_agent import Router
from hrm_router.settings import Settings
def on_event(told): print(told.event.kind, flush=True)
router = Router([], llm=None, settings=Settings(), on_event=on_event)
router.solve_sync("")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["decided", "answer"], done.stderr


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
