"""Keeps a stretch of code on this machine: for tests that must reach nobody else.

Seen are connections and name look-ups through Python's sockets, whoever makes
them: blocking calls, event loops, other libraries and every thread. Knows
nothing of who wants to connect.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_refusing: tuple[list[str], ...] = ()
_installed = False


class NetworkLocked(OSError):
    """Something tried to reach beyond this machine while `network_locked` was on."""


@contextmanager
def network_locked() -> Iterator[list[str]]:
    """Let nothing out but to this machine itself.

        with network_locked():
            answer = router.solve_sync(query)

    Yields:
        The hosts that were refused so far.

    Raises:
        NetworkLocked: in whoever tries to leave; and at the end, if anybody
            tried and got over it.
    """
    global _refusing, _installed
    refused: list[str] = []
    with _lock:
        if not _installed:  # an audit hook stays for good; it does nothing while nobody is locked
            sys.addaudithook(_watch)
            _installed = True
        _refusing = (*_refusing, refused)
    try:
        yield refused
    finally:
        with _lock:
            _refusing = tuple(one for one in _refusing if one is not refused)
    if refused:
        raise NetworkLocked(f"tried to reach {', '.join(sorted(set(refused)))}")


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if not _refusing:
        return
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _let_through(args[0])
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        sock, address = args[0], args[1]
        if sock.family in (socket.AF_INET, socket.AF_INET6) and address is not None:
            _let_through(address[0])


def _let_through(host: str | bytes | None) -> None:
    name = host.decode("utf-8", "replace") if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return
    try:
        if ipaddress.ip_address(name).is_loopback:
            return
    except ValueError:
        pass  # a name that would have to be asked for
    for refused in _refusing:
        refused.append(name)
    raise NetworkLocked(f"the network is locked; {name!r} is beyond this machine")
