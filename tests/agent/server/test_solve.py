"""`/v1/solve`, lists, health and figures."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sse import told as parsed

from hrm_agent.server import create_app
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.answer import Answer
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import SpecialistCrashed


async def test_text_chats_and_typed_problems_are_solved(client, puzzle, solution):
    asked = await client()
    grid = [
        [int(cell) if cell != "." else 0 for cell in puzzle[r : r + 9]] for r in range(0, 81, 9)
    ]
    for body in (
        {"query": f"solve {puzzle}"},
        {"query": puzzle, "task": "sudoku"},
        {"query": {"grid": grid}},
        {"query": [{"role": "user", "content": puzzle}], "limits": {"deadline": 5}},
    ):
        response = await asked.post("/v1/solve", json=body)
        assert response.status_code == 200, response.text
        answer = Answer.load(response.content, {"sudoku": SudokuTask()})
        assert (answer.status, answer.solution) == ("verified", solution)


async def test_a_stream_tells_what_happens_and_ends_with_the_answer(client, puzzle, solution):
    response = await (await client()).post("/v1/solve", json={"query": puzzle, "stream": True})

    events = parsed(response.text)
    kinds = [kind for kind, _ in events]
    assert kinds == ["decided", *["thinking"] * 3, "checked", "solved", "answer"]
    told = dict(events)
    assert told["decided"]["problems"][0]["shown"].startswith("+-------+")
    assert told["thinking"]["segment"] == 3
    assert told["thinking"]["solution"] == solution.model_dump(mode="json")
    assert told["checked"]["passed"] is True
    assert told["answer"]["status"] == "verified"


async def test_an_error_in_a_stream_is_its_last_event(client, specialist, puzzle):
    asked = await client(specialist(SpecialistCrashed("out of order")))
    response = await asked.post("/v1/solve", json={"query": puzzle, "stream": True})

    if response.status_code == 200:
        kind, data = parsed(response.text)[-1]
        assert kind == "error"
    else:  # it broke before the headers were sent
        data = response.json()
    assert data["error"]["code"] == "specialist_crashed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid_value"),
        ({"query": 7}, 400, "invalid_value"),
        ({"query": "x", "limits": {"policy": {}}}, 400, "unknown_parameter"),
        ({"query": "", "task": "chess"}, 404, "unknown_specialist"),
        ({"query": {"board": 1}}, 404, "unknown_specialist"),
        ({"query": {"grid": [[1]]}, "task": "sudoku"}, 400, "malformed_task"),
        ({"query": "x" * 1_000_001}, 413, "task_too_large"),
        ({"query": "<script>alert(1)</script>", "stream": True, "task": "sudoku"}, 400, None),
    ],
)
async def test_bad_questions_are_refused_with_a_code(client, body, status, code):
    response = await (await client()).post("/v1/solve", json=body)

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert code in (None, response.json()["error"]["code"])


async def test_a_form_of_another_page_is_no_json(client, puzzle):
    response = await (await client()).post(
        "/v1/solve", content=json.dumps({"query": puzzle}), headers={"content-type": "text/plain"}
    )
    assert response.status_code == 415


async def test_an_unsolved_problem_is_an_answer_and_no_error(client, specialist, puzzle):
    response = await (await client(specialist(None))).post("/v1/solve", json={"query": puzzle})

    assert response.status_code == 200
    assert response.json()["status"] == "failed"


async def test_models_are_the_router_and_each_specialist(client):
    asked = await client()
    listed = (await asked.get("/v1/models")).json()

    assert [model["id"] for model in listed["data"]] == ["hrm-agent", "sudoku"]
    assert (await asked.get("/v1/models/sudoku")).json() == listed["data"][1]
    assert (await asked.get("/v1/models/gpt")).json()["error"]["code"] == "model_not_found"


async def test_specialists_can_be_read_and_not_changed(client, specialist):
    asked = await client(specialist(private=True))
    (one,) = (await asked.get("/v1/specialists")).json()["data"]

    assert (one["name"], one["checked"], one["private"]) == ("sudoku", True, True)
    assert "grid" in one["problem"]["properties"]
    assert "folder" not in one
    assert one["asked"] == one["shown"], "Sudokus can be read as they are drawn"
    for method in ("POST", "PUT", "DELETE"):
        response = await asked.request(method, "/v1/specialists", json={"name": "evil"})
        assert response.status_code == 405
        assert response.json()["error"]["code"] == "method_not_allowed"


async def test_ready_only_once_all_specialists_are_loaded(client, puzzle):
    asked = await client()

    before = await asked.get("/readyz")
    await asked.post("/v1/solve", json={"query": puzzle})

    assert (before.status_code, before.headers["retry-after"]) == (503, "1")
    assert "sudoku" not in before.text, "strangers are not told what is wrong with whom"
    assert (await asked.get("/readyz")).status_code == 200
    assert (await asked.get("/healthz")).status_code == 200


async def test_starting_up_loads_and_shutting_down_closes(specialist):
    mine = specialist()
    router = Router([mine], llm=None, settings=Settings())
    app = create_app(router, close=True)

    async with app.router.lifespan_context(app):
        await router.warm()
        assert mine.loaded
    with pytest.raises(Exception, match="closed"):
        await router.solve("x")


class Broken(ScriptedSpecialist):
    """Cannot be loaded."""

    def warm(self):
        raise SpecialistCrashed("canary words")


async def test_a_broken_specialist_degrades_and_the_others_are_ready(specialist):
    router = Router([specialist(), Broken(MazeTask())], llm=None, settings=Settings())
    app = create_app(router, close=True)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asked,
        asyncio.timeout(20),
    ):
        while (response := await asked.get("/readyz")).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # as an orchestrator does
    assert response.json() == {"status": "degraded", "not_usable": 1}


async def test_a_dry_run_decides_and_solves_nothing(client, specialist, puzzle):
    mine = specialist()
    asked = await client(mine)
    response = await asked.post("/v1/route", json={"query": f"please solve {puzzle}"})

    decision = response.json()
    assert (decision["route"], decision["task"]) == ("specialist", "sudoku")
    assert decision["evidence"]
    assert decision["problems"][0]["shown"].startswith("+-------+")
    assert response.headers["x-hrm-route"] == "specialist"
    assert response.headers["x-hrm-task"] == "sudoku"
    assert mine.asked == []


async def test_headers_say_where_it_went_and_what_it_is_worth(client, puzzle):
    asked = await client()
    response = await asked.post("/v1/solve", json={"query": puzzle})

    told = {name: response.headers[f"x-hrm-{name}"] for name in ("route", "task", "status")}
    assert told == {"route": "specialist", "task": "sudoku", "status": "verified"}


async def test_prometheus_reads_the_figures_by_specialist_and_version(client, specialist, puzzle):
    mine = specialist()
    mine.version = "2026-11-28"
    asked = await client(mine)
    await asked.post("/v1/solve", json={"query": puzzle})
    await asked.get("/v1/models/no-such-model")
    response = await asked.get("/metrics")

    figures = {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(response.text)
        for one in family.samples
    }

    def figure(name, **labels):
        return figures[name, tuple(sorted(labels.items()))]

    assert figure("hrm_http_requests_total", route="/v1/solve", status="200") == 1
    assert figure("hrm_http_requests_total", route="other", status="404") == 1
    assert figure("hrm_solves_total", route="specialist", status="verified") == 1
    seconds = "hrm_http_request_seconds_bucket"
    assert figure(seconds, route="/v1/solve", le="+Inf") == 1
    labels = {"specialist": "sudoku", "version": "2026-11-28", "status": "verified"}
    assert figure("hrm_answers_total", **labels) == 1
    assert "no-such-model" not in response.text


async def test_the_description_holds_every_path_and_the_key(client):
    open_, keyed = await client(), await client(key="k" * 20)
    described = (await open_.get("/openapi.json")).json()

    assert set(described["paths"]) == {
        "/v1/chat/completions",
        "/v1/chat/completions/{completion}",
        "/v1/chat/completions/{completion}/messages",
        "/v1/feedback",
        "/v1/growth",
        "/v1/growth/doubtful",
        "/v1/growth/{name}",
        "/v1/responses",
        "/v1/decisions",
        "/v1/solve",
        "/v1/route",
        "/v1/models",
        "/v1/models/{name}",
        "/v1/specialists",
        "/metrics",
        "/healthz",
        "/readyz",
    }
    with_key = (await keyed.get("/openapi.json")).json()
    assert with_key["paths"]["/v1/solve"]["post"]["security"] == [{"HTTPBearer": []}]


async def test_an_unknown_path_is_a_404_in_the_same_shape(client):
    response = await (await client()).get("/v2/chat")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


async def test_a_wrong_method_is_told_which_ones_there_are(client):
    asked = await client()
    allowed = {
        "/v1/chat/completions": "GET, POST",
        "/v1/chat/completions/some": "DELETE, GET, POST",
        "/v1/solve": "POST",
        "/healthz": "GET",
    }
    for path, methods in allowed.items():
        response = await asked.put(path)
        assert (response.status_code, response.headers["allow"]) == (405, methods), path
