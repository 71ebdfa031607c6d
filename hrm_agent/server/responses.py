"""`/v1/responses`: OpenAI's Responses API without memory, over the same router as chats.

Items become chat messages on the way in, an answer becomes items on the way
out, whole or as events. Nothing is stored: what builds on stored state is refused.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, Field, PositiveInt, model_validator
from sse_starlette import ServerSentEvent

from hrm_agent.errors import HrmAgentError
from hrm_agent.server.errors import Refused, failure_of
from hrm_agent.server.requests import (
    LLMOptions,
    Name,
    Object,
    OffLoop,
    Received,
    RequestLimits,
    Tool,
    Word,
    bounded,
    refuse,
)
from hrm_agent.server.served import REFUSALS, STREAMS, Chat, Served
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

STATEFUL = ("background", "conversation", "previous_response_id", "prompt")
"""Fields that need what this server does not keep."""
ROLES = frozenset({"user", "system", "developer", "assistant"})


class Reasoning(Received):
    """How much an LLM thinks."""

    effort: Word | None = None


class Text(Received):
    """The form of the text."""

    format: Object | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


def _known_tools(value: tuple[Object, ...]) -> tuple[Object, ...]:
    for tool in value:
        if not isinstance(tool.get("name"), str):
            raise ValueError("a tool has a `name`")
    return value


class ResponsesRequest(LLMOptions):
    """A request as OpenAI's clients send it."""

    model: Name
    input: str | Annotated[tuple[Object, ...], Field(min_length=1, max_length=4096)]
    instructions: str | None = None
    stream: bool = False
    max_output_tokens: PositiveInt | None = None
    metadata: dict[str, str] | None = None
    reasoning: Reasoning | None = None
    store: bool = False
    text: Text | None = None
    tool_choice: Literal["none", "auto", "required"] | Tool | None = None
    tools: (
        Annotated[tuple[Tool, ...], Field(max_length=256), AfterValidator(_known_tools)] | None
    ) = None
    hrm: RequestLimits = RequestLimits()
    """Limits of this request; not in OpenAI's protocol (`extra_body` in its client)."""

    @model_validator(mode="before")
    @classmethod
    def _stateless(cls, data: Any) -> Any:
        return refuse(data, *STATEFUL)

    def options(self, most: int) -> dict[str, Any]:
        """What goes through to the LLM, in the words of Chat Completions."""
        options = self.model_dump(include=set(LLMOptions.model_fields), exclude_none=True)
        if self.reasoning is not None and self.reasoning.effort:
            options["reasoning_effort"] = self.reasoning.effort
        if self.text is not None and self.text.verbosity:
            options["verbosity"] = self.text.verbosity
        form = dict(self.text.format or {}) if self.text is not None else {}
        if form.get("type", "text") == "json_schema":
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {key: item for key, item in form.items() if key != "type"},
            }
        elif form.get("type", "text") != "text":
            options["response_format"] = form
        if self.max_output_tokens is not None:
            options["max_completion_tokens"] = self.max_output_tokens
        options["tools"] = tuple(_nested(tool) for tool in self.tools or ())
        if isinstance(self.tool_choice, dict):
            name = {"name": self.tool_choice.get("name")}
            options["tool_choice"] = {"type": "function", "function": name}
        elif self.tool_choice is not None:
            options["tool_choice"] = self.tool_choice
        return bounded(options, most)

    def messages(self) -> list[dict[str, Any]]:
        """The input as a chat.

        Raises:
            Refused: an item is of a kind that is not known here.
        """
        first = {"role": "system", "content": self.instructions}
        chat: list[dict[str, Any]] = [first] if self.instructions else []
        if isinstance(self.input, str):
            return [*chat, {"role": "user", "content": self.input}]
        for at, item in enumerate(self.input):
            for message in _messages(item, f"input.{at}"):
                last = chat[-1] if chat else {}
                if "tool_calls" in message and "tool_calls" in last:
                    last["tool_calls"] += message["tool_calls"]  # one turn called several tools
                else:
                    chat.append(message)
        return chat


