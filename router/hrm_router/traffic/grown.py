"""Distilled specialists at work: which one takes a chat, and how its answer is written.

A distilled specialist's card says what its family of calls shares and how the LLM used
to answer; a chat of the same family is turned into a problem, and the solution is
written as the LLM would have written it. Knows nothing of LLMs, stores or gates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from hrm_router.traffic.families import Answers, Family, Wording, problem_of
from hrm_router.traffic.rows import Chat, Kind, canonical
from hrm_specialists.errors import MalformedTask
from hrm_specialists.specialist import Specialist

CARD = "distilled"
"""The entry of a specialist's card."""


class Origin(BaseModel):
    """What a specialist was distilled from; stands in its card."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: str
    wordings: tuple[Wording, ...] = (Wording(),)
    """What stands before and after the problem in the user's message."""
    kind: Kind = "text"
    """How the LLM answered: as text, as JSON, or by calling `tool`."""
    tool: str = ""
    answers: Answers = "label"
    field: str = ""
    """For an answer of one field in an object: its name in the LLM's JSON."""

    @classmethod
    def of(cls, family: Family) -> Origin:
        """What a family's calls share."""
        last = family.rows[-1]
        fields = {
            name for _, _, answer in family.pairs if isinstance(answer, Mapping) for name in answer
        }
        return cls(
            key=family.key,
            wordings=family.wordings,
            kind=last.kind,
            tool=last.tool,
            answers=family.answers,
            field=next(iter(fields)) if len(fields) == 1 else "",
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """A chat that a distilled specialist can take."""

    specialist: Specialist
    origin: Origin
    problem: BaseModel

    def value(self, solution: BaseModel) -> Any:
        """A solution in the form of the LLM's answers, as a JSON value."""
        return value_of(solution, self.origin)

    def text(self, solution: BaseModel) -> str:
        """A solution as the LLM would write it, or the arguments of its tool call."""
        value = self.value(solution)
        plain = self.origin.kind == "text" and not isinstance(value, Mapping | list)
        return str(value) if plain else json.dumps(value, ensure_ascii=False)

    def agrees(self, solution: BaseModel, answer: Any) -> bool:
        """Whether a solution says what an answer of the LLM says."""
        return canonical(self.value(solution)) == canonical(answer)


def value_of(solution: BaseModel, origin: Origin) -> Any:
    """A solution as the JSON value that the LLM would have given."""
    value = solution.model_dump(mode="json", by_alias=True)
    if isinstance(solution, RootModel):
        inner = value
    elif origin.answers != "fields" and len(value) == 1:
        inner = next(iter(value.values()))
    else:
        return value
    return {origin.field: inner} if origin.field else inner


def origin_of(specialist: Specialist) -> Origin | None:
    """What a specialist was distilled from; None if it was taught otherwise."""
    described = specialist.card.get(CARD)
    if not isinstance(described, Mapping):
        return None
    try:
        return Origin.model_validate(described)
    except ValidationError:
        return None


def take(specialists: Iterable[Specialist], chat: Chat) -> Taken | None:
    """The first distilled specialist whose family the chat belongs to, with the problem."""
    distilled = [(one, found) for one in specialists if (found := origin_of(one)) is not None]
    key = chat.key if distilled else ""
    for one, origin in distilled:
        # A family found by its opening words alone: the wording must be some.
        alone = key.startswith("words:") and all(len(it.before) < 12 for it in origin.wordings)
        if key != origin.key or alone:
            continue
        problem = problem_of(chat.text, origin.wordings)
        with suppress(MalformedTask):
            if problem is not None:
                return Taken(one, origin, one.task.parse(problem))
    return None
