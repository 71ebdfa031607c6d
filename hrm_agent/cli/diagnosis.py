"""What is there on this machine and what is missing, as plain data.

Looks, and changes nothing. Loads torch, because that is the question. A key is
only said to be set, never shown.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from hrm_agent.cli.context import Context
from hrm_agent.cli.specialists import describe
from hrm_agent.cli.version import installed
from hrm_router.llm.probing import local_servers, state_of
from hrm_router.llm.several import from_settings
from hrm_specialists.errors import HrmAgentError

CORE = ("torch", "pydantic", "openai", "langchain-core", "safetensors", "typer", "rich")
EXTRAS = {
    "serve": ("fastapi", "uvicorn"),
    "mcp": ("mcp",),
    "langchain": ("langchain", "langgraph"),
    "grow": ("alembic", "sqlalchemy"),
    "postgres": ("alembic", "psycopg"),
    "hub": ("huggingface-hub",),
    "onnx": ("onnx", "onnxruntime", "onnxscript"),
    "pandas": ("pandas",),
    "teach": ("matplotlib", "pandas"),
    "pictures": ("pillow",),
    "otel": ("opentelemetry-api",),
    "ray": ("ray",),
    "industry": ("casadi", "ortools"),
}
"""What `pip install 'hrm-agent[NAME]'` adds."""


def diagnose(context: Context) -> dict[str, Any]:
    """Everything `doctor` tells; `ready` says whether a puzzle could be solved now.

    `advice` holds one sentence for each thing that is missing, the most
    important first.
    """
    advice: list[str] = []
    device = _device(context, advice)
    found = _specialists(context, advice)
    endpoint = _endpoint(context, advice)
    return {
        "ready": bool(found["names"]) and device["name"] is not None,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "hrm-agent": installed("hrm-agent"),
        "packages": {name: installed(name) for name in CORE},
        "extras": _extras(advice),
        "device": device,
        "compiler": _compiler(advice),
        "specialists": found["described"],
        "broken": found["broken"],
        "untrained": found["untrained"],
        "plugins": _plugins(context, found["broken"], advice),
        "settings": _settings(context, advice),
        "endpoint": endpoint,
        "advice": advice,
    }


def _device(context: Context, advice: list[str]) -> dict[str, Any]:
    if find_spec("torch") is None:
        advice.append("torch is missing: pip install torch")
        return {"name": None, "there": [], "threads": None}
    import torch

    from hrm_specialists.network.hardware import available_devices, pick_device

    try:
        wanted = context.settings.device
        name = str(pick_device(wanted))
    except HrmAgentError as error:
        advice.append(str(error))
        name = None
    return {"name": name, "there": available_devices(), "threads": torch.get_num_threads()}


def _specialists(context: Context, advice: list[str]) -> dict[str, Any]:
    try:
        registry = context.registry()
    except HrmAgentError as error:
        advice.append(str(error))
        return {"names": [], "described": [], "broken": {}, "untrained": []}
    broken = dict(registry.broken)
    advice.extend(f"specialist {name!r} is broken: {reason}" for name, reason in broken.items())
    if not registry.names():
        advice.append("there are no specialists: train one, or look at what `allow` leaves out")
    return {
        "names": list(registry.names()),
        "described": [describe(one) for one in registry],
        "broken": broken,
        "untrained": sorted(registry.untrained),
    }


def _plugins(
    context: Context, broken: Mapping[str, str], advice: list[str]
) -> list[dict[str, str]]:
    """Installed packages that bring specialists, and whether these may be loaded and can be."""
    from hrm_specialists.registry import GROUP

    try:
        allow = context.settings.allow
    except HrmAgentError:  # told of elsewhere
        return []
    plugins = []
    for entry in entry_points(group=GROUP):
        state = "broken" if entry.name in broken else "loaded"
        if allow is not None and entry.name not in allow:
            state = "not allowed"
            advice.append(
                f"the plug-in {entry.name!r} is installed and not allowed: add it to `allow` in "
                "the settings if you trust its package"
            )
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown"
        plugins.append({"name": entry.name, "package": package, "state": state})
    return plugins


def _extras(advice: list[str]) -> dict[str, bool]:
    there = {
        extra: all(installed(package) for package in packages) for extra, packages in EXTRAS.items()
    }
    if missing := [extra for extra, complete in there.items() if not complete]:
        advice.append(
            f"extras that are not installed: pip install 'hrm-agent[{','.join(missing)}]'"
        )
    return there


def _compiler(advice: list[str]) -> str | None:
    compiler = next(filter(None, map(shutil.which, ("g++", "clang++", "cl"))), None)
    if compiler is None:
        advice.append("without a C++ compiler (g++) training runs two to three times slower")
    return compiler


def _settings(context: Context, advice: list[str]) -> dict[str, Any]:
    from hrm_router.settings import PREFIX, user_file

    where = os.environ.get(f"{PREFIX}CONFIG") or str(user_file())
    unsound = {
        "file": where,
        "there": os.path.isfile(where),
        "sound": False,
        "values": {},
        "from": {},
        "api_key": False,
    }
    try:
        settings = context.settings
    except HrmAgentError as error:
        advice.append(str(error))
        return unsound
    values = settings.model_dump(mode="json", exclude={"api_key", "server"}, exclude_defaults=True)
    for table in ("policy", "prices"):
        values |= {f"{table}.{name}": one for name, one in (values.pop(table, None) or {}).items()}
    variables = {name: f"{PREFIX}{name.replace('.', '_').upper()}" for name in values}
    return {
        **unsound,
        "sound": True,
        "values": values,
        "from": {name: one if one in os.environ else where for name, one in variables.items()},
        "api_key": settings.api_key is not None,
    }


def _endpoint(context: Context, advice: list[str]) -> dict[str, Any]:
    """The configured endpoint and whether it answers; else what runs on this machine."""
    told: dict[str, Any] = {"configured": None, "reachable": False, "state": "", "local": []}
    try:
        settings = context.settings
        llm = from_settings(settings)
    except HrmAgentError as error:
        return {**told, "state": str(error)}
    if llm is None:
        servers = asyncio.run(local_servers())
        advice.extend(f"to use {one.name} as the LLM: export {one.environment}" for one in servers)
        if not servers:
            advice.append(
                "without an LLM, open-ended queries are abstained from: "
                "set HRM_AGENT_BASE_URL to an OpenAI-compatible endpoint to have them answered"
            )
        return {**told, "local": [asdict(one) for one in servers]}
    reachable, state = asyncio.run(state_of(llm))
    if not reachable:
        advice.append(f"the LLM's endpoint does not answer: {state}")
    return {**told, "configured": llm.name, "reachable": reachable, "state": state}
