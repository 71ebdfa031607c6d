"""What a solve comes back with: parts, each with its own honest status.

The answer's status, confidence and solution are read off its parts, so a stored
answer cannot claim more than its parts do. Knows nothing of how it was found.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from pydantic import (
    BaseModel,
    Field,
    SerializeAsAny,
    ValidationInfo,
    computed_field,
    field_validator,
    model_validator,
)

from hrm_router.decision import Frozen, Route
from hrm_specialists.contract import Task
from hrm_specialists.errors import HrmAgentError, InvalidInput, UnknownSpecialist

Status = Literal["verified", "accepted", "answered", "unverified", "abstained", "failed"]
"""From strongest to weakest:

- `verified`: the task's checker passed this solution for this problem.
- `accepted`: no checker; calibrated confidence at or above the task's threshold.
- `answered`: language, by the LLM.
- `unverified`: an answer that failed to be verified or accepted; best effort.
- `abstained`: nobody could take it; `reason` says why.
- `failed`: attempted without an answer.
"""

STATUSES: tuple[Status, ...] = get_args(Status)
GOOD: frozenset[Status] = frozenset({"verified", "accepted", "answered"})


class Part(Frozen):
    """The answer to one problem, or one stretch of language."""

    status: Status
    by: Literal["specialist", "llm", "none"]
    """Who gave the solution or the text."""
    text: str = ""
    """The solution written out, or language."""
    task: str | None = None
    """The task whose problem this part solves; None for language."""
    problem: SerializeAsAny[BaseModel] | None = None
    solution: SerializeAsAny[BaseModel] | None = None
    """An instance of the task's `Solution`."""
    output: Any = None
    """What the LLM said as an instance of `output_type`; plain data once it was loaded."""
    specialist: str | None = None
    """The specialist that gave the solution; None if the LLM did."""
    version: str | None = None
    """The version of that specialist; None if it has none."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """Calibrated probability that the solution is right; None for language."""
    details: dict[str, bool] = Field(default_factory=dict)
    """What the checker judged, property by property."""
    tool_calls: tuple[dict[str, Any], ...] = ()
    """Tools that the LLM asks for, as Chat Completions writes them; never run here."""
    finish_reason: str | None = None
    """Why the LLM stopped, as its endpoint says: "stop", "length", …; None for solutions."""
    reason: str = ""
    """Why the status is what it is."""
    error: str | None = None
    """The code of the error that ended a failed part."""
    span: tuple[int, int] | None = None
    """Where the problem stood in the text."""

    @field_validator("problem", "solution", mode="wrap")
    @classmethod
    def _typed(cls, value: Any, validate: Any, info: ValidationInfo) -> Any:
        """Rebuild dumped problems and solutions as their task's models."""
        if value is None or isinstance(value, BaseModel):
            return value
        name = info.data.get("task")
        tasks = (info.context or {}).get("tasks", {})
        if name not in tasks:
            raise ValueError(
                f"a {info.field_name} of task {name!r}, which is not known here; "
                "use Answer.load(data, tasks)"
            )
        model = tasks[name].Problem if info.field_name == "problem" else tasks[name].Solution
        return model.model_validate(value)


class Usage(Frozen):
    """What was spent."""

    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    """In the currency of the LLM's prices; None where no price is known."""
    segments: int = 0
    """Segments that specialists thought, all starts together."""
    starts: int = 0


class Timing(Frozen):
    """Seconds per stage. Parts run side by side, so stages may exceed `total`."""

    read: float = 0.0
    decide: float = 0.0
    solve: float = 0.0
    """Specialists, loading and queueing included."""
    check: float = 0.0
    llm: float = 0.0
    total: float = 0.0


class Step(Frozen):
    """One thing that was tried and why it was taken or left."""

    stage: Literal["read", "decide", "solve", "check", "llm", "compose"]
    by: str
    """The specialist, the model's name, or "router"."""
    outcome: str
    """"taken", "left", "passed", "failed", "timed out", …"""
    reason: str = ""
    seconds: float = 0.0
    """How long it took."""


