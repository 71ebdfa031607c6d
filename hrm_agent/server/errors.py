"""Errors as OpenAI's clients expect them: a status, and `{"error": {…}}`.

Knows the errors' classes and nothing of routes. Messages of our own errors are
for callers; of anything else only the request's id is told.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from hrm_agent.errors import (
    CallBudgetExceeded,
    DeadlineExceeded,
    HrmAgentError,
    InvalidInput,
    LifecycleError,
    LLMError,
    LLMRateLimited,
    LLMTimeout,
    Overloaded,
    QueueFull,
    SpecialistOutOfMemory,
    TaskTooLarge,
    UnknownSpecialist,
)
from hrm_router.answer import printable

log = logging.getLogger("hrm_agent.server")

STATUSES: tuple[tuple[type[HrmAgentError], int], ...] = (
    (TaskTooLarge, 413),
    (InvalidInput, 400),
    (UnknownSpecialist, 404),
    (CallBudgetExceeded, 403),
    (QueueFull, 429),
    (LLMRateLimited, 429),
    (Overloaded, 503),
    (SpecialistOutOfMemory, 503),
    (LifecycleError, 503),
    (DeadlineExceeded, 504),
    (LLMTimeout, 504),
    (LLMError, 502),
)
"""The first class that fits decides; any other error is a 500."""

KINDS: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    408: "timeout_error",
    429: "rate_limit_error",
}
"""The error's `type` where it is neither the caller's mistake nor the server's."""

REFUSED = "llm_refused"
"""The code of an endpoint's refusal that is the caller's to mend: a context too long, say."""
NOT_TAKEN = "does not take this call"
"""Behind it stand the words that help the caller; before it, the endpoint's address."""
LLM_FAILED = "the LLM could not answer ({code}); the server's log says more"

LONGEST = 500
"""Characters of a message; it may quote what came in."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a caller is told instead of an answer."""

    status: int
    code: str
    message: str
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """As JSON; the same in a response and in the middle of a stream."""
        kind = KINDS.get(self.status)
        if kind is None:
            kind = "invalid_request_error" if self.status < 500 else "server_error"
        message = printable(self.message)[:LONGEST]
        return {"error": {"message": message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> Response:
        """The whole answer."""
        headers = {"X-Hrm-Error": self.code, **self.headers}
        return json_response(self.body, self.status, headers)


class Refused(Exception):
    """A request that the server itself turns down; never leaves the server."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.failure = Failure(status, code, message, param)


def failure_of(error: HrmAgentError) -> Failure:
    """What to tell of one of our own errors."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    status = 400 if error.code == REFUSED else status
    headers = {}
    if status in (429, 503):
        wait = error.retry_after if error.retry_after and error.retry_after < 86_400 else 1
        headers["Retry-After"] = str(max(1, round(wait)))
    return Failure(status, error.code, told(error), headers=headers)


def told(error: HrmAgentError) -> str:
    """An error in words for callers: an endpoint's own name hosts, accounts and keys."""
    if not isinstance(error, LLMError):
        return str(error)
    log.warning("solve %s: %s", error.solve_id, printable(str(error))[:LONGEST])
    if error.code == REFUSED and NOT_TAKEN in str(error):
        return f"the LLM {NOT_TAKEN}{str(error).partition(NOT_TAKEN)[2]}"
    return LLM_FAILED.format(code=error.code)


def unexpected(request_id: str) -> Failure:
    """What to tell of an error that nobody foresaw."""
    return Failure(500, "internal_error", f"this is a bug; the log has more of {request_id}")


def stopping() -> Failure:
    """What to tell of work that was not finished when the server had to stop."""
    return Failure(503, "stopping", "the server is stopping", headers={"Retry-After": "1"})


def json_response(
    data: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """`data` as strict ASCII JSON, whatever characters came in."""
    return Response(dumps(data), status, headers=dict(headers or {}), media_type="application/json")


def dumps(data: Any) -> str:
    """JSON without NaN, in ASCII, so that any client can read it."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
