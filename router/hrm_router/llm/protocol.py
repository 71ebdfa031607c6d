"""What the router needs of a language model, and no more.

A `Request` goes in; a `Reply`, or text and then a `Reply`, comes out. Whoever
implements `LanguageModel` keeps the deadline, raises the router's typed errors
and lets `CancelledError` pass. Knows nothing of HTTP, retries or LangChain.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from hrm_router.llm import strict_json

if TYPE_CHECKING:
    from hrm_router.llm.budgets import Budget
    from hrm_router.settings import Prices

MAX_REPLY = 200_000
"""Longest reply that is searched for JSON, in characters."""
ChatMessage = Mapping[str, Any]
"""One message of a chat, in the shape of OpenAI's Chat Completions."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a language model, and what it may take."""

    messages: Sequence[ChatMessage]
    deadline: float = math.inf
    """When the reply must be there, on the clock of `time.monotonic()`."""
    first_by: float = math.inf
    """When the first piece of a streamed reply must be there; the rest has until
    `deadline`."""
    max_tokens: int | None = None
    """Most tokens of the reply; None leaves it to the endpoint."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema, an object at its root, that the reply should follow; see
    `hrm_router.cards`. The reply's `parsed` is then the JSON found in it, which
    whoever asked still has to validate."""
    schema_name: str = "answer"
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of Chat Completions: `tools`, `temperature`, and so on."""
    budgets: Sequence[Budget] = ()
    """What this call is charged to; each may refuse it."""
    checked: bool = False
    """Whether the caller has a checker for the reply, so that nobody else need doubt it."""
    refused: int = 0
    """How many replies to this question the caller has refused already."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a reply took, as its endpoint counts; zeros where it does not say."""

    prompt: int = 0
    completion: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.prompt + other.prompt, self.completion + other.completion)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model asks for; `arguments` is its JSON text, unchecked."""

    id: str
    name: str
    arguments: str

    def as_dict(self) -> dict[str, Any]:
        """The same as Chat Completions writes it."""
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id, "type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Tried:
    """What one of several models did on the way to a reply, for traces."""

    by: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a language model said."""

    text: str
    parsed: Any = None
    """The JSON in `text` where a schema was asked for; None if there is none."""
    tokens: Tokens = Tokens()
    cost: float | None = None
    """In the currency of the model's prices; None where these are unknown."""
    model: str = ""
    """Who answered, as the endpoint calls it."""
    finish_reason: str = "stop"
    tool_calls: tuple[ToolCall, ...] = ()
    attempts: int = 1
    """HTTP requests that reached the endpoint for it, refused and failed ones included."""
    extras: Mapping[str, Any] = field(default_factory=dict)
    """What else the endpoint sent of use to someone: `reasoning`, `refusal`."""
    tried: tuple[Tried, ...] = ()
    """What else was asked before, where several models answer as one."""

    @property
    def json(self) -> Any:
        """The JSON object in it; None if there is none."""
        return strict_json.find(self.text[:MAX_REPLY]) if self.parsed is None else self.parsed


@runtime_checkable
class LanguageModel(Protocol):
    """Something that continues a chat."""

    @property
    def name(self) -> str:
        """For traces: the model and where it is, without secrets."""
        ...

    @property
    def local(self) -> bool:
        """Whether nothing leaves this machine when it is asked."""
        ...

    @property
    def prices(self) -> Prices | None:
        """What tokens cost, if that is known."""
        ...

    async def complete(self, request: Request) -> Reply:
        """The whole reply at once.

        Raises:
            LLMError: the endpoint refused, failed, stayed silent or spoke nonsense.
            Overloaded: the endpoint is resting, or too many calls are being retried.
            CallBudgetExceeded: a budget refuses the call.
            InvalidInput: a message or option is none of Chat Completions'.
        """
        ...

    def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """Text as it comes, then the whole `Reply` as the last item.

        Nothing is tried again once text was handed out. Leave early by closing
        the generator. Raises what `complete` raises, at any step.
        """
        ...

    async def aclose(self) -> None:
        """Close what this event loop holds open; the model can be used again."""
        ...


class EitherWay:
    """A `LanguageModel` that says all in `_run`: a text as it comes, if wanted, and the reply."""

    async def complete(self, request: Request) -> Reply:
        """The whole reply at once; see `LanguageModel`."""
        async with aclosing(self._run(request, stream=False)) as items:
            *_, reply = [item async for item in items]
        assert isinstance(reply, Reply), "a run ends with its reply or an error"
        return reply

    async def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """Text as it comes, then the reply; see `LanguageModel`."""
        async with aclosing(self._run(request, stream=True)) as items:
            async for item in items:
                yield item

    def _run(self, request: Request, *, stream: bool) -> AsyncGenerator[str | Reply, None]:
        raise NotImplementedError


async def said_by(
    model: LanguageModel, request: Request, *, stream: bool
) -> AsyncGenerator[str | Reply, None]:
    """What a model says to a request: its text as it comes, if wanted, and the reply."""
    if not stream:
        yield await model.complete(request)
        return
    async with aclosing(model.stream(request)) as items:
        async for item in items:
            yield item
