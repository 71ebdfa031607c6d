"""The server on a real local Ray: two replicas share the work, and one may die."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter

import httpx
import pytest

from hrm_agent.errors import ConfigError
from hrm_agent.integrations.ray import Replicas, build, replica

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, many

GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
AT_ONCE = 8
"""Callers that each wait for their answer before they ask again."""


def test_settings_that_make_no_sense_are_refused():
    """As a model, and as the words of Ray's command line."""
    with pytest.raises(ConfigError, match="below min_replicas 3"):
        build(Replicas(min_replicas=3, max_replicas=2))
    with pytest.raises(ConfigError, match="below min_replicas 3"):
        build({"min_replicas": "3", "max_replicas": "2"})
    with pytest.raises(ConfigError, match="replica: Extra inputs"):
        build({"replica": 2})


def test_replicas_that_listen_themselves_need_a_key(monkeypatch):
    monkeypatch.setenv("RAY_SERVE_ENABLE_HA_PROXY", "1")
    with pytest.raises(ConfigError, match="no key is set"):
        replica(Replicas())


def replicas() -> list[str]:
    """Names of the replicas' actors that live."""
    import ray

    found = ray.util.list_named_actors(all_namespaces=True)
    return [one["name"] for one in found if one["name"].startswith("SERVE_REPLICA::")]


def kill(name: str) -> None:
    """End a replica's process at once."""
    import ray

    ray.kill(ray.get_actor(name, namespace="serve"))


@pytest.fixture
def address(monkeypatch, tmp_path):
    ray = pytest.importorskip("ray")
    serve = pytest.importorskip("ray.serve")

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, address="local")
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        traffic = f"sqlite:///{tmp_path / 'traffic.db'}"
        wanted = Replicas(
            min_replicas=2, max_replicas=2, specialists=("sudoku",), traffic=traffic, drain=2
        )
        serve.run(build(wanted), name="hrm-agent")
        yield f"http://127.0.0.1:{port}"
    finally:
        serve.shutdown()
        ray.shutdown()


@pytest.mark.ray
@pytest.mark.timeout(400)
async def test_a_replica_that_dies_under_load_loses_only_what_was_in_it(address):
    """200 problems by eight callers; a replica is killed in between and replaced."""
    assert len(replicas()) == 2
    left = iter(range(200))
    outcomes: Counter[str] = Counter()
    killed = asyncio.Event()

    async def caller(client: httpx.AsyncClient) -> None:
        for number in left:
            if number == 60:
                await asyncio.to_thread(kill, replicas()[0])
                killed.set()
            body = {"query": {"grid": GRID}, "task": "sudoku"}
            try:
                reply = await client.post("/v1/solve", json=body)
            except httpx.TransportError:
                outcomes["cut off"] += 1
                continue
            fine = reply.status_code == 200 and reply.json()["status"] == "verified"
            outcomes["verified" if fine else f"HTTP {reply.status_code}"] += 1

    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        await asyncio.gather(*(caller(client) for _ in range(AT_ONCE)))
        assert killed.is_set()
        assert sum(outcomes.values()) == 200
        assert outcomes["verified"] >= 200 - AT_ONCE, outcomes
        async with asyncio.timeout(120):
            while len(replicas()) < 2:  # noqa: ASYNC110 - Ray tells nobody of a new actor
                await asyncio.sleep(0.2)
        models = (await client.get("/v1/models")).json()
        assert {model["id"] for model in models["data"]} == {"hrm-agent", "sudoku"}
