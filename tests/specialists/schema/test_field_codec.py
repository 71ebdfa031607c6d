"""Codecs of plain data and of annotated models: what goes in comes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from hrm_specialists.codec import IGNORE, PAD
from hrm_specialists.errors import ConfigError, MalformedTask, TaskTooLarge
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.field_codec import ANSWER, UNKNOWN, FieldCodec
from hrm_specialists.schema.fields import END, Number
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.schema.kinds import quantiles
from hrm_specialists.schema.models import codec_for
from hrm_specialists.schema.prose import field_from_config
from hrm_specialists.schema.sequences import Items

words = st.text(alphabet="abc", min_size=1, max_size=6)
grids = st.integers(1, 4).flatmap(
    lambda w: st.lists(st.lists(st.integers(0, 3), min_size=w, max_size=w), min_size=1, max_size=4)
)
records = st.fixed_dictionaries(
    {"size": st.floats(-5, 5), "colour": st.sampled_from(["red", "blue"]), "n": st.integers(0, 9)}
)
SIDES = {
    "text": words,
    "grid": grids,
    "record": records,
    "list": st.lists(st.integers(0, 5), min_size=1),
}


def task_of(pairs: list[tuple[Any, Any]]) -> DataTask:
    return infer_task("it", pairs)


@pytest.mark.parametrize("given_kind", SIDES)
@pytest.mark.parametrize("asked_kind", ["text", "grid", "list"])
@settings(max_examples=10)
@given(data=st.data())
def test_a_right_answer_decodes_to_the_solution(given_kind, asked_kind, data):
    side = st.tuples(SIDES[given_kind], SIDES[asked_kind])
    pairs = data.draw(st.lists(side, min_size=6, max_size=10))
    if len({repr(s) for _, s in pairs}) == 1:
        pairs.append((pairs[0][0], pairs[0][1] + pairs[0][1]))
    task = task_of(pairs)

    for given_value, asked_value in pairs:
        problem = task.Problem.model_validate(given_value)
        solution = task.Solution.model_validate(asked_value)
        target = task.codec.target(problem, solution)
        assert len(task.codec.encode(problem)) == len(target) == task.codec.seq_len
        assert all(t == IGNORE or PAD < t < task.codec.vocab_size for t in target)
        answered = [t if t != IGNORE else PAD for t in target]
        assert task.codec.decode(problem, answered) == solution


@settings(max_examples=20)
@given(pairs=st.lists(st.tuples(records, words), min_size=6, max_size=10, unique_by=lambda p: p[1]))
def test_a_saved_task_encodes_as_before(pairs):
    task = task_of(pairs)

    again = DataTask.from_config("it", task.to_config())

    assert again.to_config() == task.to_config()
    problem = task.Problem.model_validate(pairs[0][0])
    same = again.Problem.model_validate(problem.model_dump())
    assert again.codec.encode(same) == task.codec.encode(problem)


def test_one_shape_is_answered_in_place():
    """Grid over grid, position for position; another shape gets positions of its own."""
    square = [([[0, 1], [2, 3]], [[1, 1], [2, 3]]), ([[0, 0], [2, 3]], [[1, 1], [2, 2]])]
    sums = [([0, 1, 2], 3), ([1, 1, 1], 3), ([2, 2, 2], 6)]

    assert task_of(square).codec.seq_len == 4
    assert task_of(sums).codec.seq_len == 4
    assert task_of(sums).codec.encode(task_of(sums).Problem.model_validate([0, 1, 2]))[-1] == ANSWER


def test_a_value_never_seen_is_handled_and_said():
    rows = [({"colour": c, "n": n}, c == "red") for c in ("red", "blue") for n in range(10)]
    task = task_of(rows)
    problem = task.Problem.model_validate({"colour": "mauve", "n": 3})

    assert task.codec.encode(problem)[0] == UNKNOWN
    assert task.unfamiliar(problem) == ["colour 'mauve' was not in training; known: blue, red"]
    assert task.unfamiliar(task.Problem.model_validate({"colour": "red", "n": 3})) == []


def test_names_that_no_attribute_can_have_still_work():
    rows = [({"age of": n, "json": n % 3, "_x": 1 + n % 2}, n % 2) for n in range(20)]
    task = task_of(rows)
    problem = task.Problem.model_validate(rows[3][0])

    assert problem.model_dump(mode="json") == rows[3][0]
    assert len(task.codec.encode(problem)) == 4


def test_a_text_that_is_too_long_is_cut_and_a_list_is_refused_with_its_size():
    """The rest of a text is not seen, and that is said; a list without its end is another."""
    task = task_of([("ab", "x"), ("abc", "y"), ("a", "xy")])
    lists = task_of([([1, 2], "x"), ([1, 2, 3], "y"), ([1], "xy")])

    cut = task.Problem.model_validate("abcab")
    assert task.codec.encode(cut) == task.codec.encode(task.Problem.model_validate("abc"))
    assert task.unfamiliar(cut) == ["it has 5 characters; the longest in training has 3"]
    with pytest.raises(TaskTooLarge, match="items: 5 long; at most 3"):
        lists.codec.encode(lists.Problem.model_validate([1, 2, 3, 1, 2]))


def test_an_answer_that_training_never_had_is_never_right():
    task = task_of([("ab", "x"), ("abc", "y"), ("a", "xy")])
    problem = task.Problem.model_validate("ab")

    for unseen in ("z", "xyxyxy"):
        assert UNKNOWN in task.codec.target(problem, task.Solution.model_validate(unseen))
    with pytest.raises(MalformedTask):
        task.codec.decode(problem, [UNKNOWN] * task.codec.seq_len)


def test_a_bin_that_an_answer_does_not_have_is_its_last():
    """Number fields share tokens; a network that names a bin of another crashes nobody."""
    rows = [({"a": n / 7, "b": n / 3}, n / 100) for n in range(100)]
    task = task_of(rows)
    problem = task.Problem.model_validate(rows[0][0])
    far = max(task.codec.symbols)

    answer = task.codec.decode(problem, [far] * task.codec.seq_len)
    assert answer.value <= 0.99


def test_an_answer_of_no_kind_is_malformed():
    """Padding in the middle of an answer, or a symbol of another field, spells nothing."""
    task = task_of([({"a": 1, "b": 2}, [1, 2]), ({"a": 2, "b": 1}, [2, 1])])
    problem = task.Problem.model_validate({"a": 1, "b": 2})

    with pytest.raises(MalformedTask):
        task.codec.decode(problem, [PAD] * task.codec.seq_len)


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_quantile_bins_hold_their_centres(values):
    number = Number(**quantiles(values))

    assert list(number.edges) == sorted(set(number.edges))
    for value in values:
        (symbol,) = number.spread(value)
        assert number.spread(number.gather([symbol])) == [symbol]


Cell = Annotated[int, Field(ge=0, le=4)]


class Board(BaseModel):
    rows: Annotated[
        tuple[Annotated[tuple[Cell, ...], Field(min_length=3, max_length=3)], ...],
        Field(min_length=2, max_length=2),
    ]


class Move(BaseModel):
    kind: Literal["left", "right"]
    force: float = Field(ge=0, le=1)
    note: str = Field(max_length=4)


class Loose(BaseModel):
    anything: dict[str, int]


def test_annotated_models_need_no_codec():
    codec = codec_for(Board, Move)
    board = Board(rows=((0, 1, 2), (3, 4, 0)))
    move = Move(kind="right", force=0.3, note="ok")

    target = codec.target(board, move)
    found = codec.decode(board, [max(t, 0) for t in target])

    assert codec.seq_len == 6 + 6
    assert (found.kind, found.note) == ("right", "ok")
    assert found.force == pytest.approx(0.3, abs=1 / 64)
    assert codec_for(Board, Board).aligned


def test_a_model_without_bounds_is_refused_by_field():
    with pytest.raises(ConfigError, match=r"Loose\.anything: .* give the task a codec"):
        codec_for(Loose, Move)


def test_a_description_of_no_field_is_refused():
    with pytest.raises(MalformedTask, match="no field"):
        field_from_config({"kind": "tensor"})
    items = Items(length=3, symbols=("a",), text=True, fixed=False)
    assert items.gather(["a", END, "a"]) == "a"
    assert isinstance(task_of([("a", "b"), ("b", "a")]).codec, FieldCodec)
