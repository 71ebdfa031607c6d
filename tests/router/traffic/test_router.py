"""What a router records of its LLM's calls, and what it does not."""

from __future__ import annotations

import pytest
from pydantic import BaseModel
from recorded import Queue, Triage, row

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.llm.protocol import Reply
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_router.traffic.families import families
from hrm_router.traffic.grown import Origin
from hrm_router.traffic.growth import Grow
from hrm_router.traffic.record import Traffic
from hrm_specialists.contract import Task, Verdict
from hrm_specialists.errors import ConfigError, InvalidInput


class Number(BaseModel):
    number: int


class Double(Task[Number, Number]):
    name = "double"
    Problem = Solution = Number

    def check(self, problem, solution):
        return Verdict(solution.number == 2 * problem.number)


@pytest.fixture
def traffic(tmp_path):
    made = Traffic(f"sqlite:///{tmp_path / 't.db'}")
    yield made
    made.close()


def router(traffic, tmp_path, llm, specialists=()):
    grow = Grow(root=tmp_path / "specialists")
    return Router(specialists, llm=llm, settings=Settings(), record=traffic, grow=grow)


SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "q", "schema": {"type": "object", "properties": {"queue": {}}}},
}


async def test_replies_are_recorded_with_what_the_caller_said_of_them(traffic, tmp_path):
    async with router(traffic, tmp_path, ScriptedLLM('{"queue": "urgent"}')) as ours:
        messages = [
            {"role": "system", "content": "You sort."},
            {"role": "user", "content": "printer on fire"},
        ]
        options = {
            "response_format": SCHEMA,
            "store": True,
            "metadata": {"task": "triage", "team": "ops"},
        }
        answer = await ours.solve(messages, llm_options=options)
        assert traffic.flush()
        (row,) = traffic.store.rows()
    assert (row.kind, row.answer, row.task) == ("json", {"queue": "urgent"}, "triage")
    assert [dict(one) for one in row.messages] == messages
    assert row.schema == SCHEMA["json_schema"]["schema"]
    assert (row.solve_id, row.listed) == (answer.solve_id, True)
    assert row.metadata["team"] == "ops"


async def test_the_policy_decides_what_is_stored(traffic, tmp_path):
    async with router(traffic, tmp_path, ScriptedLLM(*["fine"] * 6)) as ours:
        for how, store in (("none", True), ("marked", False), ("marked", True), ("all", False)):
            policy = Policy(record=how)
            await ours.solve(
                f"Talk about {how} {store}", policy=policy, llm_options={"store": store}
            )
        assert traffic.flush()
        said = [row.messages[0]["content"] for row in traffic.store.rows()]
    assert said == ["Talk about marked True", "Talk about all False"]


async def test_solutions_of_the_llm_carry_the_checkers_word(traffic, tmp_path):
    broken = ScriptedSpecialist(Double(), None)
    llm = ScriptedLLM('{"number": 7}', '{"number": 8}')
    async with router(traffic, tmp_path, llm, [broken]) as ours:
        answer = await ours.solve(Number(number=4))
        assert answer.status == "verified"
        assert traffic.flush()
        found = [(row.task, row.answer, row.verdict) for row in traffic.store.rows()]
    broken.close()
    assert found == [
        ("double", {"number": 7}, "refused"),
        ("double", {"number": 8}, "checked"),
    ]


async def test_a_promoted_specialist_leaves_a_row_only_where_it_was_the_one_to_answer(
    traffic, tmp_path
):
    rows = [row(f"Please sort: ticket {n}", "x", system="You sort.") for n in range(9)]
    chat = [
        {"role": "system", "content": "You sort."},
        {"role": "user", "content": "Please sort: ticket 7"},
    ]
    for sure, how, models in (
        (0.99, "all", ["specialist:triage@v1"]),
        (0.99, "none", []),
        (0.1, "all", ["scripted"]),
    ):
        one = ScriptedSpecialist(Triage(), Queue(queue="late"), confidence=sure)
        origin = Origin.of(families(rows)[0]).model_dump(mode="json")
        one.card, one.version = {"distilled": origin}, "v1"
        async with Router(
            [one],
            llm=ScriptedLLM(Reply("llm", model="scripted")),
            settings=Settings(),
            record=Traffic(f"sqlite:///{tmp_path / f'{sure}{how}.db'}"),
            grow=Grow(root=tmp_path / "specialists", watch=0.0),
        ) as ours:
            policy = Policy(record=how)
            answer = await ours.solve(chat, policy=policy, llm_options={"store": True})
            assert answer.text == ("late" if sure > 0.9 else "llm")
            kept = ours._kit.recorder.traffic
            assert kept.flush()
            assert [one.model for one in kept.store.rows()] == models, (sure, how)
        one.close()


async def test_private_tasks_leave_nothing_in_the_store(traffic, tmp_path):
    secret = ScriptedSpecialist(Double(), None, private=True)
    async with router(traffic, tmp_path, ScriptedLLM(*["no"] * 4), [secret]) as ours:
        await ours.solve(Number(number=4))
        await ours.solve('What do you think of {"number": 5}?')
        assert traffic.flush()
        assert traffic.store.count() == 0
    secret.close()


async def test_a_dead_store_costs_no_answer(traffic, tmp_path):
    def refuse(rows):
        raise RuntimeError("gone")

    traffic.put = refuse
    async with router(traffic, tmp_path, ScriptedLLM("hello")) as ours:
        assert (await ours.solve("Say hello.")).text == "hello"


async def test_feedback_reaches_the_recorded_call(traffic, tmp_path):
    async with router(traffic, tmp_path, ScriptedLLM("a", "b", "c")) as ours:
        ids = [(await ours.solve(f"Talk about {n}")).solve_id for n in range(3)]
        assert await ours.feedback(ids[0], right=True) == 1
        assert await ours.feedback(ids[1], right=False, by="ann") == 1
        assert await ours.feedback(ids[2], answer="z") == 1
        assert await ours.feedback("nobody", right=True) == 0
        with pytest.raises(InvalidInput, match="right=True"):
            await ours.feedback(ids[0])
        found = [(row.verdict, row.answer) for row in traffic.store.rows()]
    assert found == [("approved", "a"), ("rejected", "b"), ("corrected", "z")]


async def test_without_a_store_feedback_and_growing_say_what_is_missing():
    async with Router([], llm=None, settings=Settings()) as ours:
        with pytest.raises(ConfigError, match="record=Traffic"):
            await ours.feedback("x", right=True)
    with pytest.raises(ConfigError, match="grow= needs record="):
        Router([], llm=None, settings=Settings(), grow=Grow())
