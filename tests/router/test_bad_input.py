"""Whatever comes in: an answer or InvalidInput, soon, and never a false claim."""

from __future__ import annotations

import asyncio
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.reading import MAX_CHARACTERS, MAX_PROBLEMS
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import HrmAgentError, InvalidInput, MalformedTask, UnknownSpecialist
from hrm_specialists.tasks.sudoku import SudokuTask

ODD = ["\0", "\ud800", "٣", "²", "𝟗", "\u202e", "\x1b[31m", "\ufeff", "{", "[", '"', "[1, 2]", "\r"]
SEEDS = [
    "please sort [3, 1, 2] and explain it",
    '{"values": [3, 1, 2]}',
    "[1, 2] [3, 4]\n\n[5, 6]",
    "write a poem",
    "",
]


@pytest.fixture(scope="module")
def plain(sorting, sorted_):
    specialist = ScriptedSpecialist(sorting, sorted_)
    with Router([specialist], llm=None, settings=Settings()) as one:
        asyncio.run(one.warm())
        yield one
    specialist.close()


def ends_well(router, query, **options):
    begun = time.monotonic()
    try:
        answer = router.solve_sync(query, **options)
    except InvalidInput:
        return None
    finally:
        assert time.monotonic() - begun < 2.0
    for part in answer.parts:
        if part.status == "verified":
            assert tuple(sorted(part.problem.values)) == part.solution.values
    return answer


def mutated(dice, text):
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(text))
        end = min(len(text), at + dice.randint(0, 6))
        text = text[:at] + dice.choice([*ODD, text[at:end] * 2, ""]) + text[end:]
    return text


@pytest.mark.parametrize("count", [400, pytest.param(5_000, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
def test_mutated_queries(plain, count):
    dice = random.Random(5)
    for _ in range(count):
        ends_well(plain, mutated(dice, dice.choice(SEEDS)))


@given(text=st.text(max_size=200))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(plain, text):
    ends_well(plain, text)
    ends_well(plain, [{"role": "user", "content": text}])


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


@given(data=json)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json(plain, data):
    import json as text

    ends_well(plain, text.dumps(data), task="sorting")
    try:
        ends_well(plain, data)
    except UnknownSpecialist:
        assert isinstance(data, dict)


@pytest.mark.parametrize("size", [0, 1, MAX_CHARACTERS, MAX_CHARACTERS + 1, 10_000_000])
@pytest.mark.parametrize("of", ["a", "[1, 2] ", "[", "1 "])
def test_sizes(plain, size, of):
    query = (of * (size // len(of) + 1))[:size]
    answer = ends_well(plain, query)
    too_many = of == "[1, 2] " and size > len(of) * MAX_PROBLEMS
    assert (answer is None) == (size > MAX_CHARACTERS or too_many)


def test_odd_digits_are_no_digits(plain):
    for text in ("[٣, ٢]", "[²,³]", "[𝟗, 𝟖]"):
        answer = ends_well(plain, text)
        assert answer.solution is None


@pytest.mark.parametrize("query", [b"[1, 2]", bytearray(b"x"), 5, 1.5, None, object(), {1, 2}])
def test_what_is_no_query_is_invalid(plain, query):
    with pytest.raises(HrmAgentError):
        plain.solve_sync(query)


def test_a_mapping_with_one_tasks_fields_says_what_is_wrong_with_it(plain):
    with pytest.raises(MalformedTask, match=r"sorting.*values"):
        plain.solve_sync({"values": []})
    with pytest.raises(UnknownSpecialist):
        plain.solve_sync({"numbers": [2, 1]})


def test_what_is_nearly_a_problem_is_told_with_the_reason():
    grid = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
    task = SudokuTask()
    with ScriptedSpecialist(task) as one, Router([one], llm=None, settings=Settings()) as router:
        answer = router.solve_sync(f"55{grid[2:]}")
        assert answer.status == "abstained"
        assert "row 1 holds 5 twice" in answer.text
        with pytest.raises(MalformedTask, match="a grid of 80 cells"):
            router.solve_sync(grid[:-1], task="sudoku")


def test_a_task_whose_near_misses_break_hinders_nobody(sorting):
    class Careless(type(sorting)):
        name = "careless"

        def near_misses(self, text):
            raise RuntimeError("oops")

    with (
        ScriptedSpecialist(Careless()) as one,
        Router([one], llm=None, settings=Settings()) as router,
    ):
        assert router.solve_sync("hello there").status == "abstained"


def test_what_is_no_policy_and_no_list_of_queries_is_invalid(plain):
    with pytest.raises(InvalidInput, match=r"Policy\(deadline=5"):
        plain.solve_sync("[2, 1]", policy={"deadline": 1})
    with pytest.raises(InvalidInput, match="use solve"):
        asyncio.run(plain.solve_many("[2, 1]"))
