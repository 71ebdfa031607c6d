"""What clients may send, validated; a client can only tighten the server's policy.

Fields that are unknown, or known and kept from the LLM, are ignored and named in
a header; null is the same as absent; wrong values are refused by name. What
would change the meaning if it were ignored is refused, too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    model_validator,
)
from pydantic_core import from_json

from hrm_agent.server.errors import Refused
from hrm_router.policy import Policy, Seconds

DEPTH = 64
"""How deep messages, tools and problems may be nested."""
VALUES = 50_000
"""Most values (numbers, texts, objects) in one body."""
INLINE = 16_384
"""Longest body, in bytes, that is parsed on the event loop itself."""
STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
EFFORTS = ("low", "default", "max")


def parsed(body: bytes) -> Any:
    """A body as JSON, refused unread if it holds too many values.

    Raises:
        Refused: it is no proper JSON, or too much of it.
    """

    def separators(text: bytes) -> int:
        return sum(text.count(mark) for mark in (b",", b"[", b"{"))

    if separators(body) > VALUES and separators(STRINGS.sub(b"", body)) > VALUES:
        what = f"the body holds more than {VALUES} values"
        raise Refused(413, "request_too_large", what)
    try:
        value = from_json(body, allow_inf_nan=False, cache_strings=False)
    except ValueError as error:
        what = f"the body is no JSON: {str(error)[:200]}"
        raise Refused(400, "invalid_json", what) from None
    level = [value]
    for _ in range(DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, int) and not -(2**63) <= item < 2**63:
                what = "the body holds an integer of more than 64 bits"
                raise Refused(400, "invalid_json", what)
        if not below:
            return value
        level = below
    what = f"the body is nested deeper than {DEPTH} levels"
    raise Refused(400, "invalid_json", what)


class OffLoop(APIRoute):
    """A route whose body is bounded before it is parsed, and parsed on a thread if long."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that FastAPI calls."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            request = bounded_request = _Parsed(request.scope, request.receive)
            body = await request.body()
            kind = request.headers.get("content-type", "")
            if body and not is_json(kind):
                what = f"send Content-Type: application/json, not {ascii(kind)[:60]}"
                raise Refused(415, "unsupported_media_type", what)
            if body:
                long = len(body) > INLINE
                value = await asyncio.to_thread(parsed, body) if long else parsed(body)
                bounded_request.value = value
            return await handler(bounded_request)

        return handle


class _Parsed(Request):
    value: Any = None

    async def json(self) -> Any:
        return self.value


def is_json(content_type: str) -> bool:
    """Whether a body of this type is JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


class Received(BaseModel):
    """Something that came in."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data

    @property
    def ignored(self) -> tuple[str, ...]:
        """Fields that nothing here knows."""
        return tuple(self.model_extra or ())


def _typed(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("type") != "function":
        kind = ascii(value.get("type"))[:60]
        raise ValueError(f"type {kind} is not supported; only 'function' is")
    return value


def _content(value: Any) -> Any:
    if isinstance(value, str) or (
        isinstance(value, list | tuple) and all(isinstance(part, dict) for part in value)
    ):
        return value
    raise ValueError("content is a text or a list of parts")


Object = dict[str, Any]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Tool = Annotated[Object, AfterValidator(_typed)]
Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        Annotated[str, StringConstraints(max_length=512)],
    ],
    Field(max_length=16),
]
Stop = Annotated[str, StringConstraints(max_length=1000)]


class RequestLimits(BaseModel):
    """Limits for one request, within the server's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    deadline: Seconds | None = None
    """Seconds; the server's deadline if that is shorter."""
    effort: Literal["low", "default", "max"] | Seconds | None = None
    """How hard specialists try; the server's effort if that is less."""
    local_only: bool = False
    """Ask no endpoint that is not on the server's machine."""
    max_llm_calls: NonNegativeInt | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None

    def within(self, policy: Policy) -> Policy:
        """The server's policy, tightened."""
        changes: dict[str, Any] = {"local_only": policy.local_only or self.local_only}
        if self.deadline is not None:
            changes["deadline"] = min(self.deadline, policy.deadline)
        if self.max_llm_calls is not None:
            changes["max_llm_calls"] = min(self.max_llm_calls, policy.max_llm_calls)
        if self.effort is not None:
            changes["effort"] = less_effort(policy.effort, self.effort)
        if self.seed is not None:
            changes["seed"] = self.seed
        return policy.model_copy(update=changes)


