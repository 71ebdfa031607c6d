"""Queries through their whole life, with scripted specialists and LLMs."""

from __future__ import annotations

import asyncio
import sys

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.answer import Answer
from hrm_router.errors import LLMUnavailable
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import (
    ConfigError,
    MalformedTask,
    QueueFull,
    SpecialistCrashed,
    UnknownSpecialist,
)


async def test_a_problem_in_text_is_solved_and_checked(router, sorting, sorted_, numbers):
    answer = await router(ScriptedSpecialist(sorting, sorted_)).solve("please sort [3, 1, 2]")

    assert (answer.status, answer.route, answer.specialist) == ("verified", "specialist", "sorting")
    assert answer.solution == numbers(1, 2, 3)
    assert answer.confidence == 1.0
    assert answer.usage.llm_calls == 0
    assert answer.parts[0].span == (12, 21)


async def test_a_typed_problem_needs_no_reading(router, sorting, sorted_, numbers):
    answer = await router(ScriptedSpecialist(sorting, sorted_)).solve(numbers(2, 1))

    assert answer.solution == numbers(1, 2)
    assert answer.status == "verified"


async def test_a_named_task_takes_json(router, labelling, sorted_, numbers):
    specialist = ScriptedSpecialist(labelling, sorted_)
    answer = await router(specialist).solve('{"values": [2, 1]}', task="labelling")

    assert answer.solution == numbers(1, 2)
    assert answer.status == "accepted"


async def test_of_a_chat_the_last_user_message_is_read(router, sorting, sorted_, numbers):
    chats = [
        [
            {"role": "user", "content": "sort [9, 8]"},
            {"role": "assistant", "content": "[8, 9]"},
            {"role": "user", "content": [{"type": "text", "text": "sort [2, 1]"}]},
        ],
        [SystemMessage("be kind"), HumanMessage("[7, 1]"), AIMessage("ok"), HumanMessage("[2, 1]")],
    ]
    one = router(ScriptedSpecialist(sorting, sorted_))
    for chat in chats:
        answer = await one.solve(chat)
        assert [part.solution for part in answer.parts] == [numbers(1, 2)]


async def test_several_problems_are_solved_side_by_side(router, sorting, sorted_, numbers):
    answer = await router(ScriptedSpecialist(sorting, sorted_)).solve("[2, 1]\n\n[4, 3]")

    assert [part.solution for part in answer.parts] == [numbers(1, 2), numbers(3, 4)]
    assert answer.status == "verified"


async def test_a_further_request_goes_to_the_llm_with_the_solution(router, sorting, sorted_):
    llm = ScriptedLLM("Because one is the smallest. [9, 9, 9]")
    query = "sort [3, 1, 2] and explain the first number to a child"
    answer = await router(ScriptedSpecialist(sorting, sorted_), llm=llm).solve(query)

    assert (answer.status, answer.route) == ("answered", "hybrid")
    assert [part.status for part in answer.parts] == ["verified", "answered"]
    assert answer.parts[0].text == '{"values":[1,2,3]}'
    assert answer.solution.values == (1, 2, 3)
    assert '{"values":[1,2,3]}' in llm.heard
    assert answer.usage.llm_calls == 1


async def test_without_an_llm_the_rest_is_said_to_be_unanswered(router, sorting, sorted_):
    query = "sort [3, 1, 2] and explain the first number to a child"
    answer = await router(ScriptedSpecialist(sorting, sorted_)).solve(query)

    assert answer.route == "hybrid"
    assert [part.status for part in answer.parts] == ["verified", "abstained"]
    assert answer.status == "abstained"
    assert answer.solution.values == (1, 2, 3)
    assert "no LLM is configured" in answer.text


async def test_language_goes_to_the_llm(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_)
    answer = await router(specialist, llm=ScriptedLLM("The sea!")).solve("a poem about the sea")

    assert (answer.status, answer.route, answer.text) == ("answered", "llm", "The sea!")
    assert specialist.asked == []
    assert answer.confidence is None


@pytest.mark.parametrize("query", ["", "   \n", "write a poem about the sea"])
async def test_nobody_to_answer_is_an_honest_abstention(router, sorting, sorted_, query):
    answer = await router(ScriptedSpecialist(sorting, sorted_)).solve(query)

    assert (answer.status, answer.route) == ("abstained", "none")
    assert answer.parts[0].reason


