"""What an endpoint may send, as far as anyone reads it, and the `Reply` made of it.

Bodies and the events of streams are taken apart and validated here; fields that nobody
reads may be anything. Knows nothing of deadlines.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from hrm_router.errors import LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.budgets import price
from hrm_router.llm.failures import refusal_in
from hrm_router.llm.protocol import ChatMessage, Reply, Tokens, ToolCall
from hrm_router.llm.thoughts import Thoughts, unopened
from hrm_router.settings import Prices

T = TypeVar("T")

MOST_TOKENS = 10**9
"""Counts of tokens beyond this are taken for none."""
CHARACTERS_PER_TOKEN = 4
"""Rough; for endpoints that do not count, and before a call is made."""
INLINE = 32_000
"""Longest JSON that is parsed on the event loop."""
LINES = 128
"""Lines after which others on the event loop get their turn."""
MAX_VALUES = 200_000
"""Most values in one body; a reply with the log probabilities of 2,000 tokens has fewer."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


def _word(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) else None


Word = Annotated[str | None, BeforeValidator(_word)]
"""Text, or a number in its place; anything else is taken for nothing."""


class _Function(_Wire):
    name: Word = None
    arguments: Any = None


def _objects(value: Any) -> list[Any]:
    given = value if isinstance(value, list | tuple) else ()
    return [one for one in given if isinstance(one, Mapping)]


class _ToolCall(_Wire):
    index: int | None = None
    id: Word = None
    function: _Function | None = None


class _Message(_Wire):
    content: Any = None
    """Text, or a list of parts; reasoning may be among them."""
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: Annotated[tuple[_ToolCall, ...], BeforeValidator(_objects)] = ()


class _Usage(_Wire):
    prompt_tokens: Any = None
    completion_tokens: Any = None

    @field_validator("prompt_tokens", "completion_tokens")
    @classmethod
    def _count(cls, value: Any) -> int | None:
        """A number that can be one of tokens; None if it cannot."""
        if not isinstance(value, int | float) or not 0 <= value <= MOST_TOKENS:
            return None
        return int(value)


Counts = Annotated[
    _Usage | None, BeforeValidator(lambda value: value if isinstance(value, Mapping) else None)
]


class _Choice(_Wire):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: Word = None


class Piece(_Wire):
    """A whole reply's body, or one event of a stream, of which the last may have no choices."""

    choices: tuple[_Choice, ...] = ()
    model: Word = None
    usage: Counts = None


