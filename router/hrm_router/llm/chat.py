"""A `Request` as a Chat Completions body, and what an endpoint turns out to take of it.

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
from hrm_router.llm.replies import Collector
from hrm_router.llm.thoughts import thinks_by_name
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
LIMITS = NEW_LIMIT, OLD_LIMIT = ("max_completion_tokens", "max_tokens")
"""Names of the limit on a reply's tokens."""
MAX_REFUSED = 256
NOTHING: frozenset[str] = frozenset()
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


class Manners:
    """What one endpoint is known to take, and how its model writes: learned from its replies.

    Args:
        label: its host; OpenAI's own models refuse the old name of the limit on tokens,
            and most other servers know only that.
        thinks: whether replies begin inside a thought; None learns it from replies.
    """

    def __init__(self, label: str, thinks: bool | None) -> None:
        openai_itself = label.partition(":")[0].endswith((".openai.com", ".openai.azure.com"))
        self._limit_field = NEW_LIMIT if openai_itself else OLD_LIMIT
        self._refused: set[str] = set()
        self._takes_schemas = False
        self._thinks, self._learns = thinks, thinks is None

    def renames(self, without: frozenset[str] = NOTHING) -> bool:
        """Whether the limit on tokens goes by its new name alone."""
        return OLD_LIMIT in self._refused | without

    def limit_field(self, without: frozenset[str] = NOTHING) -> str:
        """The name of the limit on tokens."""
        return NEW_LIMIT if self.renames(without) else self._limit_field

    def plain(self, asked: Body, without: frozenset[str], *, last: bool) -> bool:
        """Whether to ask in the form that every server takes.

        Args:
            without: what this call was refused for already.
            last: whether no second request may follow; then a schema goes in words, unless
                the endpoint has taken one before.
        """
        if asked.wants & (self._refused | without):
            return True
        return last and bool(asked.wants - {USAGE}) and not self._takes_schemas

    def refused(
        self, wants: frozenset[str], without: frozenset[str], status: int, said: str
    ) -> frozenset[str] | None:
        """What to leave out of a call that was refused, if that may help; None if not.

        Args:
            wants: what it asks for that not every server knows.
            said: the endpoint's words; what they name is remembered at once.
        """
        said = said.lower()
        left = wants - self._refused - without
        if "stream_options" in said:
            self._refused.add(USAGE)
        if status in (400, 422) and OLD_LIMIT in said and NEW_LIMIT in said:
            self._refused.add(OLD_LIMIT)
            return frozenset({OLD_LIMIT}) if OLD_LIMIT not in without else None
        broke = status == 500 and left - {USAGE}  # on the schema, perhaps
        return left if left and (status in (400, 422, 501) or broke) else None

    def took(self, asked: Body, without: frozenset[str], *, plain: bool) -> None:
        """A call succeeded: it was right to leave that out, and what was sent is taken."""
        if len(self._refused) < MAX_REFUSED:
            self._refused |= without
        self._takes_schemas |= not plain and bool(asked.wants - {USAGE})

    def begins_inside(self, model: str | None) -> bool:
        """Whether a reply is taken to begin inside a thought."""
        return thinks_by_name(model) if self._thinks is None else self._thinks

    def heard(self, collector: Collector) -> None:
        """Learn from a whole reply how the model writes its thoughts."""
        if self._learns and collector.inside is not None:
            self._thinks = collector.inside
