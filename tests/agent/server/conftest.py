"""The application is asked in this process, without sockets, except in `test_running.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hrm_agent.server import Limits, create_app
from hrm_agent.server.running import server
from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_router.traffic.growth import Grow
from hrm_router.traffic.record import Traffic
from hrm_specialists.versions import hold

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOON = 20.0
"""Seconds in which a server must have started, or stopped."""
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


@pytest.fixture
def puzzle() -> str:
    return PUZZLE


@pytest.fixture
def solution() -> SudokuSolution:
    return SudokuSolution.model_validate({"grid": SOLVED})


@pytest.fixture
def specialist(solution: SudokuSolution) -> Iterator[Callable[..., ScriptedSpecialist]]:
    """Makes Sudoku specialists that know one solution."""
    made: list[ScriptedSpecialist] = []

    def make(script: Any = solution, **options: Any) -> ScriptedSpecialist:
        made.append(ScriptedSpecialist(SudokuTask(), script, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
async def app(
    specialist: Callable[..., ScriptedSpecialist],
) -> AsyncIterator[Callable[..., Any]]:
    """Makes applications; by default over a specialist that thinks three segments."""
    async with AsyncExitStack() as stack:

        async def make(
            *specialists: ScriptedSpecialist,
            llm: Any = None,
            policy: Policy | None = None,
            key: str | None = None,
            limits: Limits | None = None,
        ) -> Any:
            given = specialists or (specialist(segments=3),)
            router = Router(given, llm=llm, policy=policy, settings=Settings())
            await stack.enter_async_context(router)
            return create_app(router, api_key=key, limits=limits)

        yield make


@pytest.fixture
async def client(app: Callable[..., Any]) -> AsyncIterator[Callable[..., Any]]:
    """Makes HTTP clients of such applications."""
    async with AsyncExitStack() as stack:

        async def make(*specialists: ScriptedSpecialist, **options: Any) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app=await app(*specialists, **options))
            client = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
def running() -> Callable[..., AbstractAsyncContextManager[tuple[str, Any]]]:
    """Runs applications on real sockets; gives the address, and the server."""

    @asynccontextmanager
    async def run(app: Any, limits: Limits | None = None) -> AsyncIterator[tuple[str, Any]]:
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        limits = limits or Limits()
        one = server(app, host="127.0.0.1", port=0, limits=limits, ready=address.set_result)
        task = asyncio.create_task(one.serve())
        try:
            yield await asyncio.wait_for(address, SOON), one
        finally:
            one.should_exit = True
            await asyncio.wait_for(task, SOON)

    return run


@pytest.fixture
async def growing(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Makes a router that records, over "triage": "v1" answers, "v2" waits; with the folder."""
    family = tmp_path / "specialists" / "triage"
    for version in ("v1", "v2"):
        (family / version).mkdir(parents=True)
        (family / version / "config.json").write_text("{}")
        if version == "v1":
            hold(family)
    async with AsyncExitStack() as stack:

        async def make() -> tuple[Router, Path]:
            router = Router(
                [],
                llm=ScriptedLLM(lambda _: "fine"),
                settings=Settings(),
                record=Traffic(f"sqlite:///{tmp_path / 't.db'}"),
                grow=Grow(root=family.parent),
            )
            return await stack.enter_async_context(router), family

        yield make
