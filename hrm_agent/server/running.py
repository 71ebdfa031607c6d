"""Running the application with uvicorn: patient with answers, not with callers.

On SIGTERM or Ctrl-C no new connection is taken, what is under way may finish,
and the router is closed. Knows nothing of routes.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from hrm_agent.server.limits import Limits
from hrm_specialists.errors import ConfigError

KEEP_ALIVE = 5
"""Seconds that a connection may be idle between two requests."""

Peer = tuple[Any, ...]
"""Address and port of a caller's end of a connection."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def needs_key(host: str, key: object) -> None:
    """See to it that nobody is let in by mistake.

    Raises:
        ConfigError: others can reach `host` and there is no key.
    """
    if not key and not is_loopback(host):
        _addresses(host, 0)  # a host that is none is another mistake
        raise ConfigError(
            f"{host!r} can be reached from other machines, and no key is set; "
            "set one (--api-key-env NAME), or bind to 127.0.0.1"
        )


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens at an address, so that a wrong one is told before anything loads.

    Raises:
        ConfigError: the address is in use, not this machine's, or not allowed.
    """
    family, address = _addresses(host, port)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        why = {
            errno.EADDRINUSE: "another program listens there; choose another --port, or 0 for any",
            errno.EACCES: "ports below 1024 need special rights; choose a higher --port",
            errno.EADDRNOTAVAIL: "that is no address of this machine; choose another --host",
        }
        reason = why.get(error.errno or 0, error.strerror or str(error))
        raise ConfigError(f"cannot listen at {host}:{port}: {reason}") from None
    return sock


def _addresses(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the host {host!r} has no address here: {error}") from None
    return found[0][0], found[0][4]


def server(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    limits: Limits,
    ready: Callable[[str], None] | None = None,
) -> uvicorn.Server:
    """A server that is not running yet; `run()` or `await serve()` runs it.

    Args:
        port: 0 for any that is free.
        ready: told the address once connections are taken.
    """
    config = uvicorn.Config(
        _Peers(app),
        host=host,
        port=port,
        http="h11",  # the one whose heads have a bound
        ws="none",
        loop="asyncio",
        lifespan="auto",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=round(limits.drain) or 1,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return _Server(config, limits, ready)


class _Peers:
    """Knows which connections have a request under way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.busy: Counter[Peer] = Counter()
        self.since: dict[Peer, float] = {}
        """When the last request of an idle connection ended."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = tuple(scope.get("client") or ())
        self.busy[peer] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.busy[peer] -= 1
            if not self.busy[peer]:
                del self.busy[peer]
            self.since[peer] = time.monotonic()


class _Server(uvicorn.Server):
    """Says where it listens, and closes connections on which no request comes.

    Those that are idle longest go first where there are too many, so that they
    never keep others out.
    """

    def __init__(
        self, config: uvicorn.Config, limits: Limits, ready: Callable[[str], None] | None
    ) -> None:
        super().__init__(config)
        self._limits, self._ready = limits, ready

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    async def on_tick(self, counter: int) -> bool:
        self._close_idle()
        return await super().on_tick(counter)

    def _close_idle(self) -> None:
        peers, now = self.config.app, time.monotonic()
        assert isinstance(peers, _Peers), "set above"
        idle: list[tuple[float, Any]] = []
        open_: set[Peer] = set()
        for connection in self.server_state.connections:
            transport = getattr(connection, "transport", None)
            peer = tuple((transport.get_extra_info("peername") or ())[:2]) if transport else ()
            if peer:
                open_.add(peer)
            if peer and not peers.busy[peer]:
                idle.append((peers.since.setdefault(peer, now), transport))
        peers.since = {peer: since for peer, since in peers.since.items() if peer in open_}
        idle.sort(key=lambda pair: pair[0])
        spare = len(open_) - self._limits.connections
        for at, (since, transport) in enumerate(idle):
            if at < spare or now - since > self._limits.patience:
                transport.close()
