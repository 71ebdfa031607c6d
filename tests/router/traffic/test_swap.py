"""Versions change behind a name while thousands of requests are under way."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter

import pytest
from recorded import Queue, Triage, row

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_router.traffic import growth
from hrm_router.traffic.families import families
from hrm_router.traffic.grown import Origin
from hrm_router.traffic.growth import Grow
from hrm_router.traffic.record import Traffic
from hrm_specialists import registry
from hrm_specialists.versions import choose, hold

VERSIONS = ("v1", "v2", "v3")


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Versions that answer with their own name; each refuses to work once it was closed."""
    rows = [row(f"Please sort: ticket {n}", "x", system="You sort.") for n in range(9)]
    origin = Origin.of(families(rows)[0]).model_dump(mode="json")

    def load(folder, **_):
        one = ScriptedSpecialist(
            Triage(), lambda _: Queue(queue=folder.name), seconds=0.002, confidence=0.99
        )
        one.card, one.version = {"distilled": origin}, folder.name
        return one

    for module in (growth, registry):
        monkeypatch.setattr(module, "load_specialist", load)
    monkeypatch.setattr(growth, "_is_distilled", lambda folder: True)
    monkeypatch.setattr(growth, "LOOK", 0.01)
    for version in VERSIONS:
        folder = tmp_path / "specialists" / "triage" / version
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({}))
    return tmp_path / "specialists"


@pytest.mark.slow
async def test_no_request_of_ten_thousand_is_lost_or_answered_by_a_mixture(root, tmp_path):
    hold(root / "triage")
    traffic = Traffic(f"sqlite:///{tmp_path / 't.db'}")
    numbers, said, under_way = itertools.count(), Counter(), asyncio.Event()

    def answering():
        return {by for _, by in said}

    async def caller(router):
        while said.total() < 10_000 or answering() < {"llm", *VERSIONS}:
            number = next(numbers)
            chat = [
                {"role": "system", "content": "You sort."},
                {"role": "user", "content": f"Please sort: ticket {number}"},
            ]
            answer = await router.solve(chat)
            (part,) = answer.parts
            by = part.version if answer.route == "specialist" else "llm"
            said[answer.text == by, by] += 1
            under_way.set()

    async def swaps():
        await under_way.wait()
        for version in itertools.cycle(("", *VERSIONS)):
            await asyncio.to_thread(choose, root / "triage", version, "a swap")
            await asyncio.sleep(0.05)

    async with Router(
        [],
        llm=ScriptedLLM(lambda _: "llm"),
        settings=Settings(),
        record=traffic,
        grow=Grow(root=root, watch=0.0),
    ) as router:
        swapping = asyncio.create_task(swaps())
        async with asyncio.timeout(120):
            await asyncio.gather(*(caller(router) for _ in range(64)))
        swapping.cancel()
    assert said.total() == next(numbers)
    assert {right for right, _ in said} == {True}
    assert answering() == {"llm", *VERSIONS}
