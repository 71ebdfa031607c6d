"""Where somebody's own specialist begins: a package with a task that works, to be replaced."""

from __future__ import annotations

from hrm_agent.starting.package import StartingPoint

__all__ = ["StartingPoint"]
