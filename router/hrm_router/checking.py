"""The only place where a solution becomes verified.

Whatever a specialist or an LLM says of its own answer, the router asks the
task's checker itself, about exactly the solution it is going to return. A
checker that raises, overstays or says anything but a passed verdict is not a
pass. Knows nothing of who proposed the solution.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hrm_router.answer import Status
from hrm_router.offload import Offload
from hrm_specialists.contract import Task, Verdict

log = logging.getLogger(__name__)

CHECKER_SECONDS = 2.0
"""How long a checker may take over one solution."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one proposed solution."""

    status: Status
    """`verified`, `accepted` or `unverified`."""
    confidence: float | None
    reason: str
    details: dict[str, bool] = field(default_factory=dict)
    refuted: bool = False
    """The checker looked at it and said no."""

    @property
    def good(self) -> bool:
        """Whether the search can end here."""
        return self.status != "unverified"


async def judge(
    task: Task[Any, Any],
    problem: BaseModel,
    solution: BaseModel,
    *,
    confidence: float | None,
    threshold: float | None,
    offload: Offload,
    unfamiliar: Sequence[str] = (),
    within: float = CHECKER_SECONDS,
) -> Judgement:
    """Check one solution, or weigh its confidence where there is no checker.

    Args:
        confidence: calibrated, from a specialist; None from an LLM.
        threshold: confidence from which an unchecked solution is accepted;
            None if it never is.
        unfamiliar: what training did not cover; if anything, it is not accepted either.
        within: seconds the checker may run.
    """
    if not isinstance(solution, task.Solution) or not isinstance(problem, task.Problem):
        kind = type(solution).__name__
        return Judgement("unverified", confidence, f"a {kind} is no {task.Solution.__name__}")
    if not task.has_checker:
        return _weigh(confidence, threshold, unfamiliar)
    try:
        if task.checks_at_once:
            verdict = _ask(task, problem, solution)
        else:
            verdict = await offload.run(lambda: _ask_apart(task, problem, solution), within=within)
    except TimeoutError:
        log.warning("the checker of %r ran longer than %g s", task.name, within)
        return Judgement("unverified", confidence, f"the checker ran longer than {within:g} s")
    except Exception as error:
        log.warning("the checker of %r failed: %r", task.name, error)
        kind = type(error).__name__
        return Judgement("unverified", confidence, f"the checker failed: {kind}")
    if verdict.passed is not True:
        reason = verdict.reason or "the checker refused it"
        return Judgement("unverified", 0.0, reason, dict(verdict.details), refuted=True)
    return Judgement("verified", 1.0, verdict.reason, dict(verdict.details))


def _ask(task: Task[Any, Any], problem: BaseModel, solution: BaseModel) -> Verdict:
    verdict = task.check(problem, solution)
    if not isinstance(verdict, Verdict):
        raise TypeError(f"check returned a {type(verdict).__name__}, not a Verdict")
    return verdict


def _ask_apart(task: Task[Any, Any], problem: BaseModel, solution: BaseModel) -> Verdict:
    """The checker gets copies: it can judge a solution, not mend it."""
    return _ask(task, problem.model_copy(deep=True), solution.model_copy(deep=True))


def _weigh(
    confidence: float | None, threshold: float | None, unfamiliar: Sequence[str]
) -> Judgement:
    if unfamiliar:
        return Judgement("unverified", confidence, "; ".join(unfamiliar))
    if threshold is None or confidence is None:
        return Judgement("unverified", confidence, "there is no checker to verify it")
    if confidence >= threshold:
        return Judgement(
            "accepted", confidence, f"confidence {confidence:.2f}, accepted from {threshold:.2f}"
        )
    return Judgement(
        "unverified",
        confidence,
        f"confidence {confidence:.2f} is under the threshold {threshold:.2f}",
    )
