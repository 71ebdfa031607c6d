"""What an endpoint says to a request: a whole reply, or events one by one.

Knows how events are written and when the text is complete; nothing of deadlines.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

from hrm_router.errors import LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.failures import refusal_in
from hrm_router.llm.replies import Collector, Piece

T = TypeVar("T")

INLINE = 32_000
"""Longest JSON that is parsed on the event loop."""
LINES = 128
"""Lines after which others on the event loop get their turn."""
MAX_VALUES = 200_000
"""Most values in one body; a reply with the log probabilities of 2,000 tokens has fewer."""


async def said_in(
    response: Any, collector: Collector, *, stream: bool, who: str
) -> AsyncGenerator[str, None]:
    """What a response adds to the text: an event of a stream at a time, or all at once.

    Without `stream`, and from a server that does not stream, the body is the whole reply.

    Args:
        response: the openai client's, with its body still to be read.
        who: says it, for messages.

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

    Raises:
        Refusal: it says that something is wrong.
        ValueError: it is no JSON, or has more values than anybody needs.
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
