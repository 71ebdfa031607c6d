"""What a good endpoint gets to hear, and what comes back from it."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import time
import warnings
from collections.abc import Callable

import pytest
from misbehaving import (
    CANARY,
    Endpoint,
    Fault,
    Heard,
    Running,
    completion,
    good,
    respond,
)

from hrm_router.errors import CallBudgetExceeded, LLMError, LLMTimeout, LLMUnavailable
from hrm_router.llm import LLM, Budget, Reply, Request, Tokens
from hrm_specialists.errors import ConfigError, InvalidInput

MakeLLM = Callable[..., LLM]
HELLO = [{"role": "user", "content": "hi"}]
SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


def question(**more: object) -> Request:
    return Request(HELLO, deadline=time.monotonic() + 10, **more)  # type: ignore[arg-type]


async def test_a_reply_holds_text_tokens_and_cost(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good("hello")]

    reply = await llm_for(endpoint.url, prices={"prompt": 1e5, "completion": 1e6}).complete(
        question()
    )

    assert reply == Reply(text="hello", tokens=Tokens(7, 3), cost=pytest.approx(3.7), model="tiny")


async def test_nothing_goes_out_but_what_was_asked(
    endpoint: Endpoint, llm_for: MakeLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither variables meant for other programs nor a description of this machine."""
    monkeypatch.setenv("OPENAI_API_KEY", "another-key")
    monkeypatch.setenv("OPENAI_ORG_ID", "an-organization")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "a-project")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-secret: another")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    endpoint.script = [good()]

    await llm_for(endpoint.url, headers={"X-Tenant": "blue"}).complete(question(max_tokens=5))

    (heard,) = endpoint.chats
    assert heard.body == {"model": "tiny", "messages": HELLO, "stream": False, "max_tokens": 5}
    assert heard.headers["authorization"] == f"Bearer {CANARY}"
    assert heard.headers["x-tenant"] == "blue"
    assert not any(
        name.startswith(("x-stainless", "openai-", "x-secret")) for name in heard.headers
    )
    assert "another" not in repr(heard)


async def test_without_a_key_none_is_sent(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another-key")
    endpoint.script = [good()]
    llm = LLM(endpoint.url, "tiny")

    await llm.complete(question())
    await llm.aclose()

    assert "authorization" not in endpoint.chats[0].headers


async def test_a_stream_is_told_piece_by_piece(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good("one two three")]

    *pieces, reply = [item async for item in llm_for(endpoint.url).stream(question())]

    assert pieces == ["one", "two", "three"]
    assert reply == Reply(text="onetwothree", tokens=Tokens(7, 3))


@pytest.mark.parametrize("name", ["model", "base_url", "extra_headers", "stream", "timeout", "n"])
async def test_an_option_cannot_choose_where_a_call_goes(
    name: str, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    with pytest.raises(InvalidInput, match=f"unknown LLM option '{name}'"):
        await llm_for(endpoint.url).complete(question(options={name: "x"}))

    assert not endpoint.heard


async def test_a_schema_is_sent_and_its_json_found(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good('Sure:\n```json\n{"n": 4}\n```')]

    reply = await llm_for(endpoint.url).complete(question(schema=SCHEMA, schema_name="number"))

    assert reply.parsed == {"n": 4}
    sent = endpoint.chats[0].body["response_format"]
    assert sent["json_schema"] == {"name": "number", "schema": SCHEMA, "strict": True}


@pytest.mark.parametrize("streaming", [False, True])
async def test_a_server_without_schemas_is_asked_in_words_and_remembered(
    streaming: bool, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    async def old(writer: asyncio.StreamWriter, heard: Heard) -> None:
        strange = {"response_format", "stream_options"} & set(heard.body)
        answer = respond(b'{"error": {"message": "what is that?"}}', 400)
        await (answer if strange else good('{"n":4}'))(writer, heard)

    endpoint.script = [old]
    llm = llm_for(endpoint.url)
    for _ in range(2):
        if streaming:
            *_, reply = [item async for item in llm.stream(question(schema=SCHEMA))]
        else:
            reply = await llm.complete(question(schema=SCHEMA))
        assert isinstance(reply, Reply)
        assert reply.parsed == {"n": 4}

    assert len(endpoint.chats) == 3, "the refusal was not remembered"
    assert json.dumps(SCHEMA) in endpoint.chats[-1].body["messages"][-1]["content"]


async def test_a_bad_request_does_not_make_an_endpoint_look_old(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [respond(b"{}", 400), respond(b"{}", 400), good("{}")]
    llm = llm_for(endpoint.url)
    with pytest.raises(LLMError):
        await llm.complete(question(schema=SCHEMA))

    await llm.complete(question(schema=SCHEMA))

    assert "response_format" in endpoint.chats[-1].body


async def test_a_single_served_model_is_found(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good()]
    llm = llm_for(endpoint.url.removesuffix("/v1"), None)

    await asyncio.gather(*(llm.complete(question()) for _ in range(3)))

    assert endpoint.chats[0].body["model"] == "tiny"
    assert llm.name.startswith("tiny at 127.0.0.1")
    assert await llm.models() == ("tiny",)


async def test_several_served_models_want_a_choice(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.models = ("big", "small")

    with pytest.raises(ConfigError, match="serves 2 models \\(big, small\\)"):
        await llm_for(endpoint.url, None).complete(question())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://localhost",
        "file:///etc/passwd",
        "http://",
        "http://[",
        "http://host:0/v1",
        "http://host:99999/v1",
        f"http://user:{CANARY}@host/v1",
        f"http://host/v1?key={CANARY}",
    ],
)
def test_a_strange_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        LLM(url, "tiny")

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("key", [f"{CANARY}\r\nx-evil: 1", f"{CANARY}é", f"{CANARY}\x00"])
def test_a_key_that_no_header_can_hold_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="api_key") as caught:
        LLM("http://localhost", "tiny", api_key=key)

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.53", True),
        ("http://[::1]:8000/v1", True),
        ("http://LOCALHOST", True),
        ("https://localhost.example.com", False),
        ("http://192.168.1.7", False),
        ("https://api.example.com/v1", False),
    ],
)
def test_local_is_what_is_on_this_machine(url: str, local: bool) -> None:
    assert LLM(url, "tiny").local is local


