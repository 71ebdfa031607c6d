"""The official client against our server: in this process, over stdio, over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import shlex
import sys
import tomllib
from pathlib import Path

import httpx2
import mcp
import pytest
from mcp.shared.exceptions import MCPError

from hrm_agent.integrations.mcp import create_server, http_app
from hrm_agent.server import Limits
from hrm_agent.server.running import server
from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask
from hrm_router.router import Router
from hrm_router.settings import Settings

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
SOLUTION = SudokuSolution.model_validate({"grid": SOLVED})
SOON = 10.0
"""Seconds after which a test gives up waiting."""


@contextlib.asynccontextmanager
async def offered(script=SOLUTION, *, private=False, show=False, llm=None, **options):
    """A server over one specialist, and the specialist."""
    with ScriptedSpecialist(SudokuTask(), script, private=private, **options) as one:
        async with Router([one], llm=llm, settings=Settings()) as router:
            yield create_server(router, private=show), one


@pytest.fixture(params=["legacy", "auto"])
def mode(request):
    """Both ways of the protocol: with a handshake, and without."""
    return request.param


async def test_each_specialist_is_a_tool_with_schemas(mode):
    async with offered() as (made, _), mcp.Client(made, mode=mode) as client:
        sudoku, solve = (await client.list_tools()).tools

    assert (sudoku.name, sudoku.title, solve.name) == ("sudoku", "Sudoku", "solve")
    assert "Nine rows of nine cells" in sudoku.description
    assert sudoku.input_schema["required"] == ["grid"]
    assert "grid" in str(sudoku.output_schema["properties"]["solution"])
    assert "sudoku" in solve.description


async def test_a_call_is_solved_with_progress(mode):
    heard = []

    async def hear(progress, total, message):
        heard.append((progress, message))

    async with offered(segments=3) as (made, _), mcp.Client(made, mode=mode) as client:
        result = await client.call_tool("sudoku", {"grid": PUZZLE}, progress_callback=hear)

    assert not result.is_error
    assert result.structured_content["status"] == "verified"
    assert result.structured_content["solution"] == SOLUTION.model_dump(mode="json")
    assert result.content[0].text.startswith("verified: checked, and right\n+-------+")
    assert [progress for progress, _ in heard] == [1, 2, 3]
    assert "segment 3" in heard[-1][1]


async def test_the_router_is_a_tool(mode):
    async with (
        offered(llm=ScriptedLLM("Because.")) as (made, _),
        mcp.Client(made, mode=mode) as client,
    ):
        both = await client.call_tool("solve", {"query": f"Solve {PUZZLE} and explain row three."})
        typed = await client.call_tool("solve", {"query": PUZZLE, "task": "sudoku"})

    assert both.structured_content["route"] == "hybrid"
    assert [part["status"] for part in both.structured_content["parts"]] == ["verified", "answered"]
    assert typed.structured_content["status"] == "verified"


async def test_bad_arguments_are_told_to_the_caller():
    async with offered() as (made, one), mcp.Client(made) as client:
        for tool, arguments, says in (
            ("sudoku", None, "malformed_task"),
            ("sudoku", {"grid": "53"}, "malformed_task"),
            ("sudoku", {"grid": PUZZLE, "extra": 1}, "malformed_task"),
            ("sudoku", {"grid": {"a": ["\x1b[2J"]}}, "malformed_task"),
            ("solve", {}, "malformed_task"),
            ("solve", {"query": 7}, "malformed_task"),
            ("solve", {"query": "x", "policy": {}}, "malformed_task"),
            ("solve", {"query": "x", "task": "chess"}, "unknown_specialist"),
            ("solve", {"query": "a\0b"}, "invalid_input"),
        ):
            result = await client.call_tool(tool, arguments)
            assert result.is_error, arguments
            assert result.content[0].text.startswith(says), arguments
            assert "\x1b" not in result.content[0].text
        assert one.asked == []


async def test_an_unknown_tool_is_an_error_of_the_protocol(mode):
    async with offered() as (made, _), mcp.Client(made, mode=mode) as client:
        with pytest.raises(MCPError, match="no tool"):
            await client.call_tool("chess", {})


async def test_an_unsolved_problem_is_a_result():
    async with offered(None) as (made, _), mcp.Client(made) as client:
        result = await client.call_tool("sudoku", {"grid": PUZZLE})

    assert not result.is_error
    assert result.structured_content["status"] == "failed"
    assert result.structured_content["solution"] is None


async def test_a_full_queue_is_told_to_be_worth_another_try():
    async with offered(max_waiting=0) as (made, _), mcp.Client(made) as client:
        result = await client.call_tool("sudoku", {"grid": PUZZLE})

    assert result.is_error
    assert "may succeed later" in result.content[0].text


async def test_a_private_specialist_is_offered_only_if_that_is_wished():
    async with offered(private=True) as (made, _), mcp.Client(made) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        result = await client.call_tool("solve", {"query": PUZZLE})

        assert names == ["solve"]
        assert result.is_error
        assert SOLVED[:9] not in result.content[0].text.replace(" ", "")
    async with offered(private=True, show=True) as (made, _), mcp.Client(made) as client:
        result = await client.call_tool("sudoku", {"grid": PUZZLE})
        assert result.structured_content["status"] == "verified"


async def test_who_cancels_takes_the_work_along():
    async with offered(held=True) as (made, one), mcp.Client(made) as client:
        call = asyncio.create_task(client.call_tool("sudoku", {"grid": PUZZLE}))
        await asyncio.to_thread(one.wait_for, 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await client.list_tools()

        assert one.withdrawn == 1


@contextlib.asynccontextmanager
async def over_http(*, held=False, **options):
    """The address, and the specialist behind it."""
    with ScriptedSpecialist(SudokuTask(), SOLUTION, segments=3, held=held) as one:
        async with Router([one], llm=None, settings=Settings()) as router:
            address = asyncio.get_running_loop().create_future()
            running = server(
                http_app(router, **options),
                host="127.0.0.1",
                port=0,
                limits=Limits(),
                ready=address.set_result,
            )
            task = asyncio.create_task(running.serve())
            try:
                yield f"{await asyncio.wait_for(address, SOON)}/mcp", one
            finally:
                running.should_exit = True
                await asyncio.wait_for(task, SOON)


async def test_over_http(mode):
    heard = []

    async def hear(progress, total, message):
        heard.append(progress)

    async with over_http() as (url, _), mcp.Client(url, mode=mode) as client:
        result = await client.call_tool("sudoku", {"grid": PUZZLE}, progress_callback=hear)

    assert result.structured_content["status"] == "verified"
    assert heard == [1, 2, 3]


CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = {"accept": "application/json, text/event-stream"}


async def test_the_same_guard_as_the_servers_stands_before_it():
    """A page from elsewhere gets a 403, and who has no key where there is one a 401."""
    with ScriptedSpecialist(SudokuTask(), SOLUTION) as one:
        async with Router([one], llm=None, settings=Settings()) as router:
            for key, headers, status in (
                (None, {"origin": "https://evil.example"}, 403),
                (None, {"host": "evil.example"}, 403),
                ("k" * 20, {}, 401),
                ("k" * 20, {"authorization": "Bearer wrong"}, 401),
            ):
                transport = httpx2.ASGITransport(app=http_app(router, api_key=key))
                async with httpx2.AsyncClient(transport=transport) as client:
                    address, headers = "http://127.0.0.1/mcp", {**ACCEPT, **headers}
                    response = await client.post(address, json=CALL, headers=headers)
                assert response.status_code == status, headers


async def test_what_is_no_message_is_refused_over_http():
    headers = {**ACCEPT, "content-type": "application/json"}
    async with over_http() as (url, _), httpx2.AsyncClient() as client:
        for body in (b"", b"{", b"[]", b"null", b"\xff", b'{"jsonrpc":"1.0"}', b"[" * 50_000):
            response = await client.post(url, content=body, headers=headers)
            assert 400 <= response.status_code < 500, body[:20]


JUNK = (None, True, -1, 2**70, 0.5, "", "x" * 5000, [], {}, [[[[]]]], {"a": {"b": []}}, "\x1b[2J\0")


ABOUT = "io.modelcontextprotocol/"
VERSION = "2026-07-28"


def tool_call():
    """A call as the protocol writes it without a handshake, and its headers."""
    about = {
        f"{ABOUT}protocolVersion": VERSION,
        f"{ABOUT}clientInfo": {"name": "test", "version": "1"},
        f"{ABOUT}clientCapabilities": {},
        "progressToken": 1,
    }
    params = {"name": "sudoku", "arguments": {"grid": PUZZLE}, "_meta": about}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"mcp-protocol-version": VERSION, "mcp-method": "tools/call", "mcp-name": "sudoku"}
    return message, {**ACCEPT, "content-type": "application/json", **headers}


def mangled(rng):
    """A call with something wrong, as bytes, and headers that may fit it."""
    message, headers = tool_call()
    if rng.random() < 0.3:
        method = rng.choice(["initialize", "tools/list", "ping", "no/such"])
        message["method"] = headers["mcp-method"] = method
    for _ in range(rng.randrange(1, 4)):
        places = [message, message["params"]] if isinstance(message.get("params"), dict) else []
        places += [p for p in (places[1:] and places[1].get("arguments"),) if isinstance(p, dict)]
        where = rng.choice(places or [message])
        if where:
            key = rng.choice(sorted(where))
            where.pop(key)
            if rng.random() < 0.7:
                where[key] = rng.choice(JUNK)
    if rng.random() < 0.2:
        headers.pop(rng.choice(sorted(headers)))
    body = json.dumps(message).encode()
    if rng.random() < 0.2:
        at = rng.randrange(len(body))
        body = body[:at] + bytes([rng.randrange(256)]) + body[at + rng.randrange(5) :]
    return body, headers


@pytest.mark.slow
async def test_a_thousand_bad_messages_break_nothing():
    rng = random.Random(0)
    statuses, told = set(), set()
    async with over_http() as (url, _):
        async with httpx2.AsyncClient(timeout=SOON) as client:
            for _ in range(1000):
                body, headers = mangled(rng)
                response = await client.post(url, content=body, headers=headers)
                statuses.add(response.status_code)
                told |= {word for word in ("malformed_task", '"error"') if word in response.text}
                assert "Traceback" not in response.text
        async with mcp.Client(url) as client:
            result = await client.call_tool("sudoku", {"grid": PUZZLE})

    assert max(statuses) < 500, statuses
    assert {200, 400} <= statuses, "some got as far as the tools, some did not"
    assert told == {"malformed_task", '"error"'}
    assert result.structured_content["status"] == "verified"


async def test_who_leaves_over_http_takes_the_work_along():
    message, headers = tool_call()
    async with over_http(held=True) as (url, one):
        async with httpx2.AsyncClient() as client:
            call = asyncio.create_task(client.post(url, json=message, headers=headers))
            await asyncio.to_thread(one.wait_for, 1)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        async with asyncio.timeout(SOON), httpx2.AsyncClient() as others:
            while not one.withdrawn:
                await others.post(url, json=CALL, headers=ACCEPT)
        one.release()


COMMAND = f"""
import sys
from hrm_agent.cli import main
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask
solution = SudokuSolution.model_validate({{"grid": "{SOLVED}"}})
sys.exit(main(["mcp"], specialists=[ScriptedSpecialist(SudokuTask(), solution, segments=2)]))
"""


async def test_over_stdio_by_the_command():
    heard = []

    async def hear(progress, total, message):
        heard.append(progress)

    command = mcp.StdioServerParameters(command=sys.executable, args=["-c", COMMAND])
    async with mcp.Client(command) as client:
        result = await client.call_tool("sudoku", {"grid": PUZZLE}, progress_callback=hear)

    assert result.structured_content["status"] == "verified"
    assert heard == [1, 2]


@pytest.mark.slow
async def test_what_is_no_message_is_survived_over_stdio():
    """A client that writes nonsense is a bug of the client, and no end of the server."""
    rng = random.Random(0)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=2**20,
    )
    message, _ = tool_call()
    message["id"] = "the last"
    try:
        for _ in range(200):
            process.stdin.write(mangled(rng)[0].replace(b"\n", b" ") + b"\n")
        process.stdin.write(json.dumps(message).encode() + b"\n")
        async with asyncio.timeout(60):
            async for line in process.stdout:
                reply = json.loads(line)
                if reply.get("id") == "the last":
                    break
        assert reply["result"]["structuredContent"]["status"] == "verified"
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), SOON) == 0
    finally:
        if process.returncode is None:
            process.kill()


async def test_the_card_of_each_specialist_is_a_resource(mode):
    async with offered() as (made, one), mcp.Client(made, mode=mode) as client:
        (found,) = (await client.list_resources()).resources
        assert (str(found.uri), found.mime_type) == ("hrm://specialists/sudoku", "text/markdown")
        (card,) = (await client.read_resource(found.uri)).contents
        for uri in ("hrm://specialists/chess", "file:///etc/passwd", "hrm://specialists/../x"):
            with pytest.raises(MCPError, match="no resource"):
                await client.read_resource(uri)
    assert card.text.startswith("# Sudoku")
    assert "Completes a 9x9 Sudoku" in card.text
    assert one.asked == []


async def test_the_card_of_a_private_specialist_is_not_shown():
    async with offered(private=True) as (made, _), mcp.Client(made) as client:
        assert (await client.list_resources()).resources == []
        with pytest.raises(MCPError, match="no resource"):
            await client.read_resource("hrm://specialists/sudoku")


def registrations():
    """Every program that the page about MCP tells clients to start, with its arguments."""
    page = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text("utf-8")
    for kind, text in re.findall(r"```(json|toml|sh)\n(.*?)```", page, re.DOTALL):
        if kind == "sh":
            found = re.search(r"mcp add \S+ -- (.*)", text)
            if found:
                yield shlex.split(found[1]), {}
            continue
        told = json.loads(text) if kind == "json" else tomllib.loads(text)
        for servers in told.values():
            for one in servers.values():
                if "command" in one:
                    yield [one["command"], *one.get("args", [])], one.get("env", {})


@pytest.mark.slow
async def test_every_registration_on_the_page_starts_a_server_that_offers_the_tools():
    seen = list(registrations())
    assert len(seen) >= 4
    for command, env in {tuple(c): e for c, e in seen}.items():
        assert command[0] == "hrm-agent"
        start = mcp.StdioServerParameters(
            command=sys.executable,
            args=["-m", "hrm_agent", *command[1:]],
            env={**os.environ, **env},
        )
        async with asyncio.timeout(60), mcp.Client(start) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert {"sudoku", "maze", "solve"} <= names, command
