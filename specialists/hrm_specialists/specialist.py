"""A specialist: a task with a solver behind it, loaded on first use.

What the registry holds and the router asks. Imports no torch; the solver that
`open_solver` returns usually does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Effort, Solver, Task, Thought, Ticket
from hrm_specialists.errors import LifecycleError


class Specialist:
    """One task and whoever solves it.

    Args:
        task: what it solves.
        open_solver: called once, on first use, in the thread that needs it.
        private: keep its problems, their solutions and the rest of the query
            from language models.
        threshold: calibrated confidence from which an unchecked answer counts
            as accepted, 0 to 1.
        card: what is known of it: parameters, training data, measured accuracy.
        folder: where its files are, if it has any.
        version: which training of it this is.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        open_solver: Callable[[], Solver],
        *,
        private: bool = False,
        threshold: float = 0.9,
        card: Mapping[str, Any] | None = None,
        folder: Path | None = None,
        version: str = "",
    ) -> None:
        self.task, self.private, self.threshold = task, private, threshold
        self.card: Mapping[str, Any] = card or {}
        self.folder, self.version = folder, version
        self._open_solver = open_solver
        self._solver: Solver | None = None
        self._closed = False
        self._loading = threading.Lock()

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task.name

    @property
    def loaded(self) -> bool:
        """Whether the solver is there, so that `submit` returns at once."""
        return self._solver is not None

    def warm(self) -> None:
        """Load the solver now; callers on several threads share one load."""
        self._ready()

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Ticket:
        """Queue a problem; see `Solver.submit`. Loads first, if need be."""
        return self._ready().submit(
            problem, effort=effort, deadline=deadline, seed=seed, watch=watch
        )

    def solve(self, problem: BaseModel, *, effort: Effort = "default", seed: int = 0) -> Attempt:
        """Solve one problem and wait for it; for scripts and tests."""
        return self.submit(problem, effort=effort, seed=seed).future.result()

    def close(self) -> None:
        """Release the solver; the specialist cannot be used again."""
        with self._loading:
            self._closed = True
            solver, self._solver = self._solver, None
        if solver is not None:
            solver.close()

    def __enter__(self) -> Specialist:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Specialist({self.name!r}{', private' if self.private else ''})"

    def _ready(self) -> Solver:
        if self._solver is not None:
            return self._solver
        with self._loading:
            if self._closed:
                raise LifecycleError(f"specialist {self.name!r} is closed")
            if self._solver is None:
                self._solver = self._open_solver()
            return self._solver
