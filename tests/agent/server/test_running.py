"""On real sockets: callers who leave or dawdle, and stopping."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import signal
import sys
from urllib.parse import urlsplit

import httpx2
import pytest

from hrm_agent.server import Limits, guard
from hrm_agent.server import running as running_module
from hrm_agent.server.running import is_loopback, needs_key
from hrm_agent.testing import ScriptedLLM
from hrm_specialists.errors import ConfigError

SOON = 10.0
"""Seconds after which a test gives up waiting."""


async def connect(address):
    parts = urlsplit(address)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def until(client, line):
    """Ask for the server's figures until `line` is among them."""
    async with asyncio.timeout(SOON):
        while line not in (await client.get("/metrics")).text.splitlines():
            pass


async def until_refused(address):
    async with asyncio.timeout(SOON):
        with contextlib.suppress(ConnectionError):
            while True:
                _, writer = await connect(address)
                writer.transport.abort()


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_told_so_also_on_a_connection_that_was_kept(
    app, running, puzzle, declared
):
    body = b"x" * 20_000_000

    async def pieces():
        for at in range(0, len(body), 500_000):
            yield body[at : at + 500_000]

    async with (
        running(await app(limits=Limits(body=1000))) as (address, _),
        httpx2.AsyncClient(base_url=address, timeout=SOON) as client,
    ):
        for _ in range(5):
            kept = await client.post("/v1/solve", json={"query": puzzle})
            assert (kept.status_code, kept.headers.get("connection")) == (200, None)
            refused = await client.post("/v1/solve", content=body if declared else pieces())
            assert (refused.status_code, refused.headers["connection"]) == (413, "close")


async def test_what_follows_a_refused_body_is_not_taken_for_ever(app, running, monkeypatch):
    monkeypatch.setattr(guard, "LINGER", 0.1)
    head = b"POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    async with running(await app(limits=Limits(body=1000))) as (address, _):
        reader, writer = await connect(address)
        writer.write(head)
        async with asyncio.timeout(SOON):
            assert b" 413 " in await reader.read()
        writer.close()


@pytest.mark.parametrize("path", ["/v1/solve", "/v1/chat/completions"])
@pytest.mark.parametrize("streams", [False, True])
async def test_who_leaves_takes_the_work_along(app, running, specialist, puzzle, path, streams):
    held = specialist(held=True)
    bodies = {
        "/v1/solve": {"query": puzzle},
        "/v1/chat/completions": {
            "model": "hrm-agent",
            "messages": [{"role": "user", "content": puzzle}],
        },
    }
    body = json.dumps({**bodies[path], "stream": streams})
    async with running(await app(held)) as (address, _):
        _, writer = await connect(address)
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        await asyncio.to_thread(held.wait_for, 1)

        writer.transport.abort()

        async with httpx2.AsyncClient(base_url=address) as others:
            await until(others, "hrm_solves_under_way 0.0")
        assert held.withdrawn == 1
        held.release()


@pytest.mark.parametrize("sent", [b"", b"POST /v1/sol", b"GET /healthz HTTP/1.1\r\nHost: local"])
async def test_a_half_sent_head_is_not_waited_for(app, running, sent):
    async with running(await app(), Limits(patience=0.1)) as (address, _):
        reader, writer = await connect(address)
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), SOON) == b""
        writer.close()


DAWDLING = {
    "nothing": b"",
    "half a head": b"POST /v1/solve HTTP/1.1\r\n",
    "half a body": b"POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{",
}


@pytest.mark.parametrize(
    "count", [200, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(180)])]
)
async def test_many_who_dawdle_do_not_keep_others_out(app, running, puzzle, count):
    """They are dropped when patience is at its end, and until then cost nobody anything."""
    limits = Limits(patience=0.5 if count < 500 else 1.5, connections=2 * count)
    async with running(await app(limits=limits), limits) as (address, _):
        idle, sent = [], list(DAWDLING.values())
        for at in range(count):
            idle.append(await connect(address))
            idle[-1][1].write(sent[at % len(sent)])
        async with httpx2.AsyncClient(base_url=address, timeout=SOON) as others:
            solved = await others.post("/v1/solve", json={"query": puzzle})
            assert solved.json()["status"] == "verified"
            for at, (reader, writer) in enumerate(idle):
                answered = await asyncio.wait_for(reader.read(), 2 * SOON)
                if at % len(sent) == 2:
                    assert answered.startswith(b"HTTP/1.1 408")
                else:
                    assert answered == b""
                writer.close()
            assert (await others.get("/healthz")).status_code == 200


async def test_idle_connections_never_keep_others_out(app, running):
    """Beyond the limit those that were idle longest are closed, long before patience ends."""
    async with running(await app(), Limits(connections=20)) as (address, _):
        idle = [await connect(address) for _ in range(60)]
        async with httpx2.AsyncClient(base_url=address) as others:
            assert (await others.get("/healthz")).status_code == 200
        ended = [asyncio.create_task(reader.read()) for reader, _ in idle]
        async with asyncio.timeout(SOON):
            for closed in itertools.islice(asyncio.as_completed(ended), 40):
                assert await closed == b""
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        for _, writer in idle:
            writer.close()
            await writer.wait_closed()


