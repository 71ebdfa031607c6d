"""What operators see: the log, and new versions that are taken up."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from pydantic import SecretStr

from hrm_agent.server import Key, reload
from hrm_agent.server.logs import JsonLines, TextLines
from hrm_agent.server.settings import ServerSettings
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import ConfigError, CorruptCheckpoint
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.packaging import save_specialist
from hrm_specialists.registry import data_folder
from hrm_specialists.schema.infer import infer_task


async def test_a_line_a_request_says_where_it_went_as_text_and_as_json(client, puzzle, caplog):
    caplog.set_level(logging.INFO, "hrm_agent.server")
    asked = await client(key="k-0123456789")
    asked.headers["authorization"] = "Bearer k-0123456789"
    await asked.post("/v1/solve", json={"query": puzzle}, headers={"x-request-id": "mine"})
    await asked.post("/v1/solve", json={"query": 7})

    solved, refused = (r for r in caplog.records if r.name == "hrm_agent.server")
    line = json.loads(JsonLines().format(solved))
    assert (line["request_id"], line["status"], line["caller"]) == ("mine", 200, "default")
    assert line["told"] == "specialist sudoku verified"
    assert line["level"] == "info"
    assert line["time"].endswith("Z")
    assert "mine POST /v1/solve 200" in TextLines().format(solved)
    assert json.loads(JsonLines().format(refused))["told"] == "invalid_value"
    for record in (solved, refused):
        for text in (JsonLines().format(record), TextLines().format(record)):
            assert puzzle not in text
            assert "k-0123456789" not in text


async def test_a_new_version_is_taken_up_and_a_broken_one_is_left(
    specialist, tmp_path, monkeypatch
):
    old, new = specialist(), specialist()
    old.folder, new.folder = tmp_path / "sudoku" / "1", tmp_path / "sudoku" / "3"
    newest, tried = [tmp_path / "sudoku" / "2"], []

    def load(folder, **_):
        tried.append(folder.name)
        if folder.name == "2":
            newest[0] = new.folder
            raise CorruptCheckpoint("cut off")
        return new

    monkeypatch.setattr(reload, "newest_versions", lambda _: newest)
    monkeypatch.setattr(reload, "load_specialist", load)
    router = Router([old], llm=None, settings=Settings())
    taken = asyncio.Event()
    loop, register = asyncio.get_running_loop(), router.register

    def registered(*args, **options):
        found = register(*args, **options)
        loop.call_soon_threadsafe(taken.set)
        return found

    monkeypatch.setattr(router, "register", registered)
    async with router:
        looking = asyncio.create_task(reload.reloading(router, 0.01))
        await asyncio.wait_for(taken.wait(), 20)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        assert router.specialists["sudoku"] is new
    assert tried == ["2", "3"]


def published(name):
    """A specialist in the data folder, of a table and not trained."""
    task = infer_task(name, [({"a": k % 3}, {"b": "xy"[k % 2]}) for k in range(20)])
    codec = task.codec
    shape = NetworkConfig(
        seq_len=codec.seq_len, vocab_size=codec.vocab_size, hidden_size=16, num_heads=2
    )
    folder = data_folder() / name / "v1"
    save_specialist(folder, task, shape.to_mapping(), dict(HRM(shape).state_dict()))
    return folder


async def test_a_specialist_of_a_new_name_is_taken_up_unless_the_server_was_told_which_to_take(
    monkeypatch, caplog
):
    async with (
        Router(llm=None, settings=Settings()) as router,
        Router(["maze"], llm=None, settings=Settings()) as named,
        Router(llm=None, settings=Settings(specialists=("sudoku",))) as listed,
    ):
        before = [*router.specialists]
        assert (router.refresh(), [*listed.specialists]) == ([], ["sudoku"])
        published("late")
        published("rotten").joinpath("model.safetensors").write_bytes(b"rotten")
        loop, taken, refresh = asyncio.get_running_loop(), asyncio.Event(), router.refresh

        def refreshed():
            if not (found := refresh()):
                loop.call_soon_threadsafe(taken.set)  # the round of the news is over
            return found

        monkeypatch.setattr(router, "refresh", refreshed)
        looking = asyncio.create_task(reload.reloading(router, 0.01))
        await asyncio.wait_for(taken.wait(), 20)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

        assert [*router.specialists] == [*before, "late"]
        assert router.specialists["late"].loaded
        assert "specialist rotten cannot be used" in caplog.text
        assert "model.safetensors" in router.broken["rotten"]
        assert (named.refresh(), listed.refresh()) == ([], [])
        assert ([*named.specialists], [*listed.specialists]) == (["maze"], ["sudoku"])


def test_the_table_of_the_server_is_read_and_mistakes_are_named():
    table = {"keys": {"shop": {"key": "k" * 20, "solves": 3}}, "aliases": {"gpt-4o": "hrm-agent"}}
    assert ServerSettings.read(table).keys["shop"] == Key(key=SecretStr("k" * 20), solves=3)
    for wrong, told in {
        "server.keys.shop.key": {"keys": {"shop": {}}},
        "server.origin": {"origin": ["https://x"]},
        "server.solves": {"solves": 0},
    }.items():
        with pytest.raises(ConfigError, match=wrong.replace(".", r"\.")):
            ServerSettings.read(told)
