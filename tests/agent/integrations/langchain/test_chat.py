"""The router as a chat model: who answers what, and what the message says of it."""

from __future__ import annotations

import asyncio

import pytest
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from obedient import TALK, obedient
from pydantic import BaseModel, ValidationError

from hrm_agent import Answer, Policy
from hrm_agent.integrations.langchain import ChatHRM
from hrm_agent.testing import ScriptedLLM
from hrm_router.errors import DeadlineExceeded, LLMError, LLMUnavailable
from hrm_router.llm.protocol import Reply, ToolCall
from hrm_specialists.errors import InvalidInput


class Report(BaseModel):
    """What is known of a puzzle."""

    first_row: str


async def all_ways(model, messages, **options):
    """The message, had in all four ways; streams are put together."""
    yield model.invoke(messages, **options)
    yield await model.ainvoke(messages, **options)
    chunks = list(model.stream(messages, **options))
    yield sum(chunks[1:], start=chunks[0])
    chunks = [chunk async for chunk in model.astream(messages, **options)]
    yield sum(chunks[1:], start=chunks[0])


async def test_a_problem_goes_to_the_specialist_and_the_message_says_so(router_over, grid, solved):
    llm = obedient()
    model = ChatHRM(router=router_over(llm))
    chat = [SystemMessage("Be kind."), HumanMessage("hi"), AIMessage("hi"), HumanMessage(grid)]
    async for message in all_ways(model, chat):
        assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in message.content
        assert message.usage_metadata["total_tokens"] == 0
        answer = Answer.load(message.response_metadata["hrm"], model.router.tasks)
        assert (answer.status, answer.solution) == ("verified", solved)
    assert not llm.requests


async def test_language_goes_to_the_llm_with_its_options(router_over):
    llm = obedient()
    model = ChatHRM(router=router_over(llm), temperature=0.5, max_tokens=9, stop=["."])
    chat = [SystemMessage("Be kind."), HumanMessage("Hello!", name="ada")]
    async for message in all_ways(model, chat, top_p=0.3):
        assert message.content == TALK
        assert message.usage_metadata["total_tokens"] == 12
        assert message.response_metadata["model_name"] == "hrm-agent"
    for request in llm.requests:
        assert [m["role"] for m in request.messages] == ["system", "user"]
        assert request.messages[1]["name"] == "ada"
        assert request.options == {"temperature": 0.5, "max_tokens": 9, "stop": ["."], "top_p": 0.3}


async def test_both_are_streamed_as_they_are_written(router_over, grid):
    model = ChatHRM(router=router_over(ScriptedLLM("Begin in the middle row.")))
    chat = f"Solve {grid} and explain to a child where to begin."
    texts = [message.content async for message in all_ways(model, chat)]
    assert len(set(texts)) == 1
    assert texts[0].startswith("+---")
    assert texts[0].endswith("\n\nBegin in the middle row.")
    chunks = [chunk.content for chunk in model.stream(chat)]
    assert chunks[0].startswith("+---")
    assert chunks[1:6] == ["\n\nBegin ", "in ", "the ", "middle ", "row."]


async def test_a_problem_is_solved_once_and_tool_results_go_on_to_the_llm(router_over, grid):
    llm = obedient()
    model = ChatHRM(router=router_over(llm))
    asked = {"name": "send", "args": {"to": "bob"}, "id": "1", "type": "tool_call"}
    chat = [
        HumanMessage(f"Solve {grid} and send it to bob."),
        AIMessage("here", tool_calls=[asked]),
        ToolMessage("sent", tool_call_id="1"),
    ]
    async for message in all_ways(model, chat):
        assert message.content == TALK
    for request in llm.requests:
        assert [m["role"] for m in request.messages] == ["user", "assistant", "tool"]
        assert request.messages[1]["tool_calls"][0]["function"]["name"] == "send"


async def test_tools_are_offered_and_called(router_over):
    def weather(town: str) -> str:
        """The weather in a town."""
        return town

    model = ChatHRM(router=router_over(obedient()))
    async for message in all_ways(model.bind_tools([weather]), "Rain in Rome?"):
        assert [call["name"] for call in message.tool_calls] == ["weather"]
        assert message.tool_calls[0]["args"] == {"town": "Rain in Rome?"}
        assert message.content == ""
        assert message.response_metadata["finish_reason"] == "tool_calls"
    async for message in all_ways(model.bind_tools([weather], tool_choice="none"), "Rain?"):
        assert message.content == TALK


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ("any", "required"),
        (True, "required"),
        ("auto", "auto"),
        ("Report", {"type": "function", "function": {"name": "Report"}}),
        ({"type": "function", "function": {"name": "Report"}},) * 2,
    ],
)
def test_tool_choice_is_written_as_endpoints_take_it(router_over, wanted, sent):
    llm = obedient()
    ChatHRM(router=router_over(llm)).bind_tools([Report], tool_choice=wanted).invoke("hello")
    assert llm.requests[0].options["tool_choice"] == sent


