"""The retry loop, its budget, the breaker and the other budgets: laws and outages."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from misbehaving import Endpoint, good, hang, respond

from hrm_router.errors import (
    CallBudgetExceeded,
    CircuitOpen,
    LLMError,
    LLMTimeout,
    LLMUnavailable,
    RetryBudgetExhausted,
)
from hrm_router.llm import LLM, Budget, Request, Tokens
from hrm_router.llm.budgets import admit, price
from hrm_router.llm.calling import Breaker, RetryBudget, retrying
from hrm_router.settings import Prices
from hrm_specialists.errors import Overloaded

MakeLLM = Callable[..., LLM]
HELLO = [{"role": "user", "content": "hi"}]


def question(seconds: float = 10.0) -> Request:
    return Request(HELLO, deadline=time.monotonic() + seconds)


class Clock:
    """Time as a test tells it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("calls", [200, pytest.param(500, marks=pytest.mark.slow)])
async def test_calls_to_a_dead_endpoint_are_little_more_on_the_wire(
    calls: int, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    """With no breaker to help: at most a fifth more than there are calls, and ten."""
    endpoint.script = [respond(b"", 503)]
    llm = llm_for(endpoint.url, breaker=Breaker("dead", failures=10**9))
    errors: list[Exception] = []

    async def worker() -> None:
        for _ in range(calls // 20):
            try:
                await llm.complete(question())
            except (LLMError, Overloaded) as error:
                errors.append(error)

    await asyncio.gather(*(worker() for _ in range(20)))

    assert len(errors) == calls
    assert len(endpoint.chats) <= 1.2 * calls + 10
    assert {type(error) for error in errors} <= {LLMUnavailable, RetryBudgetExhausted}


async def test_the_breaker_spares_a_dead_endpoint(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [respond(b"", 503)]
    llm = llm_for(endpoint.url)

    results = [
        (await asyncio.gather(llm.complete(question()), return_exceptions=True))[0]
        for _ in range(50)
    ]

    assert len(endpoint.chats) == 5
    assert isinstance(results[-1], CircuitOpen)
    assert results[-1].retry_after is not None
    assert 0 < results[-1].retry_after <= 5


async def test_an_endpoint_that_is_well_again_is_used_again(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    clock = Clock()
    endpoint.script = [respond(b"", 503)]
    llm = llm_for(endpoint.url, attempts=1, breaker=Breaker("it", failures=2, clock=clock))
    for _ in range(2):
        with pytest.raises(LLMUnavailable):
            await llm.complete(question())
    with pytest.raises(CircuitOpen):
        await llm.complete(question())

    endpoint.script = [good()]
    clock.now += 5.1

    assert (await llm.complete(question())).text == "hello"
    assert llm.breaker.state == "closed"


async def test_a_hung_endpoint_opens_the_breaker_but_hurried_callers_do_not(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [hang]
    breaker = Breaker("hung", failures=2)
    llm = llm_for(endpoint.url, attempts=1, breaker=breaker)
    await llm.models()
    for _ in range(3):
        with pytest.raises(LLMTimeout):
            await llm.complete(question(0.05))
    assert breaker.state == "closed"

    patient = [llm.complete(question(1.05)) for _ in range(2)]
    assert all(
        isinstance(error, LLMTimeout)
        for error in await asyncio.gather(*patient, return_exceptions=True)
    )

    assert breaker.state == "open"


def test_a_breaker_goes_by_failures_in_a_row_and_after_a_rest_by_one_call() -> None:
    clock = Clock()

    endings = {"failed": LLMUnavailable("away"), "unknown": LLMTimeout("soon"), "answered": None}

    def end(call: AbstractContextManager[None], said: str) -> None:
        error = endings[said]
        call.__exit__(type(error) if error else None, error, None)

    def begun(breaker: Breaker) -> AbstractContextManager[None]:
        call = breaker.call()
        call.__enter__()
        return call

    def outcomes(breaker: Breaker, *said: str) -> None:
        for outcome in said:
            end(begun(breaker), outcome)

    patient = Breaker("it", failures=2)
    outcomes(patient, "failed", "answered", "failed", "unknown", "answered", "failed")
    assert patient.state == "closed"

    breaker = Breaker("it", failures=1, rest=5.0, clock=clock)
    slow = begun(breaker)
    outcomes(breaker, "failed")
    end(slow, "answered")  # news from before it opened
    assert breaker.state == "open"
    clock.now += 5.0
    probe = begun(breaker)
    with pytest.raises(CircuitOpen, match="one call is trying"):
        begun(breaker)
    end(probe, "unknown")  # whose caller left makes room for another
    for said, state in (("failed", "open"), ("answered", "closed")):
        outcomes(breaker, said)
        assert breaker.state == state
        clock.now += 5.0


@given(st.lists(st.booleans(), max_size=300), st.floats(0.0, 1.0), st.integers(0, 20))
def test_retries_never_exceed_their_share(wishes: list[bool], share: float, reserve: int) -> None:
    """True is a call, False a wish to retry."""
    budget = RetryBudget(share=share, reserve=reserve)
    calls = retries = 0
    for wish in wishes:
        if wish:
            budget.call()
            calls += 1
        else:
            retries += budget.take()

        assert retries <= reserve + share * calls + 1e-6


def test_threads_share_a_retry_budget_without_cheating() -> None:
    budget = RetryBudget(share=0.0, reserve=500)
    taken: list[int] = []

    def work() -> None:
        taken.append(sum(budget.take() for _ in range(200)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 500


async def test_waits_differ_and_grow_and_end_before_the_deadline() -> None:
    tries: list[float] = []

    async def fail() -> None:
        tries.append(time.monotonic())
        raise LLMUnavailable("no")

    begun = time.monotonic()
    with pytest.raises(LLMUnavailable):
        await retrying(
            fail, deadline=begun + 0.6, attempts=99, budget=RetryBudget(reserve=99), name="it"
        )

    assert time.monotonic() < begun + 0.65
    assert len(tries) >= 2
    gaps = [b - a for a, b in pairwise(tries)]
    assert len({round(gap, 6) for gap in gaps}) == len(gaps)


async def test_cancelling_a_wait_ends_it() -> None:
    failed = asyncio.Event()

    async def fail() -> None:
        failed.set()
        error = LLMUnavailable("no")
        error.retry_after = 30.0
        raise error

    call = asyncio.create_task(
        retrying(fail, deadline=time.monotonic() + 99, attempts=9, budget=RetryBudget(), name="it")
    )
    await asyncio.wait_for(failed.wait(), 5)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, 1)


def test_a_money_limit_wants_prices_and_keeps_to_them() -> None:
    prices = Prices(prompt=1.0, completion=10.0)
    budget = Budget(cost=0.001)
    with pytest.raises(CallBudgetExceeded, match="prices"):
        budget.admit(10, None)

    room = budget.admit(100, prices)

    assert room == 90  # what is left after 100 tokens at 1 per million buys 90 at 10
    budget.spend(Tokens(100, 90), price(Tokens(100, 90), prices))
    with pytest.raises(CallBudgetExceeded):
        budget.admit(100, prices)
    assert budget.cost == pytest.approx(0.001)


def test_a_call_that_one_budget_refuses_is_charged_to_none() -> None:
    generous, empty = Budget(calls=5), Budget(calls=0)

    with pytest.raises(CallBudgetExceeded):
        admit([generous, empty], 10, None)

    assert (generous.calls, empty.calls) == (0, 0)


@given(st.integers(1, 1000), st.lists(st.integers(0, 300), max_size=20))
def test_one_call_after_another_never_overruns_its_tokens(limit: int, prompts: list[int]) -> None:
    budget = Budget(tokens=limit)
    for prompt in prompts:
        try:
            room = budget.admit(prompt, None)
        except CallBudgetExceeded:
            continue
        assert room is not None
        budget.spend(Tokens(prompt, room), None)

    assert budget.tokens <= limit
