"""The door: who may come in, with how much, and how many at once.

A pure ASGI layer around any application. Gives every request an id, looks at
its key before anything else, reads bodies whole under a size and a time, counts
solves under way, and writes one line of log for each: neither keys nor contents
are in it. Knows nothing of routes beyond which are open and which are work.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
import traceback
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hrm_agent.server.errors import Failure, stopping, unexpected
from hrm_agent.server.limits import Caller, Callers, Limits

log = logging.getLogger("hrm_agent.server")

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Host names by which a server without a key may be called; a page elsewhere that
points its own name at this machine comes with that name."""
OURS = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""Request ids that are taken over from the caller."""
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""On every response that does not set them itself."""
CLOSE = {"Connection": "close"}
"""On responses to requests of which the rest is not read."""
DRAINED, LINGER = 64_000_000, 2.0
"""Most bytes, and seconds, of such a rest that are thrown away after the response: many clients
read it only once all is sent, and lose it if the connection is closed before."""
TOLD = ("x-hrm-error", "x-hrm-route", "x-hrm-task", "x-hrm-status")
"""Headers of responses that stand in the log, too."""

Seen = Callable[[str, int, float], None]
"""Told of every request: path, status, seconds."""


class ClientDisconnected(Exception):
    """The caller left before its request was whole, or takes nothing any more."""


@dataclass(slots=True)
class Load:
    """Work under way, and what was turned away."""

    under_way: int = 0
    refused: int = 0
    buffered: int = 0
    """Bytes of bodies that are still arriving."""


