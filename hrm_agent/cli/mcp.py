"""`hrm-agent mcp`: the specialists as tools for clients of the Model Context Protocol."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.options import AsJson, Device, Host, Port, Specialists
from hrm_agent.cli.output import FAILED, OK, note, write_json
from hrm_agent.cli.serve import KeyVariable, key_from

if TYPE_CHECKING:
    from hrm_router.router import Router


def mcp(
    ctx: typer.Context,
    http: Annotated[
        bool,
        typer.Option("--http", help="Serve streamable HTTP at /mcp instead of standard input."),
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = 8001,
    api_key_env: KeyVariable = None,
    private: Annotated[
        bool, typer.Option("--private", help="Offer specialists marked private, too.")
    ] = False,
    specialist: Specialists = None,
    device: Device = None,
    as_json: AsJson = False,
) -> int:
    """Offer specialists as tools, over standard input and output or over HTTP."""
    context: Context = ctx.obj
    if not http:
        router = context.router(specialist, device=device)
        if sys.stdin.isatty():
            note(
                "waiting for an MCP client on standard input; clients start this command themselves"
            )
        asyncio.run(_stdio(router, private))
        return OK
    from hrm_agent.integrations.mcp import http_app
    from hrm_agent.server import Limits
    from hrm_agent.server.running import bound, needs_key, server

    key = key_from(api_key_env)
    needs_key(host, key)

    def ready(address: str) -> None:
        if as_json:
            write_json({"url": f"{address}/mcp", "key": key is not None})
        else:
            note(f"listening on {address}/mcp; Ctrl-C stops")

    with bound(host, port) as sock, context.router(specialist, device=device) as router:
        app = http_app(router, api_key=key, private=private)
        serving = server(app, host=host, port=port, limits=Limits(), ready=ready)
        serving.run(sockets=[sock])
    return OK if serving.started else FAILED


async def _stdio(router: Router, private: bool) -> None:
    from hrm_agent.integrations.mcp import serve_stdio

    async with router:
        await serve_stdio(router, private=private)
