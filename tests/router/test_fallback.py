"""What is tried for one problem, in which order, and what is left in the end."""

from __future__ import annotations

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.errors import CallBudgetExceeded, LLMUnavailable
from hrm_router.llm.budgets import Budget
from hrm_router.policy import Policy
from hrm_specialists.contract import Attempt, Verdict
from hrm_specialists.errors import InvalidInput, NonFiniteOutput

RIGHT, WRONG = '{"values": [1, 2]}', '{"values": [2, 1]}'


async def test_more_effort_comes_before_the_llm(router, sorting, numbers):
    llm = ScriptedLLM(RIGHT)
    specialist = ScriptedSpecialist(sorting, None)
    specialist._script = lambda p: numbers(1, 2) if len(specialist.asked) > 1 else numbers(2, 1)
    answer = await router(specialist, llm=llm).solve(numbers(2, 1))

    assert (answer.status, answer.specialist) == ("verified", "sorting")
    assert specialist.efforts == ["default", "max"]
    assert llm.requests == []


async def test_what_was_given_up_is_not_tried_harder(router, sorting, numbers):
    given_up = Attempt(numbers(2, 1), Verdict(False, "not in order"), 0.0, 50, 9, 0.1, "gave up")
    specialist = ScriptedSpecialist(sorting, given_up)
    answer = await router(specialist, llm=ScriptedLLM(RIGHT)).solve(numbers(2, 1))

    assert (answer.status, answer.route) == ("verified", "llm")
    assert specialist.efforts == ["default"]
    assert any("gave up" in step.reason for step in answer.trace)
    assert any("max: given up before" in step.reason for step in answer.trace)


async def test_the_llms_solution_is_checked_too(router, sorting, numbers):
    answer = await router(ScriptedSpecialist(sorting), llm=ScriptedLLM(RIGHT)).solve(numbers(2, 1))

    assert (answer.status, answer.route, answer.specialist) == ("verified", "llm", None)
    assert answer.solution == numbers(1, 2)
    assert answer.usage.llm_calls == 1


async def test_the_llm_is_asked_again_once_with_the_complaint(router, sorting, numbers):
    llm = ScriptedLLM(WRONG, f"Sorry! {RIGHT}")
    answer = await router(ScriptedSpecialist(sorting), llm=llm).solve(numbers(2, 1))
    assert answer.status == "verified"
    assert "not in order" in llm.requests[1].messages[0]["content"]

    for bad in (WRONG, "I cannot", '{"values": "NaN"}', "{" * 500, '{"values": [NaN]}'):
        llm = ScriptedLLM(bad)
        answer = await router(ScriptedSpecialist(sorting), llm=llm).solve(numbers(2, 1))
        assert answer.status in ("unverified", "failed")
        assert len(llm.requests) == 2


async def test_the_best_unverified_answer_is_the_specialists(router, sorting, numbers):
    specialist = ScriptedSpecialist(sorting, numbers(2, 1))
    answer = await router(specialist, llm=ScriptedLLM('{"values": [7]}')).solve(numbers(2, 1))

    assert (answer.status, answer.specialist) == ("unverified", "sorting")
    assert answer.solution == numbers(2, 1)
    assert answer.confidence == 0.0
    assert answer.text.startswith("Unverified: no solution was found; there may be none\n")
    assert any(step.reason == "not in order" for step in answer.trace)


async def test_what_has_no_solution_is_not_searched(router, sorting, numbers, monkeypatch):
    monkeypatch.setattr(type(sorting), "impossible", lambda self, problem: "nothing will do")
    specialist, llm = ScriptedSpecialist(sorting, numbers(1, 2)), ScriptedLLM(RIGHT)
    answer = await router(specialist, llm=llm).solve(numbers(2, 1))
    assert (answer.status, answer.parts[0].reason) == ("abstained", "nothing will do")
    assert (specialist.asked, llm.requests) == ([], [])

    monkeypatch.setattr(type(sorting), "impossible", lambda self, problem: 1 / 0)
    assert (await router(specialist, llm=llm).solve(numbers(2, 1))).status == "verified"


