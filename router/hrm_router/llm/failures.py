"""What went wrong at an endpoint, said in the router's own errors.

Takes what the openai client and its transport raise; keeps nothing of it but a
redacted line, for requests carry keys. Knows nothing of retrying.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx2
import openai
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
from hrm_router.llm.replies import message_of


def translate(error: Exception, endpoint: Endpoint) -> LLMError:
    """Our error for whatever the client raised besides our own and `TimeoutError`."""
    where = endpoint.label
    if isinstance(error, openai.APIStatusError):
        return _status(error, endpoint)
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, LLMProtocolError):
            return error.__cause__  # raised by our own transport; older clients wrap it
        why = endpoint.redact(str(error.__cause__ or error)) or type(error.__cause__).__name__
        return LLMUnavailable(f"{where} cannot be reached, or hung up: {why}")
    if isinstance(error, httpx2.TransportError):
        why = endpoint.redact(str(error)) or type(error).__name__
        return LLMUnavailable(f"{where} hung up: {why}")
    if isinstance(error, openai.APIError):
        return LLMUnavailable(f"{where} broke off with an error: {endpoint.redact(error.message)}")
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        return LLMProtocolError(f"{where} sent no chat completion: {place}: {first['msg']}")
    if isinstance(error, ValueError | RecursionError):
        return LLMProtocolError(
            f"{where} sent something that is no JSON: {endpoint.redact(str(error))}"
        )
    kind = LLMUnavailable if isinstance(error, OSError) else LLMError
    return kind(f"{where}: {type(error).__name__}: {endpoint.redact(str(error))}")


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds until an endpoint wants to be asked again; None if it says nothing usable.

    Args:
        now: seconds since 1970; the present by default.
    """
    text = headers.get("retry-after-ms")
    scale = 0.001 if text is not None else 1.0
    text = text if text is not None else headers.get("retry-after", "")
    try:
        seconds = scale * float(text)
    except ValueError:
        try:
            date = parsedate_to_datetime(text)
            seconds = date.timestamp() - (time.time() if now is None else now)
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _status(error: openai.APIStatusError, endpoint: Endpoint) -> LLMError:
    status, where = error.status_code, endpoint.label
    said = f"HTTP {status}: {endpoint.redact(message_of(error.body) or error.message)}"
    if status in (401, 403):
        has_key = "authorization" in endpoint.secrets
        hint = "look at its `api_key`" if has_key else "give it an `api_key`"
        return LLMAuthError(f"{where} refused the call ({said}); {hint}")
    found: LLMError
    if status == 429:
        found = LLMRateLimited(f"{where} wants fewer calls ({said})")
        found.retryable = error.code != "insufficient_quota"
    elif status in (408, 409, 425) or (status >= 500 and status != 501):
        found = LLMUnavailable(f"{where} is in trouble ({said})")
    else:
        found = LLMRefused(f"{where} does not take this call ({said})")
    found.retry_after = retry_after(error.response.headers)
    return found
