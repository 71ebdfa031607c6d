"""The application: routes over one router, behind one door."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from hrm_agent.errors import HrmAgentError
from hrm_agent.server import chat, listing, pages, solving
from hrm_agent.server.failures import Failure, Refused, failure_of
from hrm_agent.server.guard import Gone, Guard
from hrm_agent.server.limits import Limits
from hrm_agent.server.metrics import Requests
from hrm_agent.server.served import Served
from hrm_router.router import Router

log = logging.getLogger("hrm_agent.server")

WORK = frozenset({"/v1/chat/completions", "/v1/solve"})
"""Paths that start solves."""
OPEN = frozenset({*pages.PAGES, "/healthz", "/readyz", "/openapi.json"})
"""Paths without a key: they show nothing that is not in the package."""
COUNTED = (*WORK, *OPEN, "/v1/models", "/v1/specialists", "/metrics")


def create_app(
    router: Router,
    *,
    api_key: str | None = None,
    limits: Limits | None = None,
    close: bool = False,
) -> FastAPI:
    """An ASGI application over `router`.

    Specialists load when the application starts up; where nobody starts it up
    (it is mounted in another one, say), each loads on first use.

    Args:
        router: who answers.
        api_key: the bearer token that callers must send. Without one, only
            callers on this machine are answered, by its loopback names.
        limits: sizes, times and counts.
        close: close the router when the application shuts down.
    """
    served = Served(router, limits or Limits())
    requests = Requests(COUNTED)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warm(router))
        try:
            yield
        finally:
            warming.cancel()
            with suppress(asyncio.CancelledError):
                await warming
            if close:
                await router.aclose(grace=served.limits.drain)

    app = FastAPI(
        title="hrm-agent",
        summary="Small local reasoning models behind OpenAI's protocol.",
        version=version("hrm-agent"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    key = [Depends(HTTPBearer(auto_error=False))] if api_key is not None else []
    for routes in (chat.routes, solving.routes, listing.routes):
        app.include_router(routes(served), dependencies=key)
    app.include_router(listing.metrics(served, requests), dependencies=key)
    app.include_router(listing.health(served))
    app.include_router(pages.routes())
    for kind, tell in _TELLERS.items():
        app.add_exception_handler(kind, tell)
    app.add_middleware(
        Guard,
        key=api_key,
        limits=served.limits,
        open_paths=OPEN,
        work=WORK,
        load=served.load,
        seen=requests.add,
    )
    return app


async def _warm(router: Router) -> None:
    """Find and load the specialists; what goes wrong is told again when they are asked."""
    try:
        await asyncio.to_thread(lambda: router.specialists)
        await router.warm()
    except HrmAgentError as error:
        log.error("not all specialists can be loaded: %s", error.code)


async def _tell_ours(_: Request, error: Any) -> Response:
    return failure_of(error).response()


async def _tell_refused(_: Request, error: Any) -> Response:
    refused: Failure = error.failure
    return refused.response()


async def _tell_invalid(_: Request, error: Any) -> Response:
    """The first thing that is wrong, without quoting it."""
    first = error.errors()[0]
    where = [str(step) for step in first["loc"] if step != "body"]
    name = ".".join(where[:8]) or None
    if first["type"] == "json_invalid":
        return Failure(400, "invalid_json", f"the body is no JSON: {first['msg']}").response()
    message = f"{name or 'the body'}: {first['msg']}"
    code = "unknown_parameter" if first["type"] == "extra_forbidden" else "invalid_value"
    return Failure(400, code, message, name).response()


async def _tell_http(_: Request, error: Any) -> Response:
    code = {400: "invalid_json", 404: "not_found", 405: "method_not_allowed"}
    name = code.get(error.status_code, "http_error")
    return Failure(
        error.status_code, name, str(error.detail), headers=error.headers or {}
    ).response()


async def _tell_nobody(_: Request, error: Any) -> Response:
    return Response(status_code=499)


_TELLERS = {
    HrmAgentError: _tell_ours,
    Refused: _tell_refused,
    RequestValidationError: _tell_invalid,
    HTTPException: _tell_http,
    Gone: _tell_nobody,
}
