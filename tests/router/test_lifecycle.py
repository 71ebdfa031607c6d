"""Closing, several loops and threads, synchronous calls, forks."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.errors import RouterClosed
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import ForkedProcess, LifecycleError


@pytest.fixture
def specialist(sorting, sorted_):
    with ScriptedSpecialist(sorting, sorted_) as one:
        yield one


@pytest.fixture
def plain(specialist):
    with Router([specialist], llm=ScriptedLLM("x"), settings=Settings()) as one:
        yield one


def test_synchronous_calls_work_everywhere(plain):
    assert plain.solve_sync("[2, 1]").status == "verified"

    async def inside():
        return plain.solve_sync("[2, 1]")

    assert asyncio.run(inside()).status == "verified"
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(plain.solve_sync("[2, 1]").status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results == ["verified"] * 8


def test_a_synchronous_call_from_inside_is_refused(plain, sorting):
    class Reentrant(ScriptedSpecialist):
        def submit(self, problem, **options):
            return plain.solve_sync("[2, 1]")

    with Reentrant(sorting) as one:
        plain.register(one, replace=True)
        with pytest.raises(LifecycleError, match="await it instead"):
            plain.solve_sync("[2, 1]")


def test_one_router_serves_several_loops(plain):
    for _ in range(3):
        assert asyncio.run(plain.solve("[2, 1]")).status == "verified"

    async def some():
        return [answer.status for answer in await plain.solve_many(["[2, 1]"] * 20)]

    results = []
    threads = [
        threading.Thread(target=lambda: results.extend(asyncio.run(some()))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results == ["verified"] * 60


async def test_a_closed_router_says_so(router, sorting, sorted_):
    one = router(ScriptedSpecialist(sorting, sorted_))
    async with one:
        await one.solve("[2, 1]")
    await one.aclose()
    for use in (one.solve("[2, 1]"), one.route("[2, 1]"), one.warm(), one.__aenter__()):
        with pytest.raises(RouterClosed):
            await use
    with pytest.raises(RouterClosed):
        one.register("sudoku")


async def test_closing_waits_for_solves_under_way(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(held)
    solve = asyncio.create_task(one.solve("[2, 1]"))
    await asyncio.to_thread(held.wait_for)
    closing = asyncio.create_task(one.aclose(grace=30))
    await asyncio.sleep(0)
    held.release()
    assert (await solve).status == "verified"
    await closing


async def test_closing_ends_what_takes_too_long_and_cancels_no_caller(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(held)

    async def caller():
        with pytest.raises(RouterClosed, match="while this was under way"):
            await one.solve("[2, 1]")
        await asyncio.sleep(0.05)  # a cancellation that struck late would end this
        return asyncio.current_task().cancelling()

    callers = [asyncio.create_task(caller()) for _ in range(5)]
    many = asyncio.create_task(one.solve_many(["[2, 1]"] * 10))
    await asyncio.to_thread(held.wait_for, 15)
    await one.aclose(grace=0.01)
    assert await asyncio.gather(*callers) == [0] * 5
    answers = await many
    assert [answer.parts[0].error for answer in answers] == ["router_closed"] * 10
    assert held.withdrawn == 15


def test_closing_ends_synchronous_callers_with_a_typed_error(sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    one = Router([held], llm=None, settings=Settings())
    ended = []

    def caller(work):
        try:
            work()
        except BaseException as error:
            ended.append(type(error))

    stream = one.stream_sync("[2, 1]")
    assert next(stream).kind == "decided"
    threads = [
        threading.Thread(target=caller, args=(work,))
        for work in [lambda: one.solve_sync("[2, 1]")] * 3
    ]
    for thread in threads:
        thread.start()
    held.wait_for(4)
    asyncio.run(one.aclose(grace=0.01))
    for thread in threads:
        thread.join(10)
    held.close()
    assert ended == [RouterClosed] * 3
    with pytest.raises(RouterClosed):
        for _ in stream:
            pass
    stream.close()
    assert not [t for t in threading.enumerate() if t.name == "hrm-background"]


async def test_a_cancelled_aclose_can_be_repeated(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    one = router(held)
    solve = asyncio.create_task(one.solve("[2, 1]"))
    await asyncio.to_thread(held.wait_for)
    closing = asyncio.create_task(one.aclose(grace=30))
    await asyncio.sleep(0.01)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    assert not solve.done()

    await asyncio.gather(one.aclose(grace=0), one.aclose(grace=0))
    with pytest.raises(RouterClosed):
        await solve
    await one.aclose()


def test_what_is_replaced_is_closed_when_its_last_solve_ends(sorting, sorted_, monkeypatch):
    closed = []

    class Own(ScriptedSpecialist):
        def close(self):
            super().close()
            closed.append(self)

    one = Router([], llm=None, settings=Settings())
    old, new = Own(sorting, sorted_, held=True), Own(sorting, sorted_)
    monkeypatch.setattr(one._roster, "_find", lambda wanted: (wanted, True))
    one.register(old)
    solve = threading.Thread(target=one.solve_sync, args=("[2, 1]",))
    solve.start()
    old.wait_for()
    one.register(new, replace=True)
    assert closed == []
    old.release()
    solve.join(10)
    deadline = time.monotonic() + 5
    while not closed and time.monotonic() < deadline:
        time.sleep(0.005)
    assert closed == [old]
    one.unregister("sorting")
    while len(closed) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert closed == [old, new]
    one.close()


def test_closing_leaves_others_specialists_open(specialist):
    with Router([specialist], llm=None, settings=Settings()) as one:
        one.solve_sync("[2, 1]")
    with Router([specialist], llm=None, settings=Settings()) as one:
        assert one.solve_sync("[2, 1]").status == "verified"


def in_a_child(work):
    """What `work` returns in a forked child, or the name of what it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = str(work())
        except BaseException as error:
            said = type(error).__name__
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_a_used_router_says_so_and_a_new_one_works(plain, sorting, sorted_):
    plain.solve_sync("[2, 1]")

    assert in_a_child(lambda: plain.solve_sync("[2, 1]").status) == ForkedProcess.__name__
    assert in_a_child(lambda: asyncio.run(plain.solve("[2, 1]"))) == ForkedProcess.__name__
    assert in_a_child(plain.close) == "None"

    def afresh():
        one = Router([ScriptedSpecialist(sorting, sorted_)], llm=None, settings=Settings())
        return one.solve_sync({"values": [2, 1]}, "sorting").status

    assert in_a_child(afresh) == "verified"


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_unused_router_survives_a_fork(sorting, sorted_):
    unused = Router([ScriptedSpecialist(sorting, sorted_)], llm=None, settings=Settings())
    assert in_a_child(lambda: unused.solve_sync({"values": [2, 1]}).status) == "verified"


def test_the_default_router_can_be_reset_after_a_fork(specialist):
    Router.configure([specialist], llm=None, settings=Settings())
    try:
        assert Router.solve_sync("[2, 1]").status == "verified"
        assert in_a_child(lambda: Router.solve_sync("[2, 1]")) == ForkedProcess.__name__
        assert in_a_child(Router.reset) == "None"
    finally:
        Router.reset()
