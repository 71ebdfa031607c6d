"""The application: routes over one router, behind one door."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from hrm_agent.errors import ConfigError, HrmAgentError
from hrm_agent.reloading import reloading
from hrm_agent.server import (
    chat,
    decisions,
    listing,
    pages,
    promotion,
    responses,
    solve,
    stored,
)
from hrm_agent.server.errors import Failure, Refused, failure_of
from hrm_agent.server.guard import ClientDisconnected, Guard
from hrm_agent.server.limits import Callers, Key, Limits
from hrm_agent.server.served import ROUTER, Served
from hrm_router.router import Router

log = logging.getLogger("hrm_agent.server")

WORK = frozenset(
    {"/v1/chat/completions", "/v1/responses", "/v1/decisions", "/v1/solve", "/v1/route"}
)
"""Paths that start solves."""
OPEN = frozenset({*pages.contents(), "/healthz", "/readyz", "/openapi.json"})
"""Paths without a key: they show nothing that is not in the package."""
BRANCH = re.compile(r"str|int|float|bool|dict|.*[^A-Za-z0-9_ .].*", re.DOTALL)
"""What pydantic calls the branches of a union, beside the names of fields."""
COUNTED = (
    *(*WORK, *OPEN, "/v1/feedback", "/v1/growth", "/v1/models", "/v1/specialists", "/metrics"),
)


def create_app(
    router: Router,
    *,
    api_key: str | None = None,
    keys: Mapping[str, Key] | None = None,
    limits: Limits | None = None,
    origins: Collection[str] = (),
    aliases: Mapping[str, str] | None = None,
    reload: float | None = None,
    close: bool = False,
) -> FastAPI:
    """An ASGI application over `router`.

    Specialists load when the application starts up; where nobody starts it up
    (it is mounted in another one, say), each loads on first use.

    Args:
        router: who answers.
        api_key: the bearer token that callers must send; short for one of `keys`.
        keys: several callers' keys by name, with limits for each. Without any key,
            only callers on this machine are answered, by its loopback names.
        limits: sizes, times and counts.
        origins: web pages from elsewhere that may ask, as "https://host".
        aliases: further names of models: `{"gpt-4o": "hrm-agent"}`.
        reload: seconds between looks for new versions of trained specialists; None
            for never.
        close: close the router when the application shuts down.

    Raises:
        ConfigError: an alias stands for an unknown name.
    """
    limits, aliases = limits or Limits(), dict(aliases or {})
    for name, meant in aliases.items():
        if meant != ROUTER and meant not in router.specialists:
            known = ", ".join([ROUTER, *router.specialists])
            raise ConfigError(f"the alias {name!r} stands for {meant!r}; known: {known}")
    served = Served(router, limits, aliases)
    served.metrics.watch(router, served.load, COUNTED)
    callers = Callers(keys, limits) if keys else Callers.of(api_key, limits)
    for name, key in (keys or {}).items():
        if key.budget is not None and key.budget not in router.budgets:
            raise ConfigError(f"key {name!r} names the budget {key.budget!r}; the router has none")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        served.warming = True
        working = [asyncio.create_task(_warm(served))]
        if reload is not None:
            working.append(asyncio.create_task(reloading(router, reload)))
        try:
            yield
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            if close:
                await router.aclose(grace=limits.drain)

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
    bearer = [Depends(HTTPBearer(auto_error=False))] if callers.with_keys else []
    for made in (solve, chat, responses, decisions, stored, promotion, listing):
        app.include_router(made.routes(served), dependencies=bearer)
    app.include_router(listing.metrics(served), dependencies=bearer)
    app.include_router(listing.health(served))
    app.include_router(pages.routes())
    for kind, tell in _TELLERS.items():
        app.add_exception_handler(kind, tell)
    app.add_middleware(
        Guard,
        callers=callers,
        limits=limits,
        origins=origins,
        open_paths=OPEN,
        work=WORK,
        load=served.load,
        seen=served.metrics.request,
    )
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["x-request-id", "x-hrm-route", "x-hrm-task", "x-hrm-status"],
        )
    return app


async def _warm(served: Served) -> None:
    """Load the specialists one by one; what goes wrong is told again when they are asked."""
    router = served.router
    try:
        found = await asyncio.to_thread(lambda: router.specialists)
        for name, specialist in found.items():
            try:
                await asyncio.to_thread(specialist.warm)
            except Exception as error:  # a plug-in's loader may raise anything
                served.failed.add(name)
                why = error if isinstance(error, HrmAgentError) else type(error).__name__
                log.error("specialist %s cannot be loaded: %s", name, why)
        for name, why in router.broken.items():
            log.error("specialist %s cannot be used: %s", name, why)
        await router.fit(())  # trains the text classifier
    except HrmAgentError as error:
        log.error("loading at the start ended: %s", error)
    served.warming = False


async def _tell_ours(_: Request, error: Any) -> Response:
    return failure_of(error).response()


async def _tell_refused(_: Request, error: Any) -> Response:
    refused: Failure = error.failure
    return refused.response()


async def _tell_invalid(_: Request, error: Any) -> Response:
    """The first thing that is wrong, without quoting it."""
    first = error.errors()[0]
    where = [step for step in map(str, first["loc"][1:]) if not BRANCH.fullmatch(step)]
    name = ".".join(where[:8]) or None
    message = f"{name or 'the body'}: {first['msg'].removeprefix('Value error, ')}"
    code = "unknown_parameter" if first["type"] == "extra_forbidden" else "invalid_value"
    return Failure(400, code, message, name).response()


async def _tell_http(request: Request, error: Any) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 405 and (methods := _methods(request)):
        headers["Allow"] = methods  # of all routes of the path, not of the first one
    code = {400: "invalid_json", 404: "not_found", 405: "method_not_allowed"}
    name = code.get(error.status_code, "http_error")
    return Failure(error.status_code, name, str(error.detail), headers=headers).response()


def _methods(request: Request) -> str:
    """The methods that a path is described with."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    described = request.app.openapi()["paths"].items()
    found = (way for way, _ in described if re.fullmatch(re.sub(r"{\w+}", "[^/]+", way), path))
    operations = request.app.openapi()["paths"].get(next(found, ""), {})
    return ", ".join(sorted(method.upper() for method in operations))


async def _tell_nobody(_: Request, error: Any) -> Response:
    return Response(status_code=499)


_TELLERS = {
    HrmAgentError: _tell_ours,
    Refused: _tell_refused,
    RequestValidationError: _tell_invalid,
    HTTPException: _tell_http,
    ClientDisconnected: _tell_nobody,
}
