"""`/v1/chat/completions`: a chat in, the router's answer out, whole or in pieces.

The router as a model may ask the LLM; a specialist as a model never does. Knows
nothing of how questions are answered.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from hrm_agent.errors import HrmAgentError
from hrm_agent.server.failures import (
    Failure,
    Refused,
    failure_of,
    json_response,
    unknown_model,
)
from hrm_agent.server.served import REFUSALS, ROUTER, STREAMS, Served
from hrm_agent.server.streams import EventStream, event, unless_gone
from hrm_agent.server.transcript import (
    Transcript,
    content_of,
    extension,
    finish_reason,
    tool_calls,
    usage_of,
)
from hrm_agent.server.wire import ChatRequest
from hrm_router.answer import Answer
from hrm_router.answering import wants_form
from hrm_router.events import Answered, Event, Solved, TextDelta
from hrm_router.router import Router


def routes(served: Served) -> APIRouter:
    """The route, over one router."""
    router = APIRouter(tags=["OpenAI"], responses=REFUSALS)

    @router.post(
        "/v1/chat/completions",
        summary="Answer a chat",
        response_model=dict[str, Any],
        responses={200: {"description": "A completion, or its chunks", "content": STREAMS}},
    )
    async def complete(body: ChatRequest, request: Request) -> Response:
        """As OpenAI's Chat Completions; the field `hrm` holds the whole answer."""
        chat = _Chat(served.router, body)
        if not body.stream:
            return json_response(chat.completion(await unless_gone(request.receive, chat.solve())))
        events = chat.events()
        begun = await unless_gone(request.receive, _begin(events))
        return EventStream(chat.pieces(begun, events), events)

    return router


async def _begin(events: AsyncGenerator[Event, None]) -> Sequence[Event]:
    """The first events with text, up to one that is more than a failure.

    Until then nothing was sent, so that a full queue is still a 429.
    """
    begun: list[Event] = []
    async for happened in events:
        if isinstance(happened, Solved | TextDelta | Answered):
            begun.append(happened)
            if not isinstance(happened, Solved) or happened.answer.status != "failed":
                break
    return begun


@dataclass(slots=True)
class _Chat:
    """One request on its way through."""

    router: Router
    body: ChatRequest
    id: str = ""
    created: int = 0

    def __post_init__(self) -> None:
        self.id, self.created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
        name = self.body.model
        if name == ROUTER:
            return
        if name not in self.router.specialists:
            raise Refused(unknown_model(name))
        if wants_form(self.body.options):
            what = f"the model {name!r} calls no tools and writes in its own form; ask {ROUTER!r}"
            raise Refused(Failure(400, "unsupported_parameter", what))

    async def solve(self) -> Answer:
        return await self.router.solve(**self._question())

    def events(self) -> AsyncGenerator[Event, None]:
        events = self.router.stream(**self._question())
        assert isinstance(events, AsyncGenerator), "streams can be left early"
        return events

    def completion(self, answer: Answer) -> dict[str, Any]:
        calls = tool_calls(answer)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": content_of(answer, form=self._form),
            "refusal": None,
        }
        if calls:
            message["tool_calls"] = calls
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": finish_reason(answer),
        }
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": usage_of(answer),
            "hrm": extension(answer),
        }

    async def pieces(
        self, begun: Sequence[Event], events: AsyncGenerator[Event, None]
    ) -> AsyncGenerator[bytes, None]:
        yield self._piece({"role": "assistant", "content": ""})
        transcript = Transcript(form=self._form)
        answer: Answer | None = None
        try:
            async for happened in _chained(begun, events):
                if isinstance(happened, Answered):
                    answer = happened.answer
                if text := transcript.add(happened):
                    yield self._piece({"content": text})
        except HrmAgentError as error:
            yield event(failure_of(error).body)
            return
        assert answer is not None, "a stream ends with its answer or raises"
        calls = tool_calls(answer)
        if calls:
            numbered = [{"index": index, **call} for index, call in enumerate(calls)]
            yield self._piece({"tool_calls": numbered})
        yield self._piece({}, end=finish_reason(answer), hrm=extension(answer))
        if self.body.wants_usage:
            head = self._head("chat.completion.chunk")
            yield event({**head, "choices": [], "usage": usage_of(answer)})
        yield event("[DONE]")

    @property
    def _form(self) -> bool:
        return wants_form(self.body.options)

    def _question(self) -> dict[str, Any]:
        body, alone = self.body, self.body.model != ROUTER
        policy = body.hrm.within(self.router.policy)
        if alone:
            policy = policy.model_copy(update={"max_llm_calls": 0})
        return {
            "query": body.messages,
            "task": body.model if alone else None,
            "policy": policy,
            "llm_options": None if alone else body.options,
        }

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.body.model,
        }

    def _piece(self, delta: dict[str, Any], *, end: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
        data = {**self._head("chat.completion.chunk"), "choices": [choice], **more}
        if self.body.wants_usage:
            data["usage"] = None
        return event(data)


async def _chained(
    begun: Sequence[Event], events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    for happened in begun:
        yield happened
    async for happened in events:
        yield happened
