"""Finding local servers, and saying how to use them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from misbehaving import CANARY, Endpoint

from hrm_router.llm import LLM
from hrm_router.llm.probing import LocalServer, local_servers, state_of

pytestmark = pytest.mark.usefixtures("llm_for")
"""Imports are done before anything is timed."""


def port(endpoint: Endpoint) -> int:
    found = urlsplit(endpoint.url).port
    assert found is not None
    return found


async def test_servers_that_answer_are_found(
    endpoint: Endpoint, other_endpoint: Endpoint, unused_tcp_port: int
) -> None:
    other_endpoint.models = ("big", "small")
    ports = {"vLLM": port(endpoint), "none": unused_tcp_port, "Ollama": port(other_endpoint)}

    one, two = await local_servers(ports, seconds=5.0)

    assert one == LocalServer("vLLM", endpoint.url, ("tiny",))
    assert one.code == f"Router(llm=LLM('{endpoint.url}'))"
    assert one.environment == f"HRM_AGENT_BASE_URL={endpoint.url}"
    assert two.code == f"Router(llm=LLM('{other_endpoint.url}', model='big'))"
    assert two.environment.endswith(" HRM_AGENT_MODEL=big")
    assert not endpoint.chats


async def test_a_server_that_hangs_costs_no_more_than_agreed(endpoint: Endpoint) -> None:
    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await endpoint.hung_up.wait()
        writer.close()

    endpoint.serve = nothing  # type: ignore[method-assign]
    await local_servers({}, 0.1)
    begun = time.monotonic()

    assert await local_servers({"hung": port(endpoint)}, seconds=0.3) == []

    elapsed = time.monotonic() - begun
    endpoint.hung_up.set()
    assert elapsed < 2.0


async def test_a_server_without_models_is_none(endpoint: Endpoint) -> None:
    endpoint.models = ()

    assert await local_servers({"empty": port(endpoint)}, seconds=5.0) == []


async def test_a_configured_endpoint_is_looked_at(
    endpoint: Endpoint, llm_for: Callable[..., LLM], unused_tcp_port: int
) -> None:
    assert await state_of(llm_for(endpoint.url)) == (True, "serves tiny")

    reachable, said = await state_of(llm_for(f"http://127.0.0.1:{unused_tcp_port}", attempts=1))

    assert not reachable
    assert "cannot be reached" in said
    assert CANARY not in said
