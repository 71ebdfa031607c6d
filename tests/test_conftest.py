"""The locks that every other test relies on do lock."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest


def test_a_blocking_connection_that_leaves_this_machine_is_refused(network):
    with socket.socket() as sock, pytest.raises(OSError, match=r"may not reach '192\.0\.2\.1'"):
        sock.connect(("192.0.2.1", 80))
    assert network.refused == ["192.0.2.1"]
    network.refused.clear()


async def test_an_event_loop_cannot_leave_either(network):
    with pytest.raises(OSError, match="may not reach"):
        await asyncio.open_connection("example.org", 443)
    assert network.refused == ["example.org"]
    network.refused.clear()


async def test_loopback_is_open():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.fixture(scope="module", autouse=True)
def _variables_from_outside():
    os.environ["HRM_AGENT_MARK"] = os.environ["OPENAI_MARK"] = "1"
    yield
    del os.environ["HRM_AGENT_MARK"], os.environ["OPENAI_MARK"]


def test_no_setting_comes_in_from_outside():
    assert not [name for name in os.environ if name.startswith(("HRM_AGENT_", "OPENAI_"))]
