"""Specialists before an agent's model: what it is not asked, and which tools it sees."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import PrivateAttr

from hrm_agent import Policy, Router, Settings
from hrm_agent.integrations.langchain import ChatHRM, HRMMiddleware, as_node, status_of
from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.disclosure import Disclosure

MAZE = "Find the shortest path:\n#####\n#S..#\n###.#\n#G..#\n#####"


class Counting(GenericFakeChatModel):
    """Says what it is told to; remembers what it was asked and offered."""

    _heard: list[Any] = PrivateAttr(default_factory=list)
    _offered: list[list[str]] = PrivateAttr(default_factory=list)

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        self._offered.append(sorted(tool.name for tool in tools))
        return self

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
        self._heard.append(messages)
        return super()._generate(messages, *args, **kwargs)


def saying(*replies: str | AIMessage) -> Counting:
    return Counting(
        messages=iter([r if isinstance(r, AIMessage) else AIMessage(r) for r in replies])
    )


@pytest.fixture
def both(solved):
    """A router over a Sudoku specialist that is right and a maze specialist that has nothing."""
    with (
        ScriptedSpecialist(SudokuTask(), solved) as sudoku,
        ScriptedSpecialist(MazeTask(), None) as maze,
        Router([sudoku, maze], llm=None, settings=Settings()) as router,
    ):
        yield router


async def run(agent: Any, text: str, way: str) -> list[Any]:
    asked = {"messages": [HumanMessage(text)]}
    end = await agent.ainvoke(asked) if way == "ainvoke" else agent.invoke(asked)
    return list(end["messages"])


async def test_a_message_that_is_a_problem_is_answered_without_the_model(both, grid):
    for way in ("invoke", "ainvoke"):
        model = saying("never")
        agent = create_agent(model, middleware=[HRMMiddleware(both)])
        messages = await run(agent, f"Please solve {grid}", way)
        assert [m.type for m in messages] == ["human", "ai"]
        assert "| 5 3 4 |" in messages[-1].text
        assert messages[-1].response_metadata["hrm"]["status"] == "verified"
        assert model._heard == []


async def test_the_model_sees_only_the_tools_that_the_chat_may_need(both, grid):
    def weather(town: str) -> str:
        """The weather in a town."""
        return town

    cases = {
        "Which wine for mushrooms?": ["weather"],
        f"Solve {grid} and explain to a child where to begin.": ["sudoku", "weather"],
        f"Solve this. {MAZE}": ["maze", "weather"],  # the specialist has no solution
    }
    for asked, offered in cases.items():
        for way in ("invoke", "ainvoke"):
            model = saying("As you like.")
            agent = create_agent(model, tools=[weather], middleware=[HRMMiddleware(both)])
            messages = await run(agent, asked, way)
            assert messages[-1].text == "As you like.", asked
            assert model._offered == [offered], asked


async def test_named_tools_stay_and_tools_in_use_stay(both, grid):
    asks = {"name": "sudoku", "args": {"grid": grid}, "id": "1", "type": "tool_call"}
    model = saying(AIMessage("", tool_calls=[asks]), "Done.")
    agent = create_agent(model, middleware=[HRMMiddleware(both, keep=["sudoku"])])
    messages = await run(agent, "Do what you said.", "ainvoke")
    assert [m.type for m in messages] == ["human", "ai", "tool", "ai"]
    assert messages[2].text.startswith("verified")
    assert model._offered == [["sudoku"], ["sudoku"]]


async def test_a_private_problem_is_answered_here_and_never_read_by_the_model(grid, solved):
    with (
        ScriptedSpecialist(SudokuTask(), solved, private=True) as one,
        Router([one], llm=None, settings=Settings()) as router,
    ):
        for way in ("invoke", "ainvoke"):
            model = saying("Fine.")
            agent = create_agent(model, middleware=[HRMMiddleware(router)])
            messages = await run(agent, f"Solve {grid} and explain where to begin.", way)
            assert "| 5 3 4 |" in messages[-1].text
            assert model._heard == []
            chat = {"messages": [*messages, HumanMessage("Thanks! And the weather?")]}
            end = await agent.ainvoke(chat) if way == "ainvoke" else agent.invoke(chat)
            assert end["messages"][-1].text == "Fine."
            told = str(model._heard)
            assert grid not in told
            assert "5 3 4" not in told


async def test_what_disclosure_withholds_is_not_read_by_the_agents_model(both, monkeypatch):
    """Nothing of a chat, the arguments of tool calls included."""
    call = {"name": "lookup", "args": {"note": "secret sauce"}, "id": "1"}
    chat = [
        HumanMessage("Where is the secret sauce?"),
        AIMessage("The secret sauce?", tool_calls=[call]),
        ToolMessage("secret sauce: shelf 3", tool_call_id="1", artifact="secret sauce"),
        HumanMessage("And now?"),
    ]
    for forbids in (False, True):
        if forbids:
            monkeypatch.setattr(Disclosure, "withheld", lambda *_, **__: "nothing leaves")
        model = saying("Fine.")
        agent = create_agent(model, middleware=[HRMMiddleware(both)])
        await agent.ainvoke({"messages": chat})
        told = str([one.model_dump() for heard in model._heard for one in heard])
        assert ("secret sauce" in told) is not forbids


async def test_a_policy_that_makes_a_task_private_counts_in_an_agent(grid, solved):
    with (
        ScriptedSpecialist(SudokuTask(), solved) as one,
        Router(
            [one], llm=None, settings=Settings(), policy=Policy(private=frozenset({"sudoku"}))
        ) as router,
    ):
        model = saying("Fine.")
        agent = create_agent(model, middleware=[HRMMiddleware(router)])
        chat = [HumanMessage(f"Solve {grid}"), AIMessage("Done."), HumanMessage("The weather?")]
        await agent.ainvoke({"messages": chat})
        assert grid not in str(model._heard)


async def test_the_router_is_a_node_and_its_status_picks_the_next(both, grid):
    async def llm(state: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("I do not know.")]}

    builder = StateGraph(MessagesState)
    builder.add_node("solve", as_node(both))
    builder.add_node("llm", llm)
    builder.add_edge(START, "solve")
    builder.add_conditional_edges(
        "solve", status_of, {"verified": END, "abstained": "llm", "failed": "llm"}
    )
    graph = builder.compile()
    end = await graph.ainvoke({"messages": [HumanMessage(grid)]})
    assert "| 5 3 4 |" in end["messages"][-1].text
    end = await graph.ainvoke({"messages": [HumanMessage("Which wine for mushrooms?")]})
    assert end["messages"][-1].text == "I do not know."
    assert graph.invoke({"messages": [HumanMessage(grid)]})["messages"][-1].type == "ai"


def test_a_cache_tells_specialists_policies_and_endpoints_apart(grid, solved):
    cache = InMemoryCache()

    def status(script: Any, **options: Any) -> str:
        with (
            ScriptedSpecialist(SudokuTask(), script) as one,
            Router([one], llm=None, settings=Settings(), **options) as router,
        ):
            message = ChatHRM(router=router, cache=cache).invoke(grid)
            return str(message.response_metadata["hrm"]["status"])

    assert (status(None), status(solved)) == ("failed", "verified")

    def key(**options: Any) -> str:
        with Router([], settings=Settings(), **options) as router:
            return ChatHRM(router=router)._get_llm_string()

    keys = [
        key(llm=None),
        key(llm="http://localhost:8000/v1"),
        key(llm="http://localhost:8000/v2"),
        key(llm=None, policy=Policy(deadline=9)),
        key(llm=None, policy=Policy(private=frozenset({"a", "b"}))),
        key(llm=ScriptedLLM("a")),
        key(llm=ScriptedLLM("a")),
    ]
    assert len(set(keys)) == len(keys)
    assert key(llm="http://localhost:8000/v1") == keys[1]


def test_an_abstention_is_a_refusal_and_a_guess_says_that_it_is_one(router_over, grid):
    model = ChatHRM(router=router_over())
    for message in (model.invoke("Which wine?"), sum_of(model.stream("Which wine?"))):
        assert "no LLM" in message.additional_kwargs["refusal"]
        assert message.text
    wrong = {"grid": "9" * 81}
    guess = ChatHRM(router=router_over(script=SudokuTask.Solution.model_validate(wrong)))
    message = guess.invoke(grid)
    assert "unverified" in message.text.lower()
    assert "refusal" not in message.additional_kwargs


def sum_of(chunks: Any) -> Any:
    first, *rest = chunks
    return sum(rest, start=first)
