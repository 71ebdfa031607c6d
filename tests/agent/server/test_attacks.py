"""What callers with bad intentions try, and what it must not do to others."""

from __future__ import annotations

import asyncio
import json
import time

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sse import told

from hrm_agent.server import Key, Limits, create_app
from hrm_agent.server.requests import RequestLimits, less_effort, parsed
from hrm_agent.testing import ScriptedLLM
from hrm_router.errors import LLMRefused, LLMUnavailable
from hrm_router.llm.budgets import Budget
from hrm_router.llm.protocol import Reply, Tokens
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import ConfigError

CHAT = {"model": "hrm-agent", "messages": [{"role": "user", "content": "hello there"}]}


def asking(text, **more):
    return {**CHAT, "messages": [{"role": "user", "content": text}], **more}


async def test_bodies_of_millions_of_values_are_refused_before_they_are_parsed(client):
    asked = await client()
    bodies = {
        "a flat grid": b'{"query": {"grid": [%s]}}' % b",".join([b"1"] * 1_000_000),
        "empty objects": b'{"query": {"train": [%s]}}' % b",".join([b"{}"] * 800_000),
        "empty lists in a chat": b'{"model": "x", "messages": [%s]}' % b",".join([b"[]"] * 900_000),
    }
    for name, body in bodies.items():
        begun = time.perf_counter()
        response = await asked.post(
            "/v1/solve", content=body, headers={"content-type": "application/json"}
        )
        assert response.status_code == 413, name
        assert time.perf_counter() - begun < 1.0, name


def test_commas_in_a_text_are_no_values():
    text = "1,2\n" * 50_000 + 'with "quotes", and \\'
    assert parsed(json.dumps({"query": text}).encode())["query"] == text


async def test_options_that_spend_or_steer_stay_here(client):
    llm = ScriptedLLM("hi")
    asked = await client(llm=llm)
    given = {
        "service_tier": "priority",
        "user": "secret",
        "prompt_cache_key": "k",
        "extra_body": {"x": 1},
        "top_k": 40,
        "chat_template_kwargs": {"enable_thinking": False},
        "max_tokens": 10**9,
        "temperature": 0.5,
        "tools": [],
        "tool_choice": None,
    }
    response = await asked.post("/v1/chat/completions", json={**CHAT, **given})

    assert response.status_code == 200, response.text
    assert llm.requests[0].options == {"max_tokens": Limits().max_tokens, "temperature": 0.5}
    ignored = set(response.headers["x-hrm-ignored"].split(", "))
    assert ignored == set(given) - {"max_tokens", "temperature", "tools", "tool_choice"}


async def test_fields_of_the_clients_own_in_messages_stay_here(client):
    llm = ScriptedLLM("hi")
    message = {"role": "user", "content": "hello there", "id": 17, "opts": {"visible": False}}
    response = await (await client(llm=llm)).post(
        "/v1/chat/completions", json={**CHAT, "messages": [message]}
    )

    assert response.status_code == 200
    assert list(llm.requests[0].messages) == [{"role": "user", "content": "hello there"}]


def test_effort_can_be_lessened_and_never_raised():
    lesser = {
        ("low", "max"): "low",
        ("low", 15.0): "low",
        ("default", "max"): "default",
        ("default", "low"): "low",
        ("default", 60.0): "default",
        ("max", 3.0): 3.0,
        ("max", "default"): "default",
        (2.0, 15.0): 2.0,
        (2.0, 1.0): 1.0,
        (2.0, "low"): "low",
        (2.0, "max"): 2.0,
    }
    for (ours, wished), expected in lesser.items():
        assert less_effort(ours, wished) == expected, (ours, wished)
    policy = Policy(effort="low", deadline=2.0, max_llm_calls=1, local_only=True)
    asked = RequestLimits(effort="max", deadline=1e6, max_llm_calls=99, local_only=False)
    assert asked.within(policy) == policy


async def test_one_key_cannot_take_all_the_slots(app, specialist, puzzle):
    held = specialist(held=True)
    router = Router([held], llm=None, settings=Settings())
    keys = {name: Key(key=SecretStr(f"key-of-{name}")) for name in ("greedy", "modest")}
    made = create_app(router, keys=keys, limits=Limits(solves=4, caller_solves=2), close=True)
    transport = httpx2.ASGITransport(app=made)
    async with router, httpx2.AsyncClient(transport=transport, base_url="http://x") as asked:

        def solve(name):
            headers = {"authorization": f"Bearer key-of-{name}"}
            return asked.post("/v1/solve", json={"query": puzzle}, headers=headers)

        greedy = [asyncio.create_task(solve("greedy")) for _ in range(2)]
        await asyncio.to_thread(held.wait_for, 2)
        refused = await solve("greedy")
        modest = asyncio.create_task(solve("modest"))
        await asyncio.to_thread(held.wait_for, 3)
        held.release()

        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert (await modest).status_code == 200
        assert [(await one).status_code for one in greedy] == [200, 200]


