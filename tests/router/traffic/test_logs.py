"""Logs in the forms people have are read; a line that cannot be is named."""

from __future__ import annotations

import json
from dataclasses import replace

from recorded import row

from hrm_router.traffic.logs import BadLine, read_log, write_log

USER = {"role": "user", "content": "hi"}


def lines(*given):
    return [one if isinstance(one, str) else json.dumps(one) for one in given]


def test_what_is_written_is_read_again():
    rows = [
        row("text", "plain", model="m", verdict="approved", judged_by="ann", cost=0.5),
        row("json", {"queue": "x"}, kind="json", task="t", schema={"type": "object"}),
        row("tool", {"city": "Bern"}, kind="tool", tool="weather", metadata={"a": "b"}),
        replace(row("looks like JSON", '{"a": 1}'), kind="text"),
    ]
    assert list(read_log(write_log(rows))) == rows


def test_gateways_logs_are_read():
    request = {"model": "gpt", "messages": [USER], "metadata": {"task": "t"}}
    response = {
        "id": "chatcmpl-1",
        "created": 1_700_000_000,
        "model": "gpt-1",
        "choices": [{"message": {"role": "assistant", "content": "yes"}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 1},
    }
    for asked, replied in (
        ("request", "response"),
        ("request_body", "response_body"),
        ("inputs", "outputs"),
    ):
        (found,) = read_log(lines({asked: request, replied: response}))
        assert (found.answer, found.task, found.model) == ("yes", "t", "gpt-1"), asked
        assert (found.prompt_tokens, found.created) == (5, 1_700_000_000.0)


def test_the_schema_of_a_structured_answer_is_kept():
    form = {"type": "json_schema", "json_schema": {"name": "r", "schema": {"type": "object"}}}
    said = {"role": "assistant", "content": '{"queue": "x"}'}
    (found,) = read_log(lines({"messages": [USER, said], "response_format": form}))
    assert (found.kind, found.answer, found.schema) == ("json", {"queue": "x"}, {"type": "object"})


def test_lines_that_cannot_be_used_are_named_and_the_others_read():
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
    call = {"type": "function", "function": {"name": "f", "arguments": "{"}}
    said = {"role": "assistant", "content": "ok"}
    found = list(
        read_log(
            lines(
                "{broken",
                "[1, 2]",
                {"messages": [USER]},
                {"messages": [image, said]},
                {"messages": [USER, {"role": "assistant", "content": ""}]},
                {"messages": [USER, {"role": "assistant", "tool_calls": [call]}]},
                {"messages": [USER, {"role": "assistant", "tool_calls": [call, call]}]},
                {"prompt": "p", "completion": "c"},
                "",
                {"messages": [USER, said]},
                "[" * 100_000,
            )
        )
    )
    reasons = {one.line: one.reason for one in found if isinstance(one, BadLine)}
    assert sorted(reasons) == [1, 2, 3, 4, 5, 6, 7, 8, 11]
    assert "no JSON" in reasons[1]
    assert reasons[2] == "expected an object, found list"
    assert "not the assistant's answer" in reasons[3]
    assert "image" in reasons[4]
    assert "empty" in reasons[5]
    assert "arguments are no JSON" in reasons[6]
    assert "several tools" in reasons[7]
    assert "found: completion, prompt" in reasons[8]
    assert len(found) == 10


def test_odd_numbers_and_times_do_no_harm():
    said = {"role": "assistant", "content": "ok"}
    odd = {
        "messages": [USER, said],
        "created_at": "2026-01-02T03:04:05Z",
        "usage": {"prompt_tokens": -5, "completion_tokens": 10**30},
        "cost": "free",
        "metadata": [1],
    }
    (found,) = read_log(lines(odd))
    assert (found.prompt_tokens, found.completion_tokens, found.cost) == (0, 0, None)
    assert found.created == 1_767_323_045.0
