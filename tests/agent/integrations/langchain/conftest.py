"""A Sudoku specialist that knows one solution, and routers over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hrm_agent import Policy, Router, Settings
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask

SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
TASK = SudokuTask()


@pytest.fixture(scope="session")
def grid() -> str:
    """The problem that the scripted specialist solves."""
    assert TASK.example is not None
    return TASK.example.line


@pytest.fixture(scope="session")
def solved() -> SudokuSolution:
    return SudokuSolution.model_validate({"grid": SOLVED})


@pytest.fixture(scope="module")
def router_over() -> Iterator[Callable[..., Router]]:
    """Makes routers over a scripted Sudoku specialist, and closes both."""
    made: list[tuple[Router, ScriptedSpecialist]] = []

    def make(llm: Any = None, *, script: Any = None, **options: Any) -> Router:
        solution = SudokuSolution.model_validate({"grid": SOLVED})
        scripted = ("private", "held", "segments", "max_waiting")
        about = {name: options.pop(name) for name in scripted if name in options}
        specialist = ScriptedSpecialist(TASK, solution if script is None else script, **about)
        policy = options.pop("policy", Policy(deadline=30))
        router = Router([specialist], llm=llm, policy=policy, settings=Settings())
        made.append((router, specialist))
        return router

    yield make
    for router, specialist in made:
        router.close()
        specialist.close()


@pytest.fixture
def benchmark(benchmark: Any) -> Any:
    """Runs once what LangChain's suite would time; nothing is promised of how long it takes."""
    benchmark.disabled = True
    return benchmark
