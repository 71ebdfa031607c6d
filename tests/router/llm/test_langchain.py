"""Any LangChain chat model, as the router asks it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from misbehaving import CANARY
from pydantic import SecretStr

from hrm_router.errors import (
    LLMAuthError,
    LLMError,
    LLMRateLimited,
    LLMRefused,
    LLMTimeout,
    LLMUnavailable,
)
from hrm_router.llm import Budget, LangChainModel, LanguageModel, Reply, Request, Tokens, ToolCall
from hrm_router.llm.several import language_model


class Refused(Exception):
    """As providers' packages raise it."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"status {status_code} for key {CANARY}")
        self.status_code = status_code


class Chat(BaseChatModel):
    """A chat model that says, raises or waits as it is told."""

    api_key: SecretStr = SecretStr(CANARY)
    model_name: str = "parrot"
    says: Any = "hello there"
    heard: list[Any] = []  # noqa: RUF012

    @property
    def _llm_type(self) -> str:
        return "parrot"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise AssertionError("asked synchronously")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.heard.append((messages, kwargs))
        if isinstance(self.says, BaseException):
            raise self.says
        if self.says is None:
            await asyncio.get_running_loop().create_future()
        message = self.says if isinstance(self.says, AIMessage) else AIMessage(self.says)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for word in ("hello ", "there"):
            yield ChatGenerationChunk(message=AIMessageChunk(word))
        if self.says is None:
            await asyncio.get_running_loop().create_future()
        if isinstance(self.says, BaseException):
            raise self.says

    def bind_tools(self, tools: Any, *, tool_choice: str | None = None, **kwargs: Any) -> Any:
        return self.bind(tools=tools, tool_choice=tool_choice, **kwargs)


def question(seconds: float = 5.0, **more: Any) -> Request:
    return Request([{"role": "user", "content": "hi"}], deadline=time.monotonic() + seconds, **more)


async def test_a_chat_model_is_a_language_model() -> None:
    message = AIMessage(
        "hello",
        usage_metadata={"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
        response_metadata={"model_name": "parrot-2", "finish_reason": "stop"},
        tool_calls=[{"id": "1", "name": "add", "args": {"x": 1}}],
    )
    budget = Budget()
    model = language_model(Chat(says=message))

    reply = await model.complete(question(budgets=[budget]))

    assert isinstance(model, LangChainModel)
    assert isinstance(model, LanguageModel)
    assert reply == Reply(
        text="hello",
        tokens=Tokens(5, 2),
        model="parrot-2",
        tool_calls=(ToolCall("1", "add", '{"x": 1}'),),
    )
    assert (budget.calls, budget.tokens) == (1, 7)
    assert not model.local


async def test_it_streams() -> None:
    *pieces, reply = [item async for item in LangChainModel(Chat()).stream(question())]

    assert pieces == ["hello ", "there"]
    assert isinstance(reply, Reply)
    assert reply.text == "hello there"
    assert reply.tokens.completion > 0


async def test_langchains_own_fake_streams_too() -> None:
    fake = GenericFakeChatModel(messages=iter([AIMessage("one two")]))

    *pieces, reply = [item async for item in LangChainModel(fake).stream(question())]

    assert "".join(map(str, pieces)) == "one two"
    assert isinstance(reply, Reply)


async def test_its_messages_are_read_as_an_endpoints_are() -> None:
    blocks: list[Any] = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "yes"}]
    for says in (AIMessage(blocks), AIMessage("hm\n</think>\nyes")):
        fake = GenericFakeChatModel(messages=iter([says]))
        reply = await LangChainModel(fake).complete(question())
        assert (reply.text, reply.extras["reasoning"]) == ("yes", "hm")

    class Thinker(Chat):
        model_name: str = "qwq-32b"

        async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
            for word in ("hm, ", "hm</think>", "yes"):
                yield ChatGenerationChunk(message=AIMessageChunk(word))

    *pieces, last = [item async for item in LangChainModel(Thinker()).stream(question())]
    assert pieces == ["yes"]
    assert isinstance(last, Reply)
    assert last.extras["reasoning"] == "hm, hm"


async def test_a_schema_is_asked_for_in_words() -> None:
    chat = Chat(says='Well: {"n": 3}', heard=[])

    reply = await LangChainModel(chat).complete(question(schema={"type": "object"}))

    assert reply.parsed == {"n": 3}
    messages, options = chat.heard[0]
    assert "JSON Schema" in messages[-1].content
    assert "response_format" not in options


async def test_tools_and_options_are_passed_on() -> None:
    chat = Chat(heard=[])
    options = {"tools": [{"type": "function"}], "tool_choice": "auto", "temperature": 0.5}

    await LangChainModel(chat).complete(question(options=options, max_tokens=9))

    heard = chat.heard[0][1]
    assert heard["tools"] == options["tools"]
    assert (heard["temperature"], heard["max_tokens"]) == (0.5, 9)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (Refused(401), LLMAuthError),
        (Refused(429), LLMRateLimited),
        (Refused(400), LLMRefused),
        (Refused(503), LLMUnavailable),
        (ConnectionError(f"no way, {CANARY}"), LLMUnavailable),
        (TimeoutError(), LLMTimeout),
        (ValueError("what?"), LLMError),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
async def test_its_errors_become_ours_without_its_key(
    streaming: bool, raised: Exception, expected: type[LLMError]
) -> None:
    model = LangChainModel(Chat(says=raised))

    async def ask() -> None:
        if streaming:
            async for _ in model.stream(question()):
                pass
        else:
            await model.complete(question())

    with pytest.raises(LLMError) as caught:
        await ask()

    assert type(caught.value) is expected
    assert CANARY not in str(caught.value) + repr(caught.value.__context__) + repr(model)


@pytest.mark.parametrize("streaming", [False, True])
async def test_the_deadline_holds(streaming: bool) -> None:
    model = LangChainModel(Chat(says=None))

    async def ask() -> None:
        if streaming:
            async for _ in model.stream(question(0.3)):
                pass
        else:
            await model.complete(question(0.3))

    with pytest.raises(LLMTimeout):  # it hangs for good
        await asyncio.wait_for(ask(), 15)
