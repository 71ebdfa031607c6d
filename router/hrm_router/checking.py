"""The only place where a solution becomes verified.

Whatever a specialist or an LLM says of its own answer, the router asks the
task's checker itself, about exactly the solution it is going to return. A
checker that raises, overstays or says anything but a passed verdict is not a
pass. Knows nothing of who proposed the solution.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hrm_router.answer import Status
from hrm_router.offload import Offload
from hrm_specialists.contract import Task, Verdict

log = logging.getLogger(__name__)

SECONDS = 2.0
"""How long a checker or a renderer may take over one solution, unless the task says."""


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
    doubted: bool = False
    """It passed, but the problem itself is in doubt, so that searching on is of no use."""

    @property
    def good(self) -> bool:
        """Whether the search can end here."""
        return self.status != "unverified" or self.doubted

    def under(self, doubt: str) -> Judgement:
        """The same where the problem is in doubt: neither verified nor accepted."""
        if not doubt or self.status == "unverified":
            return self
        return Judgement("unverified", None, doubt, self.details, doubted=True)


async def judge(
    task: Task[Any, Any],
    problem: BaseModel,
    solution: BaseModel,
    *,
    confidence: float | None,
    threshold: float | None,
    offload: Offload,
    unfamiliar: Sequence[str] = (),
) -> Judgement:
    """Check one solution, or weigh its confidence where there is no checker.

    Without a `threshold`, or where anything is `unfamiliar` to what training covered, a
    solution that is not checked is never accepted. An LLM has no `confidence`.
    """
    confidence, odd = _probability(confidence)
    if odd:
        log.warning("a specialist of %r says %s", task.name, odd)
    if not isinstance(solution, task.Solution) or not isinstance(problem, task.Problem):
        kind = type(solution).__name__
        return Judgement("unverified", confidence, f"a {kind} is no {task.Solution.__name__}")
    if not task.has_checker:
        return _weigh(confidence, threshold, (odd, *unfamiliar) if odd else unfamiliar)
    within = SECONDS if task.checker_timeout is None else task.checker_timeout
    try:
        if task.checks_at_once:
            verdict = _ask(task, problem, solution)
        else:  # the checker gets copies: it can judge a solution, not mend it
            verdict = await offload.run(
                lambda: _ask(task, *(one.model_copy(deep=True) for one in (problem, solution))),
                within=within,
            )
    except TimeoutError:
        log.warning("the checker of %r ran longer than %g s", task.name, within)
        return Judgement("unverified", confidence, f"the checker ran longer than {within:g} s")
    except Exception as error:
        log.warning("the checker of %r failed: %r", task.name, error)
        kind = type(error.__cause__ or error).__name__
        return Judgement("unverified", confidence, f"the checker failed: {kind}")
    reason, details = _said(task, verdict)
    if verdict.passed is not True:
        if not isinstance(verdict.passed, bool):
            kind = type(verdict.passed).__name__
            reason = f"the checker's `passed` is a {kind}, not True or False; {reason}".rstrip("; ")
        reason = reason or "the checker refused it"
        return Judgement("unverified", 0.0, reason, details, refuted=True)
    return Judgement("verified", 1.0, reason, details)


async def impossible(task: Task[Any, Any], problem: BaseModel, offload: Offload) -> str:
    """Why no solution can exist, if the task knows; empty where it does not, fails or is slow."""
    if type(task).impossible is Task.impossible or not isinstance(problem, task.Problem):
        return ""
    try:
        if task.checks_at_once:
            reason = task.impossible(problem)
        else:
            reason = await offload.run(lambda: task.impossible(problem), within=SECONDS)
    except Exception as error:  # a task's author's mistake must not cost the search
        log.warning("`impossible` of %r failed: %r", task.name, error)
        return ""
    return reason if isinstance(reason, str) else ""


async def render(
    task: Task[Any, Any], problem: BaseModel, solution: BaseModel, offload: Offload
) -> str:
    """The solution for people; its JSON where the task's own rendering fails or takes long."""
    try:
        if task.reads_at_once:
            text = _shown(task, problem, solution)
        else:
            text = await offload.run(lambda: _shown(task, problem, solution), within=SECONDS)
        if isinstance(text, str):
            return text
        log.warning("render of %r returned a %s", task.name, type(text).__name__)
    except Exception as error:  # a task's author's mistake must not cost the solution
        log.warning("render of %r failed: %r", task.name, error)
    try:
        return solution.model_dump_json()
    except Exception:
        return repr(solution)


def _shown(task: Task[Any, Any], problem: BaseModel, solution: BaseModel) -> Any:
    text, caption = task.render(problem, solution), task.caption(problem, solution)
    return f"{text}\n\n{caption}" if caption else text


def _ask(task: Task[Any, Any], problem: BaseModel, solution: BaseModel) -> Verdict:
    verdict = task.check(problem, solution)
    if not isinstance(verdict, Verdict):
        raise TypeError(f"check returned a {type(verdict).__name__}, not a Verdict")
    return verdict


def _said(task: Task[Any, Any], verdict: Verdict) -> tuple[str, dict[str, bool]]:
    """Reason and details of a verdict, without what is no text or no yes-or-no."""
    try:
        given: dict[str, Any] = dict(verdict.details)
    except Exception:
        given = {"details": None}
    details = {str(name): value for name, value in given.items() if isinstance(value, bool)}
    if len(details) < len(given):
        log.warning("the checker of %r gives details that are no True or False", task.name)
    reason = verdict.reason
    return reason if isinstance(reason, str) else repr(reason), details


def _probability(confidence: object) -> tuple[float | None, str]:
    """A confidence as a number from 0 to 1, or None and what is odd about it."""
    if confidence is None:
        return None, ""
    try:
        value = float(confidence)  # type: ignore[arg-type]
    except Exception:
        value = math.nan
    if -1e-3 <= value <= 1 + 1e-3:  # rounding in a sum of probabilities
        return min(1.0, max(0.0, value)), ""
    return None, f"confidence {str(confidence)[:40]}, which is no probability"


def _weigh(
    confidence: float | None, threshold: float | None, unfamiliar: Sequence[str]
) -> Judgement:
    if unfamiliar:
        return Judgement("unverified", confidence, "; ".join(unfamiliar))
    if threshold is None or confidence is None:
        return Judgement("unverified", confidence, "there is no checker to verify it")
    said = f"confidence {confidence:.2f}"
    if confidence >= threshold:
        return Judgement("accepted", confidence, f"{said}, accepted from {threshold:.2f}")
    return Judgement("unverified", confidence, f"{said} is under the threshold {threshold:.2f}")
