"""A LangChain agent that has a specialist for a tool, and one that has the router for a model.

    pip install langchain
    python examples/04_langchain_agent.py

Name an endpoint in the settings (HRM_AGENT_BASE_URL, and HRM_AGENT_MODEL if it
serves several models) to have a real LLM decide; without, a scripted one says
what it is told to, and nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import json

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langgraph.graph import START, MessagesState, StateGraph

from hrm_agent import LLM, Answer, Router, Settings
from hrm_agent.integrations.langchain import ChatHRM, as_tool
from hrm_agent.testing import ScriptedLLM
from hrm_router.llm.protocol import Reply, ToolCall

GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


def language_model(*script: str | Reply) -> LLM | ScriptedLLM:
    """The settings' endpoint, or a stand-in."""
    settings = Settings.load()
    if settings.base_url:
        return LLM(settings.base_url, settings.model, api_key=settings.api_key)
    return ScriptedLLM(*script)


async def a_tool_for_an_agent() -> None:
    """The agent's LLM decides to call the tool, and reads what it gives back."""
    call = ToolCall(id="1", name="sudoku", arguments=json.dumps({"grid": GRID}))
    llm = language_model(Reply(text="", tool_calls=(call,)), "The first row is 534678912.")
    tool = as_tool("sudoku")
    async with Router([], llm=llm) as plain:  # no specialists: the LLM alone, as a chat model
        agent = create_agent(ChatHRM(router=plain), tools=[tool])
        question = f"What is the first row of this Sudoku when it is solved? {GRID}"
        end = await agent.ainvoke({"messages": [HumanMessage(question)]})
    for message in end["messages"]:
        print(f"{message.type}: {message.text or [call['name'] for call in message.tool_calls]}")
        if message.type == "tool" and message.artifact:
            answer = Answer.load(message.artifact, tool.router.tasks)
            print(f"  the tool's artifact: {answer.status}, {type(answer.solution).__name__}")
    await tool.router.aclose()


async def a_model_for_a_graph() -> None:
    """The specialist answers what it can; the LLM, given the solution, the rest."""
    llm = language_model("Look at the box in the middle first.")
    async with Router(["sudoku"], llm=llm) as router:
        model = ChatHRM(router=router)

        async def talk(state: MessagesState) -> MessagesState:
            return {"messages": [await model.ainvoke(state["messages"])]}

        graph = StateGraph(MessagesState).add_node("talk", talk).add_edge(START, "talk").compile()
        question = f"Solve {GRID} and explain to a child where to begin."
        asked = {"messages": [HumanMessage(question)]}
        async for chunk, _ in graph.astream(asked, stream_mode="messages"):
            print(chunk.text, end="", flush=True)
    print()


async def main() -> None:
    await a_tool_for_an_agent()
    print()
    await a_model_for_a_graph()


if __name__ == "__main__":
    asyncio.run(main())
