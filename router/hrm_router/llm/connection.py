"""Connections to an endpoint: what goes out, what may come in, and how replies are read.

Out: what a request needs and the configured secrets; nothing from variables of other
programs. In: no redirects, no compressed bodies (a small one can hold gigabytes), no more
bytes than agreed, JSON read strictly. Knows nothing of deadlines, retries or budgets.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from hrm_router.errors import LLMProtocolError, LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.failures import Refusal, refusal_in
from hrm_router.llm.replies import Chunk, Collector, Completion

if TYPE_CHECKING:
    from httpx import AsyncHTTPTransport, Response

T = TypeVar("T")

CONNECT_SECONDS = 5.0
CLOSING = 0.05
"""Seconds that giving a connection back may take."""
INLINE = 32_000
"""Longest JSON that is parsed on the event loop."""
LINES = 128
"""Lines after which others on the event loop get their turn."""
MAX_VALUES = 200_000
"""Most values in one body; a reply with the log probabilities of 2,000 tokens has fewer."""


def warm(*, tls: bool) -> ssl.SSLContext:
    """Import all that a call needs; a context for its connections.

    Args:
        tls: whether certificates will be needed; reading them takes a while too.
    """
    for name in ("anyio._backends._asyncio", "httpcore", "tenacity"):
        import_module(name)
    import httpx

    return httpx.create_ssl_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Connections:
    """The connections to one endpoint, a pool for each event loop.

    A connection of one loop is useless in another. When a loop shuts down its async
    generators, as `asyncio.run` does at its end, its pool is closed while it still runs.
    """

    def __init__(self, endpoint: Endpoint, max_bytes: int) -> None:
        self._endpoint, self._max_bytes = endpoint, max_bytes
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._pools: dict[
            asyncio.AbstractEventLoop,
            tuple[AsyncHTTPTransport, AsyncGenerator[AsyncHTTPTransport, None]],
        ] = {}

    async def warm(self) -> None:
        """Import what calls need, off the event loop; counts as time of the first call."""
        if self._context is None:
            tls = self._endpoint.base_url.startswith("https:")
            self._context = await asyncio.to_thread(warm, tls=tls)

    async def open(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        sent: Callable[[], None] = lambda: None,
    ) -> Response:
        """Send a request; the response, whose body is still to be read.

        Args:
            body: to be posted as JSON; None gets what stands at `path`.
            sent: called when the request begins to be sent over a connection that stands.

        Raises:
            Refusal: the endpoint answers with an error.
            LLMProtocolError: a redirect, a compressed body, or one that says it is too long.
            httpx.TransportError: it cannot be reached, or hung up.
        """
        import httpx

        endpoint = self._endpoint
        headers = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "hrm-agent"}
        if body is not None:
            headers["content-type"] = "application/json"
        secrets = {name: secret.get_secret_value() for name, secret in endpoint.secrets.items()}

        async def trace(event: str, _: object) -> None:
            if event.endswith("send_request_headers.started"):
                sent()

        # Straight to the transport: no redirects, proxies, cookies or logs of a client.
        request = httpx.Request(
            "GET" if body is None else "POST",
            httpx.URL(endpoint.base_url + path, params=dict(endpoint.query) or None),
            headers=headers | secrets,
            content=None if body is None else json.dumps(body, allow_nan=False).encode(),
            extensions={"trace": trace, "timeout": {"connect": CONNECT_SECONDS}},
        )
        response = await (await self._pool()).handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _counted()(response.stream, self._max_bytes, endpoint.label)
        try:
            self._look_at(response)
            if response.status_code >= 400:
                said = await response.aread()
                try:
                    data: Any = strict_json.loads(said)
                except ValueError:
                    data = said.decode("utf-8", "replace")
                raise Refusal(response.status_code, data, response.headers)
        except BaseException:
            await close(response)
            raise
        return response

    async def get(self, path: str) -> Any:
        """The JSON that stands at `path`; raises what `open` does, and ValueError."""
        async with aclosing(await self.open(path)) as response:
            return strict_json.loads(await response.aread())

    async def aclose(self) -> None:
        """Close the running loop's pool; other loops close theirs as they end."""
        with self._lock:
            known = self._pools.get(asyncio.get_running_loop())
        if known is not None:
            await known[1].aclose()

    async def _pool(self) -> AsyncHTTPTransport:
        loop = asyncio.get_running_loop()
        with self._lock:
            known = self._pools.get(loop)
            for other in [one for one in self._pools if one.is_closed()]:
                del self._pools[other]  # closed without shutting down; nothing can be awaited there
        if known is None:
            keeper = self._keep(loop)
            pool = await anext(keeper)
            with self._lock:  # nothing was awaited in between: still the first
                known = self._pools[loop] = (pool, keeper)
        return known[0]

    async def _keep(
        self, loop: asyncio.AbstractEventLoop
    ) -> AsyncGenerator[AsyncHTTPTransport, None]:
        import httpx

        assert self._context is not None, "warmed before the first call"
        limits = httpx.Limits(max_connections=256, max_keepalive_connections=16)
        pool = httpx.AsyncHTTPTransport(verify=self._context, trust_env=False, limits=limits)
        try:
            yield pool
        finally:
            with self._lock:
                self._pools.pop(loop, None)
            await pool.aclose()

    def _look_at(self, response: Response) -> None:
        wrong, length = "", response.headers.get("content-length", "")
        if 300 <= response.status_code < 400:
            wrong = (
                f"answered with a redirect ({response.status_code}), and none is followed; "
                "configure the final URL"
            )
        elif response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            wrong = "sent a compressed body, though asked not to"
        elif length.isdigit() and int(length[:20]) > self._max_bytes:
            wrong = f"sent {length[:20]} bytes; at most {self._max_bytes} are read"
        if wrong:
            raise LLMProtocolError(f"{self._endpoint.label} {wrong}")


class Said:
    """What an endpoint says to one request: its text piece by piece, or all at once.

    Args:
        response: with its body still to be read.
    """

    def __init__(self, response: Response, collector: Collector, endpoint: Endpoint) -> None:
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
            whole = await parsed(
                await self._response.aread(),
                lambda data: self.collector.whole(Completion.model_validate(data)),
            )
            self.first, self._texts = whole.text if stream else None, None
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
        """Give the connection back, or drop it."""
        await close(self._response)

    async def _events(self) -> AsyncIterator[str]:
        """What each event adds to the text."""
        data: list[str] = []
        number = 0
        async for line in self._response.aiter_lines():
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
        return self.collector.chunk(Chunk.model_validate(event))


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


async def close(response: Response) -> None:
    """Give a connection back, or drop it; it is gone either way."""
    with suppress(Exception):
        async with asyncio.timeout(CLOSING):
            await response.aclose()


@cache
def _counted() -> Any:
    """Bodies that end with an error once they are too long; a class of httpx, loaded late."""
    import httpx

    class Counted(httpx.AsyncByteStream):
        def __init__(self, inner: httpx.AsyncByteStream, most: int, label: str) -> None:
            self._inner, self._most, self._label = inner, most, label

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = self._most
            async for chunk in self._inner:
                left -= len(chunk)
                if left < 0:
                    raise LLMProtocolError(f"{self._label} sent more than {self._most} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Counted
