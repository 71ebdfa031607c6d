"""Which tasks ship with the package, by name, and how to get one of them.

Knows where each task lives and nothing else of it: a task's module is imported
when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from hrm_specialists.contract import Task
from hrm_specialists.errors import UnknownSpecialist

BUILTIN: Mapping[str, str] = MappingProxyType(
    {
        "sudoku": "hrm_specialists.tasks.sudoku:SudokuTask",
        "maze": "hrm_specialists.tasks.maze:MazeTask",
        "arc": "hrm_specialists.tasks.arc:ArcTask",
    }
)
"""Name to `module:class`, in the order in which they are listed to people."""


def builtin_task(name: str) -> Task[Any, Any]:
    """A fresh instance of the built-in task called `name`.

    Raises:
        UnknownSpecialist: no built-in task has this name.
    """
    if name not in BUILTIN:
        raise UnknownSpecialist(name, BUILTIN)
    module, _, cls = BUILTIN[name].partition(":")
    task: Task[Any, Any] = getattr(import_module(module), cls)()
    return task
