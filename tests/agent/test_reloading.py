"""What is trained or installed while a router runs is taken up, without harm to what answers."""

from __future__ import annotations

import asyncio
import shutil
import sys

import mcp
import pytest

from hrm_agent.integrations.mcp import create_server
from hrm_agent.reloading import reloading
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.packaging import save_specialist
from hrm_specialists.registry import data_folder, load_specialist
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.versions import choose

SOON = 20.0
PLUGIN = """
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask

def make():
    return ScriptedSpecialist(SudokuTask(), None)
"""


def published(name, version="v1"):
    """A specialist in the data folder, of a table and not trained."""
    task = infer_task(name, [({"a": k % 3}, {"b": "xy"[k % 2]}) for k in range(20)])
    codec = task.codec
    shape = NetworkConfig(
        seq_len=codec.seq_len, vocab_size=codec.vocab_size, hidden_size=16, num_heads=2
    )
    folder = data_folder() / name / version
    weights = dict(HRM(shape).state_dict())
    save_specialist(folder, task, shape.to_mapping(), weights, version=version)
    return folder


def rotten(name, version="v1"):
    published(name, version).joinpath("model.safetensors").write_bytes(b"rotten")


async def test_a_new_name_is_taken_up_unless_the_router_was_told_which_to_take(caplog):
    async with (
        Router(llm=None, settings=Settings()) as everything,
        Router(["maze"], llm=None, settings=Settings()) as named,
        Router(llm=None, settings=Settings(specialists=("sudoku",))) as listed,
    ):
        before = [*everything.specialists]
        assert (everything.refresh(), [*listed.specialists]) == ([], ["sudoku"])
        published("late")
        rotten("spoiled")
        looking = asyncio.create_task(reloading(everything, 0.01))
        async with asyncio.timeout(SOON):
            while "spoiled cannot be used" not in caplog.text:  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

        assert [*everything.specialists] == [*before, "late"]
        assert everything.specialists["late"].loaded
        assert "model.safetensors" in everything.broken["spoiled"]
        assert (named.refresh(), listed.refresh()) == ([], [])
        assert ([*named.specialists], [*listed.specialists]) == (["maze"], ["sudoku"])
        assert not named.broken


async def test_a_version_takes_the_place_of_another_and_a_broken_one_of_none():
    given = load_specialist(published("table"))
    with (
        given,
        Router(llm=None, settings=Settings()) as found,
        Router([given], llm=None, settings=Settings()) as handed,
    ):
        for router in (found, handed):
            router.refresh()
            assert router.specialists["table"].version == "v1"
        rotten("table", "v2")
        assert (found.refresh(), handed.refresh()) == ([], [])
        assert "table" in handed.broken
        published("table", "v3")
        assert (found.refresh(), handed.refresh()) == (["table"], ["table"])
        choose(data_folder() / "table", "v1", "back")  # it was seen before
        assert (found.refresh(), handed.refresh()) == (["table"], ["table"])
        for router in (found, handed):
            assert router.specialists["table"].version == "v1"
            assert router.refresh() == []


async def test_what_is_demoted_or_removed_answers_no_longer_and_what_it_hid_does_again():
    published("table")
    with (
        Router(llm=None, settings=Settings()) as found,
        Router(["table"], llm=None, settings=Settings()) as named,
    ):
        for router in (found, named):
            router.refresh()
        shipped = found.specialists["sudoku"].folder
        choose(data_folder() / "table", "", "demoted")
        published("sudoku")
        assert sorted(found.refresh()) == ["sudoku", "table"]
        assert found.specialists["sudoku"].folder == data_folder() / "sudoku" / "v1"
        assert "table" not in found.specialists
        shutil.rmtree(data_folder() / "sudoku")
        assert found.refresh() == ["sudoku"]
        assert found.specialists["sudoku"].folder == shipped
        assert (named.refresh(), [*named.specialists]) == ([], ["table"])  # it was asked for


async def test_a_data_folder_out_of_reach_takes_nothing_away():
    published("table")
    with Router(llm=None, settings=Settings()) as router:
        router.refresh()
        away = data_folder().with_name("away")
        data_folder().rename(away)
        assert (router.refresh(), "table" in router.specialists) == ([], True)
        away.rename(data_folder())
        assert (router.refresh(), "table" in router.specialists) == ([], True)


async def test_a_plug_in_takes_the_place_of_a_shipped_name_but_not_of_what_code_registered(
    tmp_path, monkeypatch
):
    own = ScriptedSpecialist(SudokuTask(), None)
    with (
        own,
        Router(llm=None, settings=Settings()) as found,
        Router(["sudoku"], llm=None, settings=Settings()) as named,
        Router(llm=None, settings=Settings()) as coded,
    ):
        for router in (found, named, coded):
            router.refresh()
        coded.register(own, replace=True)
        info = tmp_path / "own_sudoku-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-sudoku\nVersion: 1.0\n")
        entry = "[hrm_agent.specialists]\nsudoku = own_sudoku:make\n"
        (info / "entry_points.txt").write_text(entry)
        (tmp_path / "own_sudoku.py").write_text(PLUGIN)
        monkeypatch.syspath_prepend(tmp_path)

        assert (found.refresh(), named.refresh(), coded.refresh()) == (["sudoku"], [], [])
        assert isinstance(found.specialists["sudoku"], ScriptedSpecialist)
        assert coded.specialists["sudoku"] is own
    sys.modules.pop("own_sudoku", None)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_running_mcp_server_offers_what_has_come_since(mode):
    async with Router(llm=None, settings=Settings()) as router:
        server = create_server(router, reload=0.01)
        async with mcp.Client(server, mode=mode) as client, asyncio.timeout(SOON):
            assert "late" not in {tool.name for tool in (await client.list_tools()).tools}
            published("late")
            while "late" not in {tool.name for tool in (await client.list_tools()).tools}:
                pass
