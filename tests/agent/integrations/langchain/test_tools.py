"""Specialists as tools: what an agent's LLM sees, sends and gets back."""

from __future__ import annotations

import asyncio
from typing import Annotated, ClassVar

import pytest
from langchain_core.tools import BaseTool, ToolException
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests
from obedient import obedient
from pydantic import BaseModel, ConfigDict, Field

import hrm_agent
from hrm_agent import Answer, Policy, Router, Settings
from hrm_agent.integrations.langchain import as_tool, hrm_tools
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution
from hrm_specialists.contract import Task
from hrm_specialists.errors import (
    ConfigError,
    HrmAgentError,
    SpecialistCrashed,
    UnknownSpecialist,
)
from hrm_specialists.installed import installed_task, installed_tasks
from hrm_specialists.registry import load_installed


def call(tool: BaseTool, **arguments):
    return {"type": "tool_call", "id": "7", "name": tool.name, "args": arguments}


def shipped() -> list[str]:
    """Built-in tasks whose weights are there."""
    found = []
    for name in installed_tasks():
        try:
            load_installed(name).close()
        except HrmAgentError:
            continue
        found.append(name)
    return found


LEARNING = {"arc"}
"""They learn each problem anew, and take as long as they may."""


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if name in LEARNING else [])
        for name in shipped()
    ],
    scope="class",
)
def shipped_tool(request):
    # seconds; an unsolved problem is a result, too
    policy = Policy(effort=2.0, when_unverified="return")
    with Router([request.param], llm=None, policy=policy, settings=Settings()) as router:
        request.cls.own = as_tool(request.param, router=router)
        yield


class OfTheSuite:
    """What LangChain's suites for tools need to know of each tool that ships."""

    own: ClassVar[BaseTool]

    @property
    def tool_constructor(self):
        return self.own

    @property
    def tool_invoke_params_example(self):
        return self.own.specialist.task.example.model_dump(mode="json")


@pytest.mark.usefixtures("shipped_tool")
class TestUnit(OfTheSuite, ToolsUnitTests):
    pass


@pytest.mark.usefixtures("shipped_tool")
class TestIntegration(OfTheSuite, ToolsIntegrationTests):
    pass


@pytest.fixture(scope="module")
def tool(router_over):
    return hrm_tools(router_over())[0]


def test_the_llm_is_told_both_ways_to_write_a_sudoku(tool):
    function = convert_to_openai_tool(tool)["function"]
    text, rows = function["parameters"]["properties"]["grid"]["anyOf"]
    assert (text["type"], rows["type"]) == ("string", "array")
    assert function["name"] == "sudoku"
    assert "string of 81 cells" in function["description"]
    assert function["parameters"]["required"] == ["grid"]


@pytest.mark.parametrize("form", ["line", "rows", "digits", "text"])
async def test_a_sudoku_may_come_in_any_of_its_forms(tool, grid, solved, form):
    rows = [grid[at : at + 9] for at in range(0, 81, 9)]
    digits = [[0 if cell == "." else int(cell) for cell in row] for row in rows]
    sent = {
        "line": call(tool, grid=grid),
        "rows": call(tool, grid=rows),
        "digits": call(tool, grid=digits),
        "text": f"sudoku: {grid}",
    }[form]
    for result in (tool.invoke(sent), await tool.ainvoke(sent)):
        content = result if form == "text" else result.content
        assert content.startswith("verified")
        assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in content
        if form != "text":
            assert result.status == "success"
            assert Answer.load(result.artifact, tool.router.tasks).solution == solved


def test_a_tool_works_inside_a_running_loop(tool, grid):
    async def inside():
        return tool.invoke({"grid": grid})

    assert asyncio.run(inside()).startswith("verified")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"grid": "12"}, "a string of 2 cells"),
        ({"grid": "55" + "." * 79}, "clash"),
        ({"grid": [[1] * 9] * 8}, "grid"),
        ({"grid": None}, "grid"),
        ({}, "Field required"),
        ({"grid": "." * 81, "verified": True}, "Extra inputs"),
        ({"grid": "\x1b[31m" * 81}, "grid"),
    ],
)
async def test_bad_arguments_are_told_to_the_llm_and_end_nothing(tool, arguments, said):
    for message in (
        tool.invoke(call(tool, **arguments)),
        await tool.ainvoke(call(tool, **arguments)),
    ):
        assert message.status == "error"
        assert message.content.startswith("malformed_task")
        assert said in message.content
        assert "\x1b" not in message.content


