"""`hrm-agent doctor`: what is there, what is missing, and how to get it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from hrm_agent.cli.context import Context
from hrm_agent.cli.options import AsJson
from hrm_agent.cli.output import FAILED, OK, plain, result


def doctor(ctx: typer.Context, as_json: AsJson = False) -> int:
    """Say what is installed, which device, specialists and endpoint are there, what is missing.

    Looks for the usual local LLM servers on this machine's own ports. Exits
    with 1 if no puzzle could be solved here now.
    """
    from hrm_agent.cli.diagnosis import diagnose

    context: Context = ctx.obj
    found = diagnose(context)
    ready = found["ready"]
    advice = (Text("• ", "bold yellow") + plain(one) for one in found["advice"])
    verdict = "✓ ready to solve" if ready else "✗ not ready"
    ending = Text(verdict, "bold green" if ready else "bold red")
    code = OK if ready else FAILED
    return result(as_json, found, _table(found), Text(), *advice, ending, code=code)


def _table(found: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))

    def row(name: str, value: str, good: bool | None = None) -> None:
        mark = {None: Text(" "), True: Text("✓", "green"), False: Text("✗", "red")}[good]
        table.add_row(mark, plain(name, "dim"), plain(value))

    row("hrm-agent", found["hrm-agent"] or "not installed, run from its sources")
    row("python", f"{found['python']}, {found['platform']}, {found['cores']} cores")
    there = [f"{name} {version}" for name, version in found["packages"].items() if version]
    missing = [name for name, version in found["packages"].items() if not version]
    row("packages", ", ".join(there), not missing)
    if missing:
        row("", f"missing: {', '.join(missing)}", False)
    extras = [f"{name} {'✓' if there else '-'}" for name, there in found["extras"].items()]
    row("extras", ", ".join(extras))
    device = found["device"]
    row("device", f"{device['name']}  (here: {', '.join(device['there'])})", bool(device["name"]))
    row("C++ compiler", found["compiler"] or "none")
    for one in found["specialists"]:
        facts = (f"{one['name']} {one['version']}".strip(), one["learner"], one["folder"] or "")
        row("specialist", "  ".join(filter(None, facts)), True)
    for name in found["untrained"]:
        row("task", f"{name}: read and checked here, but not trained; an LLM solves it")
    for name, reason in found["broken"].items():
        row("specialist", f"{name}: {reason}", False)
    for plugin in found["plugins"]:
        good = {"broken": False, "loaded": True}.get(plugin["state"])
        row("plug-in", f"{plugin['name']}, of {plugin['package']}: {plugin['state']}", good)
    settings = found["settings"]
    file = settings["file"] + ("" if settings["there"] else " (not there)")
    row("settings", file, settings["sound"])
    for name, value in settings["values"].items():
        source = settings["from"][name]
        row("", f"{name} = {value}" + (f"  ({source})" if source != settings["file"] else ""))
    if settings["api_key"]:
        row("", "api_key is set")
    endpoint = found["endpoint"]
    if endpoint["configured"] is None:
        row("LLM", endpoint["state"] or "none configured")
    else:
        row("LLM", f"{endpoint['configured']}: {endpoint['state']}", endpoint["reachable"])
    for server in endpoint["local"]:
        row(
            "on this machine",
            f"{server['name']} at {server['base_url']}: {', '.join(server['models'])}",
            True,
        )
    return table
