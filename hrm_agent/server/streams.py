"""Server-sent events, and work that stops when its caller has left.

Knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from typing import Any, Generic, TypeVar

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from hrm_agent.server.errors import dumps
from hrm_agent.server.guard import ClientDisconnected
from hrm_agent.server.limits import Limits

T = TypeVar("T")

FIRST = 1.0
"""Seconds that a stream's headers wait for its first event: that the query was read."""


def event(data: Any, name: str | None = None) -> ServerSentEvent:
    """One event; JSON in ASCII has no line breaks that could end it early."""
    return ServerSentEvent(data if isinstance(data, str) else dumps(data), event=name, sep="\n")


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the caller leaves.

    Raises:
        ClientDisconnected: the caller left first.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnected
    finally:
        for one in (task, watch):
            one.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Flow(Generic[T]):
    """Events that begin before the response does, so that an early error has its own status.

    Args:
        events: closed with the flow, however far they came.
        enough: whether an event shows that the response will be a stream.
    """

    def __init__(self, events: AsyncGenerator[T, None], enough: Callable[[T], bool]) -> None:
        self._events, self._enough = events, enough
        self.begun: list[T] = []
        """What came before the response began."""
        self._opening: asyncio.Task[None] | None = None
        self._came = asyncio.Event()

    async def begin(self, within: float) -> None:
        """Wait for enough events, or as many seconds after the first one.

        Raises:
            whatever the events raise in this time.
        """
        self._opening = asyncio.create_task(self._open())
        came = asyncio.create_task(self._came.wait())
        try:
            await asyncio.wait(
                {self._opening, came}, timeout=FIRST, return_when=asyncio.FIRST_COMPLETED
            )
            done, _ = await asyncio.wait({self._opening}, timeout=within)
        finally:
            came.cancel()
        if done:
            self._opening.result()

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        """All of them."""
        assert self._opening is not None, "begun first"
        await self._opening
        for happened in self.begun:
            yield happened
        async for happened in self._events:
            yield happened

    async def aclose(self) -> None:
        """Stop, and stop what makes the events."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        await self._events.aclose()

    async def _open(self) -> None:
        async for happened in self._events:
            self.begun.append(happened)
            self._came.set()
            if self._enough(happened):
                break


class EventStream(EventSourceResponse):
    """Sends headers and a comment at once, events as they come, and comments between them.

    Args:
        pieces: the events.
        source: what they are made from; closed with them, even if none was taken.
        limits: how long a caller may take, and how often a silent stream is kept alive.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[ServerSentEvent, None],
        source: Flow[Any],
        limits: Limits,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._pieces, self._source = pieces, source
        super().__init__(
            _opened(pieces),
            headers=headers,
            ping=limits.ping,
            ping_message_factory=lambda: ServerSentEvent(comment="still working", sep="\n"),
            sep="\n",
            send_timeout=limits.patience,
            shutdown_grace_period=limits.drain,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all there is; nothing more is said to a caller who left."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            raise ClientDisconnected from None
        finally:
            await self._pieces.aclose()
            await self._source.aclose()


async def _opened(
    pieces: AsyncGenerator[ServerSentEvent, None],
) -> AsyncGenerator[ServerSentEvent, None]:
    yield ServerSentEvent(comment="hrm-agent", sep="\n")
    async for piece in pieces:
        yield piece
