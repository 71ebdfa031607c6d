"""Distilled specialists at work: which one takes a chat, and how its answer is written.

A distilled specialist's card says what its family of calls shares and how the LLM used
to answer; a chat of the same family is turned into a problem, and the solution is
written as the LLM would have written it. Knows nothing of LLMs, stores or gates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from hrm_router.traffic.families import Family, Wording, key_of, problem_of
from hrm_router.traffic.rows import Kind, canonical, last_user_text
from hrm_specialists.errors import MalformedTask
from hrm_specialists.specialist import Specialist

CARD = "distilled"
"""The entry of a specialist's card."""


class Origin(BaseModel):
    """What a specialist was distilled from; stands in its card."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: str
    wordings: tuple[tuple[str, str], ...] = (("", ""),)
    """What stands before and after the problem in the user's message."""
    kind: Kind = "text"
    """How the LLM answered: as text, as JSON, or by calling `tool`."""
    tool: str = ""
    answers: Literal["label", "fields", "number", "text"] = "label"
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
            wordings=tuple((one.before, one.after) for one in family.wordings),
            kind=last.kind,
            tool=last.tool,
            answers=family.answers,
            field=next(iter(fields)) if len(fields) == 1 else "",
        )


@dataclass(frozen=True, slots=True)
class Chat:
    """A question on its way to the LLM, as far as families are told apart by it."""

    messages: Sequence[Mapping[str, Any]]
    task: str = ""
    tool: str = ""
    """The one tool that the answer must call; empty if the LLM may choose."""
    schema: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Chat:
        """Read it from the messages and options of a chat completion."""
        metadata = options.get("metadata")
        task = metadata.get("task") if isinstance(metadata, Mapping) else ""
        form = options.get("response_format")
        named = form.get("json_schema") if isinstance(form, Mapping) else None
        schema = named.get("schema", named) if isinstance(named, Mapping) else None
        return cls(
            messages=messages,
            task=task if isinstance(task, str) else "",
            tool=_forced_tool(options),
            schema=schema if isinstance(schema, Mapping) else None,
        )

    @property
    def key(self) -> str:
        """The family it belongs to; see `key_of`."""
        return key_of(self.messages, task=self.task, tool=self.tool, schema=self.schema)


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
    key = text = None
    for one in specialists:
        origin = origin_of(one)
        if origin is None:
            continue
        if key is None or text is None:
            key, text = chat.key, last_user_text(tuple(chat.messages))
        if not _belongs(key, origin, text):
            continue
        wordings = [Wording(before, after) for before, after in origin.wordings]
        problem = problem_of(text, wordings)
        if problem is None:
            continue
        try:
            return Taken(one, origin, one.task.parse(problem))
        except MalformedTask:
            continue
    return None


def _belongs(key: str, origin: Origin, text: str) -> bool:
    if origin.key.startswith("words:"):
        # Found by its opening words alone: the whole wording must fit, and be some.
        return key == origin.key and any(len(before) >= 12 for before, _ in origin.wordings)
    return key == origin.key


def _forced_tool(options: Mapping[str, Any]) -> str:
    choice, tools = options.get("tool_choice"), options.get("tools")
    if choice == "required" and isinstance(tools, Sequence) and len(tools) == 1:
        choice = tools[0]
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return str(function.get("name", "")) if isinstance(function, Mapping) else ""