async def test_a_busy_connection_is_not_idle(app, running, specialist, puzzle):
    held, limits = specialist(held=True), Limits(patience=0.2)
    made = await app(held)
    async with running(made, limits) as (address, _), httpx2.AsyncClient() as client:
        asked = asyncio.create_task(client.post(f"{address}/v1/solve", json={"query": puzzle}))
        await asyncio.to_thread(held.wait_for, 1)
        reader, writer = await connect(address)
        assert await asyncio.wait_for(reader.read(), SOON) == b"", "this one is idle"
        writer.close()
        held.release()
        assert (await asked).json()["status"] == "verified"


class Rambling(ScriptedLLM):
    """Begins to speak, and goes on for ever."""

    def __init__(self) -> None:
        super().__init__("")
        self.stopped = asyncio.Event()

    async def stream(self, request):
        try:
            yield "Well, "
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


async def test_who_leaves_in_the_middle_of_a_stream_stops_the_llm(app, running):
    llm = Rambling()
    body = {"model": "hrm-agent", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    async with running(await app(llm=llm)) as (address, _):
        async with (
            httpx2.AsyncClient(base_url=address) as client,
            client.stream("POST", "/v1/chat/completions", json=body) as response,
        ):
            async for line in response.aiter_lines():
                if "Well" in line:
                    break
        await asyncio.wait_for(llm.stopped.wait(), SOON)
        async with httpx2.AsyncClient(base_url=address) as others:
            await until(others, "hrm_solves_under_way 0.0")


async def test_who_takes_nothing_is_not_worked_for(app, specialist, puzzle):
    """A reader so slow that its buffers are full: as the server sees it, `send` never returns."""
    held = specialist(held=True)
    made = await app(held, limits=Limits(patience=0.1))
    body = json.dumps({"query": puzzle, "stream": True}).encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/solve",
        "raw_path": b"/v1/solve",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    sent = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return sent.pop() if sent else await asyncio.Event().wait()

    async def send(message):
        await asyncio.Event().wait()

    await asyncio.wait_for(made(scope, receive, send), SOON)

    held.release()
    assert (len(held.asked), held.withdrawn) == (1, 1)


async def test_work_under_way_is_finished_before_stopping(app, running, specialist, puzzle):
    held = specialist(held=True)
    async with (
        running(await app(held)) as (address, one),
        httpx2.AsyncClient(base_url=address) as client,
    ):
        asked = asyncio.create_task(client.post("/v1/solve", json={"query": puzzle}))
        await asyncio.to_thread(held.wait_for, 1)

        one.should_exit = True
        await until_refused(address)
        held.release()

        assert (await asked).json()["status"] == "verified"


async def test_what_takes_too_long_is_not_waited_for_when_stopping(
    app, running, specialist, puzzle
):
    held, limits = specialist(held=True), Limits(drain=1.0)
    made = await app(held, limits=limits)
    async with running(made, limits) as (address, one), httpx2.AsyncClient() as client:
        asked = asyncio.create_task(client.post(f"{address}/v1/solve", json={"query": puzzle}))
        await asyncio.to_thread(held.wait_for, 1)
        one.should_exit = True
        response = await asyncio.wait_for(asked, SOON)
        held.release()
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["error"]["code"] == "stopping"
    assert held.withdrawn == 1


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_others_can_only_reach_a_server_with_a_key(host, near, monkeypatch):
    monkeypatch.setattr(running_module, "_addresses", lambda host, port: [])
    assert is_loopback(host) is near
    needs_key(host, "key")
    if near:
        needs_key(host, None)
    else:
        with pytest.raises(ConfigError, match="no key"):
            needs_key(host, None)


COMMAND = """
import sys
from hrm_agent.cli import main
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask
solution = SudokuSolution.model_validate({"grid": sys.argv[1]})
held = ScriptedSpecialist(SudokuTask(), solution, seconds=1.0)
sys.exit(main(["serve", "--port", "0", "--json"], specialists=[held]))
"""


@pytest.mark.slow
async def test_the_command_says_where_it_listens_and_drains_when_terminated(puzzle, solution):
    digits = "".join(str(cell) for row in solution.grid for cell in row)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMAND, digits, stdout=asyncio.subprocess.PIPE
    )
    try:
        told = json.loads(await process.stdout.readline())
        assert told["key"] is False
        async with httpx2.AsyncClient(base_url=told["url"], timeout=30) as client:
            asked = asyncio.create_task(client.post("/v1/solve", json={"query": puzzle}))
            await until(client, "hrm_solves_under_way 1.0")
            process.terminate()
            assert (await asked).json()["status"] == "verified"
        assert await process.wait() == -signal.SIGTERM
    finally:
        if process.returncode is None:
            process.kill()


def test_the_command_wants_a_key_that_is_there(capsys, monkeypatch):
    from hrm_agent.cli import main

    monkeypatch.setattr(running_module, "_addresses", lambda host, port: [])
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    assert main(["serve", "--api-key-env", "NO_SUCH_KEY", "--json"], specialists=[]) == 2
    assert "NO_SUCH_KEY" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert main(["serve", "--host", "0.0.0.0", "--json"], specialists=[]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "config_error"
