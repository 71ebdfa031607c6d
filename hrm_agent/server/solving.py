"""`/v1/solve`: the router's own question and answer, typed, or told as it happens."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from hrm_agent.errors import HrmAgentError
from hrm_agent.server.failures import failure_of, json_response
from hrm_agent.server.served import REFUSALS, STREAMS, Served
from hrm_agent.server.streams import EventStream, event, unless_gone
from hrm_agent.server.transcript import extension
from hrm_agent.server.wire import SolveRequest
from hrm_router.answer import Answer, printable
from hrm_router.decision import Decision
from hrm_router.events import Answered, Decided, Event, Solved, Thinking
from hrm_router.router import Router


def routes(served: Served) -> APIRouter:
    """The route, over one router."""
    router = APIRouter(tags=["Solve"])
    answers: dict[int | str, dict[str, Any]] = {
        200: {
            "model": Answer,
            "description": "The answer, or events with the answer last",
            "content": STREAMS,
        }
    }

    @router.post("/v1/solve", summary="Solve a query", responses={**REFUSALS, **answers})
    async def solve(body: SolveRequest, request: Request) -> Response:
        """Text, chat messages or a typed problem; `status` says what the answer is worth."""
        question: dict[str, Any] = {
            "query": body.query,
            "task": body.task,
            "policy": body.limits.within(served.router.policy),
        }
        if not body.stream:
            answer = await unless_gone(request.receive, served.router.solve(**question))
            return json_response(extension(answer))
        events = served.router.stream(**question)
        assert isinstance(events, AsyncGenerator), "streams can be left early"
        first = await unless_gone(request.receive, anext(events))
        return EventStream(_pieces(served.router, first, events), events)

    return router


async def _pieces(
    router: Router, first: Event, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[bytes, None]:
    assert isinstance(first, Decided), "a stream begins with its decision"
    show = _Shown(router, first.decision)
    yield event(show.decided(), "decided")
    try:
        async for happened in events:
            if not isinstance(happened, Decided):
                yield event(show.of(happened), happened.kind)
    except HrmAgentError as error:
        yield event(failure_of(error).body, "error")


class _Shown:
    """Events as plain JSON, with pictures in text for tasks that draw some."""

    def __init__(self, router: Router, decision: Decision) -> None:
        self._tasks, self._decision = router.tasks, decision

    def decided(self) -> dict[str, Any]:
        data: dict[str, Any] = _plain(self._decision)
        for number, problem in enumerate(data["problems"]):
            problem["shown"] = self._draw(number, None)
        return data

    def of(self, happened: Event) -> dict[str, Any]:
        if isinstance(happened, Thinking):
            return {
                "part": happened.part,
                "specialist": happened.specialist,
                "segment": happened.segment,
                "start": happened.start,
                "confidence": happened.confidence,
                "solution": _plain(happened.solution),
                "shown": self._draw(happened.part, happened.solution),
            }
        if isinstance(happened, Solved):
            return {"part": happened.part, "answer": _plain(happened.answer)}
        if isinstance(happened, Answered):
            return extension(happened.answer)
        told = asdict(happened)
        told.pop("kind")
        return told

    def _draw(self, part: int, solution: BaseModel | None) -> str:
        found = self._decision.problems[part]
        try:
            return printable(self._tasks[found.task].render(found.problem, solution))
        except Exception:  # a task's own drawing may raise anything, or the task be gone
            return ""


def _plain(model: BaseModel | None) -> Any:
    return None if model is None else json.loads(model.model_dump_json())  # NaN becomes null
