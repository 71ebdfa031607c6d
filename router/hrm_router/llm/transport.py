"""The HTTP layer under the openai client: what may go out, what may come in.

Out: the headers that a request needs, and the configured secrets, which the
client above never sees; nothing from `OPENAI_…` variables. In: no redirects, no
compressed bodies (a small one can hold gigabytes), no more bytes than agreed. Knows nothing of
JSON, models or retrying.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpx2

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
        """Send it, and look at what comes back before anyone reads it.

        Raises:
            LLMProtocolError: a redirect, a compressed body, or one that says it is too long.
        """
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
