"""Endpoints that misbehave, and an LLM that talks to them with a key to be kept secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from misbehaving import CANARY, Endpoint, Running

from hrm_router.llm import LLM


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """A running one; give it a script."""
    async with Running() as one:
        yield one


@pytest.fixture
async def other_endpoint() -> AsyncIterator[Endpoint]:
    """A second one."""
    async with Running() as one:
        yield one


@pytest.fixture
async def llm_for() -> AsyncIterator[Callable[..., LLM]]:
    """Makes LLMs, and closes them in the end; imports are done before anything is timed."""
    LLM("http://localhost")._connect()
    made: list[LLM] = []

    def make(base_url: str, model: str | None = "tiny", **more: Any) -> LLM:
        made.append(LLM(base_url, model, api_key=CANARY, **more))
        return made[-1]

    yield make
    for llm in made:
        await llm.aclose()