def test_an_unsolved_problem_is_a_result_and_said_to_be_one(router_over, grid):
    wrong = SudokuSolution.model_validate({"grid": "9" * 81})
    tool = hrm_tools(router_over(script=wrong))[0]
    message = tool.invoke(call(tool, grid=grid))
    assert message.status == "success"
    assert message.content.startswith("unverified: a best effort that is not known to be right")
    assert message.artifact["status"] == "unverified"


def test_no_llm_is_asked_on_behalf_of_an_agents_llm(router_over, grid):
    llm = obedient()
    router = router_over(llm, script=lambda problem: None)
    tool = hrm_tools(router)[0]
    assert tool.invoke(call(tool, grid=grid)).artifact["status"] == "failed"
    assert tool.invoke(call(tool, grid="?")).status == "error"
    assert not llm.requests


async def test_a_specialist_that_breaks_ends_no_run_unless_wanted(router_over, grid):
    router = router_over(script=SpecialistCrashed("out of luck"))
    tool = as_tool("sudoku", router=router)
    for message in (tool.invoke(call(tool, grid=grid)), await tool.ainvoke(call(tool, grid=grid))):
        assert message.status == "error"
        assert "specialist_crashed: out of luck" in message.content
    strict = as_tool("sudoku", router=router, handle_tool_error=False)
    with pytest.raises(ToolException, match="out of luck"):
        strict.invoke(call(strict, grid=grid))
    router.close()
    assert "router_closed" in tool.invoke(call(tool, grid=grid)).content


def test_private_specialists_are_offered_on_demand_alone(router_over):
    router = router_over(private=True)
    assert hrm_tools(router) == []
    assert [tool.name for tool in hrm_tools(router, private=True)] == ["sudoku"]


def test_a_tool_can_be_named_and_described(router_over):
    tool = as_tool("sudoku", router=router_over(), name="fill_in", description="Fills in.")
    assert (tool.name, tool.description) == ("fill_in", "Fills in.")


def test_all_that_is_installed_is_offered_by_default():
    tools = hrm_tools()
    assert [tool.name for tool in tools] == shipped()
    for tool in tools[:1]:
        tool.router.close()


def test_a_specialist_itself_or_its_folder_makes_a_tool(grid):
    scripted = ScriptedSpecialist(installed_task("sudoku"))
    made = [as_tool(scripted)]
    if "sudoku" in shipped():
        made.append(as_tool(load_installed("sudoku").folder))
    for tool in made:
        assert tool.name == "sudoku"
        tool.router.close()
    scripted.close()


def test_what_cannot_be_a_tool_is_refused(router_over):
    with pytest.raises(UnknownSpecialist, match="known: sudoku"):
        as_tool("chess", router=router_over())
    with pytest.raises(ConfigError, match="not both"):
        hrm_tools(router_over(), specialists=["sudoku"])


class Reading(BaseModel):
    """What the sensors say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    self_: Annotated[float, Field(alias="self", description="our own, in bar")]
    callbacks: int = Field(default=3, description="how often it rang")
    config: tuple[int, int]


class Label(BaseModel):
    label: str


class Labelling(Task[Reading, Label]):
    name = "labelling"
    Problem, Solution = Reading, Label


def test_fields_of_any_name_arrive_as_they_are():
    task = Labelling()
    with ScriptedSpecialist(task, Label(label="fine")) as specialist:
        with Router([specialist], llm=None, settings=Settings()) as router:
            tool = hrm_tools(router)[0]
            shape = convert_to_openai_tool(tool)["function"]["parameters"]
            assert shape["properties"]["self"]["description"] == "our own, in bar"
            assert shape["properties"]["callbacks"]["default"] == 3
            assert "prefixItems" not in str(shape)
            assert sorted(shape["required"]) == ["config", "self"]
            message = tool.invoke(call(tool, self=1.5, config=[1, 2]))
            assert message.content.startswith("accepted")
        assert specialist.asked == [Reading.model_validate({"self": 1.5, "config": (1, 2)})]


def test_a_tool_can_be_had_from_the_face():
    assert hrm_agent.as_tool is as_tool
