"""The tasks that ship with the package, one folder each; each is loaded when asked for.

No torch here, nor on any path that solves: builders of data stand apart in each
task's `building` package.
"""

from __future__ import annotations

from hrm_specialists.tasks.builtin import BUILTIN, builtin_task

__all__ = ["BUILTIN", "builtin_task"]
