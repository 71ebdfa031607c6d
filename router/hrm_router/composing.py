"""From the account of a solve to its answer, at any moment.

Solutions stand in the answer as their checkers saw them; language stands beside
them, never in their place. Knows nothing of how the parts came about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from hrm_router.answer import Answer, Part
from hrm_router.call import Call
from hrm_router.decision import Decision, Route
from hrm_router.errors import DeadlineExceeded
from hrm_specialists.errors import HrmAgentError


def compose(call: Call, parts: Sequence[Part]) -> Answer:
    """Put finished parts together.

    Raises:
        HrmAgentError: the first error of the solve, if no part has anything to
            show and every one failed.
    """
    if call.errors and all(part.status == "failed" for part in parts):
        raise call.errors[0]
    return Answer(
        route=_route(parts, call.decision),
        text="\n\n".join(text for part in parts if (text := written(part))),
        parts=tuple(parts),
        usage=call.usage,
        timing=call.timing,
        trace=tuple(call.steps),
        solve_id=call.id,
    )


def compose_late(call: Call) -> Answer:
    """Put together what there is when the deadline has passed.

    Raises:
        DeadlineExceeded: there is nothing worth showing.
    """
    if not any(part.solution is not None for part in call.parts.values()):
        nothing_yet(call)
    spent, decision = _spent(call), call.decision
    assert decision is not None, "parts come after a decision"
    for index, found in enumerate(decision.problems):
        if index not in call.parts or call.parts[index].solution is None:
            call.parts[index] = Part(
                status="failed",
                by="none",
                task=found.task,
                problem=found.problem,
                span=found.span,
                reason=spent,
                error=DeadlineExceeded.code,
            )
    rest = len(decision.problems)
    if decision.residual and rest not in call.parts:
        call.parts[rest] = Part(
            status="failed", by="none", reason=spent, error=DeadlineExceeded.code
        )
    call.note("compose", "router", "late", spent)
    return compose(call, [call.parts[index] for index in sorted(call.parts)])


def nothing_yet(call: Call) -> NoReturn:
    """Say that the deadline passed with nothing to show."""
    raise tell_whose(DeadlineExceeded(f"{_spent(call)}; allow more with Policy(deadline=…)"), call)


def tell_whose(error: HrmAgentError, call: Call) -> HrmAgentError:
    """The error with the solve it belongs to and what was tried."""
    error.solve_id, error.attempts = call.id, tuple(call.steps)
    return error


def _spent(call: Call) -> str:
    return f"the deadline of {call.policy.deadline:g} s passed"


def written(part: Part) -> str:
    """One part as it is written in the answer's text; parts are a blank line apart."""
    if part.by == "none":
        what = f"The {part.task} problem was not solved" if part.task else "This was not answered"
        return f"{what}: {part.reason}" if part.reason else f"{what}."
    if part.status == "unverified":
        return f"{part.text}\n(unverified: {part.reason})"
    return part.text


def _route(parts: Sequence[Part], decision: Decision | None) -> Route:
    by = {part.by for part in parts} - {"none"}
    if len(by) > 1 or (by and decision is not None and decision.route == "hybrid"):
        return "hybrid"
    if "specialist" in by:
        return "specialist"
    return "llm" if by else "none"
