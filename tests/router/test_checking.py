"""Only a checker that passes exactly this solution makes it verified."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from pydantic import BaseModel

from hrm_router.checking import judge
from hrm_router.offload import Offload, carry_on
from hrm_specialists.contract import Task, Verdict
from hrm_specialists.errors import Overloaded


class Number(BaseModel):
    value: int


class Other(BaseModel):
    value: int


def checked_by(check):
    class Checked(Task[Number, Number]):
        name = "checked"
        Problem = Solution = Number

    Checked.check = lambda self, problem, solution: check(problem, solution)
    return Checked()


class Unchecked(Task[Number, Number]):
    name = "unchecked"
    Problem = Solution = Number


@pytest.fixture
def offload():
    one = Offload(threads=2, max_hung=2)
    yield one
    one.close()


async def ask(offload, task, solution, *, confidence=0.99, threshold=0.9, within=5.0):
    task.checker_timeout = within
    return await judge(
        task,
        Number(value=1),
        solution,
        confidence=confidence,
        threshold=threshold,
        offload=offload,
    )


async def test_a_passed_check_verifies(offload):
    judgement = await ask(
        offload, checked_by(lambda p, s: Verdict(True, "", {"short": True})), Number(value=2)
    )
    assert (judgement.status, judgement.confidence) == ("verified", 1.0)
    assert judgement.details == {"short": True}


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_checker_runs_here_only_if_it_says_that_it_is_quick(offload, at_once):
    seen = []

    def check(problem, solution):
        seen.append((threading.current_thread() is threading.main_thread(), solution is asked))
        return Verdict(True)

    task, asked = checked_by(check), Number(value=2)
    type(task).checks_at_once = at_once

    assert (await ask(offload, task, asked)).status == "verified"
    assert seen == [(at_once, at_once)]


@pytest.mark.parametrize(
    "check",
    [
        lambda p, s: Verdict(False, "no"),
        lambda p, s: Verdict(1),
        lambda p, s: Verdict("yes"),
        lambda p, s: True,
        lambda p, s: None,
        lambda p, s: 1 / 0,
        lambda p, s: (_ for _ in ()).throw(SystemExit("bye")),
        lambda p, s: (_ for _ in ()).throw(KeyboardInterrupt),
        lambda p, s: next(iter(())),
    ],
)
async def test_anything_else_does_not(offload, check):
    judgement = await ask(offload, checked_by(check), Number(value=2))
    assert judgement.status == "unverified"
    assert judgement.reason
    assert not judgement.good


async def test_a_checker_that_hangs_is_no_pass_and_is_left_behind(offload):
    leave = threading.Event()
    hangs = checked_by(lambda p, s: Verdict(leave.wait(30)))
    judgement = await ask(offload, hangs, Number(value=2), within=0.05)
    assert judgement.status == "unverified"
    assert "longer than 0.05 s" in judgement.reason
    passes = checked_by(lambda p, s: Verdict(True))
    assert (await ask(offload, passes, Number(value=2))).good
    leave.set()


async def test_long_work_ends_once_its_caller_has_left(offload):
    ended = threading.Event()

    def work():
        try:
            while True:
                carry_on()
                time.sleep(0.005)
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        await offload.run(work, within=0.05)
    assert await asyncio.to_thread(ended.wait, 5)


async def test_hanging_checkers_are_bounded(offload):
    leave = threading.Event()
    hangs = checked_by(lambda p, s: Verdict(leave.wait(30)))
    for _ in range(3):
        await ask(offload, hangs, Number(value=2), within=0.02)
    judgement = await ask(offload, hangs, Number(value=2), within=0.02)
    assert "Overloaded" in judgement.reason
    with pytest.raises(Overloaded):
        await offload.run(lambda: 1)
    leave.set()


async def test_a_checker_cannot_mend_what_it_judges(offload):
    def mend(problem, solution):
        solution.value = problem.value = 5
        return Verdict(True)

    solution = Number(value=2)
    assert (await ask(offload, checked_by(mend), solution)).good
    assert solution.value == 2


async def test_a_solution_of_another_kind_is_not_even_asked_about(offload):
    judgement = await ask(offload, checked_by(lambda p, s: Verdict(True)), Other(value=2))
    assert judgement.status == "unverified"


@pytest.mark.parametrize(
    ("confidence", "threshold", "status"),
    [
        (0.95, 0.9, "accepted"),
        (0.9, 0.9, "accepted"),
        (0.89, 0.9, "unverified"),
        (float("nan"), 0.9, "unverified"),
        (None, 0.9, "unverified"),
        (1.0, None, "unverified"),
    ],
)
async def test_without_a_checker_the_threshold_decides(offload, confidence, threshold, status):
    judgement = await ask(
        offload, Unchecked(), Number(value=2), confidence=confidence, threshold=threshold
    )
    assert judgement.status == status
