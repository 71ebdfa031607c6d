"""An answer as the content of a message, whole or growing.

The pieces of a stream, put together, are the content that a whole response
would have had; solutions come from the answer, never from an LLM's retelling.
An answer that nobody gave is a refusal, not content.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from hrm_agent.server.errors import LLM_FAILED, dumps
from hrm_router.answer import Answer, Part, written
from hrm_router.events import Answered, Event, Solved, TextDelta

APART = "\n\n"
"""Between two parts of an answer."""
ENDS = frozenset({"stop", "length", "tool_calls", "content_filter"})
"""What clients know as the reason for a message's end."""
MOST = 2**53 - 1
"""Largest count that is passed on; endpoints claim what they like."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What an event adds: to the content, or to the refusal."""

    text: str
    refusal: bool = False


def discreet(answer: Answer, known: Collection[str]) -> Answer:
    """The answer without the words of an LLM's endpoint, which name hosts, accounts and keys.

    Args:
        known: names of specialists; whoever else took part is the LLM.
    """
    parts, text = [], answer.text
    for part in answer.parts:
        shown = discreet_part(part)
        if shown is not part:
            text = text.replace(written(part), written(shown))
        parts.append(shown)
    trace = tuple(
        step
        if step.by in ("router", *known)
        else step.model_copy(update={"by": "llm", "reason": ""})
        for step in answer.trace
    )
    return answer.model_copy(update={"parts": tuple(parts), "text": text, "trace": trace})


def discreet_part(part: Part) -> Part:
    """The same for one part."""
    if part.error is None or not part.error.startswith("llm"):
        return part
    return part.model_copy(update={"reason": LLM_FAILED.format(code=part.error)})


def content_of(answer: Answer, *, form: bool) -> tuple[str | None, str | None]:
    """The message's content and its refusal; both None where there are only tool calls.

    Args:
        form: the caller wants JSON or a tool call, which only the LLM gives;
            a solution written beside it would spoil it.
    """
    text = answer.text
    said = [part.text for part in answer.parts if part.by == "llm" and part.task is None]
    if form and said:
        text = said[-1]
    text = whole(text)
    if all(part.by == "none" for part in answer.parts):
        return None, text or "This was not answered."
    return text or (None if tool_calls(answer) else ""), None


def tool_calls(answer: Answer) -> list[dict[str, Any]]:
    """The tools that the LLM asks for."""
    return [plain(call) for part in answer.parts for call in part.tool_calls]


def finish_reason(answer: Answer) -> str:
    """Why the message ended; endpoints' own words for it are no part of the protocol."""
    return answer.finish_reason if answer.finish_reason in ENDS else "stop"


def usage_of(answer: Answer) -> tuple[int, int]:
    """The LLM's tokens, read and written; specialists use none."""
    usage = answer.usage
    return min(usage.prompt_tokens, MOST), min(usage.completion_tokens, MOST)


def extension(answer: Answer) -> dict[str, Any]:
    """The whole answer as plain JSON, as `Answer.load` takes it."""
    dumped: dict[str, Any]
    try:
        dumped = from_json(answer.model_dump_json(), allow_inf_nan=False)
    except ValueError:  # half characters
        dumped = plain(answer)
    counts = max(answer.usage.prompt_tokens, answer.usage.completion_tokens)
    return plain(answer) if counts > MOST else dumped


def written_out(answer: Answer) -> str:
    """The same as text in ASCII, in one step where nothing in it is odd."""
    if max(answer.usage.prompt_tokens, answer.usage.completion_tokens) <= MOST:
        with suppress(ValueError):  # half characters
            return answer.model_dump_json(ensure_ascii=True)
    return dumps(plain(answer))


def headers_of(answer: Answer) -> dict[str, str]:
    """The answer in headers, for proxies and logs."""
    tasks = dict.fromkeys(part.task for part in answer.parts if part.task)
    told: dict[str, str] = {"x-hrm-route": answer.route, "x-hrm-status": answer.status}
    if tasks:
        told["x-hrm-task"] = ",".join(tasks)[:200]
    return told


def plain(value: Any) -> Any:
    """Anything as JSON: models dumped, NaN null, half characters replaced."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {whole(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > MOST:
        return MOST if value > 0 else -MOST
    return value


def whole(text: str) -> str:
    """Text without half characters; two halves side by side become one."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Transcript:
    """What was said so far in a stream.

    Args:
        form: as for `content_of`.
    """

    def __init__(self, *, form: bool) -> None:
        self._form, self._half = form, ""
        self._sent: list[str] = []
        self._held: list[str] = []
        """What nobody could answer; a refusal, if nothing else follows."""
        self._speaking = False

    def add(self, happened: Event) -> Delta | None:
        """What an event adds; the last one's answer is a `discreet` one."""
        if isinstance(happened, Solved) and not self._form:
            text = written(discreet_part(happened.answer))
            if happened.answer.by == "none" and not self._sent:
                self._held.append(text)
                return None
            return self._say(text, apart=True)
        if isinstance(happened, TextDelta):
            first, self._speaking = not self._speaking, True
            text = self._half + happened.text
            self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
            return self._say(text.removesuffix(self._half), apart=first)
        if isinstance(happened, Answered):
            return self._finish(happened.answer)
        return None

    def _finish(self, answer: Answer) -> Delta | None:
        content, refusal = content_of(answer, form=self._form)
        if refusal is not None and not self._sent:
            return Delta(refusal, refusal=True)
        said, sent = content or "", "".join(self._sent).rstrip()
        if said.startswith(sent):
            rest = said[len(sent) :]
            return Delta(rest) if rest.strip() else None
        return self._say(written(answer.parts[-1]), apart=True)  # the LLM broke off

    def _say(self, text: str, *, apart: bool) -> Delta | None:
        if not text:
            return None
        if apart and (self._sent or self._held):
            text = APART.join([*([""] if self._sent else []), *self._held, text])
        self._held = []
        self._sent.append(whole(text))
        return Delta(self._sent[-1])
