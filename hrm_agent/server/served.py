"""What all routes of one server share, and a chat on its way through the router."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import Request, Response
from sse_starlette import ServerSentEvent

from hrm_agent.server.errors import Refused, json_response
from hrm_agent.server.guard import Load
from hrm_agent.server.limits import Caller, Limits
from hrm_agent.server.metrics import Metrics
from hrm_agent.server.requests import ErrorBody, RequestLimits
from hrm_agent.server.streams import EventStream, Flow, unless_gone
from hrm_agent.server.transcript import Delta, Transcript, discreet, headers_of
from hrm_router.answer import Answer
from hrm_router.answering import wants_form
from hrm_router.events import Answered, Decided, Event, Solved, TextDelta
from hrm_router.policy import Policy
from hrm_router.router import Router

ROUTER = "hrm-agent"
"""The router's name as a model; each specialist is one under its own name."""

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": what}
    for status, what in {
        400: "The request makes no sense as it is",
        401: "No key, or a wrong one",
        403: "Not allowed",
        404: "No such model or specialist",
        408: "The request did not arrive in time",
        413: "Too large",
        415: "The body is not marked as JSON",
        429: "Too much is going on; see Retry-After",
        500: "A bug",
        502: "The LLM's endpoint failed",
        503: "Not ready, or resting; see Retry-After",
        504: "The deadline passed",
    }.items()
}
"""For the description of the API."""

STREAMS: dict[str, Any] = {"text/event-stream": {}}
"""For the description of a response that may be a stream."""


@dataclass(slots=True)
class Served:
    """A router, and how busy the server is."""

    router: Router
    limits: Limits
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Further names of models, "gpt-4o" say, and what they stand for."""
    load: Load = field(default_factory=Load)
    metrics: Metrics = field(default_factory=Metrics)
    since: int = field(default_factory=lambda: int(time.time()))
    """When the server was made, in Unix seconds."""
    failed: set[str] = field(default_factory=set)
    """Specialists that could not be loaded."""
    warming: bool = False
    """Whether specialists and the text classifier are still being loaded."""

    def model(self, name: str) -> str | None:
        """The specialist that a model's name stands for; None for the router.

        Raises:
            Refused: there is no such model.
        """
        meant = self.aliases.get(name, name)
        if meant == ROUTER:
            return None
        if meant not in self.router.specialists:
            what = (
                f"no model {name!r} here; see /v1/models. New specialists come within seconds, "
                "unless the server was started for named ones (--specialist)"
            )
            raise Refused(404, "model_not_found", what, "model")
        return meant

    def policy(self, request: Request, limits: RequestLimits) -> Policy:
        """The server's policy, tightened by the caller's key and by the request."""
        return limits.within(caller_of(request).tightened(self.router.policy))

    async def solve(self, request: Request, **question: Any) -> Answer:
        """Answer a question unless its caller leaves; counted and charged.

        Raises:
            ClientDisconnected: the caller left.
            HrmAgentError: as `Router.solve` does.
        """
        answer = await unless_gone(request.receive, self.router.solve(**question))
        return self.settle(request, answer)

    async def flow(self, request: Request, **question: Any) -> Flow[Event]:
        """The same as events; the first ones are there, or soon will be."""
        events = self.router.stream(**question)
        assert isinstance(events, AsyncGenerator), "streams can be left early"
        flow = Flow(events, _shows_something)
        try:
            await unless_gone(request.receive, flow.begin(self.limits.headers_within))
        except BaseException:
            await flow.aclose()
            raise
        return flow

    def settle(self, request: Request, answer: Answer) -> Answer:
        """Count an answer, charge it, and leave out what is not for callers."""
        caller_of(request).charge(answer.usage.prompt_tokens + answer.usage.completion_tokens)
        self.metrics.answered(answer)
        return discreet(answer, self.router.specialists)


def _shows_something(happened: Event) -> bool:
    """Whether an event is more than the start of a failure."""
    if isinstance(happened, Solved):
        return happened.answer.status != "failed"
    return isinstance(happened, TextDelta | Answered)


def caller_of(request: Request) -> Caller:
    """Who asks."""
    caller: Caller = request.state.caller
    return caller


def route_headers(flow: Flow[Event]) -> dict[str, str]:
    """Where a question went, as far as it is known when its stream begins."""
    for happened in flow.begun:
        if isinstance(happened, Decided):
            told: dict[str, str] = {"x-hrm-route": happened.decision.route}
            if happened.decision.task:
                told["x-hrm-task"] = happened.decision.task
            return told
    return {}


def ignored_header(*names: str) -> dict[str, str]:
    """Names the fields of a request that had no effect."""
    known = [name for name in names if name.isascii() and name.isprintable() and len(name) < 60]
    return {"x-hrm-ignored": ", ".join(known[:20])} if known else {}


class Writing(Protocol):
    """How an API writes an answer."""

    def whole(self, answer: Answer) -> dict[str, Any]:
        """As one object."""
        ...

    def pieces(self, flow: Flow[Event]) -> AsyncGenerator[ServerSentEvent, None]:
        """As events."""
        ...


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat for the router, or for one specialist as a model.

    The router as a model may ask the LLM; a specialist as a model never does.
    """

    served: Served
    request: Request
    model: str
    messages: Sequence[Mapping[str, Any]]
    options: Mapping[str, Any]
    """For the LLM."""
    limits: RequestLimits

    def question(self) -> dict[str, Any]:
        """As `Served.solve` takes it.

        Raises:
            Refused: there is no such model, or it cannot do what is asked.
        """
        task, policy = self.served.model(self.model), self.policy()
        if task is not None and self.form:
            what = f"the model {task!r} calls no tools and writes in its own form; ask {ROUTER!r}"
            raise Refused(400, "unsupported_parameter", what)
        if task is not None:
            policy = policy.model_copy(update={"max_llm_calls": 0})
        options = None if task is not None else self.options
        return {
            "query": self.messages,
            "task": task,
            "policy": policy,
            "llm_options": options,
        }

    @property
    def form(self) -> bool:
        """Whether the reply must be JSON or a tool call."""
        return wants_form(self.options)

    def policy(self) -> Policy:
        """Within which it is answered."""
        return self.served.policy(self.request, self.limits)

    async def respond(
        self, writing: Writing, *, stream: bool, ignored: Collection[str]
    ) -> Response:
        """The answer in an API's own words, whole or as events.

        Args:
            writing: the API's words.
            ignored: fields of the request that had no effect.
        """
        left_out = ignored_header(*ignored)
        if not stream:
            answer = await self.served.solve(self.request, **self.question())
            headers = {**headers_of(answer), **left_out}
            return json_response(writing.whole(answer), headers=headers)
        flow = await self.served.flow(self.request, **self.question())
        headers = {**route_headers(flow), **left_out}
        return EventStream(writing.pieces(flow), flow, self.served.limits, headers)

    async def said(self, flow: Flow[Event]) -> AsyncGenerator[Delta | Answer, None]:
        """What a stream adds to the message, and its answer last.

        Raises:
            HrmAgentError: as `Router.stream` does.
        """
        transcript = Transcript(form=self.form)
        async for happened in flow:
            if isinstance(happened, Answered):
                happened = Answered(self.served.settle(self.request, happened.answer))
            if (delta := transcript.add(happened)) is not None:
                yield delta
            if isinstance(happened, Answered):
                yield happened.answer