async def test_keys_have_rates_and_budgets_of_their_own(puzzle, solution, specialist):
    reply = Reply(text="hi", tokens=Tokens(prompt=60, completion=40))
    llm = ScriptedLLM(reply)
    budgets = {"team": Budget(calls=0)}
    router = Router([specialist()], llm=llm, settings=Settings(), budgets=budgets)
    keys = {
        "team": Key(key=SecretStr("key-of-team"), budget="team"),
        "slow": Key(key=SecretStr("key-of-slow"), requests_per_minute=2),
        "poor": Key(key=SecretStr("key-of-poor"), llm_tokens_per_day=100),
        "near": Key(key=SecretStr("key-of-near"), max_llm_calls=0),
    }
    transport = httpx2.ASGITransport(app=create_app(router, keys=keys))
    async with router, httpx2.AsyncClient(transport=transport, base_url="http://x") as asked:

        async def ask(name, text="hello there"):
            headers = {"authorization": f"Bearer key-of-{name}"}
            return await asked.post("/v1/chat/completions", json=asking(text), headers=headers)

        assert [(await ask("slow", puzzle)).status_code for _ in range(3)] == [200, 200, 429]
        said = [(await ask("poor")).json()["choices"][0]["message"] for _ in range(2)]
        assert (said[0]["content"], said[1]["content"]) == ("hi", None)
        assert said[1]["refusal"]
        assert (await ask("poor", puzzle)).json()["hrm"]["status"] == "verified"
        assert (await ask("near")).json()["hrm"]["status"] == "abstained"
        assert (await ask("team", puzzle)).json()["hrm"]["status"] == "verified"
        assert (await ask("team")).json()["error"]["code"] == "call_budget_exceeded"
        assert len(llm.requests) == 1
        with pytest.raises(ConfigError, match="sales"):
            create_app(router, keys={"shop": Key(key=SecretStr("k-of-shop"), budget="sales")})


