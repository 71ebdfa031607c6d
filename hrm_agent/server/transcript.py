"""An answer as the content of a chat message, whole or growing.

The pieces of a stream, put together, are the content that a whole response
would have had; solutions come from the answer, never from an LLM's retelling.
"""

from __future__ import annotations

import json
from typing import Any

from hrm_router.answer import Answer
from hrm_router.composing import written
from hrm_router.events import Answered, Event, Solved, TextDelta

APART = "\n\n"
"""Between two parts of an answer."""
ENDS = frozenset({"stop", "length", "tool_calls", "content_filter"})
"""What clients know as the reason for a message's end."""


def content_of(answer: Answer, *, form: bool) -> str | None:
    """The message's content; None where there are only tool calls.

    Args:
        form: the caller wants JSON or a tool call, which only the LLM gives;
            a solution written beside it would spoil it.
    """
    text = answer.text
    said = [part.text for part in answer.parts if part.by == "llm" and part.task is None]
    if form and said:
        text = said[-1]
    return text or (None if tool_calls(answer) else "")


def tool_calls(answer: Answer) -> list[dict[str, Any]]:
    """The tools that the LLM asks for."""
    return [call for part in answer.parts for call in part.tool_calls]


def finish_reason(answer: Answer) -> str:
    """Why the message ended; endpoints' own words for it are no part of the protocol."""
    return answer.finish_reason if answer.finish_reason in ENDS else "stop"


def usage_of(answer: Answer) -> dict[str, int]:
    """The LLM's tokens; specialists use none."""
    prompt, completion = answer.usage.prompt_tokens, answer.usage.completion_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def extension(answer: Answer) -> dict[str, Any]:
    """The whole answer as plain JSON, as `Answer.load` takes it."""
    dumped: dict[str, Any] = json.loads(answer.model_dump_json())  # NaN becomes null
    return dumped


class Transcript:
    """What was said so far in a stream.

    Args:
        form: as for `content_of`.
    """

    def __init__(self, *, form: bool) -> None:
        self._form, self._sent = form, ""
        self._speaking = False

    def add(self, happened: Event) -> str:
        """What an event adds to the content."""
        if isinstance(happened, Solved) and not self._form:
            return self._say(written(happened.answer), apart=True)
        if isinstance(happened, TextDelta):
            first, self._speaking = not self._speaking, True
            return self._say(happened.text, apart=first)
        if isinstance(happened, Answered):
            return self._finish(happened.answer)
        return ""

    def _finish(self, answer: Answer) -> str:
        whole, sent = content_of(answer, form=self._form) or "", self._sent.rstrip()
        if whole.startswith(sent):
            rest = whole[len(sent) :]
            return rest if rest.strip() else ""
        return self._say(written(answer.parts[-1]), apart=True)  # the LLM broke off

    def _say(self, text: str, *, apart: bool) -> str:
        if text and apart and self._sent:
            text = APART + text
        self._sent += text
        return text
