"""The playground in a real browser: seen, typed at, and sent markup."""

from __future__ import annotations

import asyncio
import json
import random
import re
import shlex
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pydantic import SecretStr
from recorded import row

from hrm_agent.server import create_app
from hrm_agent.server.limits import Key
from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.maze.building.mazes import random_walls
from hrm_puzzles.maze.models import WALL
from hrm_specialists.schema import infer_task
from hrm_specialists.versions import choices, current

pytestmark = [pytest.mark.outside, pytest.mark.timeout(180)]

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
PHONE = {"width": 360, "height": 640}
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
async def page(running: Any) -> AsyncIterator[Callable[..., Any]]:
    """Opens pages; a dialog, a complaint of the page or a request elsewhere fails the test."""
    playwright = pytest.importorskip("playwright.async_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    wrong: list[str] = []
    async with AsyncExitStack() as stack:
        driver = await stack.enter_async_context(playwright.async_playwright())
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        stack.push_async_callback(browser.close)

        async def open_page(app: Any, path: str = "/", viewport: Any = None) -> Any:
            address, _ = await stack.enter_async_context(running(app))
            shown = await browser.new_page(viewport=viewport or {"width": 1000, "height": 900})
            shown.on("dialog", lambda dialog: wrong.append(dialog.message))
            shown.on("pageerror", lambda error: wrong.append(str(error)))
            shown.on(
                "console",
                lambda said: (
                    wrong.append(said.text)
                    if said.type == "error" and not re.search("status of (401|403|429)", said.text)
                    else None
                ),
            )
            shown.on(
                "request",
                lambda asked: (
                    wrong.append(asked.url)
                    if not asked.url.startswith((address, "data:"))
                    else None
                ),
            )
            await shown.goto(address + path)
            return shown

        yield open_page
    assert wrong == []


async def said(shown: Any, status: str) -> None:
    await shown.wait_for_function(
        "status => document.getElementById('status').textContent.includes(status)", arg=status
    )


async def cells(shown: Any, kind: str) -> int:
    return await shown.locator(f"table.grid td.{kind}").count()


async def test_a_puzzle_is_thought_through_before_ones_eyes(page, app, puzzle, solution):
    shown = await page(await app(), viewport=PHONE)
    await shown.fill("#query", puzzle)
    await shown.keyboard.press("Control+Enter")
    await said(shown, "verified")

    await shown.wait_for_selector("td.found")
    assert (await cells(shown, "given"), await cells(shown, "found")) == (30, 51)
    digits = await shown.locator("table.grid td").all_inner_texts()
    assert digits == [str(cell) for row in solution.grid for cell in row]
    facts = await shown.inner_text("#facts")
    assert "specialist" in facts
    assert "passed" in facts
    assert await shown.is_visible("#player")
    await shown.wait_for_function("() => document.getElementById('moment').value === '3'")
    assert await shown.inner_text("h2 span") == "verified"
    await shown.press("#moment", "ArrowLeft")
    assert await shown.inner_text("h2 span") == "after segment 3"
    assert (await shown.inner_text("#moment-said")).startswith("3, confidence")
    await shown.press("#moment", "Home")
    assert (await shown.inner_text("#moment-said")).startswith("1, confidence")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await shown.evaluate(wide) <= 0


async def test_a_maze_is_drawn_as_one_and_fits_a_phone(page, app):
    """Thirty by thirty, the largest there is: walls, the way as it changes, no digits."""
    made = random_walls(random.Random(0), 30, 30, moves=20)
    marked = str(made.solution.model_dump()["grid"]).count("4")
    specialist = ScriptedSpecialist(MazeTask(), made.solution, segments=2)
    shown = await page(await app(specialist), viewport=PHONE)
    await shown.fill("#query", MazeTask().render(made.problem))
    await shown.click("#solve")
    await said(shown, "verified")
    # played to its end: Home on a slider that has not moved yet would stop nothing
    await shown.wait_for_function("() => document.getElementById('moment').value === '2'")

    walls = sum(row.count(WALL) for row in made.problem.grid)
    assert (await cells(shown, "wall"), await cells(shown, "way")) == (walls, marked)
    assert "".join(sorted(await shown.locator("table.grid td").all_inner_texts())) == "GS"
    assert "30 by 30" in await shown.get_attribute("table.grid", "aria-label")
    table = await shown.locator("table.grid").bounding_box()
    assert table["x"] + table["width"] <= PHONE["width"]
    await shown.press("#moment", "Home")
    assert await cells(shown, "moved") == marked
    await shown.press("#moment", "End")
    assert await cells(shown, "moved") == 0
    specialist.close()


async def test_everything_can_be_done_with_the_keyboard(page, app, puzzle, specialist):
    held = specialist(held=True)
    shown = await page(await app(held))
    await shown.keyboard.press("Tab")  # two links
    await shown.keyboard.press("Tab")
    await shown.keyboard.press("Tab")
    await shown.keyboard.insert_text(puzzle)
    await shown.keyboard.press("Tab")
    await shown.keyboard.press("Enter")
    await asyncio.to_thread(held.wait_for, 1)
    await shown.keyboard.press("Escape")
    await said(shown, "Stopped")
    held.release()
    await shown.keyboard.press("Control+Enter")
    await said(shown, "verified")


async def test_markup_is_text_wherever_it_comes_from(page, app, puzzle):
    shown = await page(await app(llm=ScriptedLLM(EVIL)))
    await shown.fill("#query", f"Solve {puzzle} and explain {EVIL} to a child.")
    await shown.click("#solve")
    await said(shown, "answered")

    assert EVIL in await shown.inner_text("#answer")
    assert await shown.locator("img, #answer script").count() == 0


async def test_an_example_and_the_key_are_asked_for(page, app):
    shown = await page(await app(key="k" * 20))
    await shown.wait_for_selector("#key", state="visible")
    await shown.fill("#key", "k" * 20)
    await shown.press("#key", "Tab")
    await shown.wait_for_selector("#example option:nth-child(2)", state="attached")
    await shown.select_option("#example", label="Sudoku")
    await shown.click("#solve")
    await said(shown, "verified")


async def test_a_specialist_of_ones_own_has_a_form_and_an_example(page, app):
    """Made from its schema: an inferred task has neither a drawing nor an example of its own."""
    rows = [
        ({"priority": level, "age_days": age, "vip": age % 2 == 0}, {"queue": queue})
        for age in range(40)
        for level, queue in (("high", "urgent"), ("low", "backlog"))
    ]
    task = infer_task("tickets", rows)
    answer = task.Solution.model_validate({"queue": "urgent"})
    with ScriptedSpecialist(task, answer) as own:
        shown = await page(await app(own), viewport=PHONE)
        await shown.wait_for_selector("#example option:nth-child(2)", state="attached")
        await shown.select_option("#example", value="tickets")
        assert "Predicts" in await shown.inner_text("#about")
        assert await shown.is_checked("#as-fields")
        await shown.select_option("#field-priority", label="high")
        await shown.fill("#field-age_days", "7")
        await shown.click("#solve")
        await said(shown, "accepted")
        assert (await shown.inner_text("dl.labels")).split() == ["queue", "urgent"]
        asked = own.asked[-1].model_dump()
        assert (asked["priority"], asked["age_days"]) == ("high", 7)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await shown.evaluate(wide) <= 0


async def test_what_is_asked_can_be_copied_as_code_that_runs(page, app, puzzle):
    shown = await page(await app())
    await shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await shown.fill("#query", f"Solve {puzzle}\nand don't tell")
    await shown.click("#code summary")
    for kind, says in (
        ("curl", "v1/solve"),
        ("Python", "Router.solve_sync(query"),
        ("LangChain", "HRMMiddleware"),
    ):
        await shown.check(f"input[name=code][value={kind}]")
        await shown.click("#copy")
        await shown.wait_for_function("() => document.getElementById('copied').textContent")
        copied = await shown.evaluate("navigator.clipboard.readText()")
        assert says in copied
        assert puzzle in copied
        if kind == "curl":
            words = shlex.split(copied.replace("\\\n", " "))
            assert json.loads(words[-1]) == {"query": f"Solve {puzzle}\nand don't tell"}
        else:
            compile(copied, kind, "exec")


async def test_an_abstention_says_what_can_be_done(page, app, puzzle):
    shown = await page(await app(), viewport=PHONE)
    await shown.fill("#query", "Which wine goes with mushrooms?")
    await shown.click("#solve")
    await said(shown, "abstained")
    advice = await shown.inner_text("#next")
    assert "HRM_AGENT_BASE_URL" in advice
    assert "hrm-agent train" in advice
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await shown.evaluate(wide) <= 0
    await shown.fill("#query", puzzle)
    await shown.click("#solve")
    await said(shown, "verified")
    assert not await shown.is_visible("#next")


async def test_an_error_is_told(page, app, puzzle, specialist):
    shown = await page(await app(specialist(max_waiting=0)))
    await shown.fill("#query", puzzle)
    await shown.click("#solve")
    await said(shown, "queue_full")


async def test_the_page_about_the_api_lists_its_paths(page, app):
    shown = await page(await app(), "/docs")
    await shown.wait_for_selector("#paths h2")
    headings = await shown.locator("h2").all_inner_texts()
    assert "POST /v1/chat/completions" in headings


async def test_versions_are_promoted_and_taken_back_on_the_growth_page(page, growing):
    router, family = await growing()
    shown = await page(create_app(router), "/growth", viewport=PHONE)
    await shown.get_by_label("promote triage v2").click()
    await said(shown, "promote v2")
    assert current(family).name == "v2"
    row = shown.locator("tr", has=shown.get_by_role("rowheader", name="v2"))
    assert "promoted" in await row.inner_text()
    await shown.get_by_label("rollback triage").click()
    await said(shown, "rollback")
    assert current(family).name == "v1"
    await shown.get_by_text("History").click()
    assert "promoted by the playground" in await shown.locator("details ol").inner_text()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await shown.evaluate(wide) <= 0


async def test_doubtful_answers_are_judged_on_the_growth_page(page, growing):
    router, _ = await growing()
    traffic = router.growth.traffic
    for n in range(25):
        about = {"id": f"r{n}", "created": time.time(), "system": "Say hot or cold."}
        traffic.put(row(f"Hot or cold? Room {n} <b>", "hot", **about))
    shown = await page(create_app(router), "/growth", viewport=PHONE)
    doubtful = shown.locator("#doubtful li")
    await doubtful.first.wait_for()
    assert await doubtful.count() == 20
    await doubtful.first.get_by_role("button", name="right", exact=True).click()
    await shown.wait_for_function("() => document.querySelectorAll('#doubtful li').length === 19")
    await doubtful.first.get_by_label("the right answer").fill("cold")
    await doubtful.first.get_by_role("button", name="correct", exact=True).click()
    await shown.wait_for_function("() => document.querySelectorAll('#doubtful li').length === 18")
    found = [traffic.store.get(f"r{n}") for n in range(2)]
    assert [(one.verdict, one.answer) for one in found] == [
        ("approved", "hot"),
        ("corrected", "cold"),
    ]


async def test_the_growth_page_asks_for_a_key_and_says_who_may(page, growing):
    router, family = await growing()
    keys = {"ann": Key(key=SecretStr("k-ann-0123456789"), manages=True)}
    keys["bob"] = Key(key=SecretStr("k-bob-0123456789"))
    shown = await page(create_app(router, keys=keys), "/growth")
    await shown.wait_for_selector("#enter:not([hidden])")
    await shown.fill("#key", "k-bob-0123456789")
    await shown.keyboard.press("Enter")
    await said(shown, "does not manage")
    await shown.fill("#key", "k-ann-0123456789")
    await shown.keyboard.press("Enter")
    await shown.get_by_label("promote triage v2").click()
    await said(shown, "promote v2")
    assert choices(family)[-1].reason == "promoted by ann"
