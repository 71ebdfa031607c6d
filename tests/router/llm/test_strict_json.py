"""Strict JSON, and finding it in what a model says."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrm_router.llm import strict_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_json_reads_as_itself(value: object) -> None:
    assert strict_json.loads(json.dumps(value)) == value
    assert strict_json.loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "text",
    ["NaN", "[Infinity]", '{"a": -Infinity}', "1e999", "[" * 65 + "]" * 65, "[" * 10**6, "", "{}{}",
     "9" * 5000, b"\xff", b"\xed\xa0\x80"],
)  # fmt: skip
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        strict_json.loads(text)


def test_sixty_four_levels_are_fine() -> None:
    strict_json.loads("[" * 64 + "]" * 64)


@given(st.text(alphabet='ab {}[]`\n:,"1'), st.dictionaries(st.text(), st.integers(), min_size=1))
def test_the_last_object_of_a_reply_is_found(prose: str, value: dict[str, int]) -> None:
    before = prose.replace("{", "(").replace("`", "'")

    assert strict_json.find(f"{before}\n{json.dumps(value)}\nThat is all.") == value


@pytest.mark.parametrize("text", ["", "no", "{", "{" * 10**5, "```json\n{\n```", '{"a": NaN}'])
def test_where_there_is_none_none_is_found(text: str) -> None:
    begun = time.monotonic()

    assert strict_json.find(text) is None

    assert time.monotonic() - begun < 1.0