def less_effort(ours: str | float, wished: str | float) -> Any:
    """The lesser of two efforts.

    Names have an order. Seconds are less than "max" and more than "low"; whether
    they are less than "default" depends on the problem, so "default" stays.
    """
    if isinstance(ours, str) and isinstance(wished, str):
        return min(ours, wished, key=EFFORTS.index)
    if not isinstance(ours, str) and not isinstance(wished, str):
        return min(ours, wished)
    if isinstance(wished, str):
        return wished if wished == "low" else ours
    return wished if ours == "max" else ours


class RouteRequest(Received):
    """A query as `Router.route` takes it."""

    query: str | tuple[Object, ...] | Object
    """Text, chat messages, or the fields of a problem."""
    task: Name | None = None
    """The task that it is a problem of, if that is known."""
    limits: RequestLimits = RequestLimits()


class SolveRequest(RouteRequest):
    """A query as `Router.solve` takes it."""

    stream: bool = False
    """Server-sent events as it happens, the answer last."""


class LLMOptions(Received):
    """What a caller may tell the LLM; each with bounds, everything else stays here."""

    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logit_bias: (
        Annotated[dict[str, Annotated[float, Field(ge=-100, le=100)]], Field(max_length=1024)]
        | None
    ) = None
    parallel_tool_calls: bool | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    reasoning_effort: Word | None = None
    seed: Annotated[int, Field(ge=-(2**53), lt=2**53)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Message(Received):
    """One message of a chat; fields of the client's own are left out."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[Any, AfterValidator(_content)] = None
    name: Name | None = None
    tool_calls: tuple[Object, ...] | None = None
    tool_call_id: Name | None = None

    def plain(self) -> dict[str, Any]:
        """As Chat Completions has it."""
        known = self.model_dump(exclude=set(self.ignored), exclude_none=True)
        return known if "content" in known else {**known, "content": None}


class StreamOptions(Received):
    """What to send beside the text."""

    include_usage: bool = False


class ChatRequest(LLMOptions):
    """A chat as OpenAI's clients send it."""

    model: Name
    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=4096)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] = 1
    modalities: tuple[Literal["text"], ...] | None = None
    hrm: RequestLimits = RequestLimits()
    """Limits of this request; not in OpenAI's protocol (`extra_body` in its client)."""

    max_completion_tokens: PositiveInt | None = None
    max_tokens: PositiveInt | None = None
    response_format: Object | None = None
    stop: Stop | Annotated[tuple[Stop, ...], Field(max_length=16)] | None = None
    tool_choice: Literal["none", "auto", "required"] | Tool | None = None
    tools: Annotated[tuple[Tool, ...], Field(max_length=256)] | None = None

    store: bool = False
    """Keep the chat and its answer, to be listed and learned from."""
    metadata: Metadata = {}
    """Of the stored chat; `task` names what it is an example of."""

    @model_validator(mode="before")
    @classmethod
    def _not_silently(cls, data: Any) -> Any:
        return refuse(data, "audio", "function_call", "functions", "web_search_options")

    def options(self, most: int) -> dict[str, Any]:
        """What goes through to the LLM.

        Args:
            most: tokens of a reply.
        """
        ours = {"model", "messages", "stream", "stream_options", "n", "modalities", "hrm"}
        ours |= {"store", "metadata"}
        return bounded(self.model_dump(exclude={*ours, *self.ignored}, exclude_none=True), most)

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with what was used."""
        return self.stream_options is not None and self.stream_options.include_usage


def bounded(options: dict[str, Any], most: int) -> dict[str, Any]:
    """Options with at most `most` tokens for the reply, and without an empty list of tools."""
    for name in ("max_tokens", "max_completion_tokens"):
        if name in options:
            options[name] = min(options[name], most)
    if not options.get("tools", True):
        for name in ("tools", "tool_choice", "parallel_tool_calls"):
            options.pop(name, None)
    return options


def refuse(data: Any, *names: str) -> Any:
    """Refuse what a client would miss if it were ignored.

    Raises:
        Refused: one of the names is there.
    """
    for name in names:
        if isinstance(data, dict) and data.get(name):
            what = f"{name} is not supported"
            raise Refused(400, "unsupported_parameter", what, name)
    return data


class Told(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """Any answer that is none."""

    error: Told
