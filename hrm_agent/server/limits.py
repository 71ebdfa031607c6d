"""What the server takes on at once, and how long it waits for slow callers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one server; beyond them callers are refused at once."""

    solves: int = 64
    """Solves under way together; one more gets 429 with `Retry-After`."""
    connections: int = 1024
    """Open connections, idle ones included; one more gets 503."""
    body: int = 4 * 1024 * 1024
    """Bytes of a request's body; a longer one gets 413."""
    patience: float = 15.0
    """Seconds for a request to arrive whole, and for a caller to take a piece of an answer."""
    drain: float = 30.0
    """Seconds that work under way may take after a request to stop."""
