"""`/v1/decisions`: typed questions about one input, answered by label specialists.

A `choice` asks for a specialist's labels, a `score` for its ordered ones, a
`predicate` for the probability of one. What no specialist was measured on is
refused, question by question. As OpenAI's Decisions API has it; an answer's
`specialist`, or a refusal's `reason`, is ours.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field, StrictBool, StrictStr

from hrm_agent.errors import DeadlineExceeded, HrmAgentError, Overloaded
from hrm_agent.server.errors import Refused, json_response, told
from hrm_agent.server.requests import Name, Object, OffLoop, Received
from hrm_agent.server.requests import RequestLimits as Bounds
from hrm_agent.server.served import REFUSALS, Served, ignored_header
from hrm_agent.server.streams import unless_gone
from hrm_router.cards import plain_schema
from hrm_router.policy import Policy
from hrm_specialists.contract import Attempt
from hrm_specialists.specialist import Specialist

Parts = str | Annotated[tuple[Object, ...], Field(min_length=1)]
YES = frozenset({"true", "yes", "y", "1"})
"""Labels that say of a statement that it is true."""
ELSEWHERE = 0.5
"""Probability outside the choices that were given from which the question is refused."""


class Choice(Received):
    """One of the options."""

    value: StrictBool | StrictStr


class Level(Received):
    """One of the levels, lowest first."""

    label: Name


class _Asked(Received):
    name: Name | None = None
    instructions: Parts


class PredicateQuestion(_Asked):
    """How likely a statement is to be true."""

    type: Literal["predicate"]


class ChoiceQuestion(_Asked):
    """Which of the options it is."""

    type: Literal["choice"]
    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=255)]


class ScoreQuestion(_Asked):
    """How high it is on a scale; the lowest level counts 0."""

    type: Literal["score"]
    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=10)]


Question = Annotated[
    PredicateQuestion | ChoiceQuestion | ScoreQuestion, Field(discriminator="type")
]


class DecisionRequest(Received):
    """Questions about one input."""

    model: Name
    """A specialist with a label, or `hrm-agent`, which takes the one that fits each question."""
    input: str | Annotated[tuple[Object, ...], Field(min_length=1, max_length=4096)]
    """A text, or messages with text or `input_json` parts; the last user message counts."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=400)]
    hrm: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class Labels:
    """A specialist whose answer is one label."""

    specialist: Specialist
    column: str
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The specialist's."""
        return self.specialist.name

    def probabilities(self, attempt: Attempt) -> dict[Any, float]:
        """Of every label; the specialist's own, or its confidence and the rest shared evenly."""
        own = attempt.probabilities
        if own is not None:
            return {value: float(own.get(value, 0.0)) for value in self.values}
        assert attempt.solution is not None, "looked at before"
        found = next(iter(attempt.solution.model_dump().values()))
        rest = (1 - attempt.confidence) / max(1, len(self.values) - 1)
        return {value: attempt.confidence if value == found else rest for value in self.values}


def labels_of(specialist: Specialist) -> Labels | None:
    """What a specialist chooses from; None if its answer is not one of a few labels."""
    fields = plain_schema(specialist.task.Solution)["properties"]
    if len(fields) != 1:
        return None
    ((column, shape),) = fields.items()
    values = shape.get("enum") or ([False, True] if shape.get("type") == "boolean" else [])
    return Labels(specialist, column, tuple(values)) if len(values) > 1 else None


def routes(served: Served) -> APIRouter:
    """The route, over one router."""
    router = APIRouter(tags=["OpenAI"], responses=REFUSALS, route_class=OffLoop)

    @router.post("/v1/decisions", summary="Answer typed questions", response_model=dict[str, Any])
    async def decide(body: DecisionRequest, request: Request) -> Response:
        """As OpenAI's Decisions API: probabilities, or a refusal for each question alone."""
        only = served.model(body.model)
        known = {
            one.name: one
            for specialist in served.router.specialists.values()
            if (only in (None, specialist.name)) and (one := labels_of(specialist))
        }
        if only is not None and not known:
            what = f"{only!r} does not answer with one of a few labels; see /v1/specialists"
            raise Refused(400, "unsupported_parameter", what, "model")
        policy = served.policy(request, body.hrm)
        deciding = _Deciding(served, policy, _input(body.input), known)
        answers = await unless_gone(request.receive, deciding.all(body.questions))
        data = {"answers": answers, "model": body.model, "usage": _NOTHING}
        return json_response(data, headers=ignored_header(*body.ignored))

    return router


