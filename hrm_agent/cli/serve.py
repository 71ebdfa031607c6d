"""`hrm-agent serve`: the router over HTTP until it is told to stop."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, Device, Specialists
from hrm_agent.cli.output import FAILED, OK, note, write_json

KeyVariable = Annotated[
    str | None,
    typer.Option(
        "--api-key-env",
        metavar="NAME",
        help="The environment variable that holds the key callers must send.",
    ),
]


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any.")] = 8000,
    api_key_env: KeyVariable = None,
    solves: Annotated[
        int, typer.Option("--solves", min=1, help="Solves at once; more get 429.")
    ] = 64,
    drain: Annotated[
        float, typer.Option("--drain", min=1, help="Seconds for work under way after SIGTERM.")
    ] = 30.0,
    specialist: Specialists = None,
    device: Device = None,
    as_json: AsJson = False,
) -> int:
    """Serve OpenAI's protocol, typed solving and a playground page over HTTP."""
    from hrm_agent.server import Limits, create_app
    from hrm_agent.server.running import needs_key, server

    key = key_from(api_key_env)
    needs_key(host, key)
    context: Context = ctx.obj
    limits = Limits(solves=solves, drain=drain)
    router = context.router(specialist, device=device)
    app = create_app(router, api_key=key, limits=limits, close=True)

    def ready(address: str) -> None:
        if as_json:
            write_json({"url": address, "key": key is not None})
        else:
            note(f"listening on {address}; Ctrl-C stops")

    serving = server(app, host=host, port=port, limits=limits, ready=ready)
    serving.run()
    return OK if serving.started else FAILED


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
