"""What an endpoint says to a request: a whole reply, or events one by one.

Knows how events are written and when the text is complete; nothing of deadlines.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, TypeVar

from hrm_router.errors import LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.failures import refusal_in
from hrm_router.llm.replies import Collector, Piece

T = TypeVar("T")

CLOSING = 0.05
"""Seconds that giving a connection back may take."""
INLINE = 32_000
"""Longest JSON that is parsed on the event loop."""
LINES = 128
"""Lines after which others on the event loop get their turn."""
MAX_VALUES = 200_000
"""Most values in one body; a reply with the log probabilities of 2,000 tokens has fewer."""


class Said:
    """What an endpoint says to one request: its text piece by piece, or all at once.

    Args:
        response: the openai client's, with its body still to be read.
    """

    def __init__(self, response: Any, collector: Collector, endpoint: Endpoint) -> None:
        self._response, self.collector, self._endpoint = response, collector, endpoint
        self._texts: AsyncIterator[str] | None = self._events()
        self._odd = ""
        self.first: str | None = None

    async def begin(self, *, stream: bool) -> None:
        """Wait until the model says something, be it a thought, and keep that as `first`.

        Without `stream`, and from a server that does not stream, the whole reply is read.
        """
        kind = self._response.headers.get("content-type", "")
        if not stream or kind.startswith("application/json"):
            body, collector = await self._response.read(), self.collector
            text = await parsed(body, lambda data: collector.whole(Piece.model_validate(data)))
            self.first, self._texts = text if stream else None, None
            return
        self.first = await self.text()
        while self.first == "" and not self.collector.began:
            self.first = await self.text()

    async def text(self) -> str | None:
        """The next text, empty while the model thinks; None once it has finished.

        Raises:
            Refusal: the stream says that something is wrong.
            LLMUnavailable, ValueError: it ended before that, or holds no events.
        """
        if self._texts is None or self.collector.finish_reason is not None:
            return self.collector.end() or None
        try:
            return await anext(self._texts)
        except StopAsyncIteration:
            if self._odd:
                raise ValueError(f"a line that is no event: {self._odd!r}") from None
            raise LLMUnavailable(f"{self._endpoint.label} cut the stream off") from None

    async def usage(self, seconds: float) -> None:
        """Wait a little for what follows the text; nothing depends on it."""
        with suppress(Exception):  # the reply is whole; what breaks now is nobody's concern
            async with asyncio.timeout(seconds):
                while self._texts is not None:
                    await anext(self._texts)

    async def close(self) -> None:
        """Give the connection back, or drop it; it is gone either way."""
        with suppress(Exception):
            async with asyncio.timeout(CLOSING):
                await self._response.close()

    async def _events(self) -> AsyncIterator[str]:
        """What each event adds to the text."""
        data: list[str] = []
        number = 0
        async for line in self._response.iter_lines():
            number += 1
            if not number % LINES:  # many may have come at once
                await asyncio.sleep(0)
            if line.startswith("data:"):
                data.append(line[5:].strip())
            elif not line.strip() and data:
                if data == ["[DONE]"]:
                    return
                yield await parsed("\n".join(data), self._add)
                data = []
            elif line.strip() and not line.startswith((":", "event:", "id:", "retry:")):
                self._odd = self._odd or line[:40]
        if data and data != ["[DONE]"]:
            yield await parsed("\n".join(data), self._add)

    def _add(self, event: Any) -> str:
        return self.collector.add(Piece.model_validate(event))


async def parsed(body: str | bytes, use: Callable[[Any], T]) -> T:
    """What `use` makes of the JSON of a body or event; on a thread if it is long.

    Raises:
        Refusal: it says that something is wrong.
        ValueError: it is no JSON, or has more values than anybody needs.
    """

    def work() -> T:
        data = strict_json.loads(body)
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
