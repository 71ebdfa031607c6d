"""A stream of chunks that an endpoint has begun to send.

Knows what a chunk is and when the text is complete; nothing of deadlines.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hrm_router.errors import LLMUnavailable
from hrm_router.llm.replies import Chunk, Collector

CLOSING = 0.05
"""Seconds that giving a connection back may take."""


class Opened:
    """A stream that was opened: its text, piece by piece."""

    def __init__(self, events: Any, collector: Collector) -> None:
        self._events, self.collector = events, collector
        self._iterator = aiter(events)
        self.first: str | None = None

    async def text(self) -> str | None:
        """The next text; None once the model has finished.

        Raises:
            LLMUnavailable: the stream ended before that.
        """
        while self.collector.finish_reason is None:
            try:
                event = await anext(self._iterator)
            except StopAsyncIteration:
                raise LLMUnavailable(
                    f"{self._events.response.url.netloc.decode()} cut the stream off"
                ) from None
            text = self.collector.chunk(Chunk.model_validate(event))
            if text:
                return text
        return None

    async def usage(self, seconds: float) -> None:
        """Wait a little for what follows the text; nothing depends on it."""
        try:
            async with asyncio.timeout(seconds):
                async for event in self._iterator:
                    self.collector.chunk(Chunk.model_validate(event))
        except Exception:  # the reply is whole; what breaks now is nobody's concern
            pass

    async def close(self) -> None:
        """Give the connection back, or drop it."""
        try:
            async with asyncio.timeout(CLOSING):
                await self._events.close()
        except Exception:  # it is gone either way
            pass
