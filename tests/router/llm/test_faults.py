"""Whatever an endpoint does, a call ends in time, with the right error and no secret in it."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
import traceback
from collections.abc import Callable
from contextlib import aclosing
from email.utils import formatdate

import pytest
from misbehaving import (
    CANARY,
    Endpoint,
    Fault,
    close,
    completion,
    drip,
    events,
    flood,
    good,
    half_close,
    hang,
    head,
    raw,
    reset,
    respond,
    stream,
)
from pauses import at_most

from hrm_router.errors import (
    LLMAuthError,
    LLMError,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMTimeout,
    LLMUnavailable,
)
from hrm_router.llm import LLM, Reply, Request

MakeLLM = Callable[..., LLM]
SLACK = 0.1
BOMB = gzip.compress(b" " * 64_000_000)
ECHO = json.dumps({"error": {"message": f"bad key {CANARY}, Bearer {CANARY}"}}).encode()
HEADERS = head(headers={"content-length": "1000"})
DEEP = b'{"a":' * 100_000

ANY: dict[str, tuple[Fault, type[LLMError]]] = {
    "hang": (hang, LLMTimeout),
    "hang after the headers": (raw(HEADERS, hang), LLMTimeout),
    "reset": (reset, LLMUnavailable),
    "reset in the body": (raw(HEADERS + b"{", reset), LLMUnavailable),
    "close at once": (close, LLMUnavailable),
    "half-close": (raw(HEADERS + b"{", half_close), LLMUnavailable),
    "no HTTP": (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), LLMUnavailable),
    "500": (respond(ECHO, 500), LLMUnavailable),
    "503": (respond(b"<html>busy</html>", 503), LLMUnavailable),
    "503 with a body that drips": (raw(head(503, {"content-length": "9"}), hang), LLMTimeout),
    "401": (respond(ECHO, 401), LLMAuthError),
    "403": (respond(ECHO, 403), LLMAuthError),
    "404": (respond(ECHO, 404), LLMRefused),
    "400": (respond(ECHO, 400), LLMRefused),
    "429": (respond(ECHO, 429), LLMRateLimited),
    "302": (respond(b"", 302, location="http://127.0.0.1:9/"), LLMProtocolError),
    "307": (respond(b"", 307, location="http://127.0.0.1:9/"), LLMProtocolError),
    "gzip bomb": (respond(BOMB, content_encoding="gzip"), LLMProtocolError),
    "64 MB, announced": (raw(head(headers={"content-length": "64000000"}), hang), LLMProtocolError),
    "64 MB": (flood(b" " * 1_000_000, 64), LLMProtocolError),
}
WHOLE: dict[str, tuple[Fault, type[LLMError]]] = {
    "drip": (drip(completion()), LLMTimeout),
    "cut without a length": (
        raw(head(headers={"connection": "close"}) + completion()[:60]),
        LLMProtocolError,
    ),
    "nothing": (respond(b""), LLMProtocolError),
    "garbage": (respond(bytes(range(256))), LLMProtocolError),
    "HTML": (respond(b"<html>Sign in</html>"), LLMProtocolError),
    "NaN": (respond(completion(usage={"prompt_tokens": float("nan")})), LLMProtocolError),
    "infinity": (respond(completion(n=[]).replace(b'"n": []', b'"n": 1e999')), LLMProtocolError),
    "deep": (respond(DEEP), LLMProtocolError),
    "deep, closed": (respond(b"[" * 100_000 + b"]" * 100_000), LLMProtocolError),
    "a little deep": (respond(completion(x=json.loads("[" * 80 + "]" * 80))), LLMProtocolError),
    "a list": (respond(b"[]"), LLMProtocolError),
    "no choices": (respond(b'{"choices": []}'), LLMProtocolError),
    "text that is no text": (
        respond(completion().replace(b'"hello"', b'{"a": 1}')),
        LLMProtocolError,
    ),
}
STREAMED: dict[str, tuple[Fault, type[LLMError]]] = {
    "cut": (stream(events("a", "b", end=False)), LLMUnavailable),
    "cut before the first text": (stream(b""), LLMUnavailable),
    "reset": (stream(events("a", end=False), reset), LLMUnavailable),
    "stalled": (stream(events("a", end=False), hang), LLMTimeout),
    "stalled before the first text": (stream(b"", hang), LLMTimeout),
    "comments for ever": (stream(b": ping\n\n" * 10, hang), LLMTimeout),
    "garbled": (stream(events("a", end=False) + b"data: {{{\n\n", hang), LLMProtocolError),
    "no text at all": (stream(b"\xff\xfe\x00" * 100), LLMProtocolError),
    "deep": (stream(b"data: " + DEEP + b"\n\n", hang), LLMProtocolError),
    "wrong shape": (stream(b'data: {"choices": 7}\n\n', hang), LLMProtocolError),
    "an error event": (
        stream(events("a", end=False) + b"data: " + ECHO + b"\n\n", hang),
        LLMUnavailable,
    ),
    "endless": (
        flood(b": " + b"x" * 1_000_000 + b"\n\n", 64, "text/event-stream"),
        LLMProtocolError,
    ),
    "one endless line": (
        flood(b"data: " + b"x" * 1_000_000, 64, "text/event-stream"),
        LLMProtocolError,
    ),
}


def seconds_for(expected: type[LLMError]) -> float:
    """Little where only the deadline ends the call."""
    return 0.3 if expected is LLMTimeout else 2.0


def question(seconds: float = 2.0) -> Request:
    return Request([{"role": "user", "content": "hi"}], deadline=time.monotonic() + seconds)


@pytest.fixture
def no_canary(caplog: pytest.LogCaptureFixture) -> Callable[..., None]:
    """Look for the key in all that was logged, and in errors and other things given."""
    caplog.set_level(logging.DEBUG)

    def look(*things: object) -> None:
        assert CANARY not in caplog.text
        for record in caplog.records:
            assert CANARY not in repr(vars(record))
        for thing in things:
            shown = repr(thing) + str(thing)
            if isinstance(thing, BaseException):
                shown += "".join(traceback.format_exception(thing)) + repr(vars(thing))
                assert thing.__context__ is None or CANARY not in repr(thing.__context__)
            assert CANARY not in shown

    return look


@pytest.mark.parametrize("fault", [*ANY, *WHOLE])
async def test_a_reply_is_there_or_an_error_by_the_deadline(
    fault: str, endpoint: Endpoint, llm_for: MakeLLM, no_canary: Callable[..., None]
) -> None:
    script, expected = {**ANY, **WHOLE}[fault]
    endpoint.script = [script]
    llm, seconds = llm_for(endpoint.url, attempts=2), seconds_for(expected)

    with at_most(seconds + SLACK), pytest.raises(LLMError) as caught:
        await llm.complete(question(seconds))

    assert type(caught.value) is expected, caught.value
    no_canary(caught.value, llm)


@pytest.mark.parametrize("fault", [*ANY, *STREAMED])
async def test_a_stream_ends_by_the_deadline(
    fault: str, endpoint: Endpoint, llm_for: MakeLLM, no_canary: Callable[..., None]
) -> None:
    script, expected = {**ANY, **STREAMED}[fault]
    endpoint.script = [script]
    llm, seconds = llm_for(endpoint.url, attempts=2), seconds_for(expected)
    told = []

    async def listen() -> None:
        async with aclosing(llm.stream(question(seconds))) as items:
            async for item in items:
                told.append(item)

    with at_most(seconds + SLACK), pytest.raises(LLMError) as caught:
        await listen()

    assert type(caught.value) is expected, caught.value
    assert not any(isinstance(item, Reply) for item in told)
    if told:
        assert len(endpoint.chats) == 1, "tried again though text was handed out"
    no_canary(caught.value, llm)


async def test_a_refused_connection_is_said_to_be_one(
    llm_for: MakeLLM, unused_tcp_port: int, no_canary: Callable[..., None]
) -> None:
    llm = llm_for(f"http://127.0.0.1:{unused_tcp_port}")

    with pytest.raises(LLMUnavailable, match="cannot be reached") as caught:
        await llm.complete(question())

    no_canary(caught.value, llm)


async def test_a_redirect_is_not_followed_and_carries_no_key(
    endpoint: Endpoint, other_endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    other_endpoint.script = [good()]
    endpoint.script = [respond(b"", 307, location=f"{other_endpoint.url}/chat/completions")]

    with pytest.raises(LLMProtocolError, match="redirect"):
        await llm_for(endpoint.url).complete(question())

    assert not other_endpoint.heard


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_is_refused_is_not_asked_again(
    status: int, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [respond(ECHO, status)]

    with pytest.raises(LLMError):
        await llm_for(endpoint.url).complete(question())

    assert len(endpoint.chats) == 1


@pytest.mark.parametrize(
    "fault",
    [respond(b"", 503), respond(b"", 429), reset, close],
    ids=["503", "429", "reset", "close"],
)
async def test_passing_trouble_is_ridden_out(
    fault: Fault, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [fault, good()]

    reply = await llm_for(endpoint.url).complete(question(5))

    assert reply.text == "hello"
    assert (reply.attempts, len(endpoint.chats)) == (2, 2)


async def test_a_good_retry_after_is_kept(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [respond(b"", 429, retry_after="0.3"), good()]
    begun = time.monotonic()

    await llm_for(endpoint.url).complete(question(5))

    assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize(
    "wait",
    ["3600", "1e9", formatdate(time.time() + 10**6, usegmt=True)],
    ids=["3600", "1e9", "a date"],
)
async def test_an_absurd_retry_after_is_told_and_not_waited_for(
    wait: str, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [respond(b"", 429, retry_after=wait), good()]

    with at_most(0.3), pytest.raises(LLMRateLimited) as caught:
        await llm_for(endpoint.url).complete(question(5))

    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 3000


@pytest.mark.parametrize("wait", ["-5", "nan", "inf", "soon", "", "1" * 5000, "Mon, 99 Foo"])
async def test_a_senseless_retry_after_is_ignored(
    wait: str, endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [respond(b"", 429, retry_after=wait), good()]

    assert (await llm_for(endpoint.url).complete(question(5))).text == "hello"


async def test_an_exhausted_quota_is_not_asked_again(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    said = {"error": {"message": "no money left", "code": "insufficient_quota"}}
    endpoint.script = [respond(json.dumps(said).encode(), 429), good()]

    with pytest.raises(LLMRateLimited, match="no money left"):
        await llm_for(endpoint.url).complete(question(5))

    assert len(endpoint.chats) == 1


async def test_a_caller_who_leaves_hangs_up(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    endpoint.script = [hang]
    call = asyncio.create_task(llm_for(endpoint.url).complete(question(30)))
    await asyncio.wait_for(endpoint.arrived.wait(), 5)

    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call


async def test_leaving_a_stream_early_ends_it(endpoint: Endpoint, llm_for: MakeLLM) -> None:
    async def for_ever(writer: asyncio.StreamWriter, _: object) -> None:
        while True:
            writer.write(events("a", end=False))
            await writer.drain()
            await asyncio.sleep(0.01)

    endpoint.script = [stream(b"", for_ever)]

    async with aclosing(llm_for(endpoint.url).stream(question(30))) as items:
        async for _ in items:
            break

    await asyncio.wait_for(endpoint.hung_up.wait(), 5)


async def test_a_stream_that_is_whole_but_not_closed_is_a_reply(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [stream(events("a", "b"), hang)]
    begun = time.monotonic()

    items = [item async for item in llm_for(endpoint.url).stream(question(5))]

    assert time.monotonic() - begun < 2
    assert items[:-1] == ["a", "b"]
    assert isinstance(items[-1], Reply)
    assert items[-1].text == "ab"


async def test_a_hundred_cancelled_calls_leave_the_pool_usable(
    endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    endpoint.script = [*[hang] * 300, good()]
    llm = llm_for(endpoint.url)
    for _ in range(3):
        calls = [asyncio.create_task(llm.complete(question(30))) for _ in range(100)]
        await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    endpoint.script = [good()]

    assert (await llm.complete(question(5))).text == "hello"
