"""`/v1/chat/completions` as bytes: whole answers, streams, what is passed through."""

from __future__ import annotations

import json

import pytest
from sse import told

from hrm_agent.server.requests import LLMOptions
from hrm_agent.testing import ScriptedLLM
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.answer import Answer
from hrm_router.errors import LLMRateLimited, LLMUnavailable
from hrm_router.llm.chat import OPTIONS
from hrm_router.llm.protocol import Reply, Tokens, ToolCall
from hrm_router.policy import Policy

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CALL = ToolCall(id="call_1", name="weather", arguments='{"city":"Ulm"}')


def chat(text, model="hrm-agent", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


async def ask(client, text, **more):
    response = await client.post("/v1/chat/completions", json=chat(text, **more))
    assert response.status_code == 200, response.text
    return response.json()


async def stream(client, text, **more):
    """The chunks of a stream, which must end as the protocol says."""
    response = await client.post("/v1/chat/completions", json=chat(text, stream=True, **more))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.startswith(":"), "a comment comes at once"
    *chunks, done = [data for _, data in told(response.text)]
    assert done == "[DONE]"
    return chunks


def said(chunks):
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


async def test_a_problem_in_a_chat_is_solved_and_the_whole_answer_comes_along(
    client, puzzle, solution
):
    answered = await ask(await client(), f"please solve {puzzle}")

    assert answered["object"] == "chat.completion"
    choice = answered["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in choice["message"]["content"]
    assert answered["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    reloaded = Answer.load(answered["hrm"], {"sudoku": SudokuTask()})
    assert (reloaded.status, reloaded.solution) == ("verified", solution)
    assert reloaded.trace


@pytest.mark.parametrize(
    "text",
    ["{puzzle}", "Solve {puzzle} and explain the third row to a child.", "What is a monoid?"],
    ids=["specialist", "hybrid", "language"],
)
async def test_the_pieces_of_a_stream_are_the_whole_content(client, puzzle, text):
    asked = await client(llm=ScriptedLLM("It is a set with a product."))
    text = text.format(puzzle=puzzle)

    whole = await ask(asked, text)
    chunks = await stream(asked, text)

    assert said(chunks).rstrip() == whole["choices"][0]["message"]["content"]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [c["choices"][0]["finish_reason"] for c in chunks][-2:] == [None, "stop"]
    assert ["hrm" in chunk for chunk in chunks].index(True) == len(chunks) - 1
    assert chunks[-1]["hrm"]["status"] == whole["hrm"]["status"]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert not any("usage" in chunk for chunk in chunks)


async def test_usage_comes_last_in_a_stream_that_asks_for_it(client):
    reply = Reply(text="ok", tokens=Tokens(prompt=7, completion=2))
    chunks = await stream(
        await client(llm=ScriptedLLM(reply)), "hello", stream_options={"include_usage": True}
    )

    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    assert all(chunk["usage"] is None for chunk in chunks[:-1])


async def test_tools_go_through_to_the_llm_and_its_calls_come_back(client):
    llm = ScriptedLLM(Reply(text="", tool_calls=(CALL,), finish_reason="tool_calls"))
    asked = await client(llm=llm)

    whole = await ask(asked, "How is the weather in Ulm?", tools=[TOOL], temperature=0.5)
    chunks = await stream(asked, "How is the weather in Ulm?", tools=[TOOL])

    assert llm.requests[0].options == {"tools": (TOOL,), "temperature": 0.5}
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city":"Ulm"}'},
    }
    message = whole["choices"][0]["message"]
    assert (message["content"], message["tool_calls"]) == (None, [call])
    assert whole["choices"][0]["finish_reason"] == "tool_calls"
    assert chunks[-2]["choices"][0]["delta"] == {"tool_calls": [{"index": 0, **call}]}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("llm_says", "we_say"),
    [("length", "length"), ("content_filter", "content_filter"), ("eos", "stop")],
)
async def test_why_the_llm_stopped_is_told_in_the_protocols_words(client, llm_says, we_say):
    asked = await client(llm=ScriptedLLM(Reply(text="It is", finish_reason=llm_says)))

    whole = await ask(asked, "What is a monoid?", max_tokens=2)
    chunks = await stream(asked, "What is a monoid?", max_tokens=2)

    assert whole["choices"][0]["finish_reason"] == we_say
    assert chunks[-1]["choices"][0]["finish_reason"] == we_say


async def test_json_that_was_asked_for_is_not_spoilt_by_a_solution(client, puzzle, solution):
    asked = await client(llm=ScriptedLLM('{"rows": 9}'))
    form = {"type": "json_object"}

    whole = await ask(asked, f"solve {puzzle}", response_format=form)
    chunks = await stream(asked, f"solve {puzzle}", response_format=form)

    assert json.loads(whole["choices"][0]["message"]["content"]) == {"rows": 9}
    assert json.loads(said(chunks)) == {"rows": 9}
    assert whole["hrm"]["solution"] == solution.model_dump(mode="json")


async def test_a_specialist_as_a_model_never_asks_the_llm(client, puzzle):
    llm = ScriptedLLM("I would rather talk")
    asked = await client(llm=llm)

    solved = await ask(asked, puzzle, model="sudoku")
    response = await asked.post("/v1/chat/completions", json=chat("what is love?", "sudoku"))

    assert (solved["model"], solved["hrm"]["status"]) == ("sudoku", "verified")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "malformed_task"
    assert llm.requests == []


async def test_a_specialist_as_a_model_says_that_it_calls_no_tools(client, puzzle):
    body = chat(puzzle, "sudoku", tools=[TOOL], tool_choice="required")
    response = await (await client()).post("/v1/chat/completions", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "unsupported_parameter"


async def test_an_unknown_model_is_a_404(client):
    response = await (await client()).post("/v1/chat/completions", json=chat("hi", "gpt-\x1b[2J"))

    assert response.status_code == 404
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert "\x1b" not in error["message"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages.0"),
        ({"model": ""}, "model"),
        ({"model": 3}, "model"),
        ({"n": 2}, "n"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": 9}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"messages": [{"role": "wizard", "content": "hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
        ({"tools": [{"type": "mcp", "server_url": "http://evil"}]}, "tools.0"),
        ({"tools": [{"type": "web_search"}]}, "tools.0"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"web_search_options": {"x": 1}}, "web_search_options"),
        ({"hrm": {"deadline": 0}}, "hrm.deadline"),
        ({"hrm": {"share_unclear_text": True}}, "hrm.share_unclear_text"),
        ({"metadata": {"deep": json.loads("[" * 100 + "]" * 100)}}, None),
    ],
)
async def test_what_makes_no_sense_is_a_400_that_names_it(client, change, param):
    response = await (await client()).post("/v1/chat/completions", json={**chat("hi"), **change})

    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 10_000,
        b'{"model": "hrm-agent", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"model": "hrm-agent", "messages": [{"role": "user", "content": "a\\u0000b"}]}',
        b'{"model": "hrm-agent", "messages": [{"role": "user", "content": NaN}]}',
        b'{"model": "hrm-agent", "messages": [{"role": 7}]}',
        b'{"model": "hrm-agent", "messages": [{"role": "system", "content": "hi"}]}',
        b'{"model": "\\ud800", "messages": [{"role": "user"}]}',
        b'{"\\ud800": 1}',
        b'{"model": "hrm-agent", "seed": ' + b"9" * 5000 + b"}",
    ],
)
async def test_bodies_that_are_no_request_are_refused(client, body):
    response = await (await client()).post(
        "/v1/chat/completions", content=body, headers={"content-type": "application/json"}
    )

    assert response.status_code == 400, response.text
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(
    ("error", "status"), [(LLMUnavailable("down"), 502), (LLMRateLimited("slowly"), 429)]
)
async def test_a_failing_llm_has_a_status_of_its_own_in_streams_too(client, error, status, streams):
    error.retry_after = 7.0
    asked = await client(llm=ScriptedLLM(error))
    response = await asked.post("/v1/chat/completions", json=chat("hello", stream=streams))

    assert response.status_code == status
    assert response.json()["error"]["code"] == error.code
    assert response.headers.get("retry-after") == ("7" if status == 429 else None)


