"""`hrm-agent serve`: the router over HTTP until it is told to stop."""

from __future__ import annotations

import contextlib
import gc
import os
from typing import Annotated, Any, Literal

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, Device, Host, Port, Specialists
from hrm_agent.cli.output import FAILED, OK, note, write_json
from hrm_agent.cli.warm import announced

KeyVariable = Annotated[
    str | None,
    typer.Option(
        "--api-key-env",
        metavar="NAME",
        help="The environment variable that holds the key callers must send.",
    ),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="URL",
        help="A web page's origin that may call, such as https://app.example; repeatable.",
    ),
]
Aliases = Annotated[
    list[str] | None,
    typer.Option(
        "--alias",
        metavar="NAME=MODEL",
        help="A further name for a model, such as gpt-4o=hrm-agent; repeatable.",
    ),
]
Reload = Annotated[
    float,
    typer.Option(
        "--reload", min=0, help="Seconds between checks for newly trained versions; 0 turns it off."
    ),
]


def serve(
    ctx: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    api_key_env: KeyVariable = None,
    allow_origin: Origins = None,
    alias: Aliases = None,
    solves: Annotated[int | None, typer.Option(min=1, help="Solves at once; more get 429.")] = None,
    drain: Annotated[
        float, typer.Option(min=1, help="Seconds for work under way after SIGTERM.")
    ] = 30.0,
    reload: Reload = 10.0,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option(help="The least severe messages that are logged."),
    ] = "info",
    log_format: Annotated[
        Literal["text", "json"],
        typer.Option(help="Log lines for people, or one JSON object a line."),
    ] = "text",
    record: Annotated[
        bool, typer.Option("--record", help="Record what the LLM answers, to distil it.")
    ] = False,
    traffic: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Database of recorded calls, as a SQLAlchemy URL; without --record, only "
            "calls with `store: true` are kept. The default is SQLite in the data folder.",
        ),
    ] = None,
    promote: Annotated[
        Literal["auto", "ask"],
        typer.Option(help="Whether candidates that pass the gate are promoted without asking."),
    ] = "ask",
    specialist: Specialists = None,
    device: Device = None,
    as_json: AsJson = False,
) -> int:
    """Serve OpenAI's protocol, typed solving and a playground page over HTTP."""
    from hrm_agent.server import Limits, create_app
    from hrm_agent.server.limits import Key
    from hrm_agent.server.logs import start_logging
    from hrm_agent.server.running import bound, needs_key, server
    from hrm_agent.server.settings import ServerSettings

    context: Context = ctx.obj
    settings = ServerSettings.read(context.settings.server)
    keys = dict(settings.keys)
    if (key := key_from(api_key_env)) is not None:
        keys["default"] = Key.model_validate({"key": key, "manages": True})
    needs_key(host, keys)
    start_logging(log_level, log_format)
    with bound(host, port) as sock, contextlib.ExitStack() as while_serving:
        total = solves or settings.solves
        limits = Limits(solves=total, caller_solves=min(settings.caller_solves, total), drain=drain)
        app = create_app(
            context.router(
                specialist, device=device, **_recording(context, record, traffic, promote)
            ),
            keys=keys,
            limits=limits,
            origins=(*settings.origins, *(allow_origin or ())),
            aliases={**settings.aliases, **dict(map(_pair, alias or ()))},
            reload=reload or None,
            close=True,
        )

        def ready(address: str) -> None:
            if not keys and not specialist:  # `hrm-agent solve` finds it then
                while_serving.enter_context(announced(address))
            if as_json:
                write_json({"url": address, "key": bool(keys)})
            else:
                note(f"listening on {address}; Ctrl-C stops")

        gc.set_threshold(10_000, 20, 20)  # collecting took a third of a busy server's time
        serving = server(app, host=host, port=port, limits=limits, ready=ready)
        serving.run(sockets=[sock])
    return OK if serving.started else FAILED


def _recording(context: Context, record: bool, traffic: str | None, promote: str) -> dict[str, Any]:
    """The router's arguments for recording calls; none where nothing is recorded."""
    if not record and traffic is None:
        return {}
    from hrm_router.traffic.growth import Grow
    from hrm_router.traffic.record import Traffic

    policy = context.settings.policy
    if not record:
        policy = policy.model_copy(update={"record": "marked"})
    return {
        "record": Traffic(traffic),
        "grow": Grow(auto=promote == "auto"),
        "policy": policy,
    }


def _pair(text: str) -> tuple[str, str]:
    name, _, meant = text.partition("=")
    if not name or not meant:
        raise UsageError(f"--alias {text!r} is not NAME=MODEL", "--alias gpt-4o=hrm-agent")
    return name, meant


def key_from(variable: str | None) -> str | None:
    """The key in an environment variable; None if none is named.

    Raises:
        UsageError: it is not set, or nothing is in it.
    """
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise UsageError(f"the variable {variable!r} holds no key", f"export {variable}=…")
    return key
