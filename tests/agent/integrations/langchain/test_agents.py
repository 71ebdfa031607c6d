"""Agents and graphs: tools, the chat model, memory, tokens as they come."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from obedient import TALK, obedient
from pydantic import BaseModel

from hrm_agent import Answer
from hrm_agent.integrations.langchain import ChatHRM, RouterRunnable, hrm_tools
from hrm_agent.testing import ScriptedLLM
from hrm_specialists.errors import SpecialistCrashed


class Scripted(GenericFakeChatModel):
    """Says what it is told to, tools or not."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


def calling(grid: str) -> Scripted:
    asks = {"name": "sudoku", "args": {"grid": grid}, "id": "1", "type": "tool_call"}
    return Scripted(messages=iter([AIMessage("", tool_calls=[asks]), AIMessage("Done.")]))


async def run(agent, asked, config, way):
    if way == "ainvoke":
        return await agent.ainvoke(asked, config)
    return agent.invoke(asked, config)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_an_agent_calls_the_tool_and_remembers_the_answer(router_over, grid, solved, way):
    router = router_over()
    agent = create_agent(calling(grid), tools=hrm_tools(router), checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    await run(agent, {"messages": [HumanMessage(f"Please solve {grid}")]}, thread, way)
    messages = agent.get_state(thread).values["messages"]
    assert [m.type for m in messages] == ["human", "ai", "tool", "ai"]
    assert messages[2].content.startswith("verified")
    assert Answer.load(messages[2].artifact, router.tasks).solution == solved


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
@pytest.mark.parametrize("grid_sent", ["too short", "." * 81])
async def test_errors_do_not_end_an_agents_run(router_over, grid_sent, way):
    tools = hrm_tools(router_over(script=SpecialistCrashed("out of luck")))
    agent = create_agent(calling(grid_sent), tools=tools)
    end = await run(agent, {"messages": [HumanMessage("Please solve it")]}, None, way)
    assert end["messages"][-2].status == "error"
    assert end["messages"][-1].content == "Done."


async def test_an_agent_over_the_chat_model_needs_no_tool_for_what_is_known(router_over, grid):
    used = []

    def weather(town: str) -> str:
        """The weather in a town."""
        used.append(town)
        return "It rains."

    agent = create_agent(ChatHRM(router=router_over(obedient())), tools=[weather])
    end = await agent.ainvoke({"messages": [HumanMessage(grid)]})
    assert [m.type for m in end["messages"]] == ["human", "ai"]
    assert "| 5 3 4 |" in end["messages"][-1].content
    assert not used

    end = agent.invoke({"messages": [HumanMessage("Rome?")]})
    assert [m.type for m in end["messages"]] == ["human", "ai", "tool", "ai"]
    assert used == ["Rome?"]
    assert end["messages"][-1].content == TALK


async def test_an_agent_over_the_chat_model_answers_in_a_form(router_over, grid):
    class Report(BaseModel):
        """What is known of a puzzle."""

        first_row: str

    model = ChatHRM(router=router_over(obedient()))
    agent = create_agent(model, tools=[], response_format=Report)
    for asked in ("hello", grid):
        end = await agent.ainvoke({"messages": [HumanMessage(asked)]})
        assert end["structured_response"] == Report(first_row=asked)


async def test_a_graph_streams_each_token_once_and_keeps_the_message(router_over, grid):
    model = ChatHRM(router=router_over(GenericFakeChatModel(messages=iter(["Begin here."] * 9))))

    async def talk(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    builder = StateGraph(MessagesState)
    builder.add_node("talk", talk)
    builder.add_edge(START, "talk")
    graph = builder.compile(checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    asked = {"messages": [HumanMessage(f"Solve {grid} and explain to a child where to begin.")]}
    text = ""
    async for chunk, _ in graph.astream(asked, thread, stream_mode="messages"):
        text += chunk.content
    kept = graph.get_state(thread).values["messages"][-1]
    assert text == kept.content
    assert text.count("Begin here.") == 1
    assert kept.response_metadata["hrm"]["status"] == "answered"


async def test_the_runnable_is_a_node_among_others(router_over, grid, solved):
    node = RouterRunnable(router_over(ScriptedLLM("hi")))

    async def solve(state: MessagesState) -> dict[str, Any]:
        answer = await node.ainvoke(state["messages"])
        return {"messages": [AIMessage(answer.solution.line)]}

    builder = StateGraph(MessagesState)
    builder.add_node("solve", solve)
    builder.add_edge(START, "solve")
    end = await builder.compile().ainvoke({"messages": [HumanMessage(grid)]})
    assert end["messages"][-1].content == solved.line
