"""What event loops need: things made when first used there, and imports that hold none up.

A connection of one loop is useless in another. Each loop gets its own; when the
loop shuts down its async generators, as `asyncio.run` does at its end, the
thing is closed while the loop still runs. Knows nothing of what the thing is.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, Callable
from importlib import import_module
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """Whatever wants closing."""

    async def close(self) -> None:
        """Give everything back."""
        ...


C = TypeVar("C", bound=Closable)


class PerLoop(Generic[C]):
    """One `C` for every running event loop, from any thread."""

    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._kept: dict[asyncio.AbstractEventLoop, tuple[C, AsyncGenerator[C, None]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self) -> C:
        """The running loop's own."""
        loop = asyncio.get_running_loop()
        with self._lock:
            known = self._kept.get(loop)
            for other in [one for one in self._kept if one.is_closed()]:
                del self._kept[other]  # closed without shutting down; nothing can be awaited there
        if known is None:
            keeper = self._keep(loop)
            thing = await anext(keeper)
            with self._lock:  # nothing was awaited in between: still the first
                known = self._kept[loop] = (thing, keeper)
        return known[0]

    async def close(self) -> None:
        """Close the running loop's own; other loops close theirs as they end."""
        with self._lock:
            known = self._kept.get(asyncio.get_running_loop())
        if known is not None:
            await known[1].aclose()

    async def _keep(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[C, None]:
        thing = self._make()
        try:
            yield thing
        finally:
            with self._lock:
                self._kept.pop(loop, None)
            await thing.close()


_NEEDED = (
    "anyio._backends._asyncio",
    "hrm_router.llm.transport",
    "openai.resources.chat",
    "tenacity",
)
"""What a first call would import on its way."""


def warm(*, tls: bool) -> ssl.SSLContext:
    """Import all that a call needs; a context for its connections.

    Args:
        tls: whether certificates will be needed; reading them takes a while too.
    """
    for name in _NEEDED:
        import_module(name)
    import httpx2

    return httpx2.create_ssl_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
