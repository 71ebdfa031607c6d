"""What goes wrong with an endpoint, told as the router's own errors.

One table from a status to an error serves HTTP statuses, errors in bodies whose status says
that all is well, and exceptions of other packages. Only a redacted line comes out, for
requests carry keys. Knows nothing of connections or retrying.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hrm_router.errors import (
    LLMAuthError,
    LLMError,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMUnavailable,
)
from hrm_router.llm.endpoint import Endpoint
from hrm_specialists.reading import first_fault

CODES = {
    "429": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "context_length_exceeded": 400,
}
"""What codes of OpenAI's API would be as a status, where they come without one."""


class Refusal(Exception):
    """An endpoint answered with an error: by its status, or a code in the body that means one."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers
        self.said = message_of(body)

    def typed(self, endpoint: Endpoint) -> LLMError:
        """The same as an error that callers may see."""
        said = endpoint.redact(self.said) or "no word of why"
        if self.headers is not None:
            said = f"HTTP {self.status}: {said}"
        has_key = "authorization" in endpoint.secrets
        advice = "look at its `api_key`" if has_key else "give it an `api_key`"
        found = by_status(self.status, endpoint.label, said, advice)
        if self.status == 429:
            found.retryable = _code(self.body) != "insufficient_quota"
        found.retry_after = retry_after(self.headers or {})
        return found


def by_status(status: int, who: str, said: str, advice: str = "") -> LLMError:
    """The error that a status of HTTP means; `advice` is for a key that does not do."""
    if status in (401, 403):
        return LLMAuthError(f"{who} refused the call ({said}){'; ' if advice else ''}{advice}")
    if status == 429:
        return LLMRateLimited(f"{who} wants fewer calls ({said})")
    if status in (408, 409, 425) or (status >= 500 and status != 501):
        return LLMUnavailable(f"{who} is in trouble ({said})")
    return LLMRefused(f"{who} does not take this call ({said})")


def refusal_in(data: object) -> Refusal | None:
    """The error that a body holds though its status says that all is well; None if it is none."""
    if not isinstance(data, Mapping) or not data.get("error") or data.get("choices"):
        return None
    code = _code(data)
    number = CODES.get(str(code), code)
    return Refusal(number if isinstance(number, int) and 400 <= number < 600 else 503, data)


def translate(error: Exception, endpoint: Endpoint) -> LLMError:
    """Our error for whatever the client raised, besides our own and `TimeoutError`."""
    import httpx2
    import openai

    where, cause = endpoint.label, error.__cause__
    said = endpoint.redact(str(error)) or type(error).__name__
    if isinstance(error, openai.APIStatusError):
        body = error.body if message_of(error.body) else error.message
        error = Refusal(error.status_code, body, error.response.headers)
    if isinstance(error, Refusal):
        return error.typed(endpoint)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(cause, LLMProtocolError):
            return cause  # raised by our own transport; older clients wrap it
        why = endpoint.redact(str(cause or error)) or type(cause).__name__
        return LLMUnavailable(f"{where} cannot be reached, or hung up: {why}")
    if isinstance(error, httpx2.TransportError | openai.APIError):
        return LLMUnavailable(f"{where} hung up, or broke off with an error: {said}")
    if isinstance(error, ValidationError):
        return LLMProtocolError(f"{where} sent no chat completion: {first_fault(error)}")
    if isinstance(error, ValueError | RecursionError):
        return LLMProtocolError(f"{where} sent no chat completion, or no JSON: {said}")
    kind = LLMUnavailable if isinstance(error, OSError) else LLMError
    return kind(f"{where}: {type(error).__name__}: {said}")


def message_of(body: object) -> str:
    """What an error's body says, in the forms in which servers write it; empty if nothing."""
    if isinstance(body, str):
        return body
    if isinstance(body, list | tuple):
        return "; ".join(filter(None, map(message_of, body[:4])))
    if isinstance(body, Mapping):
        said = (message_of(body.get(name)) for name in ("error", "detail", "message", "msg"))
        return next(filter(None, said), "")
    return ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until an endpoint wants to be asked again; None if it says nothing usable."""
    from email.utils import parsedate_to_datetime

    text = headers.get("retry-after-ms")
    scale = 0.001 if text is not None else 1.0
    text = text if text is not None else headers.get("retry-after", "")
    try:
        seconds = scale * float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _code(body: object) -> object:
    inner = body.get("error", body) if isinstance(body, Mapping) else None
    return inner.get("code") if isinstance(inner, Mapping) else None
