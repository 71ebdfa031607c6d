"""`hrm-agent version`."""

from __future__ import annotations

import sys

from rich.text import Text

from hrm_agent.cli.options import AsJson
from hrm_agent.cli.output import result


def version(as_json: AsJson = False) -> int:
    """The version of hrm-agent and of Python."""
    ours, python = installed("hrm-agent"), sys.version.split()[0]
    told = {"hrm-agent": ours, "python": python}
    return result(as_json, told, Text(f"hrm-agent {ours or '(not installed)'}, Python {python}"))


def installed(distribution: str) -> str | None:
    """The version of an installed distribution, without importing it; None if it is not there."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as of

    try:
        return of(distribution)
    except PackageNotFoundError:
        return None
