"""The page that solves Sudokus in the browser, in a real Chromium and with no server behind it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.registry import load_installed
from hrm_specialists.schema.examples import read_examples

DOCS = Path(__file__).parents[1] / "docs"
SOURCE = (DOCS / "browser" / "solve.js").read_text("utf-8")
RUNTIME = re.search(r'RUNTIME = "(.*/onnxruntime-web@(.*?)/dist/)"', SOURCE)
assert RUNTIME
SITE = "http://book.test/"
EXAMPLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


def test_the_model_of_the_page_is_the_one_that_ships():
    about = json.loads((DOCS / "browser" / "model.json").read_text("utf-8"))
    with load_installed("sudoku") as specialist:
        assert about["version"] == specialist.version, "export it again: docs/export.md"
        assert (
            about["weights"]
            == json.loads((specialist.folder / "config.json").read_text("utf-8"))["sha256"]
        )


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of onnxruntime-web that the page names, from its npm package."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "pack", "--silent", f"onnxruntime-web@{RUNTIME[2]}"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=100)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"onnxruntime-web cannot be had: {error}")
    (package,) = folder.glob("*.tgz")
    names = re.findall(r'"([\w.-]+)": "sha384-', SOURCE)
    with tarfile.open(fileobj=io.BytesIO(package.read_bytes())) as files:
        return {n: files.extractfile(f"package/dist/{n}").read() for n in names}  # type: ignore[union-attr]


@pytest.fixture
async def page(runtime: dict[str, bytes]) -> AsyncIterator[Any]:
    """The page, its own files from docs/, and the runtime in place of the CDN."""
    playwright = pytest.importorskip("playwright.async_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if (path := shutil.which(name))), None)
    if chromium is None:
        pytest.skip("no Chromium is installed")
    asked: list[str] = []

    async def answer(route: Any) -> None:
        url = route.request.url
        asked.append(url)
        name = url.rpartition("/")[2]
        headers = {"access-control-allow-origin": "*"}
        if url == f"{SITE}browser.html":
            markdown = (DOCS / "browser.md").read_text("utf-8")
            found = re.search(r'<div id="sudoku">.*?</script>', markdown, re.DOTALL)
            await route.fulfill(body=found[0], content_type="text/html; charset=utf-8")
        elif url.startswith(f"{SITE}browser/"):
            await route.fulfill(path=DOCS / "browser" / name)
        elif url.startswith(RUNTIME[1]):
            await route.fulfill(body=runtime[name], headers=headers)
        else:
            await route.abort()

    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            shown = await browser.new_page()
            await shown.route("**/*", answer)
            await shown.goto(f"{SITE}browser.html")
            yield shown
            await shown.unroute_all(behavior="wait")
        finally:
            await browser.close()
    allowed = (SITE, RUNTIME[1], "blob:")
    assert [url for url in asked if not url.startswith(allowed)] == []


async def solved(page: Any, cells: str) -> tuple[str, str]:
    """What the page says, and the grid that it shows."""
    await page.fill("input", cells)
    await page.click("button")
    await page.wait_for_function(
        "() => /Verified|Not solved|did not work|cells;/.test("
        "document.querySelector('[role=status]').textContent)"
    )
    told = await page.text_content("[role=status]")
    return told, "".join(await page.locator("tbody td").all_text_contents())


@pytest.mark.outside
@pytest.mark.timeout(180)
async def test_sudokus_are_solved_and_checked_in_the_browser(page):
    """Easy and hard ones; the page's checker is compared with ours."""
    task = SudokuTask()
    with load_installed("sudoku") as specialist:
        file = specialist.folder.parent / "held_out_256.csv"
    examples = read_examples(file, task, limit=6)
    for cells in (EXAMPLE, *(e.problem.line for e in examples)):
        told, grid = await solved(page, cells)
        assert told.startswith("Verified: "), told
        problem = task.parse(cells)
        assert task.check(problem, task.Solution.model_validate({"grid": grid})).passed
    await solved(page, EXAMPLE)  # warm
    told, _ = await solved(page, EXAMPLE)
    assert float(re.search(r"(\d+) ms", told)[1]) < 1000


@pytest.mark.outside
@pytest.mark.timeout(120)
async def test_what_is_no_sudoku_is_told_and_nothing_is_loaded(page):
    told, grid = await solved(page, "53..7")
    assert told == "5 cells; a Sudoku has 81: digits, and dots for blanks."
    assert grid == ""


@pytest.mark.outside
@pytest.mark.timeout(120)
async def test_a_runtime_that_was_tampered_with_is_not_run(page, runtime, monkeypatch):
    name = next(name for name in runtime if name.endswith(".mjs"))
    monkeypatch.setitem(runtime, name, runtime[name] + b"\n")
    told, _ = await solved(page, EXAMPLE)
    assert told.startswith("This did not work: ")
