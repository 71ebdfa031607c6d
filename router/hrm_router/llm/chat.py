"""A `Request` as a Chat Completions body, and what to leave out if it is refused.

A reply of a certain shape is asked for by a strict JSON Schema; a server that
lacks that gets the schema in words instead, and only the reply is held to it.
Messages are put as the strictest chat templates want them: one system message,
first, and no two in a row by the same speaker. Knows nothing of HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hrm_router.llm.protocol import ChatMessage, Request
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
USAGE = "usage"
"""The want to be told of the tokens of a stream."""
LIMITS = ("max_completion_tokens", "max_tokens")
"""Names of the limit on a reply's tokens."""
INSTRUCTION = "Answer with one JSON object of this JSON Schema and nothing else:\n"


@dataclass(frozen=True, slots=True)
class Body:
    """A body in two versions, and what tells them apart."""

    full: Mapping[str, Any]
    plain: Mapping[str, Any]
    """Without what not every server knows."""
    wants: frozenset[str]
    """Names of what is only in `full`, to remember who refused it."""


def body(
    request: Request,
    *,
    limit: int | None,
    limit_field: str,
    stream: bool,
    rename: bool = False,
) -> Body:
    """Write a request down.

    Args:
        limit: most tokens of the reply, after budgets were asked.
        limit_field: how the endpoint calls that; the caller's own name for it is kept.
        rename: keep no name but `limit_field`.

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
    messages = tidy(request.messages)
    shared = {name: value for name, value in request.options.items() if value is not None}
    named = [name for name in LIMITS if name in shared]
    asked = [shared.pop(name) for name in named]
    limits = [int(n) for n in (limit, request.max_tokens, *asked) if n is not None]
    names = [limit_field] if rename or not named else named
    if limits:
        shared.update(dict.fromkeys(names, min(limits)))
    extra: dict[str, Any] = {}
    wants: set[str] = set()
    plain_messages = messages
    if stream:
        extra["stream_options"] = {"include_usage": True}
        wants.add(USAGE)
    if request.schema is not None:
        schema = json.dumps(request.schema)
        extra["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": request.schema_name,
                "schema": dict(request.schema),
                "strict": True,
            },
        }
        wants.add(schema)
        plain_messages = _with_instruction(messages, INSTRUCTION + schema)
    return Body(
        full={**shared, **extra, "messages": messages},
        plain={**shared, "messages": plain_messages},
        wants=frozenset(wants),
    )


def tidy(messages: Iterable[ChatMessage]) -> list[dict[str, Any]]:
    """The same chat with one system message, first, and speakers that alternate.

    What says more than a role and a text, such as a tool call, stays as it is.
    """
    system: list[Any] = []
    turns: list[dict[str, Any]] = []
    for message in map(dict, messages):
        if message["role"] in ("system", "developer"):
            system.append({**message, "role": "system"})
        elif turns and _joinable(turns[-1], message):
            joined = _joined(turns[-1]["content"], message["content"])
            turns[-1] = {"role": message["role"], "content": joined}
        else:
            turns.append(message)
    if not system:
        return turns
    first = system[0]
    for message in system[1:]:
        first = {**first, "content": _joined(first.get("content"), message.get("content"))}
    return [first, *turns]


def _joinable(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (
        one["role"] == other["role"]
        and one["role"] in ("user", "assistant")
        and one.keys() == other.keys() == {"role", "content"}
    )


def _joined(one: Any, other: Any) -> Any:
    """Two contents as one: texts a blank line apart, or lists of parts in a row."""
    if not one or not other:
        return one or other
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n\n{other}"
    return [*_parts(one), *_parts(other)]


def _parts(content: Any) -> Iterable[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _with_instruction(messages: list[dict[str, Any]], instruction: str) -> list[dict[str, Any]]:
    """The chat with an instruction: in the user's last message, or in the system message."""
    last = messages[-1]
    if last["role"] == "user":
        joined = _joined(last.get("content"), instruction)
        return [*messages[:-1], {**last, "content": joined}]
    return tidy([*messages, {"role": "system", "content": instruction}])
