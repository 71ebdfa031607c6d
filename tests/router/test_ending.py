"""Whatever happens, a call ends once, in time, with an answer or one typed error."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pauses import Pauses
from pydantic import BaseModel, ConfigDict, field_validator

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.answer import Answer
from hrm_router.errors import DeadlineExceeded, LLMUnavailable, RouterClosed
from hrm_router.policy import Policy
from hrm_specialists.contract import Attempt, Claim, Task, Verdict
from hrm_specialists.errors import HrmAgentError, TaskTooLarge
from hrm_specialists.specialist import Specialist

SPAN = 0.25
"""Seconds that a busy machine may add without being noticed."""
HYBRID = "sort [3, 1, 2] and explain the first number to a child"


async def ended(awaitable: Any, deadline: float) -> Answer | HrmAgentError:
    """The answer or typed error, which must be there by the deadline.

    A tenth of a second more, and for as long as the machine kept even a thread that only
    sleeps from running; a loop that is held by the router's own work is no excuse.
    """
    begun, paused = time.monotonic(), PAUSES.seconds
    try:
        result = await awaitable
    except HrmAgentError as error:
        result = error
    spent = time.monotonic() - begun
    await asyncio.sleep(0.011)  # let a pause that is going on be noted
    assert spent < deadline + 0.1 + (PAUSES.seconds - paused) + SPAN, result
    return result


PAUSES = Pauses()


@pytest.fixture(autouse=True, scope="module")
def pauses() -> Iterator[None]:
    with PAUSES:
        yield


async def watch(lags: list[float]) -> None:
    """Note how much later than asked the loop came back."""
    while True:
        begun = time.monotonic()
        await asyncio.sleep(0.01)
        lags.append(time.monotonic() - begun - 0.01)


class Stuck(ScriptedLLM):
    """Swallows its cancellation for a while, as careless code does."""

    async def complete(self, request):
        for _ in range(3):
            try:
                await asyncio.sleep(0.2)
            except asyncio.CancelledError:
                continue
        return await super().complete(request)


def script(dice: random.Random, sorted_: Any) -> Any:
    wrong: list[Any] = [
        ZeroDivisionError("oops"),
        SystemExit(3),
        KeyboardInterrupt(),
        StopIteration(),
        ExceptionGroup("several", [ValueError("one")]),
        None,
    ]

    def answer(problem: Any) -> Any:
        return dice.choice(wrong) if dice.random() < 0.4 else sorted_(problem)

    return answer


@pytest.mark.timeout(600)
@pytest.mark.parametrize("races", [150, pytest.param(1_500, marks=pytest.mark.slow)])
async def test_close_cancel_deadline_and_fault_race_and_every_call_ends_once(
    router: Any, sorting: Any, sorted_: Any, races: int
) -> None:
    dice, done = random.Random(11), 0
    while done < races:
        specialist = ScriptedSpecialist(
            sorting, script(dice, sorted_), seconds=dice.choice([0, 0, 0.005, 0.02])
        )
        llm = dice.choice([ScriptedLLM("hm"), ScriptedLLM(held=True), Stuck("hm"), None])
        one, ends = router(specialist, llm=llm), {}

        async def caller(query: str, deadline: float, one: Any = one, ends: Any = ends) -> int:
            me = asyncio.current_task()
            assert me is not None
            ends[me] = await ended(one.solve(query, policy=Policy(deadline=deadline)), deadline)
            await asyncio.sleep(0)
            return me.cancelling()

        queries = ["[2, 1]", "[3, 1, 2]", HYBRID, "a poem about the sea"]
        callers = [
            asyncio.create_task(caller(dice.choice(queries), dice.choice([0.01, 0.05, 2.0])))
            for _ in range(25)
        ]
        left = set(dice.sample(callers, 5))
        for task in left:
            asyncio.get_running_loop().call_later(dice.uniform(0, 0.03), task.cancel)
        await asyncio.sleep(dice.uniform(0, 0.03))
        await one.aclose(grace=dice.choice([0, 0.01, 0.5]))
        results = dict(
            zip(callers, await asyncio.gather(*callers, return_exceptions=True), strict=True)
        )
        for task, result in results.items():
            assert result == 0 or (task in left and isinstance(result, asyncio.CancelledError))
        assert {task for task, result in results.items() if result == 0} <= ends.keys()
        done += len(callers)
    gc.collect()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:  # those who swallow their cancellation
        await asyncio.wait(left, timeout=5)
    assert len(asyncio.all_tasks()) == 1


async def test_who_has_left_asks_nothing_more_though_the_llm_swallows_that(
    router: Any, sorting: Any
) -> None:
    llm = Stuck("hm")
    one = router(ScriptedSpecialist(sorting, None), llm=llm)
    with pytest.raises(DeadlineExceeded):
        await one.solve(HYBRID, policy=Policy(deadline=0.1))
    left = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait(left, timeout=5)
    assert len(llm.requests) <= 1
    assert len(asyncio.all_tasks()) == 1


def task_with(**hooks: Any) -> Any:
    """A small task whose hooks are those given."""

    class Number(BaseModel):
        model_config = ConfigDict(frozen=True)
        value: int

        @field_validator("value")
        @classmethod
        def _look(cls, value: int) -> int:
            hooks.get("validate", lambda: None)()
            return value

    class Odd(Task[Number, Number]):
        name = "odd"
        Problem = Solution = Number

        def read(self, text: str) -> Any:
            hooks.get("read", lambda: None)()
            if text.startswith("odd "):
                yield Claim(Number.model_construct(value=3), (0, len(text)), "odd")

        def near_misses(self, text: str) -> Any:
            return hooks.get("near_misses", lambda: ())()

        def check(self, problem: Number, solution: Number) -> Any:
            return hooks.get("check", lambda: Verdict(True))()

        def render(self, problem: Number, solution: Number | None = None) -> Any:
            return hooks.get("render", lambda: "three")()

    return Odd(), Number.model_construct(value=3)


def raises(error: BaseException) -> Any:
    def hook() -> Any:
        raise error

    return hook


async def test_hooks_that_overstay_do_not_hold_the_loop_or_the_deadline(router: Any) -> None:
    def slow() -> Any:
        time.sleep(0.8)
        return ()

    for name in ("read", "near_misses", "check", "render", "validate"):
        task, solution = task_with(**{name: slow})
        one = router(ScriptedSpecialist(task, solution))
        lags: list[float] = []
        watcher = asyncio.create_task(watch(lags))
        query = {"value": 3} if name == "validate" else "odd 3"
        query = "something else" if name == "near_misses" else query
        await ended(one.solve(query, policy=Policy(deadline=0.2)), 0.2)
        watcher.cancel()
        assert max(lags) < 0.6, name


async def test_the_checkers_own_time_limit_is_kept(router: Any) -> None:
    def check() -> Verdict:
        time.sleep(0.3)
        return Verdict(True)

    for seconds, status in ((5.0, "verified"), (0.05, "unverified")):
        task, solution = task_with(check=check)
        task.checker_timeout = seconds
        answer = await router(ScriptedSpecialist(task, solution)).solve("odd 3")
        assert answer.status == status, seconds


async def test_hooks_that_misbehave_end_in_answers_or_typed_errors(router: Any) -> None:
    errors: list[BaseException] = [
        ValueError("no"),
        SystemExit(1),
        KeyboardInterrupt(),
        StopIteration(),
        asyncio.CancelledError(),
        ExceptionGroup("several", [ValueError("one"), KeyError("two")]),
        RecursionError(),
        MemoryError(),
    ]
    odd: dict[str, list[Any]] = {
        "check": [lambda: None, lambda: True, lambda: Verdict(1), lambda: Verdict(True, 7)],
        "render": [lambda: None, lambda: 7],
        "near_misses": [lambda: None, lambda: [7]],
    }
    odd["check"] += [lambda: Verdict(True, "", {"moves": 12}), lambda: Verdict(True, "", None)]
    for name in ("read", "near_misses", "check", "render"):
        for hook in [*map(raises, errors), *odd.get(name, [])]:
            task, solution = task_with(**{name: hook})
            one = router(ScriptedSpecialist(task, solution))
            query = "something else" if name == "near_misses" else "odd 3"
            answer = await ended(one.solve(query, policy=Policy(deadline=5)), 5)
            assert isinstance(answer, Answer) or name in ("read", "near_misses"), (name, answer)
            if name == "render":
                assert answer.status == "verified"
                assert answer.text


async def test_a_specialists_odd_answers_are_never_accepted(
    router: Any, labelling: Any, numbers: Any
) -> None:
    def attempt(**more: Any) -> Attempt:
        known: dict[str, Any] = {
            "solution": numbers(1, 2),
            "verdict": None,
            "confidence": 0.99,
            "segments": 1,
            "starts": 1,
            "seconds": 0.0,
        }
        return Attempt(**{**known, **more})

    cases = {
        "rounded": (attempt(confidence=1.0000001), "accepted"),
        "nan": (attempt(confidence=float("nan")), "unverified"),
        "beyond": (attempt(confidence=7.0), "unverified"),
        "no number": (attempt(confidence="high"), "unverified"),
        "a dict": (attempt(solution={"values": (1, 2)}), "specialist_crashed"),
        "another model": (attempt(solution=Policy()), "unverified"),
        "an interrupt": (KeyboardInterrupt(), "specialist_crashed"),
        "a cancellation": (asyncio.CancelledError(), "specialist_crashed"),
        "a group": (ExceptionGroup("g", [ValueError("x")]), "specialist_crashed"),
    }
    for case, (said, expected) in cases.items():
        one = router(ScriptedSpecialist(labelling, said))
        result = await ended(one.solve(numbers(2, 1)), 60)
        got = result.status if isinstance(result, Answer) else result.code
        assert got == expected, (case, result)


async def test_huge_typed_problems_are_refused_before_they_are_looked_at(
    router: Any, sorting: Any, sorted_: Any
) -> None:
    one = router(ScriptedSpecialist(sorting, sorted_))
    await one.warm()
    for query in (
        {"values": [1] * 2_000_000},
        {"values": [[{}]] * 500_000},
        {"x" * 9: "y" * 10**7},
    ):
        begun = time.thread_time()
        with pytest.raises(TaskTooLarge):
            await one.solve(query)
        assert time.thread_time() - begun < 0.3


async def test_the_llm_gets_its_time_though_a_specialist_is_busy(
    router: Any, sorting: Any, numbers: Any
) -> None:
    held = ScriptedSpecialist(sorting, None, held=True)
    one = router(held, llm=ScriptedLLM('{"values": [1, 2]}'))
    answer = await one.solve("[2, 1]", policy=Policy(deadline=3))
    assert (answer.status, answer.parts[0].by) == ("verified", "llm")
    assert held.withdrawn == 1


async def test_text_that_came_before_a_stream_broke_is_kept_and_marked(router: Any) -> None:
    class Breaking(ScriptedLLM):
        async def stream(self, request):
            yield "Once upon "
            yield "a time"
            raise LLMUnavailable("hung up")

    class Stalling(ScriptedLLM):
        async def stream(self, request):
            yield "Once upon "
            yield "a time"
            await asyncio.sleep(60)

    for llm in (Breaking(), Stalling()):
        last = None
        async for event in router(llm=llm).stream("a tale", policy=Policy(deadline=0.5)):
            last = event
        answer = last.answer
        assert (answer.status, answer.parts[0].text) == ("unverified", "Once upon a time")
        assert answer.text.startswith("Once upon a time")
        assert "Unverified" in answer.text
        assert answer.finish_reason == "length"


async def test_many_have_a_deadline_together_and_come_as_they_are_done(
    router: Any, sorting: Any, sorted_: Any
) -> None:
    one = router(ScriptedSpecialist(sorting, sorted_, seconds=0.05))
    await one.warm()
    queries = [{"values": [n, 1]} for n in range(20)]
    answers = await one.solve_many(queries, "sorting", at_once=2, within=0.3)
    assert len(answers) == 20
    late = [answer for answer in answers if answer.parts[0].error == "deadline_exceeded"]
    assert answers[0].status == "verified"
    assert late

    slow_first = ScriptedSpecialist(sorting, sorted_, held=True)
    two = router(slow_first)
    seen = []
    async for number, answer in two.as_completed([{"values": [2, 1]}, {"wrong": 1}, "[2, 1]"]):
        seen.append((number, isinstance(answer, Answer)))
        slow_first.release()
    assert seen[0] == (1, False)
    assert sorted(seen) == [(0, True), (1, False), (2, True)]


async def test_closing_ends_a_stream_that_nobody_reads(
    router: Any, sorting: Any, sorted_: Any
) -> None:
    one = router(ScriptedSpecialist(sorting, sorted_, held=True))
    events = one.stream("[2, 1]")
    assert (await anext(events)).kind == "decided"
    await one.aclose(grace=0)
    with pytest.raises(RouterClosed):
        await anext(events)


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