async def test_options_pass_through_to_the_llm(router, sorting, sorted_):
    llm = ScriptedLLM("hello")
    one = router(ScriptedSpecialist(sorting, sorted_), llm=llm)
    chat = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "good morning"}]
    await one.solve(chat, llm_options={"temperature": 0.5})

    assert llm.requests[0].options == {"temperature": 0.5}
    assert list(llm.requests[0].messages) == chat


async def test_unclear_prose_is_extracted_by_the_llm(router, sorting, sorted_, numbers):
    said = '{"problems": [{"task": "sorting", "problem": {"values": [3, 1, 2]}}], "rest": ""}'
    llm = ScriptedLLM(said)
    one = router(ScriptedSpecialist(sorting, sorted_), llm=llm)
    answer = await one.solve("The numbers are three, then one, then two.", task="sorting")

    assert answer.solution == numbers(1, 2, 3)
    assert (answer.status, answer.route) == ("verified", "specialist")


async def test_the_solution_of_an_invented_problem_is_never_verified(router, sorting, sorted_):
    said = '{"problems": [{"task": "sorting", "problem": {"values": [3, 1, 77]}}], "rest": ""}'
    one = router(ScriptedSpecialist(sorting, sorted_), llm=ScriptedLLM(said))
    answer = await one.solve("The numbers are three, then one, then two.", task="sorting")

    assert answer.status == "unverified"
    assert "does not state" in answer.parts[0].reason


async def test_a_named_task_without_its_problem_is_malformed(router, sorting, sorted_):
    one = router(ScriptedSpecialist(sorting, sorted_))
    for query in ("nothing here", '{"values": []}', {"values": "x"}, {"other": 1}):
        with pytest.raises(MalformedTask):
            await one.solve(query, task="sorting")


async def test_unknown_tasks_and_problems_are_named(router, sorting, sorted_):
    one = router(ScriptedSpecialist(sorting, sorted_))
    with pytest.raises(UnknownSpecialist, match=r"chess.*sorting"):
        await one.solve("e4", task="chess")
    with pytest.raises(UnknownSpecialist, match="Settings"):
        await one.solve(Settings())


async def test_a_problem_that_two_tasks_take_needs_a_name(router, sorting, labelling, sorted_):
    both = [ScriptedSpecialist(task, sorted_) for task in (sorting, labelling)]
    one = router(*both)
    problem = sorting.Problem(values=(2, 1))
    with pytest.raises(MalformedTask, match="task="):
        await one.solve(problem)
    assert (await one.solve(problem, "labelling")).specialist == "labelling"


async def test_many_are_answered_in_order_and_one_bad_query_costs_only_itself(
    router, sorting, sorted_
):
    one = router(ScriptedSpecialist(sorting, sorted_))
    queries = [f"[{n}, 0]" for n in range(1, 40)]
    queries[7] = "\0"
    answers = await one.solve_many(queries, at_once=8)

    assert [n for n, answer in enumerate(answers) if answer.status != "verified"] == [7]
    assert answers[7].parts[0].error == "invalid_input"
    assert [a.solution.values for n, a in enumerate(answers) if n != 7] == [
        (0, n) for n in range(1, 40) if n != 8
    ]


async def test_deciding_alone_solves_nothing_and_asks_no_llm(router, sorting, sorted_):
    specialist, llm = ScriptedSpecialist(sorting, sorted_), ScriptedLLM("x")
    one = router(specialist, llm=llm)
    decision = await one.route("sort [3, 1, 2] and write a limerick about it")

    assert (decision.route, decision.task) == ("hybrid", "sorting")
    assert "limerick" in decision.residual
    assert decision.problems[0].form == "list in brackets"
    assert "list in brackets" in decision.explain()
    assert specialist.asked == []
    assert llm.requests == []


async def test_a_crash_of_one_part_leaves_the_others(router, sorting, sorted_):
    def script(problem):
        return ZeroDivisionError("oops") if 9 in problem.values else sorted_(problem)

    one = router(ScriptedSpecialist(sorting, script))
    answer = await one.solve("[9, 1]\n\n[4, 3]")

    assert [part.status for part in answer.parts] == ["failed", "verified"]
    assert answer.parts[0].error == "specialist_crashed"
    with pytest.raises(SpecialistCrashed, match="ZeroDivisionError") as caught:
        await one.solve("[9, 1]")
    assert caught.value.solve_id
    assert [step.outcome for step in caught.value.attempts].count("failed") == 2
    assert (await one.solve("[2, 1]")).status == "verified"


