"""Server-sent events, and work that stops when its caller has left.

Knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hrm_agent.server.failures import dumps
from hrm_agent.server.guard import Gone

T = TypeVar("T")


def event(data: Any, name: str | None = None) -> bytes:
    """One event; JSON in ASCII has no line breaks that could end it early."""
    kind = f"event: {name}\n" if name else ""
    return f"{kind}data: {data if isinstance(data, str) else dumps(data)}\n\n".encode("ascii")


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the caller leaves.

    Raises:
        Gone: the caller left first.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Gone
    finally:
        for one in (task, watch):
            one.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class EventStream(Response):
    """A response that sends events as they come and stops their source at the end.

    Args:
        pieces: written-out events.
        source: what they are made from; closed with them, even if none was taken.
    """

    media_type = "text/event-stream"

    def __init__(
        self, pieces: AsyncGenerator[bytes, None], source: AsyncGenerator[Any, None]
    ) -> None:
        super().__init__()
        del self.headers["content-length"]
        self.headers["x-accel-buffering"] = "no"  # or proxies keep events back
        self._pieces, self._source = pieces, source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all there is; nothing more is said to a caller who left."""
        try:
            with suppress(Gone):
                await unless_gone(receive, self._pump(send))
        finally:
            await self._pieces.aclose()
            await self._source.aclose()

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
