"""Questions to language models, and recorded calls as the store keeps them.

Plain data; knows nothing of databases, endpoints or specialists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

from hrm_router.reading import text_of

Kind = Literal["text", "json", "tool"]
Verdict = Literal["", "checked", "refused", "approved", "corrected", "rejected"]
"""Why a row may, or may not, be learned from: a task's checker passed or refused the
answer; a person approved, corrected or rejected it; or nobody has judged it yet."""

SPECIALIST = "specialist:"
"""Begins the model's name of rows that a specialist answered; nothing is learned from them."""
TRUSTED = frozenset({"checked", "approved", "corrected"})
DISTRUSTED = frozenset({"refused", "rejected"})
OPENING = 4
"""Words of a message that decide which others it is compared with."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a server says of the call that it is about to make; see `MARKS`."""

    id: str
    store: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""


MARKS: ContextVar[Marks | None] = ContextVar("hrm_traffic_marks", default=None)
"""Set by a server for one solve; kept apart from the options that go to the LLM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A question to a language model, with what tells families of questions apart."""

    messages: tuple[Mapping[str, Any], ...]
    task: str = ""
    """The task it belongs to: named by the caller, or the one whose problem was asked."""
    tool: str = ""
    """The tool that the answer calls, or must call; empty if the LLM may choose."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the caller asked the answer to follow."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    """The name of the key that asked a server; callers see their own rows only."""
    listed: bool = False
    """Whether the caller asked to store it, and may list and delete it by API."""

    @classmethod
    def of(
        cls, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any] | None = None
    ) -> Chat:
        """Read it from the messages and options of a chat completion, and what a server says."""
        given, marks = options or {}, MARKS.get()
        if marks is not None:
            given = {**given, "store": marks.store, "metadata": marks.metadata}
        metadata = given.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        task = metadata.get("task")
        return cls(
            messages=tuple(messages),
            task=task if isinstance(task, str) else "",
            tool=_forced_tool(given),
            schema=schema_in(given.get("response_format")),
            metadata={str(key): str(value) for key, value in metadata.items()},
            owner="" if marks is None else marks.owner,
            listed=given.get("store") is True,
        )

    @property
    def text(self) -> str:
        """The text of the user's last message."""
        return last_user_text(self.messages)

    @property
    def key(self) -> str:
        """What a call shares with the others of its family.

        The caller's name for the task decides; without one the tool, the schema together
        with all messages but the user's last one, or these messages alone: a system prompt
        and examples that come with every call are shared, a conversation is not. A call that
        has none of these is sorted by the opening words of the user's message.
        """
        if self.task:
            return f"task:{self.task}"
        users = [at for at, one in enumerate(self.messages) if one.get("role") == "user"]
        around = [one for at, one in enumerate(self.messages) if at not in users[-1:]]
        shared = [[one.get("role"), text_of(one), one.get("tool_calls")] for one in around]
        told = any(text_of(one).strip() for one in around)
        system = digest(shared, length=8) if told else ""
        if self.tool:
            return f"tool:{self.tool}:{system}".rstrip(":")
        if self.schema is not None:
            return f"schema:{digest(self.schema, length=8)}:{system}".rstrip(":")
        if system:
            return f"system:{system}"
        return f"words:{' '.join(self.text.split()[:OPENING]).casefold()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Chat):
    """A question to a language model and its answer."""

    id: str
    """Of the call; unique in the store."""
    created: float
    """Seconds since 1970."""
    answer: Any
    """The JSON value of a structured answer or of a tool call's arguments, else text."""
    kind: Kind = "text"
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    """In the currency of the model's prices; None where these are unknown."""
    seconds: float = 0.0
    verdict: Verdict = ""
    judged_by: str = ""
    """The checker, person or rule behind `verdict`."""
    solve_id: str = ""
    """The solve that asked; feedback names it."""


def verdict_of(right: bool | None, answer: Any) -> Verdict:
    """What a person's word amounts to: whether an answer was right, or the right answer."""
    if answer is not None:
        return "corrected"
    return "approved" if right else "rejected"


def schema_in(form: object) -> Mapping[str, Any] | None:
    """The JSON Schema that a `response_format` holds; None without one."""
    named = form.get("json_schema") if isinstance(form, Mapping) else None
    schema = named.get("schema", named) if isinstance(named, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def canonical(value: Any) -> str:
    """One spelling for equal JSON values; floats that are whole are written as integers."""

    def plain(one: Any) -> Any:
        if isinstance(one, Mapping):
            return {str(key): plain(inner) for key, inner in one.items()}
        if isinstance(one, list | tuple):
            return [plain(inner) for inner in one]
        if isinstance(one, float) and one.is_integer():
            return int(one)
        return " ".join(one.split()) if isinstance(one, str) else one

    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any, *, length: int = 16) -> str:
    """A short hash of a JSON value; equal for equal values."""
    return hashlib.sha256(canonical(value).encode("utf-8", "replace")).hexdigest()[:length]


def last_user_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last message of the user."""
    said = (text_of(one) for one in reversed(messages) if one.get("role") == "user")
    return next(said, "")


def _forced_tool(options: Mapping[str, Any]) -> str:
    choice, tools = options.get("tool_choice"), options.get("tools")
    if choice == "required" and isinstance(tools, Sequence) and len(tools) == 1:
        choice = tools[0]
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return str(function.get("name", "")) if isinstance(function, Mapping) else ""
