"""What endpoints really send, strict templates, and other servers' manners: all are understood."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from misbehaving import Endpoint, Heard, close, good, hang, respond, stream

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.errors import (
    CircuitOpen,
    LLMAuthError,
    LLMError,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMUnavailable,
)
from hrm_router.llm import LLM, Budget, FirstAvailable, Reply, Request
from hrm_router.llm.calling import Breaker
from hrm_router.llm.chat import tidy
from hrm_router.llm.replies import Collector, Piece
from hrm_router.llm.thoughts import Thoughts, thinks_by_name
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_specialists.errors import HrmAgentError

MakeLLM = Callable[..., LLM]
HELLO = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def question(seconds: float = 10.0, messages: Any = HELLO, **more: Any) -> Request:
    return Request(messages, deadline=time.monotonic() + seconds, **more)


def whole(message: dict[str, Any], finish: str = "stop", **more: Any) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}], **more}).encode()


def told(*deltas: dict[str, Any], finish: str | None = "stop") -> bytes:
    steps = [{"choices": [{"delta": delta}]} for delta in deltas]
    if finish:
        steps.append({"choices": [{"delta": {}, "finish_reason": finish}]})
    return b"".join(b"data: " + json.dumps(step).encode() + b"\n\n" for step in steps)


async def said(llm: LLM, request: Request) -> tuple[str, Reply]:
    """The text as it was streamed, and the reply."""
    *pieces, reply = [item async for item in llm.stream(request)]
    assert isinstance(reply, Reply)
    return "".join(map(str, pieces)), reply


THOUGHTS = {
    "none": ("Hello", "Hello", ""),
    "one": ("<think>hm</think>\n\nHello", "Hello", "hm"),
    "spaces before": ("\n <think>hm</think>Hello", "Hello", "hm"),
    "nested": ("<think>a<think>b</think>c</think>Hello", "Hello", "abc"),
    "two": ("<think>a</think>\n<think>b</think>\nHello", "Hello", "a\nb"),
    "other tags": ("<reasoning>a</reasoning>Hello", "Hello", "a"),
    "brackets": ("[THINK]a[/THINK]Hello", "Hello", "a"),
    "a tag named in a thought": ("<think>they wrote <think></think>Hello", "Hello", None),
    "never closed": ("<think>hm, hm", "", "hm, hm"),
    "empty": ("<think></think>Hello", "Hello", ""),
    "tags in the answer": ("Write <think> and </think>.", "Write <think> and </think>.", ""),
    "another tag": ("<thin>Hello", "<thin>Hello", ""),
}


def apart(text: str) -> tuple[str, str]:
    """The answer and the thoughts of a whole reply."""
    collector = Collector(0, None)
    collector.whole(Piece.model_validate(json.loads(whole({"content": text}))))
    reply = collector.reply()
    return reply.text, reply.extras.get("reasoning", "")


def test_thoughts_are_set_apart_however_the_text_is_cut_into_pieces() -> None:
    dice = random.Random(5)
    for case, (text, answer, thoughts) in THOUGHTS.items():
        got, thought = apart(text)
        assert got == answer, case
        assert thoughts is None or thought == thoughts, case
        for _ in range(40):
            splitter, pieces, at = Thoughts(), [], 0
            while at < len(text):
                size = dice.randint(1, 7)
                pieces.append(splitter.feed(text[at : at + size]))
                at += size
            pieces.append(splitter.finish())
            assert "".join(pieces) == answer, case
            assert thoughts is None or splitter.text == thoughts, case


def test_a_whole_reply_may_begin_within_a_thought() -> None:
    assert apart("hm, hm\n</think>\n\nHello") == ("Hello", "hm, hm")
    assert apart("</think>\n\nHello") == ("Hello", "")


INSIDE = {
    "closed": ("hm, hm</think>\n\nHello", "Hello", "hm, hm"),
    "opened all the same": ("<think>hm</think>Hello", "Hello", "hm"),
    "two": ("hm</think><think>hm</think>Hello", "Hello", "hm\nhm"),
    "not at all": ("Hello, hm", "Hello, hm", ""),
    "empty": ("\n</think>\n\nHello", "Hello", ""),
}


def test_a_stream_may_begin_within_a_thought_however_it_is_cut() -> None:
    for case, (text, answer, thoughts) in INSIDE.items():
        for size in range(1, 12):
            splitter = Thoughts(inside=True)
            pieces = [splitter.feed(text[at : at + size]) for at in range(0, len(text), size)]
            said = "".join((*pieces, splitter.finish()))
            assert (said.strip(), splitter.text) == (answer, thoughts), (case, size)
            assert splitter.unopened == (case in ("closed", "two", "empty")), (case, size)
    cut = Thoughts(inside=True)
    assert cut.feed("hm, hm") + cut.finish(cut=True) == ""


async def test_a_model_that_begins_within_a_thought_shows_it_to_nobody(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    pieces = ({"content": "hm, "}, {"content": "hm\n</th"}, {"content": "ink>\n\nHel"})
    endpoint.script = [stream(told(*pieces, {"content": "lo"}))]
    for given in ({"model": "some-r1-8b"}, {"thinks": True}):
        assert (await said(llm_for(endpoint.url, **given), question()))[0] == "Hello"
    llm = llm_for(endpoint.url, model="m")  # nothing tells it before the first reply has ended
    shown, reply = await said(llm, question())
    assert (reply.text, reply.extras["reasoning"]) == ("Hello", "hm, hm")
    assert shown != "Hello"
    assert (await said(llm, question()))[0] == "Hello"

    endpoint.script = [stream(told({"content": "Hel"}, {"content": "lo"}))]
    thinker = llm_for(endpoint.url, model="some-r1-8b")
    for held in (True, False):
        first, *_ = [item async for item in thinker.stream(question()) if item]
        assert first == ("Hello" if held else "Hel")


def test_a_models_name_may_say_that_it_thinks() -> None:
    for name in ("deepseek-r1", "QwQ-32B", "qwen3-4b-thinking-2507", "phi-4-reasoning-plus"):
        assert thinks_by_name(name), name
    for name in (None, "", "gpt-5-mini", "llama-3.1-8b", "mr12", "unthinkable"):
        assert not thinks_by_name(name), name


async def test_what_servers_send_is_understood(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    bare = {"function": {"name": "g", "arguments": '{"b": 2}'}}
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    cases: dict[str, tuple[dict[str, Any], str, list[tuple[str, str]], str]] = {
        "text": ({"content": "Hello"}, "Hello", [], ""),
        "parts": ({"content": [thinking, {"type": "text", "text": "Hello"}]}, "Hello", [], "hm"),
        "parts, plain": ({"content": ["Hel", "lo"]}, "Hello", [], ""),
        "reasoning": ({"content": "Hello", "reasoning": "hm"}, "Hello", [], "hm"),
        "both": ({"content": "Hi", "reasoning": "hm", "reasoning_content": "hm"}, "Hi", [], "hm"),
        "arguments as an object": ({"tool_calls": [call]}, "", [("f", '{"a": 1}')], ""),
        "no ids": ({"tool_calls": [bare]}, "", [("g", '{"b": 2}')], ""),
    }
    for case, (message, text, calls, reasoning) in cases.items():
        endpoint.script = [respond(whole({"role": "assistant", **message}))]
        reply = await llm_for(endpoint.url).complete(question())
        endpoint.script = [stream(told(message))]
        pieces, streamed = await said(llm_for(endpoint.url), question())
        for one in (reply, streamed):
            assert one.text == text, case
            assert [(tool.name, tool.arguments) for tool in one.tool_calls] == calls, case
            assert one.extras.get("reasoning", "") == reasoning, case
        assert pieces == text, case


async def test_tool_calls_come_together_with_and_without_an_index(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    def piece(text: str, **more: Any) -> dict[str, Any]:
        named = {"name": "add"} if "id" in more else {}
        return {"tool_calls": [{"function": {"arguments": text, **named}, **more}]}

    ways = {
        "index": [piece("{", index=0, id="a"), piece("[", index=1, id="b"), piece("}", index=0)],
        "ids": [piece("{", id="a"), piece("}"), piece("[", id="b")],
        "one index for all": [
            piece("{", index=0, id="a"),
            piece("}", index=0),
            piece("[", index=0, id="b"),
        ],
    }
    for case, deltas in ways.items():
        endpoint.script = [stream(told(*deltas, finish="tool_calls"))]
        tools = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
        _, reply = await said(llm_for(endpoint.url), question(options={"tools": tools}))
        calls = [(call.id, call.name, call.arguments) for call in reply.tool_calls]
        assert calls == [("a", "add", "{}"), ("b", "add", "[")], case
        assert reply.finish_reason == "tool_calls"
        assert endpoint.chats[-1].body["tools"] == tools


async def test_tool_calls_of_a_whole_message_are_one_each_also_without_an_id(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    calls = [{"function": {"name": name, "arguments": {"n": 1}}} for name in "fg"]
    endpoint.script = [respond(whole({"tool_calls": calls}, "tool_calls"))]
    reply = await llm_for(endpoint.url).complete(question())
    assert [(one.name, one.arguments) for one in reply.tool_calls] == [
        ("f", '{"n": 1}'),
        ("g", '{"n": 1}'),
    ]


async def test_halves_of_characters_are_joined_or_replaced(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [stream(told({"content": "a\ud83d"}, {"content": "\ude00b\ud800"}))]
    pieces, reply = await said(llm_for(endpoint.url), question())
    assert pieces == reply.text == "a\U0001f600b\ufffd"

    endpoint.script = [respond(whole({"content": "x\ud800y", "refusal": "\udfff"}, "\ud812"))]
    reply = await llm_for(endpoint.url).complete(question())
    assert (reply.text, reply.extras["refusal"]) == ("x\ufffdy", "\ufffd")
    reply.finish_reason.encode()


async def test_absurd_counts_of_tokens_count_for_nothing(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    for count in (-1, 10**4000, 1e300, "7", None, [1]):
        usage = {"prompt_tokens": count, "completion_tokens": 3}
        endpoint.script = [respond(whole({"content": "Hello"}, usage=usage))]
        reply = await llm_for(endpoint.url).complete(question())
        assert (reply.tokens.prompt, reply.tokens.completion) == (4, 3), count


async def test_an_error_says_what_the_endpoint_says(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    cases: dict[str, tuple[int, Any, type[LLMError], str]] = {
        "200": (200, {"choices": None, "error": {"message": "no quota"}}, LLMUnavailable, "quota"),
        "200, text": (200, {"error": "gone fishing"}, LLMUnavailable, "gone fishing"),
        "200, limit": (200, {"error": {"message": "m", "code": 429}}, LLMRateLimited, "fewer"),
        "200, bad": (200, {"error": {"message": "too long", "code": 400}}, LLMRefused, "too long"),
        "200, key": (200, {"error": {"code": "invalid_api_key"}}, LLMAuthError, "api_key"),
        "detail": (422, {"detail": [{"loc": ["a"], "msg": "9000 tokens"}]}, LLMRefused, "9000"),
        "detail, text": (400, {"detail": "9000 tokens"}, LLMRefused, "9000 tokens"),
        "message": (400, {"message": "context length"}, LLMRefused, "context length"),
    }
    for case, (status, body, kind, words) in cases.items():
        endpoint.script = [respond(json.dumps(body).encode(), status)]
        with pytest.raises(kind, match=words) as caught:
            await llm_for(endpoint.url, attempts=1).complete(question())
        assert type(caught.value) is kind, case


async def test_a_body_that_is_no_object_is_told_without_an_empty_place(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    for body, found in ((b"[1]", "a list"), (b'"hi"', "a str"), (b"null", "a NoneType")):
        for fault in (respond(body), stream(b"data: " + body + b"\n\n")):
            endpoint.script = [fault]
            llm = llm_for(endpoint.url, attempts=1)
            with pytest.raises(LLMProtocolError, match=f"expected a JSON object, found {found}$"):
                await said(llm, question())


async def test_keys_and_accounts_in_a_servers_words_are_struck_out(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    words = "Incorrect key sk-pro***9f2A of org-A1b2C3d4E5, Bearer abcdef123456 proj_77aa88bb99"
    endpoint.script = [respond(json.dumps({"error": {"message": words}}).encode(), 401)]
    with pytest.raises(LLMError) as caught:
        await llm_for(endpoint.url).complete(question())
    for secret in ("9f2A", "A1b2C3", "abcdef", "77aa"):
        assert secret not in str(caught.value)


STRICT = "System message must be at the beginning."


def strict(also: str = "") -> Any:
    """Refuses what the templates of Qwen, Gemma and Mistral refuse, and the fields in `also`."""

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        roles = [message["role"] for message in heard.body["messages"]]
        turns = [role for role in roles if role != "system"]
        wrong = "system" in roles[1:] or turns[0] != "user" or turns[-1] != "user"
        wrong = wrong or any(a == b for a, b in pairwise(turns))
        if wrong or (also and also in heard.body):
            body = json.dumps({"error": {"message": STRICT}}).encode()
            return await respond(body, 500 if also else 400)(writer, heard)
        return await good('{"values":[1,2,3]}')(writer, heard)

    return fault


@pytest.mark.parametrize("also", ["", "response_format"])
async def test_strict_templates_are_satisfied_on_every_path(
    endpoint: Endpoint, llm_for: MakeLLM, router: Any, sorting: Any, sorted_: Any, also: str
) -> None:
    endpoint.script = [strict(also)]
    system, user = {"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}
    tail = {"role": "user", "content": "sort [3, 1, 2] and explain the first number to a child"}
    answer = {"role": "assistant", "content": "Hello."}
    policy = Policy(max_llm_calls=1, deadline=20)
    helpless = router(ScriptedSpecialist(sorting, None), llm=llm_for(endpoint.url))
    able = router(ScriptedSpecialist(sorting, sorted_), llm=llm_for(endpoint.url))
    queries: list[tuple[Router, Any]] = [
        (helpless, "[3, 1, 2]"),
        (able, tail["content"]),
        (able, [system, user, answer, tail]),
        (able, [user, answer, system, tail]),
        (able, [system, system, user, user, answer, answer, tail]),
        (able, [{"role": "developer", "content": "Be brief."}, user, answer, tail]),
    ]
    for one, query in queries:
        answered = await one.solve(query, policy=policy)
        assert answered.status in ("verified", "answered"), (query, answered.explain())
        assert answered.usage.llm_calls == 1


def test_a_chat_is_put_in_order_and_loses_nothing() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}
    chat = [
        {"role": "user", "content": "one"},
        {"role": "system", "content": "S"},
        {"role": "user", "content": [{"type": "text", "text": "two"}]},
        call,
        {"role": "tool", "tool_call_id": "a", "content": "x"},
        {"role": "tool", "tool_call_id": "b", "content": "y"},
        {"role": "user", "content": "three", "name": "Ann"},
        {"role": "user", "content": "four"},
    ]
    assert tidy(chat) == [
        {"role": "system", "content": "S"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        },
        *chat[3:],
    ]
    assert tidy(HELLO) == HELLO


async def test_a_schema_that_is_refused_is_asked_for_in_words(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    for status in (400, 422, 500, 501):

        async def fault(writer: asyncio.StreamWriter, heard: Heard, status: int = status) -> None:
            refuses = "response_format" in heard.body
            answer = respond(b'{"error": "no such field"}', status) if refuses else good('{"n":4}')
            await answer(writer, heard)

        endpoint.script = [fault]
        for allowed in (2, 1):
            endpoint.heard.clear()
            llm, budget = llm_for(endpoint.url, attempts=1), Budget(calls=allowed)
            reply = await llm.complete(question(schema=SCHEMA, budgets=[budget]))
            made = (reply.parsed, reply.attempts, budget.calls, len(endpoint.chats))
            assert made == ({"n": 4}, allowed, allowed, allowed), status
            await llm.complete(question(schema=SCHEMA, budgets=[Budget(calls=1)]))
            assert len(endpoint.chats) == allowed + 1, status


async def test_the_last_call_asks_for_a_schema_where_one_was_taken_before(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script, llm = [good('{"n": 4}')], llm_for(endpoint.url)
    for allowed in (1, 2, 1):
        await llm.complete(question(schema=SCHEMA, budgets=[Budget(calls=allowed)]))
    assert ["response_format" in chat.body for chat in endpoint.chats] == [False, True, True]


async def test_no_refusal_makes_more_requests_than_the_policy_allows(
    endpoint: Endpoint, llm_for: MakeLLM, router: Any, sorting: Any
) -> None:
    """What a server refuses for its form is learned, and costs a request like any other."""
    refusals = {
        "stream_options": "stream_options: extra inputs are not permitted",
        "response_format": "response_format is not supported",
        "max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    }
    for field, words in refusals.items():

        async def picky(
            writer: asyncio.StreamWriter, heard: Heard, field: str = field, words: str = words
        ) -> None:
            wrong = respond(json.dumps({"error": {"message": words}}).encode(), 400)
            await (wrong if field in heard.body else good('{"values":[1]}'))(writer, heard)

        for allowed in (1, 2, 3):
            endpoint.script = [picky]
            llm = llm_for(endpoint.url, attempts=3)
            one = router(ScriptedSpecialist(sorting, None), llm=llm)
            policy = Policy(max_llm_calls=allowed, deadline=20)
            for query in ("[3, 1, 2]", "a poem", "a poem"):
                endpoint.heard.clear()
                with suppress(LLMError):
                    *_, last = [
                        event
                        async for event in one.stream(
                            query, policy=policy, llm_options={"max_tokens": 9}
                        )
                    ]
                    assert last.answer.usage.llm_calls == len(endpoint.chats)
                assert 1 <= len(endpoint.chats) <= allowed, (field, allowed, query)
            assert last.answer.status == "answered", (field, allowed)


async def test_the_callers_own_name_for_the_limit_is_kept_and_the_other_learned(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [good()]
    for name in ("max_tokens", "max_completion_tokens"):
        await llm_for(endpoint.url).complete(question(options={name: 9}))
        assert {k: v for k, v in endpoint.chats[-1].body.items() if "max" in k} == {name: 9}

    async def new(writer: asyncio.StreamWriter, heard: Heard) -> None:
        words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        wrong = respond(json.dumps({"error": {"message": words}}).encode(), 400)
        await (wrong if "max_tokens" in heard.body else good())(writer, heard)

    endpoint.script = [new]
    llm = llm_for(endpoint.url, attempts=1)
    for requests in (2, 1):
        endpoint.heard.clear()
        assert (await llm.complete(question(options={"max_tokens": 9}))).text == "hello"
        assert len(endpoint.chats) == requests


async def test_urls_may_carry_a_version_and_no_key(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good()]
    base = endpoint.url.removesuffix("/v1")
    for url in (
        f"{base}/openai/deployments/gpt?api-version=2024-10-21",
        f"{base}/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
    ):
        assert (await llm_for(url).complete(question())).text == "hello"
        sent = endpoint.heard[-1].path
        assert sent == "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    for url in (f"{base}?api_key=abc", f"{base}?token=abc", f"{base}/v1#x", "http://a:b@c/v1"):
        with pytest.raises(ValueError, match="may hold no"):
            llm_for(url)


async def test_streams_that_are_cut_open_the_breaker(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [stream(told({"content": "a"}, finish=None), close)]
    llm = llm_for(endpoint.url, attempts=1, breaker=Breaker("it", failures=3))
    for _ in range(3):
        with pytest.raises(LLMUnavailable):
            await said(llm, question())
    with pytest.raises(CircuitOpen):
        await said(llm, question())
    assert len(endpoint.chats) == 3


async def test_a_list_bounds_the_first_word_and_not_the_stream(
    endpoint: Endpoint, other_endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    async def slow(writer: asyncio.StreamWriter, heard: Heard) -> None:
        body = told(*({"reasoning": "hm"} for _ in range(4)), finish=None)
        await stream(body, hang_on)(writer, heard)

    async def hang_on(writer: asyncio.StreamWriter, heard: Heard) -> None:
        for word in range(6):
            await asyncio.sleep(0.2)
            writer.write(told({"content": f"{word} "}, finish="stop" if word == 5 else None))
            await writer.drain()
        await close(writer, heard)

    endpoint.script, other_endpoint.script = [slow], [good("second")]
    models = FirstAvailable([llm_for(endpoint.url), llm_for(other_endpoint.url)])
    pieces = [item async for item in models.stream(question(1.8))]
    assert "".join(map(str, pieces[:-1])) == "0 1 2 3 4 5 "

    endpoint.script = [hang]
    pieces = [item async for item in models.stream(question(1.0))]
    assert pieces[0] == "second"


async def test_failing_over_has_one_request_of_its_own_and_all_are_counted(
    endpoint: Endpoint, other_endpoint: Endpoint, llm_for: MakeLLM, router: Any
) -> None:
    endpoint.script, other_endpoint.script = [respond(b"", 503)], [good("second")]
    one = router(llm=[llm_for(endpoint.url), llm_for(other_endpoint.url)])
    answer = await one.solve("a poem", policy=Policy(max_llm_calls=1))
    assert answer.text == "second"
    assert answer.usage.llm_calls == len(endpoint.chats) + len(other_endpoint.chats) == 2

    endpoint.heard.clear()
    other_endpoint.heard.clear()
    other_endpoint.script = [respond(b"", 503)]
    with pytest.raises(LLMError):
        await one.solve("a poem", policy=Policy(max_llm_calls=3))
    assert (len(endpoint.chats), len(other_endpoint.chats)) == (3, 1)


async def test_a_chat_goes_on_with_who_answered_in_it(
    endpoint: Endpoint, other_endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script, other_endpoint.script = [respond(b"", 503)], [good("second")]
    models = FirstAvailable([llm_for(endpoint.url, attempts=1), llm_for(other_endpoint.url)])
    *_, reply = [item async for item in models.stream(question())]
    assert isinstance(reply, Reply)
    endpoint.script = [good("first")]
    grown = [*HELLO, {"role": "assistant", "content": reply.text}, *HELLO]
    assert (await models.complete(question(messages=grown))).text == "second"
    assert (await models.complete(question(messages=[*HELLO, *HELLO, *HELLO]))).text == "second"
    other = [{"role": "user", "content": "something else"}, *grown]
    assert (await models.complete(question(messages=other))).text == "first"


async def test_counted_requests_are_those_that_the_endpoint_saw(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    faults = {
        "503": respond(b"", 503),
        "429": respond(b"", 429, retry_after="0"),
        "400": respond(b"{}", 400),
        "cut": close,
        "hang": hang,
        "garbage": respond(b"xx"),
        "good": good(),
    }
    for case, fault in faults.items():
        for streaming in (False, True):
            endpoint.script, budget = [fault], Budget(calls=3)
            endpoint.heard.clear()
            llm = llm_for(endpoint.url, breaker=Breaker("it", failures=2))
            for _ in range(3):
                request = question(0.3 if case == "hang" else 0.6, budgets=[budget])
                with suppress(HrmAgentError):
                    await (said(llm, request) if streaming else llm.complete(request))
            assert budget.calls == len(endpoint.chats), (case, streaming)
            assert budget.calls <= 3 or case == "400", (case, streaming)
    budget = Budget(calls=3)
    with pytest.raises(LLMUnavailable):
        await llm_for("http://127.0.0.1:9/v1", attempts=2).complete(question(budgets=[budget]))
    assert budget.calls == 0


async def test_a_stream_of_many_pieces_costs_no_more_for_each(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    async def seconds(pieces: int) -> float:
        endpoint.script = [stream(told(*[{"content": "ab "}] * pieces))]
        begun = time.thread_time()
        text, _ = await said(llm_for(endpoint.url), question(60))
        assert len(text) == 3 * pieces
        return time.thread_time() - begun

    await seconds(100)
    few, many = await seconds(1_500), await seconds(15_000)
    assert many < 20 * few


async def test_many_values_from_an_llm_are_refused_or_parsed_aside(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [respond(b'{"choices": [' + b"[]," * 1_000_000 + b"1]}")]
    with pytest.raises(LLMError, match="values"):
        await llm_for(endpoint.url, attempts=1).complete(question())


async def test_the_pace_of_an_endpoint_is_kept(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [good()]
    llm = llm_for(endpoint.url, requests_per_minute=240)
    begun = time.monotonic()
    await asyncio.gather(*(llm.complete(question(30)) for _ in range(42)))
    assert time.monotonic() - begun >= 0.4  # 40 at once, then 4 a second
    running = [0, 0]

    async def watched(writer: asyncio.StreamWriter, heard: Heard) -> None:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.01)
        running[0] -= 1
        await good()(writer, heard)

    endpoint.script = [watched]
    narrow = llm_for(endpoint.url, concurrency=3)
    await asyncio.gather(*(narrow.complete(question(30)) for _ in range(12)))
    assert running[1] == 3
    with pytest.raises(ValueError, match="above 0"):
        llm_for(endpoint.url, concurrency=0)


async def test_what_nobody_needs_may_be_anything(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    choice = {"message": {"content": "hello"}, "finish_reason": "stop"}
    for odd in (
        {"usage": "many"},
        {"usage": [1]},
        {"usage": {"prompt_tokens": {}}},
        {"model": 5},
        {"model": ["m"]},
        {"choices": [{**choice, "finish_reason": 5}]},
        {"choices": [{**choice, "message": {"content": "hello", "tool_calls": [None]}}]},
    ):
        endpoint.script = [respond(json.dumps({"choices": [choice], **odd}).encode())]
        llm = llm_for(endpoint.url)
        assert (await llm.complete(question())).text == "hello", odd
        assert (await said(llm, question()))[0] == "hello", odd


async def test_many_tags_and_many_lines_hold_no_loop(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    tags = {"choices": [{"message": {"content": "<think></think>" * 60_000 + "x"}}]}
    tools = [{"index": at, "function": {"name": "f"}} for at in range(3_000)]
    for answer, text in (
        (respond(json.dumps(tags).encode()), "x"),
        (stream(told(*({"tool_calls": [tool]} for tool in tools))), ""),
        (stream(told({"content": "x"}).replace(b"data", b"\n" * 300_000 + b"data")), "x"),
    ):
        endpoint.script, done = [answer], asyncio.Event()

        async def tick(done: asyncio.Event) -> float:
            longest = 0.0
            while not done.is_set():
                begun = time.thread_time()
                await asyncio.sleep(0)
                longest = max(longest, time.thread_time() - begun)
            return longest

        ticking = asyncio.create_task(tick(done))
        assert (await said(llm_for(endpoint.url), question(60)))[0] == text
        done.set()
        longest = await ticking
        assert longest < 0.05, longest
