"""The door: keys, hosts, sizes, counts, ids, logs."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re

import httpx2
import pytest

from hrm_agent.server import Limits
from hrm_agent.server.app import OPEN
from hrm_agent.testing import ScriptedLLM

KEY = "canary-9f8e7d6c5b4a"
HELLO = {"model": "hrm-agent", "messages": [{"role": "user", "content": "secret words"}]}
CLOSED = [
    ("GET", "/v1/models"),
    ("GET", "/v1/models/sudoku"),
    ("GET", "/v1/specialists"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/solve"),
    ("POST", "/v1/route"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/decisions"),
    ("GET", "/metrics"),
    ("POST", "/v1/feedback"),
    ("GET", "/v1/growth"),
    ("GET", "/v1/growth/doubtful"),
    ("POST", "/v1/growth/sudoku"),
    ("GET", "/v1/chat/completions/some"),
    ("GET", "/v1/chat/completions/some/messages"),
    ("GET", "/nothing/here"),
]


async def test_without_the_key_nothing_is_answered(client):
    asked = await client(key=KEY)
    wrong = [None, "", "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer \xff"]
    for (method, path), given in itertools.product(CLOSED, wrong):
        headers = {} if given is None else {"authorization": given.encode("latin-1")}
        response = await asked.request(method, path, headers=headers, json=HELLO)

        assert response.status_code == 401, (method, path, given)
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["error"]["code"] == "invalid_api_key"
        assert KEY not in response.text


async def test_every_path_is_either_open_or_closed(app):
    made = await app(key=KEY)
    filled = {"{name}": "sudoku", "{completion}": "some"}
    described = {
        re.sub(r"\{\w+\}", lambda found: filled[found[0]], path) for path in made.openapi()["paths"]
    }
    assert described - OPEN == {path for _, path in CLOSED} - {"/nothing/here"}


async def test_with_the_key_everything_is(client):
    asked = await client(key=KEY, llm=ScriptedLLM("hi"))
    asked.headers["authorization"] = f"bearer {KEY}"

    assert (await asked.get("/v1/models")).status_code == 200
    assert (await asked.post("/v1/chat/completions", json=HELLO)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/playground.js", "/healthz", "/readyz", "/openapi.json"])
async def test_pages_and_health_need_no_key(client, path):
    assert (await (await client(key=KEY)).get(path)).status_code in (200, 503)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8000"}, 200),
        ({"host": "[::1]"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_without_a_key_pages_from_elsewhere_are_turned_away(client, headers, status):
    assert (await (await client()).get("/v1/models", headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "hrm.example"}, 200),
        ({"host": "hrm.example", "origin": "https://hrm.example"}, 200),
        ({"host": "hrm.example", "origin": "https://evil.example"}, 403),
    ],
)
async def test_with_a_key_any_name_will_do_but_no_page_from_elsewhere(client, headers, status):
    given = {"authorization": f"Bearer {KEY}", **headers}
    response = await (await client(key=KEY)).get("/v1/models", headers=given)
    assert response.status_code == status


@pytest.mark.parametrize("declared", [True, False])
async def test_a_huge_body_is_refused(client, declared):
    async def pieces():
        for _ in range(3):
            yield b"x" * 500

    asked = await client(limits=Limits(body=1000))
    content = b"x" * 1001 if declared else pieces()
    response = await asked.post("/v1/solve", content=content)

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "request_too_large"


async def test_a_body_that_never_arrives_whole_is_given_up(client):
    async def half():
        yield b'{"query": "'
        await asyncio.Event().wait()

    asked = await client(limits=Limits(patience=0.05))
    response = await asked.post("/v1/solve", content=half())

    assert response.status_code == 408


async def test_beyond_the_limit_callers_are_told_when_to_come_back(client, specialist, puzzle):
    held = specialist(held=True)
    asked = await client(held, limits=Limits(solves=1))
    first = asyncio.create_task(asked.post("/v1/solve", json={"query": puzzle}))
    await asyncio.to_thread(held.wait_for, 1)

    second = await asked.post("/v1/solve", json={"query": puzzle})
    models = await asked.get("/v1/models")
    held.release()

    assert second.status_code == 429
    assert second.headers["retry-after"] == "1"
    assert second.json()["error"]["type"] == "rate_limit_error"
    assert models.status_code == 200
    assert (await first).status_code == 200
    assert (await asked.post("/v1/solve", json={"query": puzzle})).status_code == 200


async def test_requests_have_ids_and_callers_may_give_sound_ones(client):
    asked = await client()

    def id_for(given):
        return asked.get("/healthz", headers={"x-request-id": given})

    assert (await id_for("mine-1")).headers["x-request-id"] == "mine-1"
    assert (await id_for("a b")).headers["x-request-id"].startswith("req-")
    assert (await id_for("x" * 65)).headers["x-request-id"].startswith("req-")


async def test_logs_hold_neither_keys_nor_contents(client, caplog):
    caplog.set_level(logging.DEBUG, "hrm_agent")
    asked = await client(key=KEY, llm=ScriptedLLM("secret reply"))
    asked.headers["authorization"] = f"Bearer {KEY}"
    await asked.post("/v1/chat/completions?token=secret", json=HELLO)
    await asked.get("/v1/%1b%5b2J%0d%0aforged")

    lines = [r.getMessage() for r in caplog.records if r.name == "hrm_agent.server"]
    assert len(lines) == 2
    assert "POST /v1/chat/completions 200" in lines[0]
    assert "\n" not in lines[1]
    assert "\x1b" not in lines[1]
    assert KEY not in caplog.text
    assert "secret" not in caplog.text


async def test_an_error_nobody_foresaw_tells_callers_and_logs_nothing_of_the_content(app, caplog):
    made, words = await app(), "secret words"

    @made.get("/bug")
    async def bug() -> None:
        raise RuntimeError(words)

    transport = httpx2.ASGITransport(app=made)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asked:
        response = await asked.get("/bug")

    assert response.status_code == 500
    error = response.json()["error"]
    assert error["code"] == "internal_error"
    assert response.headers["x-request-id"] in error["message"]
    assert "RuntimeError" in caplog.text
    assert "in bug" in caplog.text
    assert words not in caplog.text + response.text
