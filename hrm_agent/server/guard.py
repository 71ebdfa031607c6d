"""The door: who may come in, with how much, and how many at once.

A pure ASGI layer around any application. Gives every request an id, compares
keys in constant time, reads bodies whole under a size and a time, counts work
under way, and writes one line of log for each: neither keys nor contents are in
it. Knows nothing of routes beyond which are open and which are work.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hrm_agent.server.failures import Failure, stopping, unexpected
from hrm_agent.server.limits import Limits

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

Seen = Callable[[str, int, float], None]
"""Told of every request: path, status, seconds."""


class Gone(Exception):
    """The caller left before its request was whole, or takes nothing any more."""


@dataclass(slots=True)
class Load:
    """Work under way, and what was turned away."""

    under_way: int = 0
    refused: int = 0


class Guard:
    """Lets through what is allowed.

    Args:
        app: what is guarded.
        key: the bearer token; None for none, and then only loopback names of
            this machine are answered.
        limits: sizes, times and counts.
        open_paths: need no key and have no secrets.
        work: paths that count as solves.
        load: counts work; shared with the metrics.
        seen: told of every finished request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        key: str | None,
        limits: Limits,
        open_paths: frozenset[str] = frozenset(),
        work: frozenset[str] = frozenset(),
        load: Load | None = None,
        seen: Seen | None = None,
    ) -> None:
        self._app, self._limits = app, limits
        self._key = None if key is None else _digest(key)
        self._open, self._work = open_paths, work
        self._load, self._seen = load or Load(), seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # lifespan; there are no websockets
            return
        await _Visit(scope, send, self._limits.patience, self._seen).run(
            lambda visit: self._admit(scope, receive, visit)
        )

    async def _admit(self, scope: Scope, receive: Receive, visit: _Visit) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        refusal = self._elsewhere(headers)
        if refusal is None:
            refusal = self._unknown(headers, path)
        if refusal is not None:
            await refusal.response()(scope, receive, visit.send)
            return
        try:
            body = await self._body(headers, receive)
        except TimeoutError:
            body = Failure(
                408, "request_timeout", "the request did not arrive in time", headers=CLOSE
            )
        if isinstance(body, Failure):
            await body.response()(scope, receive, visit.send)
            return
        if path not in self._work or scope["method"] != "POST":
            await self._app(scope, _replay(body, receive), visit.send)
            return
        if self._load.under_way >= self._limits.solves:
            self._load.refused += 1
            full = Failure(
                429,
                "too_many_requests",
                f"{self._load.under_way} solves are under way; try again",
                headers={"Retry-After": "1"},
            )
            await full.response()(scope, receive, visit.send)
            return
        self._load.under_way += 1
        try:
            await self._app(scope, _replay(body, receive), visit.send)
        finally:
            self._load.under_way -= 1

    def _elsewhere(self, headers: Headers) -> Failure | None:
        """Whether a page from elsewhere asks, under its own name or under a borrowed one."""
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if self._key is None and re.sub(r":\d+$", "", host) not in LOOPBACK:
            return Failure(
                403, "forbidden_host", "without a key only names of this machine are answered"
            )
        if origin is not None and origin.partition("://")[2].lower() != host:
            return Failure(403, "forbidden_origin", "pages from elsewhere are not answered")
        return None

    def _unknown(self, headers: Headers, path: str) -> Failure | None:
        if self._key is None or path in self._open:
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        known = hmac.compare_digest(_digest(given.strip()), self._key)
        if known and scheme.lower() == "bearer":
            return None
        what = "wrong key" if given else "no key: send Authorization: Bearer …"
        return Failure(401, "invalid_api_key", what, headers={"WWW-Authenticate": "Bearer"})

    async def _body(self, headers: Headers, receive: Receive) -> bytes | Failure:
        """The whole body, or why it is not taken.

        Raises:
            TimeoutError: it did not arrive in time.
            Gone: the caller left.
        """
        most = self._limits.body
        what = f"a body has at most {most} bytes"
        too_long = Failure(413, "request_too_large", what, headers=CLOSE)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > most:
            return too_long
        body = bytearray()
        async with asyncio.timeout(self._limits.patience):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                body += message.get("body", b"")
                if len(body) > most:
                    return too_long
                if not message.get("more_body", False):
                    return bytes(body)


class _Visit:
    """One request from its first to its last byte."""

    def __init__(self, scope: Scope, send: Send, patience: float, seen: Seen | None) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if OURS.fullmatch(given) else f"req-{secrets.token_hex(8)}"
        scope.setdefault("state", {})["request_id"] = self.id
        self._scope, self._send = scope, send
        self._patience, self._seen = patience, seen
        self._status = 0
        self._began = time.monotonic()

    async def run(self, work: Callable[[_Visit], Awaitable[None]]) -> None:
        """Do `work`, whatever comes of it, and write down how it went."""
        try:
            await work(self)
        except Gone:
            self._status = self._status or 499
        except asyncio.CancelledError:  # the time to finish what was under way is over
            if not self._status:
                with suppress(Gone):
                    await stopping().response()(self._scope, _nothing, self.send)
            raise
        except Exception as error:
            # Its message may quote what came in; where it happened may not.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s raised %s\n%s", self.id, type(error).__name__, where)
            if not self._status:  # or else half an answer is out, and is left unfinished
                with suppress(Gone):
                    await unexpected(self.id).response()(self._scope, _nothing, self.send)
        finally:
            seconds = time.monotonic() - self._began
            path = self._scope["path"]
            log.info(
                "%s %s %s %s %.1f ms",
                self.id,
                self._scope["method"],
                ascii(path[:100])[1:-1],
                self._status or 499,
                1000 * seconds,
            )
            if self._seen is not None:
                self._seen(path, self._status or 499, seconds)

    async def send(self, message: Message) -> None:
        """Pass a message on; who does not take it in time is left alone."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except TimeoutError:
            raise Gone from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """`receive` for a request whose body was read already."""
    rest: list[Mapping[str, object]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return dict(rest.pop()) if rest else await receive()

    return replay


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _digest(key: str) -> bytes:
    """Of a fixed length, so that comparing tells nothing about the key's."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
