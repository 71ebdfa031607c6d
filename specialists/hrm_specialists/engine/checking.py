"""Asking a task's checker, safely.

Built-in checkers are quick and run in place. One that a task marks with
`checker_timeout` runs on a helper thread: if it takes longer, the answer counts
as not passed and the thread is left behind. Too many of those, and the checker is
not asked again. Knows nothing of networks or batches.
"""

from __future__ import annotations

import queue
import threading
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Task, Verdict

MAX_ABANDONED = 3
"""Stuck threads after which a checker is given up."""


class Checking:
    """One task's checker, as one engine uses it."""

    def __init__(self, task: Task[Any, Any]) -> None:
        self._task = task
        self._abandoned = 0
        self._helper: _Helper | None = None

    def check(self, problem: BaseModel, solution: BaseModel) -> Verdict | None:
        """The checker's verdict; None if the task has no checker.

        Raises:
            Exception: whatever the checker raises.
        """
        task = self._task
        if not task.has_checker:
            return None
        if task.checker_timeout is None:
            return task.check(problem, solution)
        if self._abandoned >= MAX_ABANDONED:
            return Verdict(
                False, f"the checker of {task.name!r} is off: it hung {self._abandoned} times"
            )
        if self._helper is None:
            self._helper = _Helper(task)
        said = self._helper.ask(problem, solution, task.checker_timeout)
        if said is None:
            self._helper = None
            self._abandoned += 1
            return Verdict(False, f"the checker took longer than {task.checker_timeout:g} s")
        return said

    def close(self) -> None:
        """Let the helper thread end."""
        if self._helper is not None:
            self._helper.dismiss()


class _Helper:
    """A thread that checks one solution at a time."""

    def __init__(self, task: Task[Any, Any]) -> None:
        self._questions: queue.SimpleQueue[tuple[BaseModel, BaseModel] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Verdict | Exception] = queue.SimpleQueue()
        self._task = task
        threading.Thread(target=self._work, name=f"check-{task.name}", daemon=True).start()

    def ask(self, problem: BaseModel, solution: BaseModel, timeout: float) -> Verdict | None:
        """The verdict, or None after `timeout` seconds; do not ask again then."""
        self._questions.put((problem, solution))
        try:
            said = self._answers.get(timeout=timeout)
        except queue.Empty:
            self.dismiss()  # should it ever come back
            return None
        if isinstance(said, Exception):
            raise said
        return said

    def dismiss(self) -> None:
        """End the thread once it is idle."""
        self._questions.put(None)

    def _work(self) -> None:
        while (question := self._questions.get()) is not None:
            try:
                self._answers.put(self._task.check(*question))
            except Exception as error:
                self._answers.put(error)
