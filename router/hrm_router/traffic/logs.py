"""Recorded calls from and to JSON Lines: the form of fine-tuning, and logs of gateways.

Read are one JSON object a line, in any of these forms:

    {"messages": [..., {"role": "assistant", ...}]}             fine-tuning files
    {"request": {"messages": [...]}, "response": {"choices": [...]}}
        also named request_body and response_body, input and output, inputs and outputs:
        what gateways and tracers write that keep OpenAI's objects whole

Knows nothing of databases.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hrm_router.llm.replies import Collector, Piece
from hrm_router.traffic.rows import DISTRUSTED, TRUSTED, Kind, Row, digest, schema_in

MAX_LINE = 4_000_000
_COUNTS = ("prompt_tokens", "completion_tokens")
_KEPT = (
    *("id", "created", "kind", "task", "model", "verdict", "judged_by", "solve_id"),
    *("cost", "seconds", "metadata", "schema"),
)
_PAIRS = (
    ("request", "response"),
    ("request_body", "response_body"),
    ("input", "output"),
    ("inputs", "outputs"),
)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no call, and why."""

    line: int
    reason: str


def read_log(lines: Iterable[str]) -> Iterator[Row | BadLine]:
    """Rows of a log, in its order; a line that cannot be used gives a `BadLine`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _row(line, number)
        except _Unusable as error:
            yield BadLine(number, str(error))


def write_log(rows: Iterable[Row]) -> Iterator[str]:
    """Rows in the form of fine-tuning files, one line each; `hrm` holds the rest."""
    for row in rows:
        said: dict[str, Any] = {"role": "assistant"}
        if row.kind == "tool":
            call = {"name": row.tool, "arguments": json.dumps(row.answer, ensure_ascii=False)}
            said["content"] = None
            said["tool_calls"] = [{"id": "call_0", "type": "function", "function": call}]
        else:
            text = isinstance(row.answer, str)
            said["content"] = row.answer if text else json.dumps(row.answer, ensure_ascii=False)
        about = {name: getattr(row, name) for name in _KEPT if getattr(row, name)}
        about["usage"] = {name: getattr(row, name) for name in _COUNTS}
        whole = {"messages": [*row.messages, said], "hrm": about}
        yield json.dumps(whole, ensure_ascii=False, default=str)


class _Unusable(Exception):
    pass


def _row(line: str, number: int) -> Row:
    if len(line) > MAX_LINE:
        raise _Unusable(f"the line has {len(line)} characters; at most {MAX_LINE} are read")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Unusable(f"no JSON: {error}") from None
    if not isinstance(found, Mapping):
        raise _Unusable(f"expected an object, found {type(found).__name__}")
    about = _mapping(found.get("hrm"))
    messages, said, request, response = _parts(found)
    kind, answer, tool = _answer(said)
    if about.get("kind") == "text" and isinstance(said.get("content"), str):
        kind, answer = "text", said["content"]

    def first(name: str, *sources: Mapping[str, Any]) -> Any:
        """The first of the sources that says it; ours, the line, and the response by default."""
        told = (one.get(name) for one in sources or (about, found, response))
        return next((value for value in told if value), None)

    metadata = _mapping(first("metadata", request, about, found))
    schema = about.get("schema") or schema_in(request.get("response_format"))
    usage = first("usage", response, about, found)
    task = about.get("task") or metadata.get("task") or ""
    verdict = about.get("verdict", "")
    return Row(
        id=str(first("id") or f"line-{number}-{digest([list(messages), said])}")[:64],
        created=_time(first("created") or found.get("created_at") or found.get("start_time")),
        messages=messages,
        answer=answer,
        kind=kind,
        task=str(task)[:128],
        tool=tool,
        schema=schema if isinstance(schema, Mapping) else None,
        metadata={str(key): str(value) for key, value in metadata.items()},
        model=str(first("model", response, request, about) or ""),
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        cost=_number(first("cost", about, found) or found.get("cost_usd")),
        seconds=_number(about.get("seconds")) or 0.0,
        verdict=verdict if verdict in TRUSTED | DISTRUSTED else "",
        judged_by=str(about.get("judged_by", "")),
        solve_id=str(about.get("solve_id", "")),
    )


def _parts(
    found: Mapping[str, Any],
) -> tuple[tuple[Mapping[str, Any], ...], Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
    """Messages asked, the message answered, the request and the response."""
    if isinstance(found.get("messages"), list):
        messages = _messages(found["messages"])
        if len(messages) < 2 or messages[-1].get("role") != "assistant":
            raise _Unusable("the last message is not the assistant's answer")
        return messages[:-1], messages[-1], found, {}
    for asked, replied in _PAIRS:
        request, response = found.get(asked), found.get(replied)
        if isinstance(request, Mapping) and isinstance(response, Mapping):
            messages = _messages(request.get("messages"))
            return messages, _said(response), request, response
    names = ", ".join(sorted(map(str, found))[:8])
    raise _Unusable(f"neither `messages` nor a request with its response; found: {names}")


def _messages(given: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(given, list) or not given:
        raise _Unusable("`messages` is no list of messages")
    for one in given:
        if not isinstance(one, Mapping) or not isinstance(one.get("role"), str):
            raise _Unusable("a message has no role")
        if isinstance(one.get("content"), list) and any(
            isinstance(part, Mapping) and part.get("type") not in ("text", "input_text")
            for part in one["content"]
        ):
            raise _Unusable("a message holds an image, a file or sound; only text is learned")
    return tuple(given)


def _said(response: Mapping[str, Any]) -> Mapping[str, Any]:
    choices: object = response.get("choices")
    first = choices[0] if isinstance(choices, Sequence) and choices else response
    if isinstance(first, Mapping) and isinstance(first.get("message"), Mapping):
        return _mapping(first["message"])
    raise _Unusable("the response holds no message")


def _answer(said: Mapping[str, Any]) -> tuple[Kind, Any, str]:
    """Kind, value and tool of an answer; thoughts in it are no part of it."""
    collector = Collector(0, None)
    try:
        collector.whole(Piece.model_validate({"choices": [{"message": said}]}))
    except ValueError as error:
        raise _Unusable(f"the answer cannot be read: {error}") from None
    reply = collector.reply()
    if len(reply.tool_calls) > 1:
        raise _Unusable("the answer calls several tools at once")
    for call in reply.tool_calls:
        try:
            value = json.loads(call.arguments)
        except ValueError:
            raise _Unusable("the tool's arguments are no JSON") from None
        if not isinstance(value, dict):
            raise _Unusable("a tool call without arguments")
        return "tool", value, call.name
    text = reply.text.strip()
    if not text:
        raise _Unusable("the answer is empty")
    if text.startswith("{") and text.endswith("}"):
        with suppress(ValueError, RecursionError):
            return "json", json.loads(text), ""
    return "text", reply.text, ""


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _time(given: object) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given) / (1000.0 if given > 1e11 else 1.0)
    if isinstance(given, str):
        try:
            return datetime.fromisoformat(given.replace("Z", "+00:00")).timestamp()
        except ValueError:
            pass
    return time.time()


def _count(usage: object, name: str) -> int:
    found = usage.get(name) if isinstance(usage, Mapping) else None
    return found if isinstance(found, int) and 0 <= found < 2**53 else 0


def _number(given: object) -> float | None:
    return float(given) if isinstance(given, int | float) and given >= 0 else None
