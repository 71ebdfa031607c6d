"""From the account of a solve to its answer, at any moment.

Solutions stand in the answer as their checkers saw them; language stands beside
them, never in their place. Knows nothing of how the parts came about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from hrm_router.answer import Answer, Part
from hrm_router.decision import Decision, Route
from hrm_router.errors import DeadlineExceeded
from hrm_router.solve import Solve


def compose(solve: Solve, parts: Sequence[Part]) -> Answer:
    """Put finished parts together.

    Raises:
        HrmAgentError: the first error of the solve, if no part has anything to
            show and every one failed.
    """
    if solve.errors and all(part.status == "failed" for part in parts):
        raise solve.errors[0]
    return Answer(
        route=_route(parts, solve.decision),
        text="\n\n".join(text for part in parts if (text := written(part))),
        parts=tuple(parts),
        unread=solve.decision.unread if solve.decision is not None else (),
        usage=solve.usage,
        timing=solve.timing,
        trace=tuple(solve.steps),
        solve_id=solve.id,
    )


def compose_late(solve: Solve) -> Answer:
    """Put together what there is when the deadline has passed.

    Raises:
        DeadlineExceeded: there is nothing worth showing.
    """
    if not solve.heard and all(part.solution is None for part in solve.parts.values()):
        nothing_yet(solve)
    spent, decision = _spent(solve), solve.decision
    assert decision is not None, "parts come after a decision"
    for index, found in enumerate(decision.problems):
        if index not in solve.parts or solve.parts[index].solution is None:
            solve.parts[index] = Part(
                status="failed",
                by="none",
                task=found.task,
                problem=found.problem,
                span=found.span,
                reason=spent,
                error=DeadlineExceeded.code,
            )
    rest = len(decision.problems)
    if solve.heard and rest not in solve.parts:
        solve.parts[rest] = cut_off(solve, spent, DeadlineExceeded.code)
    elif decision.residual and rest not in solve.parts:
        solve.parts[rest] = Part(
            status="failed", by="none", reason=spent, error=DeadlineExceeded.code
        )
    solve.note("compose", "router", "late", spent)
    return compose(solve, [solve.parts[index] for index in sorted(solve.parts)])


def cut_off(solve: Solve, reason: str, error: str) -> Part:
    """The part for the LLM's text where its stream broke off."""
    return Part(
        status="unverified",
        by="llm",
        text="".join(solve.heard),
        finish_reason="length",
        reason=f"the reply was cut off: {reason}",
        error=error,
    )


def nothing_yet(solve: Solve) -> NoReturn:
    """Say that the deadline passed with nothing to show."""
    raise solve.own(DeadlineExceeded(f"{_spent(solve)}; allow more with Policy(deadline=…)"))


def _spent(solve: Solve) -> str:
    return f"the deadline of {solve.policy.deadline:g} s passed"


def written(part: Part) -> str:
    """One part as it is written in the answer's text; parts are a blank line apart."""
    if part.by == "none":
        what = f"The {part.task} problem was not solved" if part.task else "This was not answered"
        return f"{what}: {part.reason}" if part.reason else f"{what}."
    if part.status != "unverified":
        return part.text
    if part.task is None:  # language; streams have shown the text already
        return f"{part.text}\n\n[Unverified: {part.reason}]"
    return f"Unverified: {part.reason}\n{part.text}"


def _route(parts: Sequence[Part], decision: Decision | None) -> Route:
    by = {part.by for part in parts} - {"none"}
    if len(by) > 1 or (by and decision is not None and decision.route == "hybrid"):
        return "hybrid"
    if "specialist" in by:
        return "specialist"
    return "llm" if by else "none"
