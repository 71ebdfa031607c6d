"""A `Request` as a Chat Completions body, and what to leave out if it is refused.

A reply of a certain shape is asked for by a strict JSON Schema; a server that
lacks that gets the schema in words instead, and only the reply is held to it.
Knows nothing of HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hrm_router.llm.protocol import Request
from hrm_specialists.errors import InvalidInput

OPTIONS = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "metadata",
        "parallel_tool_calls",
        "presence_penalty",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
    }
)
"""What `Request.options` may hold; neither the endpoint nor the model can be chosen there."""
INSTRUCTION = "Answer with one JSON object of this JSON Schema and nothing else:\n"


@dataclass(frozen=True, slots=True)
class Body:
    """A body in two versions, and what tells them apart."""

    full: Mapping[str, Any]
    plain: Mapping[str, Any]
    """Without what not every server knows."""
    wants: frozenset[str]
    """Names of what is only in `full`, to remember who refused it."""


def body(request: Request, *, limit: int | None, limit_field: str, stream: bool) -> Body:
    """Write a request down.

    Args:
        limit: most tokens of the reply, after budgets were asked.
        limit_field: how the endpoint calls that.

    Raises:
        InvalidInput: an option is unknown, or the messages are none.
    """
    unknown = sorted(set(request.options) - OPTIONS)
    if unknown:
        raise InvalidInput(
            f"unknown LLM option {unknown[0]!r}; known are {', '.join(sorted(OPTIONS))}"
        )
    if not request.messages or not all("role" in message for message in request.messages):
        raise InvalidInput("an LLM is asked with a list of chat messages, each with a `role`")
    messages = [dict(message) for message in request.messages]
    shared = {name: value for name, value in request.options.items() if value is not None}
    asked = [shared.pop(name, None) for name in ("max_tokens", "max_completion_tokens")]
    limits = [int(n) for n in (limit, request.max_tokens, *asked) if n is not None]
    if limits:
        shared[limit_field] = min(limits)
    extra: dict[str, Any] = {}
    wants: set[str] = set()
    plain_messages = messages
    if stream:
        extra["stream_options"] = {"include_usage": True}
        wants.add("usage")
    if request.schema is not None:
        schema = json.dumps(request.schema, sort_keys=True)
        extra["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": request.schema_name,
                "schema": dict(request.schema),
                "strict": True,
            },
        }
        wants.add(schema)
        plain_messages = [*messages, {"role": "system", "content": INSTRUCTION + schema}]
    return Body(
        full={**shared, **extra, "messages": messages},
        plain={**shared, "messages": plain_messages},
        wants=frozenset(wants),
    )
