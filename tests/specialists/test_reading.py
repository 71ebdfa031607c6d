"""Any task's problems are found as JSON or CSV rows, whatever stands around them."""

from __future__ import annotations

import json
import time
from typing import Annotated

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hrm_specialists.reading import read_typed


class Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid")

    values: tuple[int, ...]
    note: str = ""


class Reading(BaseModel):
    speed: float
    load: float
    mode: str


class Window(BaseModel):
    """Takes a bare list too."""

    readings: Annotated[tuple[float, ...], Field(min_length=5, max_length=5)]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: object) -> object:
        return {"readings": data} if isinstance(data, list) else data


def found(problem: type[BaseModel], text: str) -> list[dict[str, object]]:
    claims = list(read_typed(problem, text))
    for claim in claims:
        start, end = claim.span
        assert text[start:end].strip() == text[start:end]
    return [claim.problem.model_dump() for claim in claims]


texts = st.text(st.sampled_from('ab {}[]",:\\\n1'), max_size=30)


@given(st.lists(st.integers(), max_size=5), st.text(max_size=10))
def test_an_object_is_found_between_prose(values, note):
    text = json.dumps({"values": values, "note": note})
    for around in ("{}", "Sort: {} please.", "a {{ b\n```json\n{}\n```", 'say "{}"', "x [1, {}]"):
        assert found(Numbers, around.format(text)) == [{"values": tuple(values), "note": note}]


@given(texts, texts)
def test_no_text_around_makes_it_fail(before, after):
    list(read_typed(Numbers, before + '{"values": [1]}' + after))


def test_several_are_found_and_the_outermost_counts():
    assert found(Numbers, '{"values":[1]} and [{"values":[2]},\n{"values":[3]}]') == [
        {"values": (n,), "note": ""} for n in (1, 2, 3)
    ]
    assert len(found(Numbers, '{"problem": {"values": [1], "note": "{\\"values\\": [2]}"}}')) == 1


def test_what_does_not_validate_is_left_alone():
    for text in ('{"values": [1], "other": 2}', '{"values": ["a"]}', '{"values": [1]', "{}",
                 "values: [1]", "[1, 2, 3]", "1,2,3", ""):  # fmt: skip
        assert found(Numbers, text) == []
    # foreign keys are refused even where the model would ignore them
    assert found(Reading, '{"speed": 1, "load": 2, "mode": "a", "user": 3}') == []
    assert len(found(Reading, '{"speed": 1, "load": 2, "mode": "a"}')) == 1


def test_a_row_is_found_by_the_number_of_its_values():
    text = "What is this?\r\n0.5,1.25,idle\r\nand 1,2\r\n1,2,3,4"
    assert found(Reading, text) == [{"speed": 0.5, "load": 1.25, "mode": "idle"}]
    assert found(Reading, "first, second, third") == []


def test_lists_and_rows_are_found_where_the_model_takes_them():
    window = {"readings": (1.0, 2.0, 3.0, 4.5, 5.0)}
    assert found(Window, "Label [1, 2, 3, 4.5, 5] please") == [window]
    assert found(Window, "Label:\n1, 2, 3, 4.5, 5\n1,2,3,4\n") == [window]


def test_time_grows_with_the_text_alone():
    for piece in ("{", "[", '{"a":', '["', "[[]", '{"values":[1],"x":', "1,2,3\n", '"'):
        began = time.process_time()
        list(read_typed(Numbers, piece * (100_000 // len(piece))))
        assert time.process_time() - began < 2, piece  # quadratic time would be minutes
