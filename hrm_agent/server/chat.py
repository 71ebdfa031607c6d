"""`/v1/chat/completions`: a chat in, the router's answer out, whole or in pieces."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request, Response
from sse_starlette import ServerSentEvent

from hrm_agent.errors import HrmAgentError
from hrm_agent.server.errors import failure_of
from hrm_agent.server.requests import ChatRequest, OffLoop
from hrm_agent.server.served import REFUSALS, STREAMS, Chat, Served, caller_of
from hrm_agent.server.streams import Flow, event
from hrm_agent.server.transcript import (
    content_of,
    extension,
    finish_reason,
    tool_calls,
    usage_of,
)
from hrm_router.answer import Answer
from hrm_router.events import Event
from hrm_router.traffic.rows import MARKS, Marks


def routes(served: Served) -> APIRouter:
    """The route, over one router."""
    router = APIRouter(tags=["OpenAI"], responses=REFUSALS, route_class=OffLoop)

    @router.post(
        "/v1/chat/completions",
        summary="Answer a chat",
        response_model=dict[str, Any],
        responses={200: {"description": "A completion, or its chunks", "content": STREAMS}},
    )
    async def complete(body: ChatRequest, request: Request) -> Response:
        """As OpenAI's Chat Completions; the field `hrm` holds the whole answer."""
        messages = [message.plain() for message in body.messages]
        options = body.options(served.limits.max_tokens)
        chat = Chat(served, request, body.model, messages, options, body.hrm)
        writing = _Writing(body, chat)
        MARKS.set(Marks(writing.id, body.store, body.metadata, caller_of(request).name))
        return await chat.respond(writing, stream=body.stream, ignored=body.ignored)

    return router


@dataclass(slots=True)
class _Writing:
    """One answer in OpenAI's words."""

    body: ChatRequest
    chat: Chat
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer) -> dict[str, Any]:
        """The completion of an answer."""
        content, refusal = content_of(answer, form=self.chat.form)
        message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": refusal}
        if calls := tool_calls(answer):
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
            "usage": _usage(answer),
            "hrm": extension(answer),
        }

    async def pieces(self, flow: Flow[Event]) -> AsyncGenerator[ServerSentEvent, None]:
        """The chunks of a completion."""
        yield self._piece({"role": "assistant", "content": ""})
        answer: Answer | None = None
        try:
            async for said in self.chat.said(flow):
                if isinstance(said, Answer):
                    answer = said
                else:
                    yield self._piece({"refusal" if said.refusal else "content": said.text})
        except HrmAgentError as error:
            yield event(failure_of(error).body)
            return
        assert answer is not None, "a flow ends with an answer or an error"
        if calls := tool_calls(answer):
            numbered = [{"index": index, **call} for index, call in enumerate(calls)]
            yield self._piece({"tool_calls": numbered})
        yield self._piece({}, end=finish_reason(answer), hrm=extension(answer))
        if self.body.wants_usage:
            head = self._head("chat.completion.chunk")
            yield event({**head, "choices": [], "usage": _usage(answer)})
        yield event("[DONE]")

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.body.model,
        }

    def _piece(
        self, delta: dict[str, Any], *, end: str | None = None, **more: Any
    ) -> ServerSentEvent:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
        data = {**self._head("chat.completion.chunk"), "choices": [choice], **more}
        if self.body.wants_usage:
            data["usage"] = None
        return event(data)


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = usage_of(answer)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
