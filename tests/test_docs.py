"""Every code block of the README and the book runs, and says what the book says it says.

The blocks of a page run in order in one namespace, with `await` at the top
level as in a notebook. A `text` block right after a `python` block is what it
prints; `...` stands for anything. Lines of `sh` blocks that call `hrm-agent`
are parsed by the real command line.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib
import inspect
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hrm_agent import Router
from hrm_agent.cli import main
from hrm_agent.cli.diagnosis import EXTRAS

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/industry").glob("*.md")),
]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[re.Match[str]]:
    return [found for found in FENCE.finditer(page.read_text("utf-8")) if found[1] == language]


def printed_after(page: Path, block: re.Match[str]) -> str | None:
    """The text block that follows `block` with nothing in between."""
    following = FENCE.match(block.string[block.end() :].lstrip())
    return following[2] if following and following[1] == "text" else None


async def run(source: str, file: str, line: int, namespace: dict[str, Any]) -> str:
    """What `source` prints; tracebacks point at the page."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile("\n" * line + source, file, "exec", flags, dont_inherit=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = eval(code, namespace)
        if inspect.isawaitable(result):
            await result
    return printed.getvalue()


@pytest.fixture
def default_router() -> Iterator[None]:
    """What `Router.solve` on the class leaves behind is put away."""
    yield
    Router.reset()


SLOW = {"docs/teach.md"}
"""Pages that train something."""
WITH_PYTHON = [
    pytest.param(page, id=named(page), marks=[pytest.mark.slow] if named(page) in SLOW else [])
    for page in PAGES
    if blocks(page, "python")
]


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("default_router")
@pytest.mark.parametrize("page", WITH_PYTHON)
async def test_the_python_of_a_page_runs_and_prints_what_is_shown(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page, "python"):
        line = page.read_text("utf-8").count("\n", 0, block.start(2))
        printed = await run(block[2], str(page), line, namespace)
        expected = printed_after(page, block)
        if expected is not None:
            same = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
            assert same, f"{named(page)}:{line}: shown {expected!r}, printed {printed!r}"


def commands(page: Path) -> list[str]:
    joined = "\n".join(block[2].replace("\\\n", " ") for block in blocks(page, "sh"))
    return [line for line in joined.splitlines() if line.startswith("hrm-agent ")]


COMMANDS = sorted({command for page in PAGES for command in commands(page)})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_book_is_one_that_exists(command, capsys):
    words = shlex.split(command.partition(" | ")[0], comments=True)[1:]
    assert main([*words, "--help"]) == 0, capsys.readouterr()


@pytest.mark.parametrize(("language", "read"), [("json", json.loads), ("toml", tomllib.loads)])
def test_what_is_to_be_copied_can_be_read(language, read):
    found = [block[2] for page in PAGES for block in blocks(page, language)]
    assert found
    for text in found:
        read(text)


def test_relative_links_of_the_readme_lead_somewhere():
    for page in ROOT.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_reference_has_every_public_name():
    pages = "\n".join(page.read_text("utf-8") for page in (ROOT / "docs/reference").glob("*.md"))
    pages += (ROOT / "docs/langchain.md").read_text("utf-8")
    for module in map(
        importlib.import_module, ("hrm_agent", "hrm_agent.testing", "hrm_agent.sklearn")
    ):
        for name in module.__all__:
            home = getattr(module, name).__module__
            whole = re.search(rf"::: {re.escape(home)}\n +options:\n +show", pages)
            named = re.search(rf"^::: .*\b{name}$|^ +members: .*\b{name}\b", pages, re.MULTILINE)
            assert whole or named, f"{name} of {home} is in no reference page"


def test_every_name_of_the_page_on_routers_is_imported_as_the_page_says():
    page = (ROOT / "docs/reference/agent.md").read_text("utf-8")
    ours, tests = page.split("Import these from `hrm_agent.testing`")
    for text, module in ((ours, "hrm_agent"), (tests, "hrm_agent.testing")):
        names = re.findall(r"^::: \S+\.([A-Z]\w+|distil)$", text, re.MULTILINE)
        for members in re.findall(r"^ +members: \[(.*)\]$", text, re.MULTILINE):
            names += members.split(", ")
        assert names
        for name in names:
            assert hasattr(importlib.import_module(module), name), f"{name} is not in {module}"


def test_doctor_the_table_of_extras_and_the_package_know_the_same_extras():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {*declared["optional-dependencies"]} - {"bench", "dev", "docs"}
    table = (ROOT / "docs/start.md").read_text("utf-8").partition("| extra | for |")[2]
    told = [line.split("|")[1] for line in table.split("\n\n")[0].splitlines() if "`" in line]
    assert {name for cell in told for name in re.findall(r"`(\w+)`", cell)} == {*EXTRAS} == extras