async def test_arguments_that_are_no_json_are_kept_as_invalid(router_over):
    reply = Reply(text="", tool_calls=(ToolCall("1", "weather", '{"town": '),))
    model = ChatHRM(router=router_over(ScriptedLLM(reply)))
    for message in (model.invoke("hello"), await model.ainvoke("hello")):
        assert message.tool_calls == []
        assert message.invalid_tool_calls[0]["args"] == '{"town": '


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_a_form_is_filled_by_the_llm_which_is_given_the_solution(router_over, grid, method):
    llm = obedient()
    chat = ChatHRM(router=router_over(llm)).with_structured_output(Report, method=method)
    for report in (chat.invoke(grid), await chat.ainvoke(grid), [*chat.stream(grid)][-1]):
        assert isinstance(report, Report)
    assert all("[5,3,4,6,7,8,9,1,2]" in str(request.messages) for request in llm.requests)
    raw = ChatHRM(router=router_over(ScriptedLLM("no JSON"))).with_structured_output(
        Report, method=method, include_raw=True
    )
    told = raw.invoke("hello")
    assert told["raw"].content == "no JSON"
    assert told["parsed"] is None
    assert method == "function_calling" or told["parsing_error"] is not None


async def test_a_reply_that_was_cut_off_says_so(router_over, grid):
    cut = Reply(text="Begin in the", finish_reason="length")
    model = ChatHRM(router=router_over(ScriptedLLM(cut)))
    async for message in all_ways(model, "hello"):
        assert message.response_metadata["finish_reason"] == "length"
    assert model.invoke(grid).response_metadata["finish_reason"] == "stop"


async def test_a_form_without_an_llm_is_an_error(router_over, grid):
    chat = ChatHRM(router=router_over()).with_structured_output(Report)
    with pytest.raises(LLMError, match="no LLM is configured"):
        chat.invoke(grid)
    with pytest.raises(LLMError, match="no LLM is configured"):
        async for _ in chat.astream(grid):
            pass


async def test_without_an_llm_language_is_abstained_from_in_words(router_over):
    async for message in all_ways(ChatHRM(router=router_over()), "Which wine for mushrooms?"):
        assert "no LLM is configured" in message.content
        assert message.response_metadata["hrm"]["status"] == "abstained"


async def test_an_llm_that_fails_is_an_error(router_over):
    model = ChatHRM(router=router_over(ScriptedLLM(LLMUnavailable("down"))))
    with pytest.raises(LLMUnavailable):
        model.invoke("hello")
    with pytest.raises(LLMUnavailable):
        async for _ in model.astream("hello"):
            pass
    other = model.with_fallbacks([ChatHRM(router=router_over(obedient()))])
    assert other.invoke("hello").content == TALK


def test_what_is_misspelt_or_not_for_the_caller_to_choose_is_refused(router_over):
    router = router_over(obedient())
    with pytest.raises(ValidationError, match="tempature"):
        ChatHRM(router=router, tempature=1)
    for option in ({"model": "other"}, {"base_url": "http://example.com"}):
        with pytest.raises(InvalidInput, match="unknown LLM option"):
            ChatHRM(router=router).invoke("hello", **option)
    with pytest.raises(ValueError, match="unknown"):
        ChatHRM(router=router).with_structured_output(Report, method="guess")


def test_time_and_spending_are_limited(router_over, grid):
    router = router_over(obedient(), held=True)
    with pytest.raises(DeadlineExceeded):
        ChatHRM(router=router, timeout=0.05).invoke(grid)
    model = ChatHRM(router=router, policy=Policy(max_llm_calls=0))
    assert model.invoke("hello").response_metadata["hrm"]["status"] == "abstained"


def test_tokens_are_counted_for_whoever_asks(router_over, grid):
    model = ChatHRM(router=router_over(obedient()))
    with get_usage_metadata_callback() as used:
        model.invoke("hello")
        model.invoke(grid)
    assert used.usage_metadata["hrm-agent"]["total_tokens"] == 12


def test_what_is_private_stays_from_the_llm(router_over, grid):
    llm = obedient()
    model = ChatHRM(router=router_over(llm, private=True))
    said = model.invoke(f"Solve {grid} and explain to a child where to begin.")
    assert "| 5 3 4 |" in said.content
    assert "private" in said.content
    tool = ToolMessage("done", tool_call_id="1")
    model.invoke([HumanMessage(grid), AIMessage("hi"), tool])
    assert not llm.requests


async def test_leaving_a_stream_early_stops_the_work(router_over, grid):
    llm = ScriptedLLM(held=True)
    model = ChatHRM(router=router_over(llm))
    asked = f"Solve {grid} and explain to a child where to begin."
    stream = model.stream(asked)
    assert next(stream).content.startswith("+---")
    stream.close()
    events = model.astream(asked)
    assert (await anext(events)).content.startswith("+---")
    await events.aclose()
    closing = asyncio.all_tasks() - {asyncio.current_task()}  # LangChain leaves it to the loop
    async with asyncio.timeout(10):
        await asyncio.gather(*closing, return_exceptions=True)
    assert len(asyncio.all_tasks()) == 1


def test_a_model_shows_no_key_and_no_router_in_its_repr(router_over):
    model = ChatHRM(router=router_over(obedient()))
    assert "Router" not in repr(model)
    assert "router" not in model.model_dump()
    assert model.profile["structured_output"]
