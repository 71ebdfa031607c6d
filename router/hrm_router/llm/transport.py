"""The openai clients of an endpoint, and the HTTP layer under them: what may go out and come in.

Out: the headers that a request needs, and the configured secrets, which the
client above never sees; nothing from `OPENAI_…` variables. In: no redirects, no
compressed bodies (a small one can hold gigabytes), no more bytes than agreed. Knows nothing of
JSON, models or retrying.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from importlib import import_module

import httpx2
from openai import AsyncOpenAI

from hrm_router.errors import LLMProtocolError
from hrm_router.llm.budgets import on_sent
from hrm_router.llm.endpoint import Endpoint

CONNECT_SECONDS = 5.0
SENT = frozenset(
    {
        "host",
        "accept",
        "connection",
        "content-type",
        "content-length",
        "user-agent",
        "transfer-encoding",
    }
)
"""The client's headers that go out; the rest describes this machine or comes from variables."""


class Clients:
    """One client for every running event loop, from any thread; imports what a call needs.

    A connection of one loop is useless in another. When a loop shuts down its async
    generators, as `asyncio.run` does at its end, its client is closed while it still runs.
    """

    def __init__(self, endpoint: Endpoint, max_bytes: int) -> None:
        for name in ("anyio._backends._asyncio", "openai.resources.chat", "tenacity"):
            import_module(name)
        self._endpoint, self._max_bytes = endpoint, max_bytes
        tls = endpoint.base_url.startswith("https:")  # reading certificates takes a while
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context = httpx2.create_ssl_context() if tls else plain
        self._lock = threading.Lock()
        self._kept: dict[
            asyncio.AbstractEventLoop, tuple[AsyncOpenAI, AsyncGenerator[AsyncOpenAI, None]]
        ] = {}

    async def get(self) -> AsyncOpenAI:
        """The running loop's own."""
        loop = asyncio.get_running_loop()
        with self._lock:
            known = self._kept.get(loop)
            for other in [one for one in self._kept if one.is_closed()]:
                del self._kept[other]  # closed without shutting down; nothing can be awaited there
        if known is None:
            keeper = self._keep(loop)
            client = await anext(keeper)
            with self._lock:  # nothing was awaited in between: still the first
                known = self._kept[loop] = (client, keeper)
        return known[0]

    async def close(self) -> None:
        """Close the running loop's own; other loops close theirs as they end."""
        with self._lock:
            known = self._kept.get(asyncio.get_running_loop())
        if known is not None:
            await known[1].aclose()

    async def _keep(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[AsyncOpenAI, None]:
        transport = Transport(self._endpoint, self._max_bytes, self._context)
        client = AsyncOpenAI(
            base_url=self._endpoint.base_url,
            api_key="given by the transport",
            admin_api_key="",
            max_retries=0,
            default_query=dict(self._endpoint.query),
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            http_client=httpx2.AsyncClient(
                transport=transport, trust_env=False, follow_redirects=False
            ),
        )
        try:
            yield client
        finally:
            with self._lock:
                self._kept.pop(loop, None)
            await client.close()


class Transport(httpx2.AsyncBaseTransport):
    """Guards one endpoint's connections, of one event loop."""

    def __init__(self, endpoint: Endpoint, max_bytes: int, context: ssl.SSLContext) -> None:
        self._endpoint, self._max_bytes = endpoint, max_bytes
        self._inner = httpx2.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            limits=httpx2.Limits(max_connections=256, max_keepalive_connections=16),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it, and look at what comes back; `LLMProtocolError` for what nobody should read."""
        headers = {name: value for name, value in request.headers.items() if name in SENT}
        headers["accept-encoding"] = "identity"
        for name, secret in self._endpoint.secrets.items():
            headers[name] = secret.get_secret_value()
        tell = on_sent.get()

        async def trace(event: str, info: object) -> None:
            if tell is not None and event.endswith("send_request_headers.started"):
                tell()

        sent = httpx2.Request(  # a new one: what the client keeps and shows has no key
            request.method,
            request.url,
            headers=headers,
            stream=request.stream,
            extensions={**request.extensions, "trace": trace},
        )
        response = await self._inner.handle_async_request(sent)
        wrong = self._wrong(response)
        if wrong:
            await response.aclose()
            raise LLMProtocolError(f"{self._endpoint.label} {wrong}")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream, self._max_bytes, self._endpoint.label)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def _wrong(self, response: httpx2.Response) -> str | None:
        if 300 <= response.status_code < 400:
            return (
                f"answered with a redirect ({response.status_code}), and none is followed; "
                "configure the final URL"
            )
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            return "sent a compressed body, though asked not to"
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length[:20]) > self._max_bytes:
            return f"sent {length[:20]} bytes; at most {self._max_bytes} are read"
        return None


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, max_bytes: int, label: str) -> None:
        self._inner, self._left, self._max, self._label = inner, max_bytes, max_bytes, label

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise LLMProtocolError(f"{self._label} sent more than {self._max} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
