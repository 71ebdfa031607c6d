"""Several models in order, and what may be given as an LLM."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from misbehaving import Endpoint, good, respond, stream
from misbehaving import events as streamed

from hrm_agent.testing import ScriptedLLM
from hrm_router.errors import CallBudgetExceeded, LLMAuthError, LLMUnavailable
from hrm_router.llm import LLM, Budget, FirstAvailable, Reply, Request
from hrm_router.llm.several import from_settings, language_model
from hrm_router.settings import Settings
from hrm_specialists.errors import ConfigError

MakeLLM = Callable[..., LLM]


def question(seconds: float = 5.0, **more: object) -> Request:
    return Request(
        [{"role": "user", "content": "hi"}],
        deadline=time.monotonic() + seconds,
        **more,  # type: ignore[arg-type]
    )


async def test_the_first_that_works_answers() -> None:
    broken, good_one, unused = (
        ScriptedLLM(LLMAuthError("no")),
        ScriptedLLM("from the second"),
        ScriptedLLM("from the third"),
    )

    reply = await FirstAvailable([broken, good_one, unused]).complete(question())

    assert reply.text == "from the second"
    assert not unused.requests


async def test_if_none_works_the_last_one_says_why() -> None:
    models = FirstAvailable([ScriptedLLM(LLMUnavailable("one")), ScriptedLLM(LLMAuthError("two"))])

    with pytest.raises(LLMAuthError, match="two"):
        await models.complete(question())


async def test_a_budget_that_is_used_up_is_used_up_for_all() -> None:
    second = ScriptedLLM("hello")

    with pytest.raises(CallBudgetExceeded):
        await FirstAvailable([ScriptedLLM("hi"), second]).complete(
            question(budgets=[Budget(calls=0)])
        )

    assert not second.requests


async def test_a_stream_changes_over_before_its_first_text_only(
    endpoint: Endpoint, other_endpoint: Endpoint, llm_for: MakeLLM
) -> None:
    other_endpoint.script = [good("second")]
    models = FirstAvailable([llm_for(endpoint.url, attempts=1), llm_for(other_endpoint.url)])

    endpoint.script = [respond(b"", 503)]
    items = [item async for item in models.stream(question())]
    assert items[0] == "second"

    endpoint.script = [stream(streamed("first", end=False))]
    told: list[str | Reply] = []

    async def listen() -> None:
        async for item in models.stream(question()):
            told.append(item)

    with pytest.raises(LLMUnavailable, match="cut"):
        await listen()
    assert told == ["first"]


def test_an_llm_is_made_of_whatever_was_given() -> None:
    scripted = ScriptedLLM()

    assert language_model(scripted) is scripted
    assert repr(language_model("http://localhost:8000")) == (
        "LLM('http://localhost:8000/v1', model=None)"
    )
    several = language_model([scripted, "http://localhost:1"])
    assert isinstance(several, FirstAvailable)
    assert several.models[0] is scripted
    for wrong in (7, object(), LLM, [], ["nonsense"], {"url": "x"}):
        with pytest.raises(ConfigError):
            language_model(wrong)


def test_settings_name_an_endpoint_or_none() -> None:
    assert from_settings(Settings()) is None
    made = from_settings(
        Settings.model_validate(
            {
                "base_url": "http://localhost:1/v1",
                "model": "m",
                "api_key": "sk-canary",
                "prices": {"prompt": 1, "completion": 2},
            }
        )
    )
    assert made is not None
    assert made.name == "m at localhost:1"
    assert made.prices is not None
    assert "canary" not in repr(vars(made))
