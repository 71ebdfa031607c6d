"""Where somebody's own specialist begins: a package with a task that works, to be replaced."""

from __future__ import annotations

from hrm_agent.scaffold.package import Scaffold

__all__ = ["Scaffold"]
