"""What a private specialist keeps away from language models."""

from __future__ import annotations

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.policy import Policy

SECRET = "[4711, 815]"


@pytest.fixture
def private(router, sorting, sorted_):
    llm = ScriptedLLM("heard you")
    return router(ScriptedSpecialist(sorting, sorted_, private=True), llm=llm), llm


@pytest.fixture
def hopeless(router, sorting):
    llm = ScriptedLLM('{"values": [815, 4711]}')
    return router(ScriptedSpecialist(sorting, private=True), llm=llm), llm


async def test_neither_problem_nor_residual_leaves(private):
    router, llm = private
    answer = await router.solve(f"sort {SECRET} and explain the first number to a child")
    assert [part.status for part in answer.parts] == ["verified", "abstained"]
    assert "private" in answer.parts[1].reason
    assert llm.requests == []


async def test_an_unsolved_private_problem_does_not_go_to_the_llm(hopeless, numbers):
    router, llm = hopeless
    for query in (SECRET, numbers(4711, 815)):
        assert (await router.solve(query)).status == "failed"
    assert llm.requests == []


async def test_a_policy_can_make_a_task_private(router, sorting, numbers):
    llm = ScriptedLLM('{"values": [1, 2]}')
    one = router(ScriptedSpecialist(sorting), llm=llm)
    policy = Policy(private=frozenset({"sorting"}))
    assert (await one.solve(numbers(2, 1), policy=policy)).status == "failed"
    assert llm.requests == []
    assert (await one.solve(numbers(2, 1))).status == "verified"


async def test_a_private_problem_beside_a_public_one_keeps_all_of_it(
    router, sorting, labelling, sorted_, numbers
):
    llm = ScriptedLLM('{"values": [1]}')
    specialists = [
        ScriptedSpecialist(sorting, sorted_, private=True),
        ScriptedSpecialist(labelling, None),
    ]
    answer = await router(*specialists, llm=llm).solve(f'{SECRET} {{"values": [3, 1]}}')
    assert "failed" in [part.status for part in answer.parts]
    assert llm.requests == []


async def test_unclear_text_stays_unless_the_policy_shares_it(private):
    router, llm = private
    unclear = "sorting: 3 1 2"
    decision = await router.route(unclear)
    assert decision.unclear, "this test needs an unclear query"
    answer = await router.solve(unclear)
    assert answer.status == "abstained"
    assert "private" in answer.parts[0].reason
    assert llm.requests == []
    assert (
        await router.solve(unclear, policy=Policy(share_unclear_text=True))
    ).status == "answered"


async def test_of_several_llms_a_local_only_policy_asks_those_that_are_local(router):
    near, far = ScriptedLLM("near"), ScriptedLLM("far", local=False)
    local_only = Policy(local_only=True)
    one = router(llm=[far, near])
    assert (await one.solve("write a poem about the sea", policy=local_only)).text == "near"
    assert far.requests == []
    assert (await one.solve("write a poem about the sea")).text == "far"

    one = router(llm=[far, far])
    assert (await one.solve("write a poem about the sea", policy=local_only)).status == "abstained"
