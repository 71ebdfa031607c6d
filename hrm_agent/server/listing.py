"""What there is to ask: models, specialists, health. Nothing is changed here."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from hrm_agent.server.errors import Failure, json_response
from hrm_agent.server.requests import ErrorBody
from hrm_agent.server.served import REFUSALS, ROUTER, Served
from hrm_router.cards import card_of, example_of
from hrm_specialists.contract import Task
from hrm_specialists.specialist import Specialist


def routes(served: Served) -> APIRouter:
    """Models and specialists; behind the key."""
    router = APIRouter(responses=REFUSALS)

    @router.get("/v1/models", tags=["OpenAI"], summary="The models there are")
    async def models() -> Response:
        """The router, each specialist under its own name, and further names for them."""
        names = dict.fromkeys([ROUTER, *served.router.specialists, *served.aliases])
        return json_response({"object": "list", "data": [model(name) for name in names]})

    @router.get("/v1/models/{name}", tags=["OpenAI"], summary="One model")
    async def one_model(name: str) -> Response:
        served.model(name)
        return json_response(model(name))

    @router.get("/v1/specialists", tags=["Solve"], summary="The specialists there are")
    async def specialists() -> Response:
        """What each solves, how its problems are written, what is known of it."""
        known, broken = served.router.specialists, served.router.broken
        data = [described(one) for one in known.values()]
        return json_response({"object": "list", "data": data, "broken": sorted(broken)})

    def model(name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": served.since, "owned_by": "hrm-agent"}

    return router


def described(specialist: Specialist) -> dict[str, Any]:
    """One specialist as plain JSON; where its files are is not told."""
    task, card = specialist.task, card_of(specialist)
    example = example_of(task)
    return {
        "name": specialist.name,
        "title": card.title,
        "description": card.description,
        "version": specialist.version,
        "loaded": specialist.loaded,
        "private": specialist.private,
        "checked": task.has_checker,
        "threshold": specialist.threshold,
        "arguments": card.arguments,
        "problem": task.Problem.model_json_schema(),
        "solution": task.Solution.model_json_schema(mode="serialization"),
        "example": example,
        "shown": "" if task.example is None else task.render(task.example),
        "asked": _drawn(task) or ("" if example is None else json.dumps(example)),
        "card": json.loads(json.dumps(dict(specialist.card), default=str)),
    }


def _drawn(task: Task[Any, Any]) -> str:
    """The example as its task draws it, if the task can read that."""
    if task.example is None:
        return ""
    drawn: str = task.render(task.example)
    return drawn if [claim.problem for claim in task.read(drawn)] == [task.example] else ""


def health(served: Served) -> APIRouter:
    """Whether the server lives and may be sent work; needs no key."""
    router = APIRouter(tags=["Health"])

    @router.get("/healthz", summary="Whether the process lives")
    async def healthz() -> Response:
        return json_response({"status": "ok"})

    @router.get(
        "/readyz", summary="Whether it may be sent work", responses={503: {"model": ErrorBody}}
    )
    async def readyz() -> Response:
        """503 while specialists load; 200 `degraded` if some could not be loaded."""
        known = served.router.specialists.values()
        waiting = [one for one in known if not one.loaded and one.name not in served.failed]
        if waiting or served.warming:
            what = f"{len(waiting)} specialists are not loaded yet" if waiting else "still loading"
            return Failure(503, "not_ready", what, headers={"Retry-After": "1"}).response()
        missing = len(served.failed) + len(served.router.broken)
        status = "degraded" if missing else "ready"
        return json_response({"status": status, "not_usable": missing})

    return router


def metrics(served: Served) -> APIRouter:
    """Figures for Prometheus; behind the key."""
    router = APIRouter(tags=["Health"], responses=REFUSALS)

    text: dict[int | str, dict[str, Any]] = {
        200: {"description": "Figures", "content": {"text/plain": {}}}
    }

    @router.get("/metrics", summary="Figures for Prometheus", responses=text)
    async def figures(request: Request) -> Response:
        page, kind = served.metrics.page(request.headers.get("accept", ""))
        return Response(page, headers={"content-type": kind})

    return router
