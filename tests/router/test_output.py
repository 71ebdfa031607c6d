"""`output_type`: language in the caller's own form, checked, asked again once, never made up."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel, Field

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.answer import Answer
from hrm_router.errors import LLMUnavailable
from hrm_router.policy import Policy
from hrm_specialists.errors import InvalidInput


class Wine(BaseModel):
    name: str
    year: int = Field(ge=1900)


RIGHT, WRONG = '{"name": "Barolo", "year": 2016}', '{"name": "Barolo", "year": 16}'
ASK = "Which wine goes with mushrooms?"


async def test_the_reply_is_an_instance_and_the_schema_was_sent(router):
    llm = ScriptedLLM(RIGHT)
    answer = await router(llm=llm).solve(ASK, output_type=Wine, llm_options={"temperature": 0})
    part = answer.parts[0]
    assert (part.status, part.output) == ("answered", Wine(name="Barolo", year=2016))
    (request,) = llm.requests
    assert set(request.schema["properties"]) == {"name", "year"}
    assert dict(request.options) == {"temperature": 0}
    loaded = Answer.load(answer.model_dump_json(), {})
    assert loaded.parts[0].output == {"name": "Barolo", "year": 2016}


async def test_a_wrong_reply_is_asked_for_once_more_with_what_was_wrong(router):
    llm = ScriptedLLM(WRONG, RIGHT)
    answer = await router(llm=llm).solve(ASK, output_type=Wine)
    assert (answer.status, answer.parts[0].output.year) == ("answered", 2016)
    _, second = llm.requests
    assert [message["role"] for message in second.messages] == ["user", "assistant", "user"]
    assert "year" in second.messages[-1]["content"]
    assert answer.usage.llm_calls == 2


async def test_what_never_has_the_form_is_unverified_and_says_why(router):
    cases: list[tuple[list[Any], Policy, int, str]] = [
        ([WRONG, "no JSON at all"], Policy(), 2, "no JSON object"),
        ([WRONG], Policy(), 2, "year"),
        ([WRONG], Policy(max_llm_calls=1), 1, "year"),
        ([WRONG, LLMUnavailable("away")], Policy(), 2, "year"),
    ]
    for script, policy, requests, why in cases:
        llm = ScriptedLLM(*script)
        answer = await router(llm=llm).solve(ASK, policy=policy, output_type=Wine)
        part = answer.parts[0]
        assert (part.status, part.output) == ("unverified", None), script
        assert why in part.reason, script
        assert part.text, script
        assert len(llm.requests) == requests, script


async def test_the_form_is_for_language_and_solutions_stay_what_they_are(
    router, sorting, sorted_, numbers
):
    llm = ScriptedLLM(RIGHT)
    one = router(ScriptedSpecialist(sorting, sorted_), llm=llm)
    for query in ("sort [3, 1, 2]", "sort [3, 1, 2] and say which wine goes with mushrooms"):
        answer = await one.solve(query, output_type=Wine)
        solved, said = answer.parts
        assert (solved.solution, solved.output) == (numbers(1, 2, 3), None)
        assert said.output == Wine(name="Barolo", year=2016)


async def test_an_answer_that_cannot_have_a_form_says_so(router):
    one = router(llm=ScriptedLLM(RIGHT))
    for bad in (dict, int, "Wine", Wine(name="a", year=2000)):
        with pytest.raises(InvalidInput, match="output_type"):
            await one.solve(ASK, output_type=bad)
    with pytest.raises(InvalidInput, match="not both"):
        await one.solve(
            ASK, output_type=Wine, llm_options={"response_format": {"type": "json_object"}}
        )
    with pytest.raises(LLMUnavailable):
        await router(llm=ScriptedLLM(LLMUnavailable("away"))).solve(ASK, output_type=Wine)


async def test_a_stream_shows_the_text_once_it_is_checked_and_ends_with_the_instance(router):
    for script, status in (((WRONG, RIGHT), "answered"), ((WRONG,), "unverified")):
        events = [
            event async for event in router(llm=ScriptedLLM(*script)).stream(ASK, output_type=Wine)
        ]
        *_, text, last = events
        assert [event.kind for event in events].count("text_delta") == 1
        assert (text.text, last.answer.status) == (script[-1], status)
        assert (last.answer.parts[0].output is None) == (status == "unverified")
    answers = await router(llm=ScriptedLLM(RIGHT)).solve_many([ASK, ASK], output_type=Wine)
    assert [answer.parts[0].output.year for answer in answers] == [2016, 2016]


async def test_the_form_can_be_had_without_awaiting(router):
    one = router(llm=ScriptedLLM(RIGHT))
    answer = await asyncio.to_thread(one.solve_sync, ASK, output_type=Wine)
    assert answer.parts[0].output.year == 2016
