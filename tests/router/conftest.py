"""A task that is small, and routers over it that are closed at the end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from hrm_agent import Intent
from hrm_agent.testing import ScriptedSpecialist
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.contract import Claim, Task, Verdict


class Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    values: tuple[int, ...] = Field(min_length=1, max_length=64)


class Sorting(Task[Numbers, Numbers]):
    """Numbers to put in order, written `[3, 1, 2]`."""

    name = "sorting"
    title = "sorting task"
    Problem = Solution = Numbers
    phrases = ("sort {problem}", "put {problem} in order", "order these numbers: {problem}")

    def read(self, text: str) -> Iterator[Claim[Numbers]]:
        for found in re.finditer(r"\[\d{1,6}(?:, ?\d{1,6}){1,63}\]", text):
            values = tuple(int(one) for one in re.findall(r"\d+", found[0], re.ASCII))
            yield Claim(Numbers(values=values), found.span(), "list in brackets")

    def check(self, problem: Numbers, solution: Numbers) -> Verdict:
        right = tuple(sorted(problem.values)) == solution.values
        return Verdict(right, "" if right else "not in order")


class Labelling(Task[Numbers, Numbers]):
    """The same without reader or checker."""

    name = "labelling"
    Problem = Solution = Numbers


def in_order(problem: Numbers) -> Numbers:
    return Numbers(values=tuple(sorted(problem.values)))


@pytest.fixture(scope="session")
def sorting() -> Sorting:
    return Sorting()


@pytest.fixture(scope="session")
def labelling() -> Labelling:
    return Labelling()


@pytest.fixture(scope="session")
def numbers() -> Callable[..., Numbers]:
    return lambda *values: Numbers(values=values)


@pytest.fixture(scope="session")
def sorted_() -> Callable[[Numbers], Numbers]:
    return in_order


@pytest.fixture(scope="session", autouse=True)
def trained(sorting: Sorting) -> Router:
    """Holds on to the decider for `sorting`, so that it is trained once."""
    specialist = ScriptedSpecialist(sorting, in_order)
    with Router([specialist], llm=None, settings=Settings()) as router:
        asyncio.run(router.warm())
    specialist.close()
    return router


@pytest.fixture
async def router() -> AsyncIterator[Callable[..., Router]]:
    """Makes routers over scripted specialists, and closes both."""
    made: list[tuple[Router, list[Any]]] = []

    def make(*specialists: Any, llm: Any = None, **options: Any) -> Router:
        one = Router(specialists, llm=llm, settings=Settings(), **options)
        made.append((one, list(specialists)))
        return one

    yield make
    for one, specialists in made:
        await one.aclose(grace=0)
        for specialist in specialists:
            if not isinstance(specialist, Intent):
                specialist.close()
