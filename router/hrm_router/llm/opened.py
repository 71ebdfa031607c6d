"""A stream of events that an endpoint has begun to send.

Knows how events are written and when the text is complete; nothing of deadlines.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

from hrm_router.errors import LLMError, LLMRateLimited, LLMRefused, LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.replies import Chunk, Collector, Completion, message_of

T = TypeVar("T")

CLOSING = 0.05
"""Seconds that giving a connection back may take."""
INLINE = 32_000
"""Longest JSON that is parsed on the event loop."""
LINES = 128
"""Lines after which others on the event loop get their turn."""
MAX_VALUES = 200_000
"""Most values in one body; a reply with the log probabilities of 2,000 tokens has fewer."""


class Opened:
    """A stream that was opened: its text, piece by piece.

    Args:
        response: the openai client's streamed response.
    """

    def __init__(self, response: Any, collector: Collector, endpoint: Endpoint) -> None:
        self._response, self.collector, self._endpoint = response, collector, endpoint
        self._texts = self._read()
        self._odd = ""
        self.first: str | None = None

    async def begin(self) -> None:
        """Wait until the model says something, be it a thought, and keep that as `first`."""
        self.first = await self.text()
        while self.first == "" and not self.collector.began:
            self.first = await self.text()

    async def text(self) -> str | None:
        """The next text, empty while the model thinks; None once it has finished.

        Raises:
            LLMError: the stream ended before that, or says that something is wrong.
        """
        if self.collector.finish_reason is not None:
            return self.collector.end() or None
        try:
            return await anext(self._texts)
        except StopAsyncIteration:
            if self._odd:
                raise ValueError(f"a line that is no event: {self._odd!r}") from None
            raise LLMUnavailable(f"{self._endpoint.label} cut the stream off") from None

    async def usage(self, seconds: float) -> None:
        """Wait a little for what follows the text; nothing depends on it."""
        try:
            async with asyncio.timeout(seconds):
                async for _ in self._texts:
                    pass
        except Exception:  # the reply is whole; what breaks now is nobody's concern
            pass

    async def close(self) -> None:
        """Give the connection back, or drop it."""
        try:
            async with asyncio.timeout(CLOSING):
                await self._response.close()
        except Exception:  # it is gone either way
            pass

    def _add(self, event: Any) -> str:
        return self.collector.chunk(Chunk.model_validate(event))

    async def _read(self) -> AsyncIterator[str]:
        """What each event adds; a server that does not stream sends a single whole reply."""
        if self._response.headers.get("content-type", "").startswith("application/json"):
            body = await self._response.read()
            yield await parsed(body, self._endpoint, lambda whole: self._add(_as_event(whole)))
            return
        data: list[str] = []
        lines = 0
        async for line in self._response.iter_lines():
            lines += 1
            if not lines % LINES:  # many may have come at once
                await asyncio.sleep(0)
            if line.startswith("data:"):
                data.append(line[5:].strip())
            elif not line.strip() and data:
                if data == ["[DONE]"]:
                    return
                yield await parsed("\n".join(data), self._endpoint, self._add)
                data = []
            elif line.strip() and not line.startswith((":", "event:", "id:", "retry:")):
                self._odd = self._odd or line[:40]
        if data and data != ["[DONE]"]:
            yield await parsed("\n".join(data), self._endpoint, self._add)


async def parsed(body: str | bytes, endpoint: Endpoint, use: Callable[[Any], T]) -> T:
    """What `use` makes of the JSON of a body or event; on a thread if it is long.

    Raises:
        LLMError: it says that something is wrong.
        ValueError: it is no JSON, or has more values than anybody needs.
    """

    def work() -> T:
        data = strict_json.loads(body)
        wrong = said_in_200(data, endpoint)
        if wrong is not None:
            raise wrong
        return use(data)

    if len(body) <= INLINE:
        return work()
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if sum(map(raw.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError(f"more than {MAX_VALUES} values")
    return await asyncio.to_thread(work)


def said_in_200(data: object, endpoint: Endpoint) -> LLMError | None:
    """The error that a body holds though its status says that all is well; None if it is none."""
    if not isinstance(data, Mapping) or not data.get("error") or data.get("choices"):
        return None
    error, where = data["error"], endpoint.label
    code = error.get("code") if isinstance(error, Mapping) else None
    said = endpoint.redact(message_of(data)) or "no word of why"
    if code in (429, "429", "rate_limit_exceeded"):
        return LLMRateLimited(f"{where} wants fewer calls: {said}")
    if isinstance(code, int) and 400 <= code < 500 and code not in (402, 408, 409, 425):
        return LLMRefused(f"{where} does not take this call: {said}")
    return LLMUnavailable(f"{where} answered with an error: {said}")


def _as_event(data: Any) -> dict[str, Any]:
    whole = Completion.model_validate(data)
    choices = [
        {"delta": choice.message.model_dump(), "finish_reason": choice.finish_reason or "stop"}
        for choice in whole.choices
    ]
    usage = whole.usage.model_dump() if whole.usage is not None else None
    return {"choices": choices, "model": whole.model, "usage": usage}
