"""Growth through the server: who may look and act, and what the metrics say."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack

import httpx2
import pytest
from pydantic import SecretStr
from recorded import row

from hrm_agent.server import create_app
from hrm_agent.server.limits import Key
from hrm_router.traffic.gate import standing
from hrm_router.traffic.growth import Shown
from hrm_router.traffic.store import Trial
from hrm_specialists.versions import choices

KEYS = {
    "ann": Key(key=SecretStr("k-ann-0123456789"), manages=True),
    "bob": Key(key=SecretStr("k-bob-0123456789")),
}


@pytest.fixture
async def grown(growing):
    """A client of an application over that router; and its parts."""
    async with AsyncExitStack() as stack:

        async def make(**options):
            router, family = await growing()
            transport = httpx2.ASGITransport(app=create_app(router, **options))
            asked = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1")
            return router, await stack.enter_async_context(asked), family

        yield make


async def test_a_candidate_is_promoted_and_taken_back(grown):
    _, asked, family = await grown()
    (one,) = (await asked.get("/v1/growth")).json()["data"]
    assert (one["name"], one["answers"], one["candidate"]) == ("triage", "v1", "v2")
    for action, answers in (("promote", "v2"), ("rollback", "v1"), ("demote", None)):
        said = await asked.post("/v1/growth/triage", json={"action": action})
        assert (said.status_code, said.json()["answers"]) == (200, answers), action
    assert [one.reason for one in choices(family)][1:] == [
        "promoted by the playground",
        "rolled back by the playground",
        "demoted by the playground",
    ]


async def test_what_cannot_be_done_is_said_and_changes_nothing(grown):
    _, asked, family = await grown()
    before = choices(family)
    for path, body, status in (
        ("/v1/growth/triage", {"action": "promote", "version": "v9"}, 409),
        ("/v1/growth/triage", {"action": "rollback"}, 200),
        ("/v1/growth/other", {"action": "promote"}, 404),
        ("/v1/growth/..", {"action": "demote"}, 404),
        ("/v1/growth/triage", {"action": "delete"}, 400),
    ):
        said = await asked.post(path, json=body)
        assert said.status_code == status, said.text
    assert len(choices(family)) == len(before) + 1
    stranger = {"Origin": "https://evil.example"}
    said = await asked.post("/v1/growth/triage", json={"action": "demote"}, headers=stranger)
    assert said.status_code == 403


async def test_only_a_key_that_manages_may_look_and_act(grown):
    _, asked, family = await grown(keys=KEYS)
    before = choices(family)
    for key, status in (("", 401), ("k-bob-0123456789", 403), ("k-ann-0123456789", 200)):
        headers = {"Authorization": f"Bearer {key}"}
        assert (await asked.get("/v1/growth", headers=headers)).status_code == status
        said = await asked.post("/v1/growth/triage", json={"action": "promote"}, headers=headers)
        assert said.status_code == status
        assert (choices(family) == before) == (status != 200)
    assert choices(family)[-1].reason == "promoted by ann"


async def test_whoever_manages_sees_doubtful_answers_and_judges_them(grown):
    router, asked, _ = await grown(keys=KEYS)
    traffic, (ann, bob) = (
        router.growth.traffic,
        ({"Authorization": f"Bearer k-{name}-0123456789"} for name in ("ann", "bob")),
    )
    for n in range(30):
        answer = "cold" if n == 29 else "hot"
        about = {"id": f"r{n}", "created": time.time(), "owner": "bob"}
        traffic.put(row(f"Room {n % 29}", answer, system="Hot or cold?", **about))
    assert (await asked.get("/v1/growth/doubtful", headers=bob)).status_code == 403
    data = (await asked.get("/v1/growth/doubtful", headers=ann)).json()["data"]
    assert [one["id"] for one in data][:3] == ["r0", "r29", "r1"]  # what contradicts comes first
    assert data[1] == {
        "id": "r29", "family": "hot-or-cold", "question": "Room 0", "answer": "cold",
    }  # fmt: skip
    said = {"id": "r29", "right": False}
    assert (await asked.post("/v1/feedback", json=said, headers=ann)).json()["judged"] == 1
    assert traffic.store.get("r29").verdict == "rejected"
    data = (await asked.get("/v1/growth/doubtful", headers=ann)).json()["data"]
    assert "r29" not in [one["id"] for one in data]


async def test_a_server_that_records_nothing_says_so(app):
    transport = httpx2.ASGITransport(app=await app())
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asked:
        assert (await asked.get("/v1/growth")).json()["recording"] is False
        said = await asked.post("/v1/growth/triage", json={"action": "promote"})
        assert said.status_code == 404


async def test_the_metrics_name_specialist_and_version(grown, monkeypatch):
    router, asked, _ = await grown()
    trial = Trial(
        specialist="triage", version="v2", problem="p", accepted=True, unfamiliar=False,
        passed=None, agreed=True, confidence=0.9, seconds=0.001,
    )  # fmt: skip
    shown = Shown("triage", "v2", "candidate", standing([trial] * 50), demotions=2)
    monkeypatch.setattr(type(router.growth), "shown", [shown])
    await router.solve("Say something.")
    assert router.growth.traffic.flush()
    lines = (await asked.get("/metrics")).text.splitlines()
    who = 'specialist="triage",version="v2"'
    for line in (
        f"hrm_growth_accuracy{{{who}}} 1.0",
        f"hrm_growth_promoted{{{who}}} 0.0",
        f"hrm_growth_demotions_total{{{who}}} 2.0",
        'hrm_traffic_rows_total{outcome="stored"} 1.0',
    ):
        assert line in lines, lines
    assert router.stats().as_dict()["growth"][0]["standing"]["right"] == 50
