"""An answer claims no more than its parts, and survives being stored."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from hrm_router.answer import STATUSES, Answer, Part, weakest
from hrm_specialists.contract import Task
from hrm_specialists.errors import InvalidInput, UnknownSpecialist


class Number(BaseModel):
    value: int


class Counting(Task[Number, Number]):
    name = "counting"
    Problem = Solution = Number


TASKS = {"counting": Counting()}
parts = st.builds(
    lambda status, value, text: Part(
        status=status,
        by="specialist",
        task="counting",
        problem=Number(value=0),
        solution=Number(value=value),
        specialist="counting",
        confidence=0.5,
        text=text,
    ),
    st.sampled_from(STATUSES),
    st.integers(),
    st.text(),
)
answers = st.builds(
    lambda parts, text: Answer(route="specialist", text=text, parts=tuple(parts)),
    st.lists(parts, min_size=1, max_size=4),
    st.text(),
)


@given(answer=answers)
def test_an_answer_reloads_whole(answer):
    assert Answer.load(answer.model_dump(), TASKS) == answer
    assert Answer.load(json.dumps(answer.model_dump(mode="json")), TASKS) == answer
    assert "\x1b" not in str(answer) + answer.explain() + answer._repr_html_()


@given(answer=answers)
def test_the_status_is_the_weakest_parts(answer):
    assert answer.status == weakest(part.status for part in answer.parts)
    assert answer.ok == (answer.status in ("verified", "accepted", "answered"))
    assert answer.solution is not None


def test_a_stored_answer_cannot_be_talked_up():
    part = Part(status="unverified", by="llm", text="?")
    data = Answer(route="llm", text="?", parts=(part,)).model_dump()
    data |= {"status": "verified", "confidence": 1.0, "specialist": "sudoku"}
    reloaded = Answer.load(data, {})
    assert (reloaded.status, reloaded.confidence, reloaded.specialist) == ("unverified", None, None)


def test_the_first_good_solution_is_the_answers():
    bad = Part(status="unverified", by="llm", task="counting", solution=Number(value=1))
    good = Part(status="verified", by="specialist", task="counting", solution=Number(value=2))
    answer = Answer(route="hybrid", text="", parts=(bad, good))
    assert answer.solution == Number(value=2)


def test_loading_names_what_is_wrong():
    part = Part(status="verified", by="specialist", task="counting", solution=Number(value=1))
    stored = Answer(route="specialist", text="", parts=(part,)).model_dump_json()
    with pytest.raises(UnknownSpecialist, match="counting"):
        Answer.load(stored, {})
    for wrong in ("", "[]", "{}", '{"parts": 3}', '{"parts": [{"task": "counting"}]}', b"\xff"):
        with pytest.raises(InvalidInput):
            Answer.load(wrong, TASKS)


def test_an_answer_does_not_change():
    answer = Answer(route="none", text="", parts=())
    with pytest.raises(ValidationError):
        answer.text = "other"
    assert answer.status == "abstained"
