"""One recorded call of a language model, as the store keeps it.

Plain data; knows nothing of databases, endpoints or specialists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "json", "tool"]
Verdict = Literal["", "checked", "refused", "approved", "corrected", "rejected"]
"""Why a row may, or may not, be learned from: a task's checker passed or refused the
answer; a person approved, corrected or rejected it; or nobody has judged it yet."""

SPECIALIST = "specialist:"
"""Begins the model's name of rows that a specialist answered; nothing is learned from them."""
TRUSTED = frozenset({"checked", "approved", "corrected"})
DISTRUSTED = frozenset({"refused", "rejected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question to a language model and its answer."""

    id: str
    """Of the call; unique in the store."""
    created: float
    """Seconds since 1970."""
    messages: tuple[Mapping[str, Any], ...]
    answer: Any
    """The JSON value of a structured answer or of a tool call's arguments, else text."""
    kind: Kind = "text"
    task: str = ""
    """The task it belongs to: named by the caller, or the one whose problem was asked."""
    tool: str = ""
    """The called tool's name, where `kind` is "tool"."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema that the caller asked the answer to follow."""
    metadata: Mapping[str, str] = field(default_factory=dict)
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
    owner: str = ""
    """The name of the key that asked a server; callers see their own rows only."""
    listed: bool = False
    """Whether the caller asked to store it, and may list and delete it by API."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a server says of the call that it is about to make; see `MARKS`."""

    id: str
    store: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""


MARKS: ContextVar[Marks | None] = ContextVar("hrm_traffic_marks", default=None)
"""Set by a server for one solve; kept apart from the options that go to the LLM."""


def verdict_of(right: bool | None, answer: Any) -> Verdict:
    """What a person's word amounts to: whether an answer was right, or the right answer."""
    if answer is not None:
        return "corrected"
    return "approved" if right else "rejected"


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


def last_user_text(messages: tuple[Mapping[str, Any], ...]) -> str:
    """The text of the last message of the user; parts of a message are joined by newlines."""
    for message in reversed(messages):
        if message.get("role") == "user":
            return message_text(message)
    return ""


def message_text(message: Mapping[str, Any]) -> str:
    """The text of one message, whether its content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list | tuple) else ()
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str))
