"""`/v1/solve` and `/v1/route`: the router's own question and answer, or only its decision."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sse_starlette import ServerSentEvent

from hrm_agent.errors import HrmAgentError
from hrm_agent.server.errors import failure_of, json_response
from hrm_agent.server.requests import OffLoop, RouteRequest, SolveRequest
from hrm_agent.server.served import REFUSALS, STREAMS, Served, ignored_header, route_headers
from hrm_agent.server.streams import EventStream, Flow, event, unless_gone
from hrm_agent.server.transcript import (
    discreet_part,
    extension,
    headers_of,
    plain,
    written_out,
)
from hrm_router.answer import Answer, printable
from hrm_router.decision import Decision
from hrm_router.events import Answered, Checked, Decided, Event, Solved, Thinking
from hrm_router.router import Router


def routes(served: Served) -> APIRouter:
    """The routes, over one router."""
    router = APIRouter(tags=["Solve"], responses=REFUSALS, route_class=OffLoop)
    answers: dict[int | str, dict[str, Any]] = {
        200: {
            "model": Answer,
            "description": "The answer, or events with the answer last",
            "content": STREAMS,
        }
    }

    def question(body: RouteRequest, request: Request) -> dict[str, Any]:
        policy = served.policy(request, body.limits)
        return {"query": body.query, "task": body.task, "policy": policy}

    @router.post("/v1/solve", summary="Solve a query", responses=answers)
    async def solve(body: SolveRequest, request: Request) -> Response:
        """Text, chat messages or a typed problem; `status` says what the answer is worth."""
        ignored = ignored_header(*body.ignored)
        if not body.stream:
            answer = await served.solve(request, **question(body, request))
            headers = {**headers_of(answer), **ignored}
            return Response(written_out(answer), headers=headers, media_type="application/json")
        flow = await served.flow(request, **question(body, request))
        pieces = _pieces(served, request, flow)
        return EventStream(pieces, flow, served.limits, {**route_headers(flow), **ignored})

    @router.post(
        "/v1/route", summary="Decide where a query goes", responses={200: {"model": Decision}}
    )
    async def route(body: RouteRequest, request: Request) -> Response:
        """A dry run: reads and decides, with evidence; solves nothing and asks no LLM."""
        deciding = served.router.route(**question(body, request))
        decision = await unless_gone(request.receive, deciding)
        headers = {"x-hrm-route": decision.route, **ignored_header(*body.ignored)}
        if decision.task:
            headers["x-hrm-task"] = decision.task
        return json_response(_Shown(served.router, decision).decided(), headers=headers)

    return router


async def _pieces(
    served: Served, request: Request, flow: Flow[Event]
) -> AsyncGenerator[ServerSentEvent, None]:
    show: _Shown | None = None
    try:
        async for happened in flow:
            if isinstance(happened, Decided):
                show = _Shown(served.router, happened.decision)
                yield event(show.decided(), "decided")
                continue
            assert show is not None, "a stream begins with its decision"
            if isinstance(happened, Answered):
                happened = Answered(served.settle(request, happened.answer))
            yield event(show.of(happened), happened.kind)
    except HrmAgentError as error:
        yield event(failure_of(error).body, "error")


class _Shown:
    """Events as plain JSON, with pictures in text for tasks that draw some."""

    def __init__(self, router: Router, decision: Decision) -> None:
        self._router, self._tasks, self._decision = router, router.tasks, decision

    def decided(self) -> dict[str, Any]:
        data: dict[str, Any] = plain(self._decision)
        for number, problem in enumerate(data["problems"]):
            problem["shown"] = self._draw(number, None)
        return data

    def of(self, happened: Event) -> Any:
        if isinstance(happened, Thinking):
            return {
                "part": happened.part,
                "specialist": happened.specialist,
                "segment": happened.segment,
                "start": happened.start,
                "confidence": happened.confidence,
                "solution": plain(happened.solution),
                "shown": self._draw(happened.part, happened.solution),
            }
        if isinstance(happened, Solved):
            return {
                "part": happened.part,
                "answer": plain(discreet_part(happened.answer)),
                "shown": self._draw(happened.part, happened.answer.solution),
            }
        if isinstance(happened, Answered):
            return extension(happened.answer)
        told = asdict(happened)
        told.pop("kind")
        if isinstance(happened, Checked) and happened.by not in self._router.specialists:
            told["by"] = "llm"
        return plain(told)

    def _draw(self, part: int, solution: BaseModel | None) -> str:
        found = self._decision.problems[part]
        try:
            return printable(self._tasks[found.task].render(found.problem, solution))
        except Exception:  # a task's own drawing may raise anything, or the task be gone
            return ""
