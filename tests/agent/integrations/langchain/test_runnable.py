"""The router in chains: configuration, callbacks, batches, events."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import HumanMessage
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.runnables import RunnableLambda

from hrm_agent import Policy
from hrm_agent.integrations.langchain import RouterRunnable
from hrm_agent.testing import ScriptedLLM
from hrm_puzzles.sudoku import SudokuProblem
from hrm_router.llm.langchain import LangChainModel
from hrm_specialists.errors import InvalidInput


class Watching(BaseCallbackHandler):
    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []

    def on_chain_start(self, serialized, inputs, *, tags=None, metadata=None, **kwargs):
        self.seen.append(("start", (tags, (metadata or {}).get("caller"))))

    def on_chain_end(self, outputs, **kwargs):
        self.seen.append(("end", outputs.status))

    def on_chain_error(self, error, **kwargs):
        self.seen.append(("error", type(error)))

    def on_custom_event(self, name, data, **kwargs):
        self.seen.append((name, data))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.seen]


@pytest.fixture(scope="module")
def router(router_over):
    return router_over(ScriptedLLM("Begin in the middle."))


@pytest.fixture(scope="module")
def runnable(router):
    return RouterRunnable(router)


async def test_whatever_chains_hand_on_is_answered(runnable, grid, solved):
    text = PromptTemplate.from_template("Solve {it}")
    chat = ChatPromptTemplate.from_messages([("system", "Be kind."), ("human", "Solve {it}")])
    for asked in (
        grid,
        HumanMessage(grid),
        [HumanMessage("hello"), HumanMessage(grid)],
        SudokuProblem.model_validate({"grid": grid}),
        text.invoke({"it": grid}),
        chat.invoke({"it": grid}),
    ):
        assert runnable.invoke(asked).solution == solved
        assert (await runnable.ainvoke(asked)).status == "verified"
    chain = chat | runnable | RunnableLambda(lambda answer: answer.solution.line)
    assert chain.invoke({"it": grid}) == await chain.ainvoke({"it": grid}) == solved.line


async def test_task_and_policy_are_bound_or_given_by_call(router, grid):
    typed = RouterRunnable(router, task="sudoku")
    assert typed.invoke({"grid": grid}).status == "verified"
    no_calls = Policy(max_llm_calls=0)
    asked = "Which wine goes with mushrooms?"
    assert RouterRunnable(router, policy=no_calls).invoke(asked).status == "abstained"
    assert RouterRunnable(router).bind(policy=no_calls).invoke(asked).status == "abstained"
    assert RouterRunnable(router, policy=no_calls).invoke(asked, policy=None).status == "answered"


async def test_batches_keep_their_order_and_their_errors(runnable, grid):
    asked = [grid, "hello", grid]
    for answers in (runnable.batch(asked, {"max_concurrency": 2}), await runnable.abatch(asked)):
        assert [answer.route for answer in answers] == ["specialist", "llm", "specialist"]
    mixed = runnable.batch([grid, "\0"], return_exceptions=True)
    assert mixed[0].status == "verified"
    assert isinstance(mixed[1], InvalidInput)


async def test_callbacks_hear_the_whole_story(router_over, grid):
    runnable = RouterRunnable(router_over(ScriptedLLM("In the middle."), segments=2))
    for run in (runnable.invoke, runnable.ainvoke):
        watching = Watching()
        config = {"callbacks": [watching], "tags": ["t"], "metadata": {"caller": "me"}}
        result = run(f"Solve {grid} and explain to a child where to begin.", config)
        answer = result if run == runnable.invoke else await result
        assert answer.route == "hybrid"
        told = list(dict.fromkeys(watching.names))
        kinds = ["decided", "thinking", "checked", "solved", "text_delta"]
        assert told == ["start", *(f"hrm_{kind}" for kind in kinds), "end"]
        assert watching.seen[0] == ("start", (["t"], "me"))
        solved = dict(watching.seen)["hrm_solved"]
        assert solved["answer"]["solution"]["grid"][0][:3] == [5, 3, 4]


async def test_events_come_live_and_the_stream_holds_the_answer(runnable, grid):
    kinds = [
        event["name"]
        async for event in runnable.astream_events(grid, version="v2")
        if event["event"] == "on_custom_event"
    ]
    assert kinds[0] == "hrm_decided"
    assert kinds[-1] == "hrm_solved"
    assert [answer.status async for answer in runnable.astream(grid)] == ["verified"]
    assert [answer.status for answer in runnable.stream(grid)] == ["verified"]


async def test_errors_come_out_typed_and_can_be_fallen_back_from(runnable):
    watching = Watching()
    with pytest.raises(InvalidInput):
        runnable.invoke("\0", {"callbacks": [watching]})
    with pytest.raises(InvalidInput):
        await runnable.ainvoke("\0", {"callbacks": [watching]})
    assert watching.names == ["start", "error"] * 2
    careful = runnable.with_fallbacks([RunnableLambda(lambda _: None)])
    assert careful.invoke("\0") is None


async def test_a_langchain_llm_inside_is_traced_as_a_child(router_over):
    runs: list[tuple[str, Any]] = []

    class Tracing(BaseCallbackHandler):
        def on_chain_start(self, *args, run_id, **kwargs):
            runs.append(("chain", run_id))

        def on_chat_model_start(self, *args, parent_run_id, **kwargs):
            runs.append(("model", parent_run_id))

    model = LangChainModel(FakeListChatModel(responses=["hello"]), local=True)
    runnable = RouterRunnable(router_over(model))
    runnable.invoke("hello", {"callbacks": [Tracing()]})
    await runnable.ainvoke("hello", {"callbacks": [Tracing()]})
    assert [kind for kind, _ in runs] == ["chain", "model"] * 2
    assert runs[0][1] == runs[1][1]
    assert runs[2][1] == runs[3][1]