@pytest.mark.parametrize(
    ("policy", "efforts", "calls"),
    [
        (Policy(), ["default", "max"], 2),
        (Policy(effort="low"), ["low", "max"], 2),
        (Policy(effort="max"), ["max"], 2),
        (Policy(when_unverified="effort"), ["default", "max"], 0),
        (Policy(when_unverified="return"), ["default"], 0),
        (Policy(max_llm_calls=1), ["default", "max"], 1),
        (Policy(max_llm_calls=0), ["default", "max"], 0),
        (Policy(total_tokens=1), ["default", "max"], 0),
        (Policy(max_cost=1.0), ["default", "max"], 0),  # prices are not known
        (Policy(local_only=True), ["default", "max"], 2),
    ],
)
async def test_the_policy_bounds_what_is_tried(router, sorting, numbers, policy, efforts, calls):
    specialist, llm = ScriptedSpecialist(sorting, numbers(2, 1)), ScriptedLLM(WRONG)
    answer = await router(specialist, llm=llm).solve(numbers(2, 1), policy=policy)

    assert answer.status == "unverified"
    assert specialist.efforts == efforts
    assert len(llm.requests) == answer.usage.llm_calls == calls


async def test_local_only_leaves_a_far_llm_alone(router, sorting, numbers):
    llm = ScriptedLLM(RIGHT, local=False)
    one = router(ScriptedSpecialist(sorting), llm=llm, policy=Policy(local_only=True))
    assert (await one.solve(numbers(2, 1))).status == "failed"
    assert (await one.solve("write a poem about the sea")).status == "abstained"
    assert llm.requests == []


async def test_a_broken_specialist_is_replaced_by_the_llm(router, sorting, numbers):
    specialist = ScriptedSpecialist(sorting, NonFiniteOutput("NaN"))
    answer = await router(specialist, llm=ScriptedLLM(RIGHT)).solve(numbers(2, 1))
    assert (answer.status, answer.route) == ("verified", "llm")

    one = router(specialist, llm=ScriptedLLM(LLMUnavailable("away")))
    with pytest.raises(NonFiniteOutput):
        await one.solve(numbers(2, 1))


async def test_what_a_specialist_says_of_itself_verifies_nothing(router, sorting, numbers):
    from hrm_specialists.contract import Verdict

    boast = Attempt(
        solution=numbers(2, 1),
        verdict=Verdict(True),
        confidence=1.0,
        segments=1,
        starts=1,
        seconds=0.0,
        reason="verified",
    )
    answer = await router(ScriptedSpecialist(sorting, boast)).solve(numbers(2, 1))
    assert answer.status == "unverified"


async def test_an_accepted_label_does_not_go_to_the_llm(router, labelling, numbers):
    llm = ScriptedLLM(RIGHT)
    sure = ScriptedSpecialist(labelling, numbers(1), confidence=0.95)
    answer = await router(sure, llm=llm).solve(numbers(2, 1))
    assert (answer.status, answer.confidence) == ("accepted", 0.95)
    assert llm.requests == []


async def test_the_llm_has_the_last_word_where_nothing_checks_an_unsure_label(
    router, labelling, numbers
):
    unsure = ScriptedSpecialist(labelling, numbers(1), confidence=0.5)
    for specialist in (unsure, ScriptedSpecialist(labelling)):
        llm = ScriptedLLM(RIGHT)
        answer = await router(specialist, llm=llm).solve(numbers(2, 1))
        assert (answer.status, answer.route, answer.confidence) == ("unverified", "llm", None)
        assert answer.parts[0].solution == numbers(1, 2)
        assert len(llm.requests) == 1

    for silent in (ScriptedLLM("I cannot"), ScriptedLLM(LLMUnavailable("down"))):
        answer = await router(unsure, llm=silent).solve(numbers(2, 1))
        assert (answer.specialist, answer.confidence) == ("labelling", 0.5)


async def test_no_answer_at_all_is_a_failed_part(router, sorting, numbers):
    answer = await router(ScriptedSpecialist(sorting)).solve(numbers(2, 1))
    assert (answer.status, answer.route, answer.solution) == ("failed", "none", None)
    assert answer.text


async def test_a_tenants_budget_is_shared_by_all_solves_that_name_it(router):
    llm, small, large = ScriptedLLM("yes"), Budget(calls=2), Budget(calls=5)
    one = router(llm=llm, budgets={"small": small, "large": large})
    for name, answered in (("small", 2), ("large", 4)):
        policy = Policy(budget=name)
        for number in range(4):
            if number < answered:
                assert (await one.solve("a poem", policy=policy)).ok, (name, number)
            else:
                with pytest.raises(CallBudgetExceeded):
                    await one.solve("a poem", policy=policy)
    assert (small.calls, large.calls, len(llm.requests)) == (2, 4, 6)
    assert (await one.solve("a poem")).ok
    for ask in (one.solve, one.route):
        with pytest.raises(InvalidInput, match="no budget 'other'; known: large, small"):
            await ask("a poem", policy=Policy(budget="other"))