async def test_a_call_without_time_is_not_made(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    budget = Budget(calls=1)

    with pytest.raises(LLMTimeout):
        await llm_for(endpoint.url).complete(Request(HELLO, deadline=0.0, budgets=[budget]))

    assert not endpoint.heard
    assert budget.calls == 0


async def test_budgets_are_charged_and_limit_the_reply(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [good()]
    own, shared = Budget(calls=2, tokens=100), Budget()
    llm = llm_for(endpoint.url, budget=shared)

    await llm.complete(question(budgets=[own]))
    _ = [item async for item in llm.stream(question(budgets=[own]))]
    with pytest.raises(CallBudgetExceeded, match="all 2 LLM calls"):
        await llm.complete(question(budgets=[own]))

    assert (own.calls, own.tokens) == (2, 10 + 8)
    assert (shared.calls, shared.tokens) == (2, 18)
    assert endpoint.chats[0].body["max_tokens"] < 100
    assert len(endpoint.chats) == 2


async def test_every_request_is_charged_and_none_goes_beyond(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [respond(b"", 503), good()]
    budget = Budget(calls=2)
    reply = await llm_for(endpoint.url).complete(question(budgets=[budget]))
    assert (budget.calls, reply.attempts, len(endpoint.chats)) == (2, 2, 2)

    endpoint.script = [respond(b"", 503)]
    endpoint.heard.clear()
    single = Budget(calls=1)
    with pytest.raises(LLMUnavailable):
        await llm_for(endpoint.url).complete(question(budgets=[single]))
    assert (single.calls, len(endpoint.chats)) == (1, 1)


async def test_tokens_are_estimated_where_nobody_counts(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    body = json.loads(completion("x" * 40))
    del body["usage"]
    endpoint.script = [respond(json.dumps(body).encode())]

    reply = await llm_for(endpoint.url).complete(question())

    assert reply.tokens.completion == 10
    assert reply.tokens.prompt > 0


def test_one_llm_serves_one_event_loop_after_another() -> None:
    """Also loops that were closed without shutting down; nothing is left open."""
    llm: LLM | None = None
    replies = []

    async def ask(fault: Fault) -> None:
        nonlocal llm
        async with Running() as endpoint:
            endpoint.script = [fault]
            llm = LLM(endpoint.url, "tiny")
            replies.append(await llm.complete(question()))

    async def ask_again() -> None:
        assert llm is not None
        with pytest.raises(LLMError):  # the server went with its loop, and nothing else is wrong
            await llm.complete(Request(HELLO, deadline=time.monotonic() + 0.5))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(ask(good()))
        asyncio.run(ask_again())
        asyncio.run(ask(good()))
        gc.collect()

    assert [reply.text for reply in replies] == ["hello", "hello"]
    assert llm is not None
    assert llm._clients is not None
    assert not llm._clients._kept


async def test_a_call_without_a_deadline_is_fine(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good()]

    assert (await llm_for(endpoint.url).complete(Request(HELLO, deadline=math.inf))).text == "hello"
