"""What operators see: the log, and mistakes in the table of the server."""

from __future__ import annotations

import json
import logging

import pytest
from pydantic import SecretStr

from hrm_agent.server import Key
from hrm_agent.server.logs import JsonLines, TextLines
from hrm_agent.server.settings import ServerSettings
from hrm_specialists.errors import ConfigError


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