async def test_an_llm_that_is_away_is_a_typed_error_or_a_failed_part(router, sorting, sorted_):
    one = router(
        ScriptedSpecialist(sorting, sorted_), llm=ScriptedLLM(LLMUnavailable("no route to host"))
    )
    with pytest.raises(LLMUnavailable):
        await one.solve("write a poem about the sea")
    answer = await one.solve("sort [3, 1, 2] and explain the first number to a child")
    assert [part.status for part in answer.parts] == ["verified", "failed"]
    assert answer.parts[1].error == "llm_unavailable"


async def test_overload_is_told_at_once(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_, held=True, max_waiting=1)
    llm = ScriptedLLM('{"values": [1, 2]}')
    one = router(specialist, llm=llm)
    first = asyncio.create_task(one.solve("[2, 1]"))
    await asyncio.to_thread(specialist.wait_for)
    with pytest.raises(QueueFull):
        await one.solve("[4, 3]")
    specialist.release()
    assert (await first).status == "verified"
    assert llm.requests == []


async def test_specialists_come_and_go_while_running(router, sorting, labelling, sorted_, numbers):
    one = router(ScriptedSpecialist(sorting, sorted_))
    other = ScriptedSpecialist(labelling, sorted_)
    assert one.register(other) is other
    assert (await one.solve({"values": [2, 1]}, "labelling")).status == "accepted"
    with pytest.raises(ConfigError, match="replace=True"):
        one.register(ScriptedSpecialist(labelling, sorted_))
    assert one.unregister("labelling") is other
    assert list(one.specialists) == ["sorting"]
    with pytest.raises(UnknownSpecialist):
        await one.solve({"values": [2, 1]}, "labelling")
    other.close()


async def test_an_answer_reloads_with_the_routers_tasks(router, sorting, sorted_):
    one = router(ScriptedSpecialist(sorting, sorted_), llm=ScriptedLLM("Sure."))
    answer = await one.solve("sort [3, 1, 2] and explain the first number to a child")

    assert Answer.load(answer.model_dump_json(), one.tasks) == answer


async def test_stats_add_up(router, sorting, sorted_):
    one = router(
        ScriptedSpecialist(sorting, sorted_, segments=3),
        llm=ScriptedLLM("x", prices={"prompt": 1.0, "completion": 2.0}),
    )
    await one.solve_many(["[2, 1]"] * 5 + ["tell me about the sea", "\0"])
    stats = one.stats()

    assert stats.routes["specialist"].statuses == {"verified": 5}
    assert stats.routes["specialist"].segments == 15
    assert stats.routes["llm"].llm_calls == 1
    assert stats.routes["llm"].cost > 0
    assert stats.errors == {"invalid_input": 1}
    assert stats.llm_tokens_saved > 0
    assert stats.llm_cost_saved > 0


async def test_warming_loads_each_specialist_once(router, sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_)
    one = router(specialist)
    await asyncio.gather(one.warm(), one.warm(), *(one.solve("[2, 1]") for _ in range(20)))
    assert specialist.loads == 1


async def test_the_class_has_a_default_router(sorting, sorted_):
    with ScriptedSpecialist(sorting, sorted_) as specialist:
        Router.configure([specialist], llm=None, policy=Policy(deadline=30))
        try:
            assert (await Router.solve("[2, 1]")).status == "verified"
            assert (await Router.route("[2, 1]")).task == "sorting"
            assert await asyncio.to_thread(Router.solve_sync, "[2, 1]")
            assert [a.status for a in await Router.solve_many(["[2, 1]"])] == ["verified"]
            assert [event.kind async for event in Router.stream("[2, 1]")][-1] == "answer"
            assert Router.stats().routes["specialist"].solves == 4
        finally:
            Router.reset()


async def test_a_bare_sudoku_crosses_ten_files_of_the_router_at_most(router, monkeypatch):
    monkeypatch.delitem(sys.modules, "opentelemetry.trace", raising=False)
    one, files = router(ScriptedSpecialist(SudokuTask(), None)), set()
    query = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
    await one.solve(query)
    sys.setprofile(lambda frame, *_: files.add(frame.f_code.co_filename))
    try:
        await one.solve(query)
    finally:
        sys.setprofile(None)
    assert len([file for file in files if "hrm_router" in file]) <= 10
