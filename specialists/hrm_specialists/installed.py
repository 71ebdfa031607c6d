"""Tasks that installed distributions offer by entry point, ours among them.

A task can be read, checked and trained without a trained specialist; a trained
folder names its task, and is rebuilt from here. A module is imported when its
task is asked for.
"""

from __future__ import annotations

import inspect
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, UnknownSpecialist

TASKS = "hrm_agent.tasks"
"""Entry points, each a subclass of `Task` that is made without arguments."""


def installed_tasks() -> dict[str, EntryPoint]:
    """Name to entry point, in the order in which distributions declare them."""
    return {entry.name: entry for entry in entry_points(group=TASKS)}


def installed_task(name: str) -> Task[Any, Any]:
    """A fresh instance of the installed task called `name`.

    Raises:
        UnknownSpecialist: no distribution offers a task of this name.
        ConfigError: the entry point gives something else.
    """
    known = installed_tasks()
    if name not in known:
        raise UnknownSpecialist(name, known)
    task = known[name].load()()
    if not isinstance(task, Task):
        raise ConfigError(f"{known[name].value} gives a {type(task).__name__}, not a Task")
    return task


def task_folder(task: Task[Any, Any]) -> Path:
    """Where the code of a task lies; its examples and recipe, if they ship, lie beside it."""
    return Path(inspect.getfile(type(task))).parent
