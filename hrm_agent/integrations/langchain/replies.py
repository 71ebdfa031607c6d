"""An `Answer` as a LangChain message, whole or chunk by chunk.

Text that is streamed is the text of the whole message. Knows nothing of models.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, InvalidToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import (
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from hrm_router.answer import Answer, written
from hrm_router.answering import wants_form
from hrm_router.errors import LLMError
from hrm_router.events import Answered, Event, Solved, TextDelta

Options = Mapping[str, Any]


def result_of(answer: Answer, options: Options, model: str) -> ChatResult:
    """The whole message.

    Raises:
        LLMError: a form was required, and the LLM did not answer.
    """
    message = message_of(answer, _text(answer, options), model=model)
    return ChatResult(generations=[ChatGeneration(message=message)])


def message_of(answer: Answer, text: str | None = None, *, model: str = "hrm-agent") -> AIMessage:
    """An answer as a message; `refusal` says of an abstention why.

    Args:
        answer: what to tell.
        text: its content; the answer's text by default.
        model: the name in its metadata.
    """
    calls, wrong = _tool_calls(answer)
    return AIMessage(
        content=answer.text if text is None else text,
        tool_calls=calls,
        invalid_tool_calls=wrong,
        usage_metadata=_usage(answer),
        response_metadata=_metadata(answer, model),
        additional_kwargs=_refusal(answer),
    )


class Telling:
    """Turns the events of one call into chunks of one message."""

    def __init__(self, options: Options, model: str) -> None:
        self._options, self._model = options, model
        self._form = wants_form(options)
        self._told = ""
        self._solved = False

    def chunks(self, event: Event) -> Iterator[ChatGenerationChunk]:
        """What this event adds to the message.

        Raises:
            LLMError: a form was required, and the LLM did not answer.
        """
        text = ""
        if isinstance(event, Solved) and not self._form:
            text = ("\n\n" if self._told else "") + written(event.answer)
            self._solved = True
        elif isinstance(event, TextDelta):
            text = ("\n\n" if self._solved else "") + event.text
            self._solved = False
        if text:
            self._told += text
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        if isinstance(event, Answered):
            yield self._last(event.answer)

    def _last(self, answer: Answer) -> ChatGenerationChunk:
        whole = _text(answer, self._options)
        rest = whole.removeprefix(self._told) if whole.startswith(self._told) else ""
        message = AIMessageChunk(
            content=rest,
            tool_call_chunks=_tool_call_chunks(answer),
            usage_metadata=_usage(answer),
            response_metadata=_metadata(answer, self._model),
            additional_kwargs=_refusal(answer),
            chunk_position="last",
        )
        return ChatGenerationChunk(message=message)


def _text(answer: Answer, options: Options) -> str:
    """All of it; only the LLM's part where a form was required of it."""
    if not wants_form(options):
        return answer.text
    last = answer.parts[-1]
    if last.by != "llm" or last.task is not None:
        raise LLMError(f"an answer in the required form needs the LLM: {last.reason}")
    return last.text


def _calls(answer: Answer) -> Iterator[Mapping[str, Any]]:
    for part in answer.parts:
        yield from part.tool_calls


def _tool_calls(answer: Answer) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    calls: list[ToolCall] = []
    wrong: list[InvalidToolCall] = []
    for call in _calls(answer):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        try:
            read = json.loads(arguments or "{}")
            if not isinstance(read, dict):
                raise ValueError("no JSON object")
        except (ValueError, RecursionError) as error:
            wrong.append(
                invalid_tool_call(name=name, args=arguments, id=call["id"], error=str(error))
            )
        else:
            calls.append(tool_call(name=name, args=read, id=call["id"]))
    return calls, wrong


def _tool_call_chunks(answer: Answer) -> list[ToolCallChunk]:
    return [
        tool_call_chunk(
            name=call["function"]["name"],
            args=call["function"]["arguments"] or "{}",
            id=call["id"],
            index=index,
        )
        for index, call in enumerate(_calls(answer))
    ]


def _refusal(answer: Answer) -> dict[str, Any]:
    """As OpenAI's clients know it: set where nothing of the query was taken."""
    if any(part.status != "abstained" for part in answer.parts):
        return {}
    return {"refusal": "; ".join(part.reason for part in answer.parts) or answer.text}


def _usage(answer: Answer) -> UsageMetadata:
    """Tokens of the LLM; thinking of specialists takes none."""
    asked, said = answer.usage.prompt_tokens, answer.usage.completion_tokens
    return UsageMetadata(input_tokens=asked, output_tokens=said, total_tokens=asked + said)


def _metadata(answer: Answer, model: str) -> dict[str, Any]:
    """How it came about; `hrm` is the whole answer, for `Answer.load`."""
    return {
        "model_name": model,
        "model_provider": "hrm-agent",
        "finish_reason": answer.finish_reason,
        "hrm": answer.model_dump(mode="json"),
    }