async def test_limits_hold_under_a_prefix(app, specialist, puzzle):
    held = specialist(held=True)
    outer = FastAPI()
    outer.mount("/ai", await app(held, key="k-0123456789", limits=Limits(solves=1)))
    transport = httpx2.ASGITransport(app=outer)
    headers = {"authorization": "Bearer k-0123456789"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as asked:
        first = asyncio.create_task(
            asked.post("/ai/v1/solve", json={"query": puzzle}, headers=headers)
        )
        await asyncio.to_thread(held.wait_for, 1)
        second = await asked.post("/ai/v1/solve", json={"query": puzzle}, headers=headers)
        assert second.status_code == 429
        assert (await asked.get("/ai/healthz")).status_code == 200
        assert (await asked.get("/ai/v1/models")).status_code == 401
        held.release()
        assert (await first).status_code == 200


async def test_halves_of_characters_break_nothing(client):
    halves = ["\ud83d", "\ude00 and \ud800 alone"]

    class Halved(ScriptedLLM):
        async def stream(self, request):
            for text in halves:
                yield text
            yield Reply(text="".join(halves))

    asked = await client(llm=Halved("".join(halves)))
    whole = await asked.post("/v1/chat/completions", json=CHAT)
    grown = await asked.post("/v1/chat/completions", json={**CHAT, "stream": True})

    expected = "😀 and � alone"
    assert whole.json()["choices"][0]["message"]["content"] == expected
    *chunks, done = [data for _, data in told(grown.text)]
    assert done == "[DONE]"
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == expected


async def test_absurd_counts_of_tokens_do_not_break_the_figures(client):
    reply = Reply(text="hi", tokens=Tokens(prompt=10**4000, completion=10**4000))
    asked = await client(llm=ScriptedLLM(reply))
    for _ in range(2):
        assert (await asked.post("/v1/chat/completions", json=CHAT)).status_code == 200
    assert (await asked.get("/metrics")).status_code == 200


@pytest.mark.parametrize("streams", [False, True])
async def test_an_endpoints_words_do_not_reach_callers(client, streams, puzzle):
    canary = "http://10.9.8.7:8000/v1 says: key sk-12…89 of org Acme"
    asked = await client(llm=ScriptedLLM(LLMUnavailable(canary), name="qwen at 10.9.8.7"))
    for text in ("hello there", f"Solve {puzzle} and explain the third row to a child."):
        response = await asked.post("/v1/chat/completions", json=asking(text, stream=streams))
        assert "llm_unavailable" in response.text
        for word in ("10.9.8.7", "sk-12", "Acme"):
            assert word not in response.text, (text, word)


async def test_what_the_llm_refuses_is_the_callers_to_mend(client):
    words = "http://10.9.8.7/v1 does not take this call (HTTP 400: context of 8192 exceeded)"
    asked = await client(llm=ScriptedLLM(LLMRefused(words)))
    for streams in (False, True):
        response = await asked.post("/v1/chat/completions", json={**CHAT, "stream": streams})
        assert response.status_code == 400
        error = response.json()["error"]
        assert error["code"] == "llm_refused"
        assert "context of 8192 exceeded" in error["message"]
        assert "10.9.8.7" not in response.text


async def test_unfinished_bodies_are_bounded_together(client):
    async def half():
        yield b"x" * 600
        await asyncio.Event().wait()

    asked = await client(limits=Limits(buffered=1000, patience=1.0))
    first = asyncio.create_task(asked.post("/v1/solve", content=half()))
    await asyncio.sleep(0)
    second = await asked.post("/v1/solve", content=half())

    assert {second.status_code, (await first).status_code} == {503, 408}


async def test_bodies_of_strangers_are_not_read(client):
    read = []

    async def endless():
        for _ in range(1000):
            read.append(1)
            yield b"x" * 1000

    response = await (await client(key="k" * 20)).post("/v1/solve", content=endless())
    assert response.status_code == 401
    assert len(read) < 5


async def test_head_is_answered_like_get_without_a_body(client):
    asked = await client()
    for path in ("/healthz", "/", "/v1/models", "/openapi.json"):
        response = await asked.head(path)
        assert (response.status_code, response.content) == (200, b""), path
    assert (await asked.head("/v1/solve")).status_code == 405


async def test_health_answers_while_long_texts_are_read(client):
    """Median and worst time of health checks beside texts of a megabyte."""
    asked = await client()
    text = "the cat sat on the mat, and so on. " * 25_000
    busy = [asyncio.create_task(asked.post("/v1/solve", json={"query": text})) for _ in range(4)]
    seconds = []
    while not all(task.done() for task in busy):
        begun = time.perf_counter()
        assert (await asked.get("/healthz")).status_code == 200
        seconds.append(time.perf_counter() - begun)
        await asyncio.sleep(0.02)
    assert all(task.result().status_code == 200 for task in busy)
    seconds.sort()
    assert seconds[len(seconds) // 2] < 0.25, "the loop is held up"


async def test_pages_from_allowed_origins_may_ask(app):
    made = create_app(
        Router([], llm=None, settings=Settings()),
        api_key="k-0123456789",
        origins=["https://app.example"],
    )
    transport = httpx2.ASGITransport(app=made)
    async with httpx2.AsyncClient(transport=transport, base_url="http://hrm.example") as asked:
        preflight = {"access-control-request-method": "POST"}
        allowed = {"origin": "https://app.example"}
        answered = await asked.options("/v1/solve", headers={**allowed, **preflight})
        assert answered.status_code == 200
        assert answered.headers["access-control-allow-origin"] == "https://app.example"
        other = {"origin": "https://evil.example"}
        assert (await asked.options("/v1/solve", headers={**other, **preflight})).status_code == 400
        keyed = {"authorization": "Bearer k-0123456789"}
        models = await asked.get("/v1/models", headers={**keyed, **allowed})
        assert models.headers["access-control-allow-origin"] == "https://app.example"
        refused = await asked.get("/v1/models", headers={**keyed, **other})
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
        stranger = await asked.get("/v1/models", headers=allowed)
        assert stranger.status_code == 401


async def test_a_body_that_is_not_marked_as_json_is_told_how_to_be(client, puzzle):
    asked, body = await client(), json.dumps({"query": puzzle})
    for kind in (
        "application/x-www-form-urlencoded",
        "text/plain",
        None,
    ):  # curl -d sends the first
        headers = {} if kind is None else {"Content-Type": kind}
        said = await asked.post("/v1/solve", content=body, headers=headers)
        assert said.status_code == 415, kind
        assert "send Content-Type: application/json" in said.json()["error"]["message"]
    marked = {"Content-Type": "application/problem+json"}
    assert (await asked.post("/v1/solve", content=body, headers=marked)).status_code == 200
