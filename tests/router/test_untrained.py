"""Tasks without a trained specialist: found and checked all the same, left to the LLM to solve."""

from __future__ import annotations

import pytest

from hrm_agent.testing import ScriptedLLM
from hrm_puzzles.maze import MazeTask
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists import registry
from hrm_specialists.errors import UnknownSpecialist

MAZE = "#####\n#S  #\n# # #\n#  G#\n#####"
RIGHT = '{"grid": ["#####", "#So #", "# #o#", "#  G#", "#####"]}'
WAY = '{"grid": ["#####", "#Soo#", "# #o#", "#  G#", "#####"]}'


@pytest.fixture(autouse=True)
def untrained(monkeypatch):
    monkeypatch.setattr(registry, "entry_points", lambda **_: ())


def mazes(llm=None):
    return Router(["maze"], llm=llm, settings=Settings())


async def test_a_maze_is_claimed_and_without_an_llm_abstained_from_with_the_reason():
    async with mazes() as router:
        decision = await router.route(f"Out of here, please:\n{MAZE}")
        answer = await router.solve(f"Out of here, please:\n{MAZE}")
    assert (decision.route, decision.task) == ("specialist", "maze")
    assert "no specialist is trained for maze" in decision.reason
    assert (answer.status, answer.route) == ("abstained", "none")
    assert "no specialist is trained for 'maze'" in answer.parts[0].reason
    assert "no LLM is configured" in answer.parts[0].reason


async def test_the_llm_solves_it_under_the_tasks_own_checker_and_is_asked_again_once():
    llm = ScriptedLLM(RIGHT, WAY)
    async with mazes(llm) as router:
        answer = await router.solve(MAZE)
    assert (answer.status, answer.route, answer.specialist) == ("verified", "llm", None)
    assert type(answer.solution) is MazeTask.Solution
    assert answer.usage.llm_calls == 2


async def test_an_answer_that_fails_the_checker_is_never_verified():
    async with mazes(ScriptedLLM(RIGHT, RIGHT)) as router:
        answer = await router.solve(MAZE)
    assert answer.status == "unverified"
    async with mazes(ScriptedLLM("no idea", "still none")) as router:
        answer = await router.solve(MAZE, policy=Policy(when_unverified="return"))
    assert answer.status == "failed"
    assert "gave no solution" in answer.parts[0].reason


async def test_a_trained_specialist_takes_its_place(router, monkeypatch):
    from hrm_agent.testing import ScriptedSpecialist

    solved = MazeTask.Solution.model_validate_json(WAY)
    with ScriptedSpecialist(MazeTask(), solved) as trained:
        async with mazes() as router:
            assert list(router.untrained) == ["maze"]
            router.register(trained)
            assert not router.untrained
            answer = await router.solve(MAZE)
            with pytest.raises(UnknownSpecialist):
                router.register("nothing")
            router.unregister("maze")
            assert list(router.untrained) == ["maze"]
    assert (answer.status, answer.specialist) == ("verified", "maze")


async def test_a_task_written_as_code_is_solved_by_the_llm_until_it_is_trained(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(registry, "data_folder", lambda: tmp_path)
    for task in (MazeTask, MazeTask()):
        async with Router([task], llm=ScriptedLLM(WAY), settings=Settings()) as router:
            answer = await router.solve(MAZE)
        assert (answer.status, answer.specialist) == ("verified", None)


async def test_all_that_ships_is_read_where_nothing_is_named():
    async with Router(llm=None, settings=Settings()) as router:
        assert {"sudoku", "maze", "arc"} == {*router.untrained}
