"""Our server on a real socket in a thread of its own, for clients that block."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hrm_agent import Router
from hrm_agent.server import Limits, create_app
from hrm_agent.server.running import server

SOON = 20.0
"""Seconds in which it must have started, or stopped."""


@contextmanager
def served(router: Router, *, key: str | None = None) -> Iterator[str]:
    """The address, without a path; the router stays open."""
    limits, addresses = Limits(), queue.SimpleQueue[str]()
    app = create_app(router, api_key=key, limits=limits)
    one = server(app, host="127.0.0.1", port=0, limits=limits, ready=addresses.put)
    thread = threading.Thread(target=one.run, name="served")
    thread.start()
    try:
        yield addresses.get(timeout=SOON)
    finally:
        one.should_exit = True
        thread.join(SOON)
        assert not thread.is_alive(), "the server does not stop"