class Guard:
    """Lets through what is allowed.

    Args:
        app: what is guarded.
        callers: whose keys are known; where none is needed, only loopback names
            of this machine are answered.
        limits: sizes, times and counts.
        origins: pages from elsewhere that may ask, as "https://host".
        open_paths: need no key and have no secrets.
        work: paths that count as solves.
        load: counts work; shared with the metrics.
        seen: told of every finished request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        callers: Callers,
        limits: Limits,
        origins: Collection[str] = (),
        open_paths: frozenset[str] = frozenset(),
        work: frozenset[str] = frozenset(),
        load: Load | None = None,
        seen: Seen | None = None,
    ) -> None:
        self._app, self._callers, self._limits = app, callers, limits
        self._origins = frozenset(origin.lower() for origin in origins)
        self._open, self._work = open_paths, work
        self._load, self._seen = load or Load(), seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # lifespan; there are no websockets
            return
        await _RequestScope(scope, send, self._limits.patience, self._seen).run(
            lambda visit: self._admit(scope, receive, visit)
        )

    async def _admit(self, scope: Scope, receive: Receive, visit: _RequestScope) -> None:
        headers = Headers(scope=scope)
        caller = self._callers.named(headers.get("authorization", ""))
        refusal = self._elsewhere(headers)
        if refusal is None and caller is None and visit.path not in self._open:
            given = headers.get("authorization", "").partition(" ")[2].strip()
            what = "wrong key" if given else "no key: send Authorization: Bearer …"
            refusal = Failure(401, "invalid_api_key", what, headers={"WWW-Authenticate": "Bearer"})
        body = refusal if refusal is not None else await self._body(headers, receive)
        if isinstance(body, Failure):
            unread = "Connection" in body.headers
            send = _draining(receive, visit.send) if unread else visit.send
            await body.response()(scope, receive, send)
            return
        if caller is not None:
            visit.state["caller"] = caller
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        receive = _replay(body, receive)
        if caller is None or visit.path not in self._work or scope["method"] != "POST":
            await self._app(scope, receive, visit.send)
        else:
            await self._work_for(caller, scope, receive, visit.send)

    async def _work_for(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        load = self._load
        if load.under_way >= self._limits.solves:
            what = f"{load.under_way} solves are under way; try again"
            refusal: Failure | None
            refusal = Failure(429, "too_many_requests", what, headers={"Retry-After": "1"})
        else:
            refusal = await caller.full()
        if refusal is not None:
            load.refused += 1
            await refusal.response()(scope, receive, send)
            return
        load.under_way += 1
        caller.under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            load.under_way -= 1
            caller.under_way -= 1

    def _elsewhere(self, headers: Headers) -> Failure | None:
        """Whether a page from elsewhere asks, under its own name or under a borrowed one."""
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if not self._callers.with_keys and re.sub(r":\d+$", "", host) not in LOOPBACK:
            return Failure(
                403, "forbidden_host", "without a key only names of this machine are answered"
            )
        if origin is None or origin.lower() in self._origins:
            return None
        if origin.partition("://")[2].lower() != host:
            what = (
                "pages from other origins are not answered; `hrm-agent serve` takes "
                "--allow-origin, `hrm-agent mcp` does not"
            )
            return Failure(403, "forbidden_origin", what)
        return None

    async def _body(self, headers: Headers, receive: Receive) -> bytes | Failure:
        """The whole body, or why it is not taken.

        Raises:
            ClientDisconnected: the caller left.
        """
        most, load, body = self._limits.body, self._load, bytearray()
        what = f"a body has at most {most} bytes"
        too_long = Failure(413, "request_too_large", what, headers=CLOSE)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > most:
            return too_long
        try:
            async with asyncio.timeout(self._limits.patience):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnected
                    piece = message.get("body", b"")
                    body += piece
                    load.buffered += len(piece)
                    if len(body) > most:
                        return too_long
                    if not message.get("more_body", False):
                        return bytes(body)
                    if load.buffered > self._limits.buffered:
                        again = {"Retry-After": "1", **CLOSE}
                        what = "too many requests are arriving; try again"
                        return Failure(503, "overloaded", what, headers=again)
        except TimeoutError:
            what = "the request did not arrive in time"
            return Failure(408, "request_timeout", what, headers=CLOSE)
        finally:
            load.buffered -= len(body)


class _RequestScope:
    """One request from its first to its last byte."""

    def __init__(self, scope: Scope, send: Send, patience: float, seen: Seen | None) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if OURS.fullmatch(given) else f"req-{random.getrandbits(64):016x}"
        self.state: dict[str, object] = scope.setdefault("state", {})
        self.state["request_id"] = self.id
        self.path: str = scope["path"].removeprefix(scope.get("root_path", "").rstrip("/")) or "/"
        """Without the prefix under which the application is mounted."""
        self._scope, self._send = scope, send
        self._patience, self._seen = patience, seen
        self._status, self._told = 0, ""
        self._began = time.monotonic()

    async def run(self, work: Callable[[_RequestScope], Awaitable[None]]) -> None:
        """Do `work`, whatever comes of it, and write down how it went."""
        try:
            await work(self)
        except ClientDisconnected:
            self._status = self._status or 499
        except asyncio.CancelledError:  # the time to finish what was under way is over
            if not self._status:
                with suppress(ClientDisconnected):
                    await stopping().response()(self._scope, _nothing, self.send)
            raise
        except Exception as error:
            # Its message may quote what came in; where it happened may not.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s raised %s\n%s", self.id, type(error).__name__, where)
            if not self._status:  # or else half an answer is out, and is left unfinished
                with suppress(ClientDisconnected):
                    await unexpected(self.id).response()(self._scope, _nothing, self.send)
        finally:
            self._finish()

    def _finish(self) -> None:
        seconds, status = time.monotonic() - self._began, self._status or 499
        caller = self.state.get("caller")
        facts = {
            "request_id": self.id,
            "method": self._scope["method"],
            "path": ascii(self._scope["path"][:100])[1:-1],
            "status": status,
            "ms": round(1000 * seconds, 1),
            "caller": caller.name if isinstance(caller, Caller) else "",
            "told": self._told,
        }
        words = "%(request_id)s %(method)s %(path)s %(status)s %(ms).1f ms %(caller)s %(told)s"
        log.info("%s", (words % facts).rstrip(), extra={"facts": facts})
        if self._seen is not None:
            self._seen(self.path, status, seconds)

    async def send(self, message: Message) -> None:
        """Pass a message on; who does not take it in time is left alone."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            self._told = " ".join(headers[name] for name in TOLD if name in headers)
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except TimeoutError:
            raise ClientDisconnected from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """`receive` for a request whose body was read already."""
    rest: list[Mapping[str, object]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return dict(rest.pop()) if rest else await receive()

    return replay


def _draining(receive: Receive, send: Send) -> Send:
    """`send` that keeps the connection for a while after a response, until the request is over."""

    async def drain() -> None:
        left = DRAINED
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body", False):
                return

    async def sending(message: Message) -> None:
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not last:
            await send(message)
            return
        await send({**message, "more_body": True})
        with suppress(TimeoutError):
            await asyncio.wait_for(drain(), LINGER)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sending


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