class BreakingOff(ScriptedLLM):
    """Begins to speak and is cut off."""

    async def stream(self, request):
        yield "Well, "
        raise LLMUnavailable("connection reset")


async def test_a_stream_that_breaks_off_keeps_what_was_said_and_marks_it(client):
    chunks = await stream(await client(llm=BreakingOff()), "hello")

    assert said(chunks).startswith("Well, ")
    assert "Unverified: the LLM could not answer (llm_unavailable)" in said(chunks)
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"
    assert chunks[-1]["hrm"]["status"] == "unverified"
    assert "reset" not in json.dumps(chunks), "an endpoint's words stay here"


async def test_a_solution_stands_though_the_llm_breaks_off(client, puzzle):
    asked = await client(llm=BreakingOff())
    chunks = await stream(asked, f"Solve {puzzle} and explain the third row to a child.")

    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in said(chunks)
    assert "Unverified: the LLM could not answer (llm_unavailable)" in said(chunks)
    assert "reset" not in json.dumps(chunks)
    assert chunks[-1]["hrm"]["status"] == "unverified"


async def test_a_full_queue_is_a_429_in_streams_too(client, specialist, puzzle):
    asked = await client(specialist(max_waiting=0), policy=Policy(when_unverified="return"))
    for streams in (False, True):
        response = await asked.post("/v1/chat/completions", json=chat(puzzle, stream=streams))
        assert response.status_code == 429, response.text
        assert response.headers["retry-after"] == "1"
        assert response.json()["error"]["code"] == "queue_full"


def test_every_option_that_is_passed_on_is_one_of_the_llms():
    assert set(LLMOptions.model_fields) < OPTIONS
    assert not {"store", "service_tier", "metadata", "user", "prompt_cache_key"} & set(
        LLMOptions.model_fields
    )


async def test_limits_can_be_tightened_and_not_loosened(client, specialist, puzzle):
    mine = specialist()
    asked = await client(mine, policy=Policy(max_llm_calls=0), llm=ScriptedLLM("no"))
    answered = await ask(
        asked, "hello there", hrm={"max_llm_calls": 9, "deadline": 1e6, "effort": "low"}
    )
    await ask(asked, puzzle, hrm={"effort": "low"})

    assert answered["hrm"]["status"] == "abstained"
    assert mine.efforts == ["low"]
