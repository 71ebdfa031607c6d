"""Spans of OpenTelemetry around a solve and its stages, where the program uses it.

Only its API is used, and only if the program has loaded it, as every program
that exports spans has; otherwise nothing is imported and nothing measured. Spans
say names, numbers and codes, never what was asked or answered. Knows nothing of
solves: who opens a span says what it is about.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from hrm_specialists.errors import HrmAgentError

API = "opentelemetry.trace"
Note = Callable[..., object]
"""Puts attributes on an open span: `note(status="verified")` becomes `hrm.status`."""


def span(name: str, **about: object) -> AbstractContextManager[Note]:
    """A span of that name around a block, with attributes `hrm.<name>`; errors leave their code."""
    api = sys.modules.get(API)
    provider = getattr(api, "get_tracer_provider", lambda: None)()
    if api is None or provider is None or isinstance(provider, api.ProxyTracerProvider):
        return NOWHERE  # nobody listens
    return _opened(api, provider, name, about)


@contextmanager
def _opened(api: Any, provider: Any, name: str, about: dict[str, object]) -> Iterator[Note]:
    with provider.get_tracer("hrm_agent").start_as_current_span(
        name, attributes=_written(about), record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield lambda **more: opened.set_attributes(_written(more))
        except BaseException as error:
            code = error.code if isinstance(error, HrmAgentError) else type(error).__name__
            opened.set_attribute("error.type", code)
            if not isinstance(error, asyncio.CancelledError):
                opened.set_status(api.StatusCode.ERROR, code)
            raise


def _written(about: dict[str, object]) -> dict[str, Any]:
    return {f"hrm.{name}": value for name, value in about.items() if value is not None}


NOWHERE: AbstractContextManager[Note] = nullcontext(dict)
"""In a program that traces nothing; `dict` takes any attributes and does nothing with them."""
