"""Running the application with uvicorn: patient with answers, not with callers.

On SIGTERM or Ctrl-C no new connection is taken, what is under way may finish,
and the router is closed. Knows nothing of routes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from hrm_agent.server.limits import Limits
from hrm_specialists.errors import ConfigError

KEEP_ALIVE = 5
"""Seconds that a connection may be idle between two requests."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def needs_key(host: str, key: str | None) -> None:
    """See to it that nobody is let in by mistake.

    Raises:
        ConfigError: others can reach `host` and there is no key.
    """
    if key is None and not is_loopback(host):
        raise ConfigError(
            f"{host!r} can be reached from other machines, and no key is set; "
            "name a variable that holds one, or bind to 127.0.0.1"
        )


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
        app,
        host=host,
        port=port,
        http=_protocol(limits.patience),
        ws="none",
        loop="asyncio",
        lifespan="auto",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=round(limits.drain) or 1,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return _Server(config, ready)


class _Server(uvicorn.Server):
    """Says where it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


def _protocol(patience: float) -> type[asyncio.Protocol]:
    """HTTP/1.1 by uvicorn, which then does not wait for ever for a request's head."""

    class Protocol(H11Protocol):
        _waiting: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._waiting = self.loop.call_later(patience, self._give_up)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._forget()  # the head is there
            elif self._waiting is None:
                self._waiting = self.loop.call_later(patience, self._give_up)

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            super().connection_lost(exc)

        def _forget(self) -> None:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None

        def _give_up(self) -> None:
            self._waiting = None
            if self.cycle is None or self.cycle.response_complete:
                self.transport.close()

    return Protocol
