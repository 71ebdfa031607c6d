"""Chats that go on, answers that must have a form, and streams read without awaiting."""

from __future__ import annotations

import asyncio

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.answering import wants_form
from hrm_specialists.errors import InvalidInput

CALL = {"id": "1", "type": "function", "function": {"name": "send", "arguments": "{}"}}
WENT_ON = [
    {"role": "user", "content": "sort [3, 1, 2] and send it to bob"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "1", "content": "sent"},
]
STORY = ["decided", "thinking", "thinking", "checked", "solved"]
IN_JSON = {"response_format": {"type": "json_object"}}


async def test_a_chat_that_went_on_goes_to_the_llm_as_it_is(router, sorting, sorted_):
    specialist, llm = ScriptedSpecialist(sorting, sorted_), ScriptedLLM("all done")
    one = router(specialist, llm=llm)
    assert (await one.route(WENT_ON)).route == "llm"
    answer = await one.solve(WENT_ON)
    assert (answer.route, answer.text) == ("llm", "all done")
    assert [dict(message) for message in llm.requests[0].messages] == WENT_ON
    assert not specialist.asked

    again = await one.solve([*WENT_ON, {"role": "user", "content": "sort [2, 1]"}])
    assert again.status == "verified"


async def test_a_form_is_the_llms_to_fill_with_the_solution_at_hand(router, sorting, sorted_):
    llm = ScriptedLLM('{"least": 1}')
    one = router(ScriptedSpecialist(sorting, sorted_), llm=llm)
    answer = await one.solve("[3, 1, 2]", llm_options=IN_JSON)
    assert [part.status for part in answer.parts] == ["verified", "answered"]
    assert answer.parts[1].text == '{"least": 1}'
    assert "[1,2,3]" in llm.heard
    assert (await one.solve("[3, 1, 2]", llm_options={"temperature": 0.0})).route == "specialist"


@pytest.mark.parametrize(
    ("options", "wants"),
    [
        (None, False),
        ({"tools": [{}]}, False),
        ({"tool_choice": "auto"}, False),
        ({"tool_choice": "none"}, False),
        ({"response_format": {"type": "text"}}, False),
        (IN_JSON, True),
        ({"tool_choice": "required"}, True),
        ({"tool_choice": {"type": "function", "function": {"name": "send"}}}, True),
    ],
)
def test_what_demands_a_form(options, wants):
    assert wants_form(options) is wants


async def test_a_stream_can_be_read_without_awaiting(router, sorting, sorted_):
    one = router(ScriptedSpecialist(sorting, sorted_, segments=2), llm=ScriptedLLM("one is least"))
    events = list(one.stream_sync("sort [3, 1, 2] and explain the first number to a child"))
    assert [event.kind for event in events[:5]] == STORY
    assert events[4].answer == events[-1].answer.parts[0]
    with pytest.raises(InvalidInput):
        list(one.stream_sync("\0"))


async def test_leaving_such_a_stream_early_stops_the_work(router, sorting, sorted_):
    held = ScriptedSpecialist(sorting, sorted_, held=True)
    events = router(held).stream_sync("[2, 1]")
    assert next(events).kind == "decided"
    await asyncio.to_thread(held.wait_for)
    events.close()
    assert held.withdrawn == 1


async def test_a_picture_without_words_goes_to_the_llm(router, sorting, sorted_):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    one = router(ScriptedSpecialist(sorting, sorted_), llm=ScriptedLLM("a cat"))
    for content, status in (([picture], "answered"), ([], "abstained"), ("", "abstained")):
        answer = await one.solve([{"role": "user", "content": content}])
        assert answer.status == status, content
    answer = await router().solve([{"role": "user", "content": [picture]}])
    assert "no LLM is configured" in answer.parts[0].reason


async def test_a_reply_without_the_form_that_is_demanded_is_a_failure(router):
    schema = {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}
    strict = {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}
    cases = [
        (IN_JSON, "It is Ulm.", "failed"),
        (IN_JSON, "[1]", "failed"),
        (IN_JSON, '{"city": "Ulm"}', "answered"),
        (strict, '{"town": "Ulm"}', "failed"),
        (strict, '{"city": 7}', "failed"),
        (strict, '{"city": null}', "failed"),
        (strict, '{"city": "Ulm"}', "answered"),
        ({"response_format": {"type": "text"}}, "It is Ulm.", "answered"),
    ]
    for options, said, status in cases:
        answer = await router(llm=ScriptedLLM(said)).solve("Which city?", llm_options=options)
        assert answer.status == status, (options, said)
        assert bool(answer.parts[0].reason) == (status == "failed")
