"""What was found in a query and where it should go, with the reasons.

Plain data, made by `deciding.py`, shown to people.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

Route = Literal["specialist", "llm", "hybrid", "none"]


class Frozen(BaseModel):
    """What the router says: never changed, and without names that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class FoundProblem(Frozen):
    """One validated problem, and where in the text it stood."""

    task: str
    problem: SerializeAsAny[BaseModel]
    span: tuple[int, int] | None = None
    """`[start, end)` in characters of the text; None for typed input."""
    form: str = "typed"
    """How it was written: "81 characters", "typed", "extracted by the LLM"."""
    explained: tuple[tuple[int, int], ...] = Field(default=(), exclude=True, repr=False)
    """Stretches of the text around it that agree with the reading, written as `span` is."""
    doubtful: tuple[tuple[int, int], ...] = Field(default=(), exclude=True, repr=False)
    """Stretches that speak of its characters, places or size and do not agree."""
    beside: tuple[tuple[int, int], ...] = Field(default=(), exclude=True, repr=False)
    """Stretches inside of it that are no part of it: remarks beside rows."""
    doubt: str = ""
    """Why a solution is never `verified` or `accepted`, whatever its checker says: a rule may
    be stated that the checker does not know, or an LLM gave values that the text does not."""


class Evidence(Frozen):
    """One reason for or against a route."""

    signal: str
    """What says so: "structure", "wording", "asking", "llm", "caller"."""
    detail: str
    """What was seen, for people."""
    task: str | None = None
    score: float | None = None
    """How strongly, where the signal has a number: a probability for `task`."""


class Decision(Frozen):
    """Where a query goes: to specialists, the LLM, both, or nobody.

    An unclear decision has `unclear=True`: an LLM, if there is one and the policy allows,
    settles it. Without problems, it may name one of `suspects` and extract the problem.
    With problems, it reads `unread`, which may ask for something more or state a rule.
    `route` is what happens if no LLM is asked.
    """

    route: Route
    task: str | None = None
    """The first problem's task; None where no problem was found."""
    confidence: float = Field(ge=0, le=1)
    """Calibrated probability that `route` is right."""
    problems: tuple[FoundProblem, ...] = ()
    """In the order in which they stand in the text."""
    residual: str = ""
    """What is surely asked for beyond the solutions, in the text's words; empty if nothing is."""
    unclear: bool = False
    suspects: tuple[str, ...] = ()
    """Tasks that an LLM should consider, likeliest first, when `unclear`."""
    unread: tuple[str, ...] = ()
    """Sentences around the problems that were not understood."""
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    """The decision in one sentence."""

    def explain(self) -> str:
        """The decision and its evidence, a line each."""
        where = f"{self.route} ({self.task})" if self.task else self.route
        doubt = ", unclear" if self.unclear else ""
        head = f"{where}{doubt}, confidence {self.confidence:.2f}: {self.reason}"
        lines = [head.rstrip(": ")]
        for found in self.problems:
            place = f" at {found.span[0]}-{found.span[1]}" if found.span else ""
            lines.append(f"  problem: {found.task}, {found.form}{place}")
        if self.residual:
            lines.append(f"  also asked: {self.residual}")
        lines += [f"  not understood: {sentence}" for sentence in self.unread]
        for item in self.evidence:
            score = "" if item.score is None else f" {item.score:.2f}"
            task = "" if item.task is None else f" {item.task}"
            lines.append(f"  {item.signal}{task}{score}: {item.detail}")
        return "\n".join(lines)