def _nested(tool: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("name", "description", "parameters", "strict")
    function = {key: tool[key] for key in kept if tool.get(key) is not None}
    return {"type": "function", "function": {"parameters": {"type": "object"}, **function}}


def _messages(item: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    kind = item.get("type", "message" if "role" in item else None)
    match kind:
        case "message" if item.get("role") in ROLES:
            yield {"role": item["role"], "content": _content(item.get("content"), where)}
        case "function_call":
            function = {"name": item.get("name"), "arguments": item.get("arguments", "{}")}
            call = {"id": item.get("call_id"), "type": "function", "function": function}
            yield {"role": "assistant", "content": None, "tool_calls": [call]}
        case "function_call_output":
            output = _content(item.get("output"), where)
            yield {"role": "tool", "tool_call_id": item.get("call_id"), "content": output}
        case "reasoning":
            return
        case _:
            shown = ascii(item.get("role") if kind == "message" else kind)[:60]
            what = f"{where}: {shown} is not supported; send messages, function_call and its output"
            raise Refused(400, "invalid_value", what, where)


def _content(content: Any, where: str) -> str | list[dict[str, Any]]:
    if isinstance(content, str):
        return content
    parts: list[dict[str, Any]] = []
    for part in content if isinstance(content, list) else [{}]:
        part = part if isinstance(part, dict) else {}
        kind = part.get("type")
        if kind in ("input_text", "output_text", "text") and isinstance(part.get("text"), str):
            parts.append({"type": "text", "text": part["text"]})
        elif kind == "refusal" and isinstance(part.get("refusal"), str):
            parts.append({"type": "text", "text": part["refusal"]})
        elif kind == "input_image" and isinstance(part.get("image_url"), str):
            parts.append({"type": "image_url", "image_url": {"url": part["image_url"]}})
        else:
            what = f"{where}.content: a text, or parts of type input_text, output_text, input_image"
            raise Refused(400, "invalid_value", what, f"{where}.content")
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def routes(served: Served) -> APIRouter:
    """The route, over one router."""
    router = APIRouter(tags=["OpenAI"], responses=REFUSALS, route_class=OffLoop)

    @router.post(
        "/v1/responses",
        summary="Answer a request, statelessly",
        response_model=dict[str, Any],
        responses={200: {"description": "A response, or its events", "content": STREAMS}},
    )
    async def respond(body: ResponsesRequest, request: Request) -> Response:
        """As OpenAI's Responses; nothing is stored. The field `hrm` holds the whole answer."""
        options = body.options(served.limits.max_tokens)
        chat = Chat(served, request, body.model, body.messages(), options, body.hrm)
        ignored = (*body.ignored, *(["store"] if body.store else []))
        return await chat.respond(_Writing(body, chat), stream=body.stream, ignored=ignored)

    return router


@dataclass(slots=True)
class _Writing:
    """One answer in OpenAI's words."""

    body: ResponsesRequest
    chat: Chat
    id: str = field(default_factory=lambda: f"resp_{secrets.token_hex(16)}")
    message_id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(16)}")
    created: int = field(default_factory=lambda: int(time.time()))
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def whole(self, answer: Answer) -> dict[str, Any]:
        """The response of an answer."""
        content, refusal = content_of(answer, form=self.chat.form)
        output: list[dict[str, Any]] = []
        if refusal is not None:
            output.append(self._message([_refused(refusal)]))
        elif content:
            output.append(self._message([_said(content)]))
        output += [_called(call) for call in tool_calls(answer)]
        cut = finish_reason(answer) in ("length", "content_filter")
        reason = "max_output_tokens" if finish_reason(answer) == "length" else "content_filter"
        read, written = usage_of(answer)
        usage = {
            "input_tokens": read,
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + written,
        }
        return {
            **self._frame("incomplete" if cut else "completed", output),
            "incomplete_details": {"reason": reason} if cut else None,
            "usage": usage,
            "hrm": extension(answer),
        }

    async def pieces(self, flow: Flow[Event]) -> AsyncGenerator[ServerSentEvent, None]:
        """The events of a response."""
        frame = self._frame("in_progress", [])
        yield self._event("response.created", response=frame)
        yield self._event("response.in_progress", response=frame)
        said, kind, answer = [], "", None
        try:
            async for added in self.chat.said(flow):
                if isinstance(added, Answer):
                    answer = added
                    continue
                if not kind:
                    kind = "refusal" if added.refusal else "output_text"
                    for piece in self._opened(kind):
                        yield piece
                said.append(added.text)
                yield self._in_part(f"response.{kind}.delta", delta=added.text)
        except HrmAgentError as error:
            told = failure_of(error)
            failed = {"code": "server_error", "message": told.body["error"]["message"]}
            yield self._event("response.failed", response=self._frame("failed", [], error=failed))
            return
        assert answer is not None, "a flow ends with an answer or an error"
        whole = self.whole(answer)
        if kind:
            for piece in self._closed(kind, "".join(said)):
                yield piece
            calls = [item for item in whole["output"] if item["type"] != "message"]
            whole["output"] = [self._message([_part(kind, "".join(said))]), *calls]
        for at, item in enumerate(whole["output"]):
            if item["type"] == "function_call":
                for piece in self._call(at, item):
                    yield piece
        yield self._event(f"response.{whole['status']}", response=whole)

    def _opened(self, kind: str) -> Iterator[ServerSentEvent]:
        item = {**self._message([]), "status": "in_progress"}
        yield self._event("response.output_item.added", output_index=0, item=item)
        yield self._in_part("response.content_part.added", part=_part(kind, ""))

    def _closed(self, kind: str, text: str) -> Iterator[ServerSentEvent]:
        name = "refusal" if kind == "refusal" else "text"
        yield self._in_part(f"response.{kind}.done", **{name: text})
        yield self._in_part("response.content_part.done", part=_part(kind, text))
        item = self._message([_part(kind, text)])
        yield self._event("response.output_item.done", output_index=0, item=item)

    def _call(self, at: int, item: Mapping[str, Any]) -> Iterator[ServerSentEvent]:
        begun = {**item, "arguments": "", "status": "in_progress"}
        yield self._event("response.output_item.added", output_index=at, item=begun)
        name, about = "response.function_call_arguments", {"item_id": item["id"]}
        given = item["arguments"]
        yield self._event(f"{name}.delta", output_index=at, delta=given, **about)
        yield self._event(
            f"{name}.done", output_index=at, arguments=given, name=item["name"], **about
        )
        yield self._event("response.output_item.done", output_index=at, item=item)

    def _in_part(self, kind: str, **more: Any) -> ServerSentEvent:
        if kind.startswith("response.output_text"):
            more["logprobs"] = []
        place = {"item_id": self.message_id, "output_index": 0, "content_index": 0}
        return self._event(kind, **place, **more)

    def _event(self, kind: str, **more: Any) -> ServerSentEvent:
        return event({"type": kind, "sequence_number": next(self._numbers), **more}, kind)

    def _message(self, content: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.message_id,
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": list(content),
        }

    def _frame(
        self, status: str, output: list[dict[str, Any]], error: Any = None
    ) -> dict[str, Any]:
        body = self.body
        effort = body.reasoning.effort if body.reasoning else None
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": False,
            "error": error,
            "incomplete_details": None,
            "instructions": body.instructions,
            "max_output_tokens": body.max_output_tokens,
            "metadata": body.metadata or {},
            "model": body.model,
            "output": output,
            "parallel_tool_calls": body.parallel_tool_calls is not False,
            "previous_response_id": None,
            "reasoning": {"effort": effort, "summary": None},
            "store": False,
            "temperature": body.temperature,
            "text": {"format": (body.text and body.text.format) or {"type": "text"}},
            "tool_choice": body.tool_choice or "auto",
            "tools": list(body.tools or ()),
            "top_p": body.top_p,
            "truncation": "disabled",
            "usage": None,
        }


def _part(kind: str, text: str) -> dict[str, Any]:
    return _refused(text) if kind == "refusal" else _said(text)


def _said(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _refused(text: str) -> dict[str, Any]:
    return {"type": "refusal", "refusal": text}


def _called(call: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"fc_{secrets.token_hex(16)}",
        "type": "function_call",
        "status": "completed",
        "call_id": call["id"],
        "name": call["function"]["name"],
        "arguments": call["function"]["arguments"],
    }
