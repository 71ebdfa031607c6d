"""What there is to ask: models, specialists, health. Nothing is changed here."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from hrm_agent.server.failures import Failure, Refused, json_response, unknown_model
from hrm_agent.server.metrics import Requests, exposition
from hrm_agent.server.served import REFUSALS, ROUTER, Served
from hrm_specialists.contract import Task
from hrm_specialists.specialist import Specialist


def routes(served: Served) -> APIRouter:
    """Models and specialists; behind the key."""
    router = APIRouter(responses=REFUSALS)

    @router.get("/v1/models", tags=["OpenAI"], summary="The models there are")
    async def models() -> Response:
        """The router, and each specialist under its own name."""
        names = [ROUTER, *served.router.specialists]
        return json_response({"object": "list", "data": [model(name) for name in names]})

    @router.get("/v1/models/{name}", tags=["OpenAI"], summary="One model")
    async def one_model(name: str) -> Response:
        if name != ROUTER and name not in served.router.specialists:
            raise Refused(unknown_model(name))
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
    task = specialist.task
    return {
        "name": specialist.name,
        "title": task.title or task.name,
        "description": task.description,
        "version": specialist.version,
        "loaded": specialist.loaded,
        "private": specialist.private,
        "checked": task.has_checker,
        "threshold": specialist.threshold,
        "problem": task.Problem.model_json_schema(),
        "solution": task.Solution.model_json_schema(mode="serialization"),
        "example": None if task.example is None else json.loads(task.example.model_dump_json()),
        "shown": "" if task.example is None else task.render(task.example),
        "asked": "" if task.example is None else _asked(task, task.example),
        "card": json.loads(json.dumps(dict(specialist.card), default=str)),
    }


def _asked(task: Task[Any, Any], example: BaseModel) -> str:
    """A problem as somebody may write it: drawn, if its task can read what it draws."""
    drawn: str = task.render(example)
    if [claim.problem for claim in task.read(drawn)] == [example]:
        return drawn
    return example.model_dump_json()


def health(served: Served) -> APIRouter:
    """Whether the server lives and may be sent work; needs no key."""
    router = APIRouter(tags=["Health"])

    @router.get("/healthz", summary="Whether the process lives")
    async def healthz() -> Response:
        return json_response({"status": "ok"})

    @router.get("/readyz", summary="Whether all specialists are loaded", responses={503: {}})
    async def readyz() -> Response:
        waiting = [one.name for one in served.router.specialists.values() if not one.loaded]
        if not waiting:
            return json_response({"status": "ready"})
        what = f"not loaded yet: {', '.join(waiting)}"
        raise Refused(Failure(503, "not_ready", what, headers={"Retry-After": "1"}))

    return router


def metrics(served: Served, requests: Requests) -> APIRouter:
    """Figures for Prometheus; behind the key."""
    router = APIRouter(tags=["Health"], responses=REFUSALS)

    text: dict[int | str, dict[str, Any]] = {
        200: {"description": "Figures", "content": {"text/plain": {}}}
    }

    @router.get("/metrics", summary="Figures for Prometheus", responses=text)
    async def figures() -> Response:
        page = exposition(served.router.stats(), requests, served.load)
        return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")

    return router
