"""The official client, as its users use it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import openai
import pytest
from pydantic import BaseModel

from hrm_agent.testing import ScriptedLLM
from hrm_router.llm.protocol import Reply, ToolCall

KEY = "k-0123456789abcdef"


@pytest.fixture
async def sdk(app) -> AsyncIterator:
    clients = []

    async def make(*specialists, key=KEY, **options):
        made = await app(*specialists, key=KEY, **options)
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=made))
        clients.append(
            openai.AsyncOpenAI(
                base_url="http://127.0.0.1/v1", api_key=key, http_client=http, max_retries=0
            )
        )
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


def asking(text):
    return {"model": "hrm-agent", "messages": [{"role": "user", "content": text}]}


async def test_chat(sdk, puzzle):
    client = await sdk()
    completion = await client.chat.completions.create(**asking(f"solve {puzzle}"))

    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in completion.choices[0].message.content
    assert completion.usage.total_tokens == 0
    assert completion.model_extra["hrm"]["status"] == "verified"
    assert completion._request_id.startswith("req-")


async def test_stream_with_usage(sdk):
    client = await sdk(llm=ScriptedLLM("one two three"))
    stream = await client.chat.completions.create(
        **asking("count"), stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]

    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said.strip() == "one two three"
    assert chunks[-1].usage.total_tokens > 0
    assert chunks[-2].choices[0].finish_reason == "stop"


async def test_the_streaming_helper(sdk):
    client = await sdk(llm=ScriptedLLM("one two three"))
    async with client.chat.completions.stream(**asking("count")) as stream:
        async for _ in stream:
            pass
        final = await stream.get_final_completion()

    assert final.choices[0].message.content.strip() == "one two three"


async def test_parse(sdk):
    class Weather(BaseModel):
        city: str
        degrees: int

    client = await sdk(llm=ScriptedLLM('{"city": "Ulm", "degrees": 7}'))
    completion = await client.chat.completions.parse(
        **asking("How warm is it in Ulm?"), response_format=Weather
    )

    assert completion.choices[0].message.parsed == Weather(city="Ulm", degrees=7)


async def test_a_form_that_was_cut_off_is_no_form(sdk):
    class Weather(BaseModel):
        city: str

    client = await sdk(llm=ScriptedLLM(Reply(text='{"city": "Ul', finish_reason="length")))
    with pytest.raises(openai.LengthFinishReasonError):
        await client.chat.completions.parse(**asking("Where is it?"), response_format=Weather)


async def test_tool_calls_are_parsed_in_streams_too(sdk):
    class Weather(BaseModel):
        """How the weather is."""

        city: str

    call = ToolCall(id="call_1", name="Weather", arguments='{"city":"Ulm"}')
    client = await sdk(llm=ScriptedLLM(Reply(text="", tool_calls=(call,))))
    asked = {**asking("How is it in Ulm?"), "tools": [openai.pydantic_function_tool(Weather)]}

    whole = await client.chat.completions.parse(**asked)
    async with client.chat.completions.stream(**asked) as stream:
        grown = await stream.get_final_completion()

    for completion in (whole, grown):
        (choice,) = completion.choices
        assert choice.finish_reason == "tool_calls"
        assert choice.message.tool_calls[0].function.parsed_arguments == Weather(city="Ulm")


async def test_models(sdk):
    client = await sdk()

    assert [model.id async for model in client.models.list()] == ["hrm-agent", "sudoku"]
    assert (await client.models.retrieve("sudoku")).owned_by == "hrm-agent"


async def test_limits_in_the_extra_body(sdk, puzzle, specialist):
    mine = specialist()
    client = await sdk(mine)
    await client.chat.completions.create(**asking(puzzle), extra_body={"hrm": {"effort": "low"}})

    assert mine.efforts == ["low"]


async def test_errors_are_its_own(sdk, puzzle, specialist):
    client, stranger = await sdk(specialist(max_waiting=0)), await sdk(key="wrong")

    with pytest.raises(openai.AuthenticationError):
        await stranger.models.list()
    with pytest.raises(openai.NotFoundError) as missing:
        await client.chat.completions.create(**{**asking("x"), "model": "gpt-9"})
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as bad:
        await client.chat.completions.create(**asking("x"), n=3)
    assert bad.value.param == "n"
    with pytest.raises(openai.RateLimitError):
        await client.chat.completions.create(**asking(puzzle), stream=True)
