"""One network, several canvases: each problem thinks on the smallest that holds it.

A convolution costs as much as its canvas is large, whatever stands on it. Knows
nothing of networks; each canvas has an engine of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel

from hrm_specialists.contract import Effort, Thought
from hrm_specialists.engine.engine import Engine, EngineTicket
from hrm_specialists.errors import TaskTooLarge


class SizedEngine:
    """A `Solver` that hands problems to engines by size.

    Args:
        engines: for the same task with the same weights, smallest canvas first.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engines = tuple(engines)

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> EngineTicket:
        """Queue a problem; see `Engine.submit` for what is raised."""
        return self._engine_for(problem).submit(
            problem, effort=effort, deadline=deadline, seed=seed, watch=watch
        )

    def close(self) -> None:
        """Close every engine."""
        for engine in self.engines:
            engine.close()

    def _engine_for(self, problem: BaseModel) -> Engine:
        for engine in self.engines[:-1]:
            try:
                engine.task.codec.encode(problem)
            except TaskTooLarge:
                continue
            return engine
        return self.engines[-1]