@dataclass(slots=True)
class _Deciding:
    """The questions of one request; each specialist is asked once."""

    served: Served
    policy: Policy
    """For its time, effort and seed."""
    query: str | Mapping[str, Any]
    known: Mapping[str, Labels]
    _tries: dict[str, asyncio.Task[Attempt]] = field(default_factory=dict)

    async def all(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """The answers, in the questions' order."""
        found = [self._for(question) for question in questions]
        for labels in found:
            if isinstance(labels, Labels) and labels.name not in self._tries:
                self._tries[labels.name] = asyncio.create_task(self._attempt(labels.specialist))
        try:
            return [
                _refusal(question, labels)
                if isinstance(labels, str)
                else await self._one(question, labels)
                for question, labels in zip(questions, found, strict=True)
            ]
        finally:
            for task in self._tries.values():
                task.cancel()
            await asyncio.gather(*self._tries.values(), return_exceptions=True)

    async def _one(self, question: Question, labels: Labels) -> dict[str, Any]:
        """One answer, or why there is none.

        Raises:
            Overloaded, DeadlineExceeded: there is no time for it now.
        """
        try:
            attempt = await self._tries[labels.name]
        except (Overloaded, DeadlineExceeded):
            raise
        except TimeoutError:
            raise DeadlineExceeded(f"the deadline of {self.policy.deadline:g} s passed") from None
        except HrmAgentError as error:
            return _refusal(question, told(error))
        if attempt.solution is None or attempt.unfamiliar:
            why = "; ".join(attempt.unfamiliar) or attempt.reason or "no answer"
            return self._counted(labels, "abstained", _refusal(question, why))
        said = _answer(question, labels, labels.probabilities(attempt))
        if isinstance(said, str):
            return self._counted(labels, "abstained", _refusal(question, said))
        sure = attempt.confidence >= labels.specialist.threshold
        about = {"name": question.name, "type": question.type, "specialist": labels.name}
        return self._counted(labels, "accepted" if sure else "unverified", {**about, **said})

    def _counted(self, labels: Labels, status: str, answer: dict[str, Any]) -> dict[str, Any]:
        self.served.metrics.judged(labels.name, labels.specialist.version, status)
        return answer

    def _for(self, question: Question) -> Labels | str:
        """The specialist that a question is for, or why there is none."""
        if len(self.known) == 1:
            return next(iter(self.known.values()))
        named = [one for one in self.known.values() if question.name in (one.name, one.column)]
        if len(named) == 1:
            return named[0]
        wanted = {_shown(value) for value in _options(question)}
        fits = [
            one for one in self.known.values() if wanted and wanted == set(map(_shown, one.values))
        ]
        if len(fits) == 1:
            return fits[0]
        names = ", ".join(self.known) or "none"
        return f"no one specialist fits; set `model` or the question's `name` to one of: {names}"

    async def _attempt(self, specialist: Specialist) -> Attempt:
        """Read the input as this specialist's problem, and let it answer.

        Raises:
            HrmAgentError: it cannot be read, or the specialist broke.
        """
        async with asyncio.timeout(self.policy.deadline):
            problem = await asyncio.to_thread(specialist.task.parse, self.query)
            if not specialist.loaded:
                await asyncio.to_thread(specialist.warm)
            ticket = specialist.submit(
                problem,
                effort=self.policy.effort,
                deadline=time.monotonic() + self.policy.deadline,
                seed=self.policy.seed,
            )
            try:
                attempt = await asyncio.wrap_future(ticket.future)
            finally:
                ticket.withdraw()
        unfamiliar = attempt.unfamiliar or specialist.unfamiliar(problem)
        return replace(attempt, unfamiliar=unfamiliar)


def _answer(
    question: Question, labels: Labels, probabilities: Mapping[Any, float]
) -> dict[str, Any] | str:
    """The answer's own fields, or why the labels do not answer the question."""
    if isinstance(question, PredicateQuestion):
        value = _stated(question, labels)
        if value is None:
            known = ", ".join(f"{labels.column} is {one}" for one in labels.values)
            return f"only these statements were measured: {known[:300]}"
        return {"probability": _rounded(probabilities[value])}
    shown = {_shown(value): probability for value, probability in probabilities.items()}
    options = _options(question)
    unknown = [option for option in options if _shown(option) not in shown]
    if unknown:
        known = ", ".join(str(value) for value in labels.values)
        return f"{str(unknown[0])[:60]!r} was not in training; known: {known[:300]}"
    inside = sum(shown[_shown(option)] for option in options)
    if 1 - inside > ELSEWHERE or inside <= 0:
        return "most of the probability lies outside of the options"
    shares = [shown[_shown(option)] / inside for option in options]
    top = max(range(len(options)), key=shares.__getitem__)
    if isinstance(question, ChoiceQuestion):
        spread = [
            {"value": option, "probability": _rounded(share)}
            for option, share in zip(options, shares, strict=True)
        ]
        return {"choice": options[top], "confidence": shares[top], "probabilities": spread}
    levels = [
        {"label": label, "probability": _rounded(share), "value": at}
        for at, (label, share) in enumerate(zip(options, shares, strict=True))
    ]
    score = sum(at * share for at, share in enumerate(shares))
    return {"score": score, "confidence": shares[top], "probabilities": levels}


def _options(question: Question) -> list[Any]:
    match question:
        case ChoiceQuestion():
            return [choice.value for choice in question.choices]
        case ScoreQuestion():
            return [level.label for level in question.levels]
        case _:
            return []


def _shown(value: Any) -> Any:
    """A label as a choice writes it: truth values stay, all others are text."""
    return value if isinstance(value, bool) else str(value)


def _stated(question: PredicateQuestion, labels: Labels) -> Any:
    """The label that a statement is about; only exact words count, as a "not" is quickly missed."""
    said = question.instructions
    text = said if isinstance(said, str) else " ".join(str(part.get("text", "")) for part in said)
    words = re.sub(r"\s+", " ", text).strip().rstrip(".?!").casefold().removeprefix("the ")
    column, name = labels.column.casefold(), (question.name or "").casefold()
    truths = [value for value in labels.values if str(value).casefold() in YES]
    ours = {column, labels.name.casefold()}
    if len(labels.values) == 2 and len(truths) == 1 and (words in ours or name in ours):
        return truths[0]
    for value in labels.values:
        label = str(value).casefold()
        forms = (" is ", " = ", "=", ": ", " == ")
        if words in {label, *(f"{column}{form}{label}" for form in forms)} or name == label:
            return value
    return None


def _input(given: str | Sequence[Mapping[str, Any]]) -> str | Mapping[str, Any]:
    """The text, or the one JSON object, of the last user message.

    Raises:
        Refused: there is none, or something that cannot be read.
    """
    if isinstance(given, str):
        return given
    said = [one.get("content") for one in given if one.get("role") == "user"]
    if not said:
        raise Refused(400, "invalid_value", "input: no user message", "input")
    content = said[-1]
    if isinstance(content, str):
        return content
    texts: list[str] = []
    objects: list[Mapping[str, Any]] = []
    for part in content if isinstance(content, Sequence) else ():
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "input_text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "input_json" and isinstance(part.get("data"), Mapping):
            objects.append(part["data"])
        else:
            what = "input: a part is `input_text` with `text` or `input_json` with an object"
            raise Refused(400, "invalid_value", what, "input")
    if len(objects) == 1 and not any(text.strip() for text in texts):
        return objects[0]
    if objects:
        what = "input: either text, or one `input_json` part with the fields of one problem"
        raise Refused(400, "invalid_value", what, "input")
    return "\n".join(texts)


def _refusal(question: Question, reason: str) -> dict[str, Any]:
    return {"name": question.name, "type": "refusal", "reason": reason[:500]}


def _rounded(probability: float) -> float:
    return min(1.0, max(0.0, round(probability, 6)))


_NOTHING = {
    "input_tokens": 0,
    "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}
"""Specialists use no tokens."""
