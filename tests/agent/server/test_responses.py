"""`/v1/responses`, asked by the official client and by OpenAI's Agents SDK."""

from __future__ import annotations

import json

import httpx2
import openai
import pytest
from pydantic import BaseModel

from hrm_agent.testing import ScriptedLLM
from hrm_router.llm.protocol import Reply, Tokens, ToolCall

TOOL = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
CALL = ToolCall(id="call_1", name="weather", arguments='{"city":"Ulm"}')


@pytest.fixture
async def sdk(app):
    clients = []

    async def make(*specialists, **options):
        transport = httpx2.ASGITransport(app=await app(*specialists, **options))
        http = httpx2.AsyncClient(transport=transport)
        clients.append(
            openai.AsyncOpenAI(
                base_url="http://127.0.0.1/v1", api_key="x", http_client=http, max_retries=0
            )
        )
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


async def grown(client, **asked):
    """The events of a stream, whose last one holds the whole response."""
    async with await client.responses.create(**asked, stream=True) as stream:
        events = [event async for event in stream]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    return events, events[-1].response


async def test_a_problem_is_solved_whole_and_in_a_stream(sdk, puzzle):
    client = await sdk()
    asked = {"model": "hrm-agent", "input": f"solve {puzzle}"}
    whole = await client.responses.create(**asked)
    events, last = await grown(client, **asked)

    assert whole.status == last.status == "completed"
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in whole.output_text
    assert last.output_text == whole.output_text
    assert whole.model_extra["hrm"]["status"] == "verified"
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas).rstrip() == whole.output_text
    assert [event.type for event in events if "delta" not in event.type] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


async def test_what_nobody_answers_is_a_refusal(sdk):
    client = await sdk()
    asked = {"model": "hrm-agent", "input": "write a poem about the sea"}
    whole = await client.responses.create(**asked)
    events, last = await grown(client, **asked)

    for response in (whole, last):
        (part,) = response.output[0].content
        assert part.type == "refusal"
        assert "no LLM" in part.refusal
        assert response.output_text == ""
    assert "response.refusal.delta" in [event.type for event in events]


async def test_tools_are_called_and_their_output_goes_on(sdk):
    llm = ScriptedLLM(
        Reply(text="", tool_calls=(CALL,), finish_reason="tool_calls"), Reply(text="Sunny.")
    )
    client = await sdk(llm=llm)
    asked = {"model": "hrm-agent", "tools": [TOOL], "instructions": "Be brief."}
    chat = [{"role": "user", "content": "How is the weather in Ulm?"}]
    events, first = await grown(client, **asked, input=chat)

    (call,) = first.output
    assert (call.type, call.call_id, call.name) == ("function_call", "call_1", "weather")
    assert json.loads(call.arguments) == {"city": "Ulm"}
    assert "response.function_call_arguments.done" in [event.type for event in events]
    output = {"type": "function_call_output", "call_id": "call_1", "output": "22 degrees"}
    second = await client.responses.create(
        **asked, input=[*chat, call.model_dump(exclude_none=True), output]
    )

    assert second.output_text == "Sunny."
    roles = [message["role"] for message in llm.requests[1].messages]
    assert roles == ["system", "user", "assistant", "tool"]
    assert llm.requests[1].messages[2]["tool_calls"][0]["function"]["name"] == "weather"
    assert llm.requests[0].options["tools"][0]["function"]["name"] == "weather"


async def test_parsed_text_and_limits_go_through(sdk):
    class Place(BaseModel):
        city: str

    reply = Reply(text='{"city":"Ulm"}', tokens=Tokens(7, 2), finish_reason="length")
    llm = ScriptedLLM(reply)
    client = await sdk(llm=llm)
    response = await client.responses.parse(
        model="hrm-agent", input="Where?", text_format=Place, max_output_tokens=10**9
    )

    assert response.output_parsed == Place(city="Ulm")
    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "max_output_tokens"
    assert (response.usage.input_tokens, response.usage.output_tokens) == (7, 2)
    options = llm.requests[0].options
    assert options["response_format"]["json_schema"]["name"] == "Place"
    assert options["max_completion_tokens"] == 16_384


async def test_state_that_is_not_kept_is_refused_by_name(sdk):
    client = await sdk(llm=ScriptedLLM("hi"))
    for name, value in {
        "previous_response_id": "resp_1",
        "conversation": "conv_1",
        "background": True,
    }.items():
        with pytest.raises(openai.BadRequestError) as refused:
            await client.responses.create(model="hrm-agent", input="hi", **{name: value})
        assert refused.value.param == name
    raw = await client.responses.with_raw_response.create(
        model="hrm-agent", input="hi", store=True, include=["reasoning.encrypted_content"]
    )
    assert set(raw.headers["x-hrm-ignored"].split(", ")) == {"store", "include"}
    assert raw.parse().store is False


async def test_wrong_items_are_named(sdk):
    client = await sdk(llm=ScriptedLLM("hi"))
    wrong = {
        "input.0": [{"type": "item_reference", "id": "x"}],
        "input.1": [{"role": "user", "content": "hi"}, {"role": "wizard", "content": "x"}],
        "input.0.content": [{"role": "user", "content": [{"type": "input_file"}]}],
        "tools.0": "hi",
    }
    for param, items in wrong.items():
        tools = [{"type": "mcp", "server_url": "http://evil"}] if param == "tools.0" else []
        with pytest.raises(openai.BadRequestError) as refused:
            await client.responses.create(model="hrm-agent", input=items, tools=tools)
        assert refused.value.param == param


async def test_the_agents_sdk_runs_on_it(sdk, puzzle, monkeypatch):
    agents = pytest.importorskip("agents")
    llm = ScriptedLLM(Reply(text="", tool_calls=(CALL,)), Reply(text="It is sunny in Ulm."))
    client = await sdk(llm=llm)
    agents.set_tracing_disabled(True)
    asked = []

    @agents.function_tool
    def weather(city: str) -> str:
        """The weather of a city."""
        asked.append(city)
        return "sunny"

    model = agents.OpenAIResponsesModel(model="hrm-agent", openai_client=client)
    agent = agents.Agent(name="a", instructions="Help.", model=model, tools=[weather])
    said = await agents.Runner.run(agent, "How is the weather in Ulm?")
    solved = agents.Runner.run_streamed(agent, f"solve {puzzle}")
    async for _ in solved.stream_events():
        pass

    assert (asked, said.final_output) == (["Ulm"], "It is sunny in Ulm.")
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in solved.final_output
