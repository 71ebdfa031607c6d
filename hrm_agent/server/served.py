"""What all routes of one server share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from hrm_agent.server.guard import Load
from hrm_agent.server.limits import Limits
from hrm_agent.server.wire import ErrorBody
from hrm_router.router import Router

ROUTER = "hrm-agent"
"""The router's name as a model; each specialist is one under its own name."""

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": what}
    for status, what in {
        400: "The request makes no sense as it is",
        401: "No key, or a wrong one",
        403: "Not allowed",
        404: "No such model or specialist",
        408: "The request did not arrive in time",
        413: "Too large",
        429: "Too much is going on; see Retry-After",
        500: "A bug",
        502: "The LLM's endpoint failed",
        503: "Not ready, or resting; see Retry-After",
        504: "The deadline passed",
    }.items()
}
"""For the description of the API."""

STREAMS: dict[str, Any] = {"text/event-stream": {}}
"""For the description of a response that may be a stream."""


@dataclass(frozen=True, slots=True)
class Served:
    """A router, and how busy the server is."""

    router: Router
    limits: Limits
    load: Load = field(default_factory=Load)
    since: int = field(default_factory=lambda: int(time.time()))
    """When the server was made, in Unix seconds."""
