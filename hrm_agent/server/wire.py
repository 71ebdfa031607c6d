"""What clients may send, validated; anything unknown is refused by name.

A client can only tighten the server's policy, never loosen it.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    WithJsonSchema,
)

from hrm_router.policy import Policy, Seconds

DEPTH = 64
"""How deep messages, tools and problems may be nested."""


def _plain(value: Any) -> Any:
    """Refuse what is no proper JSON: NaN, halves of characters, endless nesting."""
    level = [value]
    for _ in range(DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list | tuple):
                below += item
            elif isinstance(item, str):
                if any("\ud800" <= char <= "\udfff" for char in item):
                    raise ValueError("half a character (a lone surrogate)")
            elif isinstance(item, float) and not math.isfinite(item):
                raise ValueError("NaN and infinity are no JSON")
        if not below:
            return value
        level = below
    raise ValueError(f"nested deeper than {DEPTH} levels")


def _with_role(message: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(message.get("role"), str):
        raise ValueError("a message has a `role`, a text")
    return message


Object = Annotated[dict[str, Any], AfterValidator(_plain)]
Message = Annotated[
    dict[str, Any],
    AfterValidator(_plain),
    AfterValidator(_with_role),
    WithJsonSchema(
        {"type": "object", "properties": {"role": {"type": "string"}}, "required": ["role"]}
    ),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Received(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wishes(_Received):
    """Limits for one request, within the server's own."""

    deadline: Seconds | None = None
    """Seconds; the server's deadline if that is shorter."""
    effort: Literal["low", "default", "max"] | Seconds | None = None
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
            changes["effort"] = self.effort
        if self.seed is not None:
            changes["seed"] = self.seed
        return policy.model_copy(update=changes)


class SolveRequest(_Received):
    """A query as `Router.solve` takes it."""

    query: Annotated[str | tuple[dict[str, Any], ...] | dict[str, Any], AfterValidator(_plain)]
    """Text, chat messages, or the fields of a problem."""
    task: Name | None = None
    """The task that it is a problem of, if that is known."""
    limits: Wishes = Wishes()
    stream: bool = False
    """Server-sent events as it happens, the answer last."""


class StreamOptions(BaseModel):
    """What to send beside the text."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    include_usage: bool = False


class ChatRequest(_Received):
    """A chat as OpenAI's clients send it; most options go through to the LLM."""

    model: Name
    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=4096)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    hrm: Wishes = Wishes()
    """Limits of this request; not in OpenAI's protocol (`extra_body` in its client)."""

    frequency_penalty: Number | None = None
    logit_bias: Object | None = None
    logprobs: bool | None = None
    max_completion_tokens: PositiveInt | None = None
    max_tokens: PositiveInt | None = None
    metadata: Object | None = None
    parallel_tool_calls: bool | None = None
    presence_penalty: Number | None = None
    prompt_cache_key: str | None = None
    reasoning_effort: str | None = None
    response_format: Object | None = None
    safety_identifier: str | None = None
    seed: int | None = None
    service_tier: str | None = None
    stop: str | tuple[str, ...] | None = None
    store: bool | None = None
    temperature: Number | None = None
    tool_choice: Literal["none", "auto", "required"] | Object | None = None
    tools: tuple[Object, ...] | None = None
    top_logprobs: NonNegativeInt | None = None
    top_p: Number | None = None
    user: str | None = None
    verbosity: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What goes through to the LLM."""
        ours = {"model", "messages", "stream", "stream_options", "n", "hrm"}
        return self.model_dump(exclude=ours, exclude_none=True)

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with what was used."""
        return self.stream_options is not None and self.stream_options.include_usage


class Told(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """Any answer that is none."""

    error: Told
