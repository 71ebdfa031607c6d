"""What an endpoint may send, as far as anyone reads it, and the `Reply` made of it.

Bodies and stream chunks are validated here; fields that nobody reads may be
anything. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

from hrm_router.llm import strict_json
from hrm_router.llm.budgets import price
from hrm_router.llm.protocol import ChatMessage, Reply, Tokens, ToolCall
from hrm_router.settings import Prices

CHARACTERS_PER_TOKEN = 4
"""Rough; for endpoints that do not count, and before a call is made."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", from_attributes=True, frozen=True)


class _Function(_Wire):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(_Wire):
    index: int = 0
    id: str | None = None
    function: _Function | None = None


class _Message(_Wire):
    content: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: tuple[_ToolCall, ...] | None = None


class _Usage(_Wire):
    prompt_tokens: NonNegativeInt | None = None
    completion_tokens: NonNegativeInt | None = None


class _Choice(_Wire):
    message: _Message
    finish_reason: str | None = None
    logprobs: Any = None


class Completion(_Wire):
    """A whole reply's body."""

    choices: tuple[_Choice, ...] = Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


class _Step(_Wire):
    delta: _Message | None = None
    finish_reason: str | None = None
    logprobs: Any = None


class Chunk(_Wire):
    """One event of a stream; the last ones may have no choices."""

    choices: tuple[_Step, ...] = ()
    model: str | None = None
    usage: _Usage | None = None


class Collector:
    """Puts a reply together from its pieces, or from the whole.

    Args:
        prompt: about how many tokens the question has.
        structured: whether the text should be JSON.
    """

    def __init__(self, prompt: int, prices: Prices | None, *, structured: bool) -> None:
        self._prompt, self._prices, self._structured = prompt, prices, structured
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._tools: dict[int, list[str]] = {}
        self._logprobs: list[Any] = []
        self._usage: _Usage | None = None
        self._model = ""
        self.finish_reason: str | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, the usage included."""
        return self.finish_reason is not None and self._usage is not None

    @property
    def tokens(self) -> Tokens:
        """As counted by the endpoint, or estimated from what came."""
        counted = self._usage or _Usage()
        said = sum(map(len, self._text)) + sum(map(len, self._reasoning))
        said += sum(len(piece) for call in self._tools.values() for piece in call)
        return Tokens(
            self._prompt if counted.prompt_tokens is None else counted.prompt_tokens,
            -(-said // CHARACTERS_PER_TOKEN)
            if counted.completion_tokens is None
            else counted.completion_tokens,
        )

    def chunk(self, chunk: Chunk) -> str:
        """Add a piece; the text that is new in it."""
        self._model = chunk.model or self._model
        self._usage = chunk.usage or self._usage
        text = ""
        for choice in chunk.choices[:1]:
            self.finish_reason = choice.finish_reason or self.finish_reason
            if choice.logprobs is not None:
                self._logprobs.append(choice.logprobs)
            if choice.delta is not None:
                text = self._add(
                    choice.delta, [call.index for call in choice.delta.tool_calls or ()]
                )
        return text

    def whole(self, completion: Completion) -> Reply:
        """The reply that a whole body is."""
        choice = completion.choices[0]
        self._model, self._usage = completion.model or "", completion.usage
        self.finish_reason = choice.finish_reason
        if choice.logprobs is not None:
            self._logprobs.append(choice.logprobs)
        self._add(choice.message, range(len(choice.message.tool_calls or ())))
        return self.reply()

    def reply(self) -> Reply:
        """What came so far, as a reply."""
        text, tokens = "".join(self._text), self.tokens
        extras: dict[str, Any] = {
            "reasoning": "".join(self._reasoning),
            "refusal": "".join(self._refusal),
            "logprobs": self._logprobs,
        }
        return Reply(
            text=text,
            parsed=strict_json.find(text) if self._structured else None,
            tokens=tokens,
            cost=price(tokens, self._prices),
            model=self._model,
            finish_reason=self.finish_reason or "stop",
            tool_calls=tuple(ToolCall(*parts) for parts in self._tools.values()),
            extras={name: value for name, value in extras.items() if value},
        )

    def _add(self, message: _Message, indices: Sequence[int]) -> str:
        self._text.append(message.content or "")
        self._reasoning.append(message.reasoning_content or "")
        self._refusal.append(message.refusal or "")
        for index, call in zip(indices, message.tool_calls or (), strict=True):
            known = self._tools.setdefault(index, ["", "", ""])
            function = call.function or _Function()
            known[0] = known[0] or call.id or ""
            known[1] += function.name or ""
            known[2] += function.arguments or ""
        return message.content or ""


def estimate(messages: Sequence[ChatMessage]) -> int:
    """About how many tokens a chat has."""
    return sum(
        4 + len(str(message.get("content") or "")) // CHARACTERS_PER_TOKEN for message in messages
    )
