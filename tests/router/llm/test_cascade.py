"""A cheap model, a strong one for what it is not sure of, and a bound on what that loses."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from hrm_agent import Cascade
from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.errors import CallBudgetExceeded, LLMUnavailable
from hrm_router.events import Answered, TextDelta
from hrm_router.llm.budgets import Budget
from hrm_router.llm.cascade import agreement
from hrm_router.llm.protocol import Reply, Request, ToolCall
from hrm_router.policy import Policy
from hrm_specialists.errors import ConfigError, InvalidInput

CHEAP, STRONG = {"prompt": 1, "completion": 1}, {"prompt": 100, "completion": 100}
HELLO = [{"role": "user", "content": "hi"}]


def question(**more: Any) -> Request:
    return Request(more.pop("messages", HELLO), deadline=time.monotonic() + 5, **more)


def scored(value: float) -> Any:
    async def score(ask: Any, request: Request, reply: Reply) -> float:
        return value

    return score


async def test_what_the_cheap_model_is_not_sure_of_goes_to_the_strong_one() -> None:
    for value, said in ((0.9, "cheap"), (0.8, "cheap"), (0.7, "strong"), (math.nan, "strong")):
        cascade = Cascade(
            ScriptedLLM("cheap"), ScriptedLLM("strong"), threshold=0.8, score=scored(value)
        )
        assert (await cascade.complete(question())).text == said
        streamed = [item async for item in cascade.stream(question())]
        assert "".join(map(str, streamed[:-1])) == said == streamed[-1].text  # type: ignore[union-attr]

    async def broken(*_: Any) -> float:
        raise ZeroDivisionError

    for cheap in ("", Reply("cut", finish_reason="length"), LLMUnavailable("away")):
        cascade = Cascade(ScriptedLLM(cheap), ScriptedLLM("strong"), threshold=0.1, score=broken)
        assert (await cascade.complete(question())).text == "strong"
    one = Cascade(ScriptedLLM("no JSON"), ScriptedLLM("strong"), threshold=0.1, score=scored(1.0))
    assert (await one.complete(question(schema={"type": "object"}))).text == "strong"


async def test_scores_tell_a_sure_reply_from_an_unsure_one() -> None:
    async def score(how: Any, reply: Reply, other: Reply | str, **more: Any) -> float:
        model = ScriptedLLM(other)
        value = await how(model.complete, question(**more), reply)
        assert all("temperature" not in one.options for one in model.requests)
        return round(float(value), 2)

    cold = {"options": {"temperature": 0}}
    assert await score(agreement, Reply("Paris it is."), "paris it is.", **cold) == 1
    assert await score(agreement, Reply("it is Paris"), "it is Rome", **cold) == 0.67
    one, other = (Reply("", parsed={"a": 1, "b": n}) for n in (2, 3))
    assert await score(agreement, one, one, schema={}) == 1
    assert await score(agreement, one, other, schema={}) == 0
    call, same = (
        Reply("", tool_calls=(ToolCall("1", "f", arguments),))
        for arguments in ('{"a":1}', '{"a": 1}')
    )
    assert await score(agreement, call, same) == 1
    cheap = ScriptedLLM("Paris")
    for wrong in ("luck", 7):
        with pytest.raises(ConfigError, match="agreement"):
            Cascade(cheap, cheap, score=wrong)  # type: ignore[arg-type]


async def test_every_request_counts_and_every_token_is_added_up(router: Any) -> None:
    cheap = ScriptedLLM("a b", "c d", prices=CHEAP)
    strong = ScriptedLLM("strong", prices=STRONG)
    one = router(llm=Cascade(cheap, strong))
    answer = await one.solve("a poem, please")
    assert (answer.text, answer.usage.llm_calls) == ("strong", 3)
    assert len(cheap.requests) + len(strong.requests) == 3
    tried = [step.outcome for step in answer.trace if step.stage == "llm"]
    assert tried == ["passed on", "answered"]
    assert answer.usage.cost > 100 * answer.usage.prompt_tokens / 3 / 1e6
    for calls in (1, 2):
        llm = Cascade(ScriptedLLM("a b", "c d"), strong := ScriptedLLM("strong"))
        answer = await router(llm=llm).solve("a poem", policy=Policy(max_llm_calls=calls))
        assert (answer.text, answer.usage.llm_calls) == ("a b", calls), calls
        assert not strong.requests
    with pytest.raises(CallBudgetExceeded):
        await Cascade(cheap, strong).complete(question(budgets=[Budget(calls=0)]))


async def test_what_was_asked_and_passed_on_is_counted(router: Any) -> None:
    one = router(llm=Cascade(ScriptedLLM("sure", "sure", "sure", "other"), ScriptedLLM("strong")))
    for text, counted in (("sure", (1, 0)), ("strong", (2, 1))):
        assert (await one.solve("a poem")).text == text
        stats = one.stats().cascade
        assert (stats.asked, stats.passed_on) == counted
    json.dumps(one.stats().as_dict())


async def test_where_the_strong_model_fails_the_cheap_reply_is_better_than_none(
    router: Any,
) -> None:
    away = LLMUnavailable("away")
    for cheap, strong, text in ((("a", "b"), away, "a"), ((away,), "strong", "strong")):

        def llm() -> Cascade:
            return Cascade(ScriptedLLM(*cheap), ScriptedLLM(strong))  # noqa: B023

        answer = await router(llm=llm()).solve("a poem")
        assert answer.text == text
        assert any("away" in step.reason for step in answer.trace)
        events = [event async for event in router(llm=llm()).stream("a poem")]
        assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    none = Cascade(ScriptedLLM(LLMUnavailable("one")), ScriptedLLM(LLMUnavailable("two")))
    with pytest.raises(LLMUnavailable, match="two"):
        await none.complete(question())


async def test_a_checker_or_a_schema_judges_without_any_score(
    router: Any, sorting: Any, numbers: Callable[..., Any]
) -> None:
    right, wrong = '{"values": [1, 2, 3]}', '{"values": [3, 2, 1]}'
    for cheap, calls in ((right, (1, 0)), (wrong, (1, 1))):
        models = ScriptedLLM(cheap), ScriptedLLM(right)
        one = router(ScriptedSpecialist(sorting, {}), llm=Cascade(*models))
        answer = await one.solve("[3, 1, 2]")
        assert (answer.status, answer.solution) == ("verified", numbers(1, 2, 3))
        assert tuple(len(model.requests) for model in models) == calls

    class Wine(BaseModel):
        year: int

    good = '{"year": 2016}'
    cheap, strong = ScriptedLLM('{"year": "old"}'), ScriptedLLM(good)
    one = router(llm=Cascade(cheap, strong, threshold=0))
    answer = await one.solve("Which wine?", output_type=Wine)
    assert answer.parts[0].output == Wine(year=2016)
    assert (len(cheap.requests), len(strong.requests)) == (1, 1)


async def test_hybrid_queries_and_extraction_go_through_it(
    router: Any, sorting: Any, sorted_: Callable[..., Any], numbers: Callable[..., Any]
) -> None:
    found = '{"problems": [{"task": "sorting", "problem": {"values": [3, 1, 2]}}], "rest": ""}'
    for query, cheap, text in (
        ("Sort [3, 1, 2] and write a poem about it.", ("a poem", "quite another one"), "strong"),
        ("Please order these numbers: 3, 1 and 2", (found, found), "1 2 3"),
    ):
        models = ScriptedLLM(*cheap), ScriptedLLM("strong")
        one = router(ScriptedSpecialist(sorting, sorted_), llm=Cascade(*models))
        events = [event async for event in one.stream(query)]
        answer = next(event.answer for event in events if isinstance(event, Answered))
        assert answer.solution == numbers(1, 2, 3), query
        assert answer.usage.llm_calls == sum(len(model.requests) for model in models)
        assert len(models[1].requests) == (text == "strong"), query


async def test_what_may_not_leave_the_machine_stays_with_the_model_here(
    router: Any, sorting: Any
) -> None:
    here, there = ScriptedLLM("a", "b"), ScriptedLLM("strong", local=False)
    one = router(llm=Cascade(here, there))
    assert (await one.solve("a poem", policy=Policy(local_only=True))).text == "a"
    assert not there.requests
    both = ScriptedLLM("a"), ScriptedLLM("b", local=False)
    hidden = router(
        ScriptedSpecialist(sorting, {}), llm=Cascade(*both), policy=Policy(private={"sorting"})
    )
    assert (await hidden.solve("[3, 1, 2]")).status != "verified"
    assert not any(model.requests for model in both)


async def test_a_chat_stays_with_the_strong_model_that_has_read_it() -> None:
    cheap, strong = ScriptedLLM("a", "b"), ScriptedLLM("strong")
    cascade = Cascade(cheap, strong)
    first = await cascade.complete(question())
    grown = [*HELLO, {"role": "assistant", "content": first.text}, *HELLO]
    await cascade.complete(question(messages=grown))
    assert (len(cheap.requests), len(strong.requests)) == (2, 2)
    other = [{"role": "user", "content": "another chat"}, *grown]
    await cascade.complete(question(messages=other))
    assert len(cheap.requests) > 2


def simulated(draw: random.Random, skill: float) -> tuple[Cascade, Callable[[int], Any]]:
    """A cheap model that is surer where it is right, and queries with what is right."""
    sure: dict[str, float] = {}

    async def score(ask: Any, request: Request, reply: Reply) -> float:
        return sure[request.messages[0]["content"]]

    def says(request: Request) -> str:
        query = request.messages[0]["content"]
        easy = draw.random() < skill
        sure[query] = draw.betavariate(5, 2) if easy else draw.betavariate(2, 5)
        return "right" if easy else "wrong"

    cheap = ScriptedLLM(says, prices=CHEAP)
    strong = ScriptedLLM(lambda _: "right" if draw.random() < 0.95 else "wrong", prices=STRONG)
    return Cascade(cheap, strong, score=score), lambda n: [
        (f"query {number}", "right") for number in range(n)
    ]


async def test_fitting_keeps_the_promised_share_of_the_right_answers() -> None:
    draw = random.Random(7)
    broken, kept = 0, []
    for _ in range(12):
        cascade, queries = simulated(draw, skill=0.7)
        curve = await cascade.fit(queries(150), lost=0.05)
        assert [point.kept for point in curve] == sorted(point.kept for point in curve)
        easy = [draw.betavariate(5, 2) for _ in range(7_000)]
        hard = [draw.betavariate(2, 5) for _ in range(3_000)]
        lost = 0.95 * sum(one >= cascade.threshold for one in hard) / 10_000
        kept.append(sum(one >= cascade.threshold for one in (*easy, *hard)) / 10_000)
        broken += lost > 0.05
    assert broken <= 4  # 1.2 expected; more than 4 has a chance of 0.4 %
    assert sum(kept) / len(kept) > 0.4


async def test_a_looser_knob_is_never_dearer_and_too_few_examples_are_refused() -> None:
    costs = []
    for lost in (0.02, 0.05, 0.2):
        cascade, queries = simulated(random.Random(3), skill=0.7)
        curve = await cascade.fit(queries(300), lost=lost)
        (chosen,) = [point for point in curve if point.threshold == cascade.threshold]
        assert chosen.lost <= chosen.lost_at_most <= lost
        costs.append(chosen.cost)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.6
    for lost in (0.05, 0.0, 1.0):
        with pytest.raises(InvalidInput, match="examples"):
            await cascade.fit(queries(20), lost=lost)
    away = Cascade(ScriptedLLM("a"), ScriptedLLM(LLMUnavailable("away")))
    with pytest.raises(LLMUnavailable):
        await away.fit(queries(50))


async def test_a_model_without_use_is_never_believed_and_a_hung_one_leaves_time() -> None:
    cascade, queries = simulated(random.Random(5), skill=0.0)
    await cascade.fit(queries(100), lost=0.03)
    assert (await cascade.complete(question(messages=[{"role": "user", "content": "x"}]))).text
    assert cascade.stats.passed_on == cascade.stats.asked == 1

    async def slow(*_: Any) -> float:
        await asyncio.sleep(60)
        return 1.0

    late = Cascade(ScriptedLLM("cheap"), ScriptedLLM("strong"), threshold=0.5, score=slow)
    request = Request(HELLO, deadline=time.monotonic() + 0.4)
    assert (await asyncio.wait_for(late.complete(request), 5)).text == "strong"
