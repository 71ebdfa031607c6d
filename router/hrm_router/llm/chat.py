"""A `Request` as a Chat Completions body, and what an endpoint turns out to take of it.

A reply of a certain shape is asked for by a strict JSON Schema; a server that
lacks that gets the schema in words instead, and only the reply is held to it.
Messages are put as the strictest chat templates want them: one system message,
first, and no two in a row by the same speaker. Knows nothing of HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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


def wanted(request: Request, stream: bool) -> frozenset[str]:
    """Names of what a request asks for that not every server knows: its schema is one."""
    schema = () if request.schema is None else (json.dumps(request.schema),)
    return frozenset((*schema, USAGE) if stream else schema)


def body(
    request: Request,
    *,
    stream: bool,
    without: frozenset[str] = NOTHING,
    limit: int | None = None,
    limit_field: str = OLD_LIMIT,
) -> dict[str, Any]:
    """Write a request down, `without` some of what is `wanted`: a schema goes in words then.

    `limit` is the most tokens of the reply that budgets allow; the endpoint calls that
    `limit_field`, but the caller's own name for it is kept.

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
    fields = {name: value for name, value in request.options.items() if value is not None}
    named = [name for name in LIMITS if name in fields]
    asked = [fields.pop(name) for name in named]
    limits = [int(n) for n in (limit, request.max_tokens, *asked) if n is not None]
    if limits:
        names = [limit_field] if OLD_LIMIT in without or not named else named
        fields.update(dict.fromkeys(names, min(limits)))
    if stream and USAGE not in without:
        fields["stream_options"] = {"include_usage": True}
    if request.schema is not None:
        schema = json.dumps(request.schema)
        if schema in without:
            messages = _with_instruction(messages, INSTRUCTION + schema)
        else:
            about = {"name": request.schema_name, "schema": dict(request.schema), "strict": True}
            fields["response_format"] = {"type": "json_schema", "json_schema": about}
    return {**fields, "messages": messages}


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

    OpenAI's own models, told by `label`, refuse the old name of the limit on tokens, and most
    other servers know only that. `thinks` says whether replies begin inside a thought.
    """

    def __init__(self, label: str, thinks: bool | None) -> None:
        openai_itself = label.partition(":")[0].endswith((".openai.com", ".openai.azure.com"))
        self._limit_field = NEW_LIMIT if openai_itself else OLD_LIMIT
        self._refused: set[str] = set()
        self._takes_schemas = False
        self._thinks, self._learns = thinks, thinks is None

    def limit_field(self, without: frozenset[str]) -> str:
        """The name of the limit on tokens."""
        return NEW_LIMIT if OLD_LIMIT in without else self._limit_field

    def without(
        self, wants: frozenset[str], refused: frozenset[str], *, last: bool
    ) -> frozenset[str]:
        """What to leave out of a request, besides what this call was `refused` for already.

        A schema goes in words where it is the `last` request that may be made, unless the
        endpoint has taken one before.
        """
        words = wants - {USAGE} if last and not self._takes_schemas else NOTHING
        return refused.union(self._refused, words)

    def refused(
        self, wants: frozenset[str], without: frozenset[str], status: int, said: str
    ) -> frozenset[str] | None:
        """What else to leave out of a call that was refused `without` that; None if nothing helps.

        What the endpoint names in what it `said` is remembered at once.
        """
        said = said.lower()
        if "stream_options" in said:
            self._refused.add(USAGE)
        if status in (400, 422) and OLD_LIMIT in said and NEW_LIMIT in said:
            self._refused.add(OLD_LIMIT)
            return None if OLD_LIMIT in without else frozenset({OLD_LIMIT})
        left = wants - without
        broke = status == 500 and left - {USAGE}  # on the schema, perhaps
        return left if left and (status in (400, 422, 501) or broke) else None

    def took(self, sent: frozenset[str], refused: frozenset[str]) -> None:
        """A call succeeded: what was refused is better left out, and what was sent is taken."""
        if len(self._refused) < MAX_REFUSED:
            self._refused |= refused
        self._takes_schemas |= bool(sent - {USAGE})

    def begins_inside(self, model: str | None) -> bool:
        """Whether a reply is taken to begin inside a thought."""
        return thinks_by_name(model) if self._thinks is None else self._thinks

    def heard(self, collector: Collector) -> None:
        """Learn from a whole reply how the model writes its thoughts."""
        if self._learns and collector.inside is not None:
            self._thinks = collector.inside