class Collector:
    """Puts a reply together from what an endpoint sends.

    Args:
        prompt: tokens of the question, as estimated; for endpoints that do not count.
        wanted: fields that the JSON object in the reply must have, where one was asked for.
        inside: whether the reply is taken to begin inside a thought; see `Thoughts`.
    """

    def __init__(
        self,
        prompt: int,
        prices: Prices | None,
        *,
        wanted: Sequence[str] | None = None,
        inside: bool = False,
    ) -> None:
        self._prompt, self._prices, self._wanted = prompt, prices, wanted
        self._thoughts = Thoughts(inside=inside)
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._half = ""
        self._said = 0
        self._tools: list[list[str]] = []
        self._tool_at: dict[int, int] = {}
        self._usage: _Usage | None = None
        self._model = ""
        self._ended = False
        self.inside: bool | None = None
        """Whether the reply began inside a thought, as far as its end tells."""
        self.finish_reason: str | None = None

    @property
    def tokens(self) -> Tokens:
        """As counted by the endpoint, or estimated from what came."""
        counted = self._usage or _Usage()
        return Tokens(
            self._prompt if counted.prompt_tokens is None else counted.prompt_tokens,
            -(-self._said // CHARACTERS_PER_TOKEN)
            if counted.completion_tokens is None
            else counted.completion_tokens,
        )

    @property
    def began(self) -> bool:
        """Whether the model has said anything, thoughts included."""
        return self._said > 0

    def add(self, piece: Piece) -> str:
        """Add a piece; the text that is new in the answer."""
        self._model = piece.model or self._model
        self._usage = piece.usage or self._usage
        text = ""
        for choice in piece.choices[:1]:
            self.finish_reason = choice.finish_reason or self.finish_reason
            if (said := choice.delta or choice.message) is not None:
                text = self._thoughts.feed(self._add(said, whole=choice.delta is None))
        self._text.append(text)
        return text

    def end(self) -> str:
        """No more pieces come; the text that was held back."""
        if self._ended:
            return ""
        self._ended = True
        text = self._thoughts.feed("\ufffd") if self._half else ""
        text += self._thoughts.finish(cut=self.finish_reason == "length")
        self._text.append(text)
        late = None if self._thoughts.text else unopened("".join(self._text))
        if late is not None:  # a stream has shown it already; the reply is without
            self._text, self._reasoning = [late[0]], [*self._reasoning, late[1]]
        if late is not None or self._thoughts.unopened:
            self.inside = True
        elif self.finish_reason != "length":
            self.inside = False
        return text

    def whole(self, piece: Piece) -> str:
        """Add the one piece that is the whole reply; its text. `ValueError` if it is none."""
        if not piece.choices or piece.choices[0].message is None:
            raise ValueError("there is no choice with a message in it")
        text = self.add(piece)
        self.finish_reason = self.finish_reason or "stop"
        return text + self.end()

    def reply(self) -> Reply:
        """What came so far, as a reply."""
        text, tokens = "".join(self._text), self.tokens
        extras = {
            "reasoning": mended("".join((*self._reasoning, self._thoughts.text))),
            "refusal": mended("".join(self._refusal)),
        }
        return Reply(
            text=text,
            parsed=None if self._wanted is None else strict_json.find(text, self._wanted),
            tokens=tokens,
            cost=price(tokens, self._prices),
            model=mended(self._model),
            finish_reason=mended(self.finish_reason or "stop"),
            tool_calls=tuple(ToolCall(*map(mended, parts)) for parts in self._tools),
            extras={name: value for name, value in extras.items() if value},
        )

    def _add(self, message: _Message, *, whole: bool) -> str:
        """Add a `whole` message or a part of one; its text, in whole characters."""
        text, thoughts = _spoken(message.content)
        for said in (message.reasoning_content, message.reasoning):
            if isinstance(said, str) and said:
                thoughts += said
                break
        refusal = message.refusal if isinstance(message.refusal, str) else ""
        self._reasoning.append(thoughts)
        self._refusal.append(refusal)
        self._said += len(text) + len(thoughts) + len(refusal)
        for call in message.tool_calls:
            known = self._tools[self._place(call, new=whole)]
            function = call.function or _Function()
            arguments = function.arguments
            if arguments is not None and not isinstance(arguments, str):
                arguments = json.dumps(arguments)
            known[0] = known[0] or call.id or ""
            known[1] += function.name or ""
            known[2] += arguments or ""
            self._said += len(function.name or "") + len(arguments or "")
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return mended(text[: len(text) - len(self._half)])

    def _place(self, call: _ToolCall, *, new: bool) -> int:
        """Which tool call a piece belongs to: by its index, else by its id, else the last."""
        last = -1 if new else len(self._tools) - 1
        at = self._tool_at.get(call.index) if call.index is not None else last
        if at is not None and at >= 0:
            known = self._tools[at][0]
            if not call.id or not known or call.id == known:
                return at
        self._tools.append(["", "", ""])
        if call.index is not None:
            self._tool_at[call.index] = len(self._tools) - 1
        return len(self._tools) - 1


async def said_in(
    response: Any, collector: Collector, *, stream: bool, who: str
) -> AsyncGenerator[str, None]:
    """What a response adds to the text: an event of a stream at a time, or all at once.

    Without `stream`, and from a server that does not stream, the body is the whole reply.

    Raises:
        Refusal: it says that something is wrong.
        LLMUnavailable, ValueError: a stream ended too early, or holds no events.
    """

    def add(event: Any) -> str:
        return collector.add(Piece.model_validate(event))

    if not stream or response.headers.get("content-type", "").startswith("application/json"):
        body = await response.read()
        yield await parsed(body, lambda data: collector.whole(Piece.model_validate(data)))
        return
    data: list[str] = []
    number, odd = 0, ""
    async for line in response.iter_lines():
        number += 1
        if not number % LINES:  # many may have come at once
            await asyncio.sleep(0)
        if line.startswith("data:"):
            data.append(line[5:].strip())
        elif not line.strip() and data:
            if data == ["[DONE]"]:
                break
            yield await parsed("\n".join(data), add)
            data = []
        elif line.strip() and not line.startswith((":", "event:", "id:", "retry:")):
            odd = odd or line[:40]
    if data and data != ["[DONE]"]:
        yield await parsed("\n".join(data), add)
    if collector.finish_reason is None:
        if odd:
            raise ValueError(f"a line that is no event: {odd!r}")
        raise LLMUnavailable(f"{who} cut the stream off")


async def parsed(body: str | bytes, use: Callable[[Any], T]) -> T:
    """What `use` makes of the JSON of a body or event; on a thread if it is long.

    Raises `Refusal` for an error in it, `ValueError` for what is no JSON or far too much of it.
    """

    def work() -> T:
        data = strict_json.loads(body)
        if not isinstance(data, dict):
            raise ValueError(f"expected a JSON object, found a {type(data).__name__}")
        wrong = refusal_in(data)
        if wrong is not None:
            raise wrong
        return use(data)

    if len(body) <= INLINE:
        return work()
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if sum(map(raw.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError(f"more than {MAX_VALUES} values")
    return await asyncio.to_thread(work)


def _spoken(content: Any) -> tuple[str, str]:
    """The text of a message's content, and the thoughts in it."""
    if isinstance(content, str):
        return content, ""
    if content is not None and not isinstance(content, list | tuple):
        raise ValueError(f"the content of a message is a {type(content).__name__}")
    text, thoughts = [], []
    for part in content or ():
        if isinstance(part, str):
            text.append(part)
        elif isinstance(part, Mapping):
            for field in ("thinking", "reasoning"):
                inner = part.get(field)
                thoughts.append(inner if isinstance(inner, str) else "".join(_spoken(inner)))
            if isinstance(part.get("text"), str):
                text.append(part["text"])
    return "".join(text), "".join(thoughts)


def mended(text: str) -> str:
    """`text` with the halves of characters joined; a half alone becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def estimate(messages: Sequence[ChatMessage]) -> int:
    """About how many tokens a chat has."""
    return sum(
        4 + len(str(message.get("content") or "")) // CHARACTERS_PER_TOKEN for message in messages
    )
