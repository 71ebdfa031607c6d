"""The pages stand alone: nothing from elsewhere, nothing written as markup."""

from __future__ import annotations

import re

import pytest

from hrm_agent.server.pages import PAGES, contents

SOURCES = {path: text for path, (text, _) in contents().items()}


@pytest.mark.parametrize("path", SOURCES)
async def test_pages_come_with_a_strict_policy(client, path):
    response = await (await client()).get(path)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith(contents()[path][1])
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_answers_of_the_api_can_be_no_page(client):
    headers = (await (await client()).get("/v1/models")).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", SOURCES)
def test_pages_take_nothing_from_elsewhere(name):
    assert not re.search(r"https?:(?!//localhost)|//[a-z]+\.|@import|(?<!c)url\(", SOURCES[name])


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_written_as_markup_or_run_as_code(name):
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|\.style\b"
    assert not re.search(forbidden, SOURCES[name])
    assert not re.search(r"\bon\w+=|style=|<script(?! src)|<style", SOURCES[name])


@pytest.mark.parametrize("name", PAGES)
def test_every_file_a_page_asks_for_is_served(name):
    wanted = re.findall(r'(?:src|href)="([^":]+)"', SOURCES[name])
    served = {path.lstrip("/") or "." for path in SOURCES} | {"openapi.json"}
    assert set(wanted) <= served


def test_every_control_has_a_name():
    page = SOURCES["/"]
    labelled = set(re.findall(r'<label for="([^"]+)"', page))
    controls = set(re.findall(r'<(?:textarea|input|select) id="([^"]+)"', page))
    assert controls == labelled
