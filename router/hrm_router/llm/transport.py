"""The HTTP layer under the openai client: what may go out, what may come in, what went wrong.

Out: the headers that a request needs, and the configured secrets, which the
client above never sees; nothing from `OPENAI_…` variables. In: no redirects, no
compressed bodies (a small one can hold gigabytes), no more bytes than agreed. What the
client raises is said in the router's own errors, with a redacted line alone, for
requests carry keys. Knows nothing of JSON, models or retrying.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from email.utils import parsedate_to_datetime

import httpx2
import openai
from pydantic import ValidationError

from hrm_router.errors import (
    LLMAuthError,
    LLMError,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMUnavailable,
)
from hrm_router.llm.budgets import on_sent
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.replies import message_of

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


def translate(error: Exception, endpoint: Endpoint) -> LLMError:
    """Our error for whatever the client raised besides our own and `TimeoutError`."""
    where = endpoint.label
    if isinstance(error, openai.APIStatusError):
        return _status(error, endpoint)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, LLMProtocolError):
            return error.__cause__  # raised by our own transport; older clients wrap it
        why = endpoint.redact(str(error.__cause__ or error)) or type(error.__cause__).__name__
        return LLMUnavailable(f"{where} cannot be reached, or hung up: {why}")
    if isinstance(error, httpx2.TransportError):
        why = endpoint.redact(str(error)) or type(error).__name__
        return LLMUnavailable(f"{where} hung up: {why}")
    if isinstance(error, openai.APIError):
        return LLMUnavailable(f"{where} broke off with an error: {endpoint.redact(error.message)}")
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        return LLMProtocolError(f"{where} sent no chat completion: {place}: {first['msg']}")
    if isinstance(error, ValueError | RecursionError):
        return LLMProtocolError(
            f"{where} sent something that is no JSON: {endpoint.redact(str(error))}"
        )
    kind = LLMUnavailable if isinstance(error, OSError) else LLMError
    return kind(f"{where}: {type(error).__name__}: {endpoint.redact(str(error))}")


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds until an endpoint wants to be asked again; None if it says nothing usable.

    Args:
        now: seconds since 1970; the present by default.
    """
    text = headers.get("retry-after-ms")
    scale = 0.001 if text is not None else 1.0
    text = text if text is not None else headers.get("retry-after", "")
    try:
        seconds = scale * float(text)
    except ValueError:
        try:
            date = parsedate_to_datetime(text)
            seconds = date.timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _status(error: openai.APIStatusError, endpoint: Endpoint) -> LLMError:
    status, where = error.status_code, endpoint.label
    said = f"HTTP {status}: {endpoint.redact(message_of(error.body) or error.message)}"
    if status in (401, 403):
        has_key = "authorization" in endpoint.secrets
        hint = "look at its `api_key`" if has_key else "give it an `api_key`"
        return LLMAuthError(f"{where} refused the call ({said}); {hint}")
    found: LLMError
    if status == 429:
        found = LLMRateLimited(f"{where} wants fewer calls ({said})")
        found.retryable = error.code != "insufficient_quota"
    elif status in (408, 409, 425) or (status >= 500 and status != 501):
        found = LLMUnavailable(f"{where} is in trouble ({said})")
    else:
        found = LLMRefused(f"{where} does not take this call ({said})")
    found.retry_after = retry_after(error.response.headers)
    return found
