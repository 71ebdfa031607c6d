"""A LangChain agent whose specialists answer before its model is called.

    pip install 'hrm-agent[langchain]'
    python examples/06_agent_middleware.py

Nothing leaves this machine: the agent's model is a scripted one that counts its calls. Put
`"openai:gpt-5-mini"` or any chat model in its place.
"""

from __future__ import annotations

import asyncio
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph

from hrm_agent import Router
from hrm_agent.integrations.langchain import HRMMiddleware, as_node, status_of

GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


class Model(GenericFakeChatModel):
    """Stands for the agent's LLM; says which tools it was offered."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        """Be offered tools."""
        print(f"  the model is called, with the tools {[tool.name for tool in tools]}")
        return self


def weather(town: str) -> str:
    """The weather in a town."""
    return f"Rain in {town}."


async def an_agent(router: Router) -> None:
    """A whole problem costs no model call; other messages show the model fewer tools."""
    model = Model(messages=iter([AIMessage("A dry white one."), AIMessage("In the middle box.")]))
    agent = create_agent(model, tools=[weather], middleware=[HRMMiddleware(router)])
    for text in (
        f"Please solve this Sudoku: {GRID}",
        "Which wine goes with mushrooms?",
        f"Where would a child begin with {GRID}? Explain it in a friendly way.",
    ):
        print(f"human: {text[:60]}")
        end = await agent.ainvoke({"messages": [HumanMessage(text)]})
        last = end["messages"][-1]
        by = "a specialist" if "hrm" in last.response_metadata else "the model"
        print(f"  answered by {by}: {last.text.splitlines()[0]}")


async def a_graph(router: Router) -> None:
    """The router as a node; what it cannot do goes on to the next."""

    async def llm(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("(the LLM would answer here)")]}

    graph = StateGraph(MessagesState)
    graph.add_node("solve", as_node(router))
    graph.add_node("llm", llm)
    graph.add_edge(START, "solve")
    after = {"verified": END, "accepted": END, "unverified": "llm", "abstained": "llm"}
    graph.add_conditional_edges("solve", status_of, after)
    compiled = graph.compile()
    for text in (GRID, "Which wine goes with mushrooms?"):
        end = await compiled.ainvoke({"messages": [HumanMessage(text)]})
        print(f"graph: {status_of(end)}, then {len(end['messages'])} messages")


async def main() -> None:
    async with Router(["sudoku", "maze"], llm=None) as router:
        await an_agent(router)
        await a_graph(router)


if __name__ == "__main__":
    asyncio.run(main())
