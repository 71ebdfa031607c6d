"""What is believed of an LLM's reply, and the schemas it is asked with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel

from hrm_agent.testing import ScriptedLLM
from hrm_puzzles.maze import MazeTask
from hrm_router.cards import plain_schema
from hrm_router.language import Language, WrongSolution, parse
from hrm_router.llm.protocol import Reply
from hrm_router.llm.several import FROM_SETTINGS, llm_from
from hrm_router.offload import Offload
from hrm_router.policy import Policy
from hrm_router.settings import Settings
from hrm_router.solve import Solve
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError


class Cell(BaseModel):
    name: str
    count: int


class Grid(BaseModel):
    grid: tuple[tuple[int, int], tuple[int, int]]
    cells: list[Cell] = []


class Bare(RootModel[list[int]]):
    pass


class Gridding(Task[Grid, Grid]):
    name = "gridding"
    Problem = Solution = Grid


GRID = '{"grid": [[1, 2], [3, 4]]}'


@pytest.mark.parametrize(
    "text", [GRID, f"Sure!\n```json\n{GRID}\n```", f'{{"thought": 1}} so {GRID}', f"{{ {GRID}"]
)
def test_a_solution_is_found_in_prose(text):
    assert parse(Grid, Reply(text)).grid == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    "text", ["", "no", "{}", '{"grid": NaN}', "[" * 10_000, "{" * 10_000, '{"grid": [[1, 2]]}']
)
def test_what_is_no_solution_is_said_to_be_none(text):
    with pytest.raises(WrongSolution):
        parse(Grid, Reply(text))


def test_a_bare_list_travels_under_a_root():
    assert plain_schema(Bare)["properties"]["root"]["type"] == "array"
    assert parse(Bare, Reply('{"root": [1, 2]}')).root == [1, 2]


def keys(schema):
    if isinstance(schema, dict):
        yield from schema
        for value in schema.values():
            yield from keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value)


def test_schemas_are_closed_and_hold_nothing_that_strict_modes_refuse():
    schema = plain_schema(Grid)
    assert not {"prefixItems", "$ref", "$defs", "default"} & set(keys(schema))
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["grid", "cells"]
    assert schema["properties"]["grid"]["minItems"] == 2
    assert schema["properties"]["cells"]["items"]["additionalProperties"] is False


class Tree(BaseModel):
    children: list[Tree] = []


def test_a_model_that_holds_itself_has_a_schema():
    assert plain_schema(Tree)["properties"]["children"]["items"] == {}


async def extracted(text, reply, task=Gridding):
    offload = Offload()
    try:
        language = Language(ScriptedLLM(reply), Solve(Policy()), offload)
        return await language.extract(text, [task()])
    finally:
        offload.close()


FOUND = f'{{"problems": [{{"task": "gridding", "problem": {GRID}}}], "rest": "and draw it"}}'


TWICE = f'{{"task": "gridding", "problem": {GRID}}}'


async def test_an_extracted_problem_must_stand_in_the_text():
    found, rest = await extracted("one and two, above 3 and 4,  and\ndraw it", FOUND)
    assert [one.problem.grid for one in found] == [((1, 2), (3, 4))]
    assert rest == "and draw it"

    found, _ = await extracted("one and two, above 3 and 4", FOUND.replace("[{", f"[{TWICE}, {{"))
    assert len(found) == 1  # it is stated once

    found, _ = await extracted("one and two, above (never next to 3) 3 and 4", FOUND)
    assert found[0].beside != ()

    found, rest = await extracted("one and two, above 3 and 5", FOUND)
    assert "does not state" in found[0].doubt
    assert rest == ""


async def test_an_extracted_maze_is_stated_by_its_rows_in_the_text():
    reply = '{"problems": [{"task": "maze", "problem": {"grid": ["#####", "#S.G#", "#####"]}}]}'
    for text, stated in (
        ("the rows are ##### then #S.G# then #####", True),
        ("the rows are ##### then #S#G# then #####", False),
        ("a maze with S and G, walls around", False),
    ):
        found, _ = await extracted(text, reply, MazeTask)
        assert (found[0].doubt == "") is stated, text


@given(junk=st.text(max_size=80))
async def test_junk_is_no_extraction(junk):
    assert (await extracted("anything", junk))[0] == ()


def test_llms_are_given_in_many_ways():
    assert llm_from(None, Settings()) is None
    assert llm_from(FROM_SETTINGS, Settings()) is None
    assert llm_from(FROM_SETTINGS, Settings(base_url="http://localhost:1")).local
    assert llm_from("http://localhost:1", Settings()).local
    assert "else" in llm_from(["http://localhost:1", ScriptedLLM()], Settings()).name
    with pytest.raises(ConfigError):
        llm_from(7, Settings())