class Answer(Frozen):
    """What `solve` returns: every part, what it cost, and how it came about.

    `print(answer)` shows the text, `answer.explain()` the whole story.
    """

    route: Route
    text: str
    """All parts in order, for people."""
    parts: tuple[Part, ...]
    unread: tuple[str, ...] = ()
    """Sentences of the query that were not understood, and so not taken into account."""
    usage: Usage = Field(default_factory=Usage)  # a default would build the models at import
    timing: Timing = Field(default_factory=Timing)
    trace: tuple[Step, ...] = ()
    solve_id: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def status(self) -> Status:
        """The weakest of the parts' statuses."""
        return weakest(part.status for part in self.parts)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def solution(self) -> SerializeAsAny[BaseModel] | None:
        """The first solved part's solution, typed."""
        part = self._first_solved()
        return part.solution if part else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def specialist(self) -> str | None:
        """The first solved part's specialist."""
        part = self._first_solved()
        return part.specialist if part else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def confidence(self) -> float | None:
        """The lowest of the parts' confidences; None for language alone."""
        known = [part.confidence for part in self.parts if part.confidence is not None]
        return min(known, default=None)

    @property
    def finish_reason(self) -> str:
        """Why the language in it ended, in the words of Chat Completions."""
        if any(part.tool_calls for part in self.parts):
            return "tool_calls"
        return (self.parts[-1].finish_reason if self.parts else None) or "stop"

    @property
    def ok(self) -> bool:
        """Whether every part is verified, accepted or answered."""
        return self.status in GOOD

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, data: Any) -> Any:
        """Drop what is read off the parts, so that a dump loads again."""
        if not isinstance(data, Mapping):
            return data
        computed = cls.model_computed_fields
        return {key: value for key, value in data.items() if key not in computed}

    @classmethod
    def load(
        cls, data: str | bytes | Mapping[str, Any], tasks: Mapping[str, Task[Any, Any]]
    ) -> Answer:
        """Rebuild an answer from `model_dump` or `model_dump_json`.

        Args:
            data: JSON text or the mapping.
            tasks: name to task, for the typed solutions; `router.tasks` fits.

        Raises:
            UnknownSpecialist: a part is of a task that `tasks` does not hold.
            InvalidInput: the data is no answer.
        """
        try:
            plain = json.loads(data) if isinstance(data, str | bytes) else data
            for part in plain.get("parts", ()):
                name = part.get("task")
                if name is not None and name not in tasks:
                    raise UnknownSpecialist(name, tasks)
            return cls.model_validate(plain, context={"tasks": tasks})
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(f"this is no stored answer: {error}") from error

    def explain(self) -> str:
        """How the answer came about, a line for every attempt."""
        confidence = "" if self.confidence is None else f", confidence {self.confidence:.2f}"
        lines = [f"{self.status}, route {self.route}{confidence}"]
        for number, part in enumerate(self.parts, start=1):
            who = part.specialist or part.by
            lines.append(
                f"  part {number}: {part.task or 'language'}, {part.status}, by {who}"
                + (f": {part.reason}" if part.reason else "")
            )
        lines += [f"  not taken into account: {sentence}" for sentence in self.unread]
        for step in self.trace:
            lines.append(
                f"  {step.stage}, {step.by}: {step.outcome}"
                + (f", {step.reason}" if step.reason else "")
                + (f" ({1000 * step.seconds:.1f} ms)" if step.seconds else "")
            )
        usage, cost = self.usage, ""
        if usage.cost is not None:
            cost = f", cost {usage.cost:.6f}"
        lines.append(
            f"  segments {usage.segments}, LLM calls {usage.llm_calls}, tokens "
            f"{usage.prompt_tokens + usage.completion_tokens}{cost}, "
            f"{1000 * self.timing.total:.1f} ms in all"
        )
        return printable("\n".join(lines))

    def __str__(self) -> str:
        return printable(f"{self.text}\n[{self.status}]" if self.text else f"[{self.status}]")

    def _repr_html_(self) -> str:
        """For notebooks; everything that came from outside is escaped."""
        rows = "".join(
            f"<tr><td>{html.escape(part.task or 'language')}</td>"
            f"<td>{part.status}</td><td>{html.escape(part.specialist or part.by)}</td>"
            f"<td><pre>{html.escape(printable(part.text or part.reason))}</pre></td></tr>"
            for part in self.parts
        )
        return (
            f"<table><caption>{self.status}, {self.route}</caption>"
            "<thead><tr><th>part</th><th>status</th><th>by</th><th>answer</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
            f"<details><summary>how</summary><pre>{html.escape(self.explain())}</pre></details>"
        )

    def _first_solved(self) -> Part | None:
        solved = (part for part in self.parts if part.solution is not None)
        return min(solved, key=lambda part: part.status not in GOOD, default=None)


def failed(error: HrmAgentError) -> Answer:
    """An error as an answer, for lists of answers."""
    part = Part(status="failed", by="none", reason=str(error), error=error.code)
    return Answer(route="none", text=str(error), parts=(part,), solve_id=error.solve_id or "")


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


def weakest(statuses: Iterable[Status]) -> Status:
    """The one furthest from `verified`; nothing at all is `abstained`."""
    places = [STATUSES.index(status) for status in statuses]
    return STATUSES[max(places)] if places else "abstained"


def printable(text: str) -> str:
    """`text` without control characters that could steer a terminal."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "�" if char != "\r" else ""
        for char in text
    )
