"""This floor's errors: calls that were refused, ran out of time, or met a bad LLM.

    HrmAgentError
    ├── Overloaded
    │   ├── CircuitOpen              an endpoint failed too often; it rests for a while
    │   └── RetryBudgetExhausted     too many retries are going on already
    ├── DeadlineExceeded (TimeoutError)
    ├── CallBudgetExceeded           the policy allows no further LLM call
    ├── SolveBroke                   a plug-in, or the router, raised what it should not
    ├── LLMError                     the language model, not the question
    │   ├── LLMAuthError
    │   ├── LLMRateLimited
    │   ├── LLMUnavailable
    │   ├── LLMTimeout
    │   ├── LLMRefused               it does not take this call: too long, or malformed
    │   └── LLMProtocolError
    ├── StoreError                   the store of LLM traffic; no solve ends with it
    └── LifecycleError
        └── RouterClosed

An abstention or an unverified answer is a result, not an error.
"""

from __future__ import annotations

from hrm_specialists.errors import HrmAgentError, LifecycleError, Overloaded


class CircuitOpen(Overloaded):
    """The endpoint failed too often just now and is left alone for a while."""


class RetryBudgetExhausted(Overloaded):
    """So many calls are being retried that another retry would make it worse."""


class DeadlineExceeded(HrmAgentError, TimeoutError):
    """The policy's deadline passed before there was an answer."""

    retryable = True


class CallBudgetExceeded(HrmAgentError):
    """The policy allows no further LLM call, token or cost."""


class SolveBroke(HrmAgentError):
    """Something raised what it should not; the original error is chained."""


class LLMError(HrmAgentError):
    """The language model could not be used; the question may be fine."""


class LLMAuthError(LLMError):
    """The endpoint refused the key, or wants one."""


class LLMRateLimited(LLMError):
    """The endpoint asks for fewer calls; `retry_after` says when, if it said so."""

    retryable = True


class LLMUnavailable(LLMError):
    """The endpoint cannot be reached or answers with server errors."""

    retryable = True


class LLMTimeout(LLMError, TimeoutError):
    """The endpoint did not answer in the time it was given."""

    retryable = True
    silence: float = 0.0
    """Seconds that it was waited for without a sign of it."""


class LLMRefused(LLMError):
    """The endpoint does not take this call as it is; the same call will fail again."""


class LLMProtocolError(LLMError):
    """The endpoint answered something that is no valid reply."""


class StoreError(HrmAgentError):
    """The store of LLM traffic cannot be opened, read or written."""


class RouterClosed(LifecycleError):
    """The router was closed; make a new one."""


class Tamed(RuntimeError):
    """What ended a thread's work, as an exception that ends nothing else."""


def tame(error: BaseException) -> Exception:
    """`error` as one that ends nothing but the solve it happened in.

    A `SystemExit` would end the program, a `CancelledError` look like somebody leaving,
    and `StopIteration` cannot be set on asyncio's futures at all.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration | StopAsyncIteration):
        return error
    tamed = Tamed(f"raised {type(error).__name__}")
    tamed.__cause__ = error
    return tamed


def typed(error: BaseException, kind: type[HrmAgentError], who: str) -> HrmAgentError:
    """`error` as one of ours: itself if it is, else a `kind` that says who raised what."""
    if isinstance(error, HrmAgentError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return typed(error.exceptions[0], kind, who)
    said = f"{error}" if isinstance(error, Tamed) else f"raised {type(error).__name__}: {error}"
    made = kind(f"{who} {said[:500]}".rstrip(": "))
    made.__cause__ = error
    return made
