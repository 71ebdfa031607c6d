"""Against a real server: llama.cpp, with a tiny model of random weights."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel, ConfigDict, Field

from hrm_router.cards import plain_schema
from hrm_router.errors import LLMError, LLMTimeout
from hrm_router.llm import LLM, Reply, Request
from hrm_router.llm.probing import local_servers

pytestmark = pytest.mark.filterwarnings("default")
HELLO = [{"role": "user", "content": "hello"}]
STEADY = {"seed": 1, "temperature": 0.0}
"""Random weights may end a reply at any token; the likeliest ones go on."""
Row = tuple[int, int, int, int]


class Grid(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: tuple[Row, Row]
    name: str = Field(max_length=8)


def question(seconds: float = 30.0, **more: object) -> Request:
    more.setdefault("options", STEADY)
    return Request(HELLO, deadline=time.monotonic() + seconds, **more)  # type: ignore[arg-type]


async def test_it_replies_and_counts(llama_url: str) -> None:
    llm = LLM(llama_url)

    reply = await llm.complete(question(max_tokens=8))

    assert (reply.model, reply.finish_reason) == ("tiny", "length")
    assert reply.tokens.completion == 8
    assert reply.tokens.prompt > 5
    assert llm.name.startswith("tiny at ")
    await llm.aclose()


async def test_it_streams_what_it_replies(llama_url: str) -> None:
    llm = LLM(llama_url, "tiny")
    options = {"seed": 1, "temperature": 0.0}

    *pieces, reply = [item async for item in llm.stream(question(max_tokens=16, options=options))]

    assert isinstance(reply, Reply)
    assert "".join(map(str, pieces)) == reply.text
    assert reply.tokens.completion == 16
    await llm.aclose()


@pytest.mark.parametrize("streaming", [False, True])
async def test_it_keeps_to_a_schema(streaming: bool, llama_url: str) -> None:
    llm = LLM(llama_url, "tiny")
    asked = question(schema=plain_schema(Grid), max_tokens=250, options={"seed": 3})

    if streaming:
        *_, reply = [item async for item in llm.stream(asked)]
    else:
        reply = await llm.complete(asked)

    assert isinstance(reply, Reply)
    Grid.model_validate(reply.parsed)
    await llm.aclose()


async def test_a_body_it_does_not_like_is_an_error(llama_url: str) -> None:
    llm = LLM(llama_url, "tiny")

    with pytest.raises(LLMError, match="400"):
        await llm.complete(question(options={"temperature": "hot"}))
    await llm.aclose()


async def test_a_dozen_at_once_all_get_their_replies(llama_url: str) -> None:
    llm = LLM(llama_url, "tiny")

    replies = await asyncio.gather(*(llm.complete(question(max_tokens=4)) for _ in range(12)))

    assert [reply.tokens.completion for reply in replies] == [4] * 12
    await llm.aclose()


async def test_deadlines_and_leaving_early_hold_here_too(llama_url: str) -> None:
    llm = LLM(llama_url, "tiny")
    await llm.models()
    begun = time.monotonic()
    with pytest.raises(LLMTimeout):
        await llm.complete(question(0.003, max_tokens=250))
    assert time.monotonic() - begun < 0.2

    async with aclosing(llm.stream(question(max_tokens=250))) as items:
        async for _ in items:
            break

    assert (await llm.complete(question(max_tokens=2))).tokens.completion == 2
    await llm.aclose()


def test_one_llm_serves_several_event_loops(llama_url: str) -> None:
    llm = LLM(llama_url)

    for _ in range(3):
        assert asyncio.run(llm.complete(question(max_tokens=2))).tokens.completion == 2

    loop = asyncio.new_event_loop()
    loop.run_until_complete(llm.complete(question(max_tokens=2)))
    loop.run_until_complete(llm.aclose())
    loop.close()
    assert asyncio.run(llm.complete(question(max_tokens=2))).text


async def test_it_is_found_among_the_local_servers(llama_url: str) -> None:
    port = urlsplit(llama_url).port
    assert port is not None

    (found,) = await local_servers({"llama.cpp": port}, seconds=10.0)

    assert found.models == ("tiny",)
