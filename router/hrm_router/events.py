"""What `router.stream` yields while a question is being answered, and callbacks are told.

Order: one `Decided`, then `Thinking` and `Checked` as they happen, a `Solved` for
each problem, `TextDelta`s, at the end one `Answered`. A consumer that is slow
misses `Thinking` events, never others. Where a solve raises, a stream raises the
same; a callback is told `Failed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from hrm_router.answer import Answer, Part
from hrm_router.decision import Decision


@dataclass(frozen=True, slots=True)
class Decided:
    """The query was read and it is known where it goes."""

    decision: Decision
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True)
class Thinking:
    """A specialist finished a segment of its thinking."""

    part: int
    """Which problem of the decision, from 0."""
    specialist: str
    segment: int
    start: int
    solution: BaseModel | None
    """The answer as it stands, unchecked."""
    confidence: float
    kind: Literal["thinking"] = "thinking"


@dataclass(frozen=True, slots=True)
class Checked:
    """The task's checker, or its threshold, judged an attempt."""

    part: int
    by: str
    """The specialist, or the LLM's model."""
    passed: bool
    reason: str
    kind: Literal["checked"] = "checked"


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem is done with, for better or worse; told before any `TextDelta`."""

    part: int
    """Which problem of the decision, from 0."""
    answer: Part
    """As it will stand in the answer."""
    kind: Literal["solved"] = "solved"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text from the LLM."""

    text: str
    kind: Literal["text_delta"] = "text_delta"


@dataclass(frozen=True, slots=True)
class Answered:
    """The end: the same answer that `solve` would have returned."""

    answer: Answer
    kind: Literal["answer"] = "answer"


Event = Decided | Thinking | Checked | Solved | TextDelta | Answered


@dataclass(frozen=True, slots=True)
class Failed:
    """The solve raised; told to callbacks, last. One that is cancelled has no last event."""

    error: Exception
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of one of many solves, as callbacks get it."""

    solve_id: str
    """The same as in the answer, or in the error."""
    event: Event | Failed
