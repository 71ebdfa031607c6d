"""Text, chats and typed problems into claims."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hrm_router.reading import (
    MARGIN,
    MAX_CHARACTERS,
    MAX_PROBLEMS,
    OVERLAP,
    PIECE,
    Query,
    in_pieces,
    read_as,
    read_problem,
    read_text,
    sort_out,
)
from hrm_specialists.contract import Claim, Task
from hrm_specialists.errors import InvalidInput, MalformedTask, TaskTooLarge
from hrm_specialists.schema.infer import infer_task


class Word(BaseModel):
    text: str


def reader(name, pattern, *, title=""):
    """A task that claims whatever the pattern matches."""

    class Reader(Task[Word, Word]):
        Problem = Solution = Word

        def read(self, text):
            for found in re.finditer(pattern, text):
                yield Claim(Word(text=found[0]), found.span(), pattern)

    task = Reader()
    task.name, task.title = name, title
    return task


def read(text, *tasks):
    return read_text(text, {task.name: task for task in tasks})


def found(reading):
    return [(one.task, one.span) for one in reading.problems]


def test_the_longer_of_two_overlapping_claims_wins():
    reading = read("xx abc abcdef", reader("short", "abc"), reader("long", "abcdef"))

    assert found(reading) == [("short", (3, 6)), ("long", (7, 13))]
    assert reading.touched == {"short", "long"}
    assert reading.tied == ()


def test_equal_claims_go_to_nobody_and_say_so():
    reading = read("see abc here", reader("one", "abc"), reader("two", "abc"))

    assert found(reading) == []
    assert reading.tied == ("one", "two")
    assert "one and of two" in reading.notes[0].detail


@pytest.mark.parametrize("text", ["do this two: abc", "A Second Task: abc!"])
def test_a_name_in_the_text_breaks_a_tie(text):
    rivals = reader("one", "abc"), reader("two", "abc", title="second task")
    assert [task for task, _ in found(read(text, *rivals))] == ["two"]


def test_what_a_tie_does_not_touch_is_kept():
    reading = read("abc, xyz", reader("one", "abc|xyz"), reader("two", "abc"))

    assert found(reading) == [("one", (5, 8))]
    assert reading.tied == ("one", "two")


def test_a_broken_reader_hinders_nobody():
    class Broken(Task[Word, Word]):
        name = "broken"
        Problem = Solution = Word

        def read(self, text):
            raise RuntimeError("oops")

    class Liar(Broken):
        name = "liar"

        def read(self, text):
            yield Claim(Word(text="?"), (0, len(text) + 1), "beyond the end")

    reading = read("abc", Broken(), Liar(), reader("good", "abc"))
    assert found(reading) == [("good", (0, 3))]
    assert {note.task for note in reading.notes} == {"broken", "liar"}


@given(
    text=st.text(alphabet="ab ", max_size=40),
    patterns=st.lists(st.text(alphabet="ab", min_size=1, max_size=4), min_size=1, max_size=4),
)
def test_kept_claims_never_overlap_and_order_of_tasks_does_not_matter(text, patterns):
    tasks = [reader(f"t{n}", pattern) for n, pattern in enumerate(patterns)]
    reading = read(text, *tasks)

    spans = [one.span for one in reading.problems]
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert found(read(text, *reversed(tasks))) == found(reading)
    for one in reading.problems:
        assert text[slice(*one.span)] == one.problem.text


def test_too_many_problems_are_refused():
    with pytest.raises(TaskTooLarge):
        read("a " * (MAX_PROBLEMS + 1), reader("one", "a"))


def test_sizes_at_the_limit():
    assert sort_out("x" * MAX_CHARACTERS).text
    with pytest.raises(TaskTooLarge):
        sort_out("x" * (MAX_CHARACTERS + 1))
    half = {"role": "user", "content": "x" * (MAX_CHARACTERS // 2 + 1)}
    with pytest.raises(TaskTooLarge):
        sort_out([half, half])


@pytest.mark.parametrize(
    "query", [b"abc", "a\0b", "\ud800", 7, None, [], [{"role": "system", "content": "x"}], ["x"]]
)
def test_what_is_no_query_is_refused(query):
    with pytest.raises(InvalidInput):
        sort_out(query)


def test_a_typed_problem_finds_its_task():
    class Other(BaseModel):
        text: str
        more: int = 0

    one, two = reader("one", "a"), reader("two", "b")
    two.Problem = two.Solution = Other
    tasks = {"one": one, "two": two}

    assert found(read_problem(Word(text="x"), tasks)) == [("one", None)]
    assert found(read_problem(Other(text="x"), tasks)) == [("two", None)]
    with pytest.raises(MalformedTask, match="of one, two"):
        read_problem({"text": "x"}, tasks)


def test_a_named_task_reads_first_and_parses_second():
    task = reader("one", "abc")
    assert found(read_as(Query(text="x abc"), task)) == [("one", (2, 5))]
    assert found(read_as(Query(text='{"text": "y"}'), task)) == [("one", None)]
    assert found(read_as(Query(text="nothing"), task)) == []
    with pytest.raises(MalformedTask):
        read_as(Query(text=json.dumps({"text": 1})), task)
    assert found(read_as(Query(text="[" * 100_000), task)) == []


def test_validators_that_raise_anything_are_malformed_input():
    class Odd(BaseModel):
        text: str

        def __init__(self, **data):
            super().__init__(**data)

        def model_post_init(self, context):
            raise ZeroDivisionError

    task = reader("odd", "a")
    task.Problem = Odd
    with pytest.raises(MalformedTask, match="ZeroDivisionError"):
        read_as(Query(problem={"text": "x"}), task)


def test_a_list_is_the_problem_of_a_named_task_and_a_chat_without_a_name():
    task = infer_task("sum", [([k, k + 1, 2.5], k % 2) for k in range(60)])
    readings = [4, 5, 2.5]

    for query in (readings, tuple(readings), "4 5 2.5", "4, 5, 2.5", "[4, 5, 2.5]"):
        (one,) = read_as(sort_out(query, named=True), task).problems
        assert one.problem == task.Problem.model_validate(readings)
    for query in ("4 05 2.5", "4 5 x"):
        assert not read_as(sort_out(query, named=True), task).problems
    with pytest.raises(MalformedTask, match="'sum'"):
        read_as(sort_out(["a"], named=True), task)
    with pytest.raises(InvalidInput, match="with task="):
        sort_out(readings)
    chat = [{"role": "user", "content": "4 5 2.5"}]
    assert sort_out(chat, named=True).text == "4 5 2.5"


@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_long_texts_are_read_in_pieces_as_if_they_were_whole(random, count):
    longest = OVERLAP - 2 * MARGIN
    parts = [
        " " * random.randrange(9_000) + f"<{number} {'x' * random.choice([0, 40, longest - 20])}>"
        for number in range(count)
    ]
    text, seen = "".join(parts) + " " * random.randrange(PIECE), []
    task = reader("marks", r"<\d+ x*>")

    def read(part):
        seen.append(len(part))
        return task.read(part)

    assert [claim.span for claim in in_pieces(read, text)] == [
        found.span() for found in re.finditer(r"<\d+ x*>", text)
    ]
    assert max(seen) <= PIECE


def test_what_a_reader_tells_of_a_long_text_stands_where_it_says():
    def read(part):
        for found in re.finditer(r"<x> s", part):
            start, end = found.span()
            yield Claim(
                Word(text="x"), (start, start + 3), "", ((end - 1, end),), (), ((start, end),)
            )

    text = " " * (2 * PIECE) + "<x> s"
    (claim,) = in_pieces(read, text)
    assert [text[a:b] for a, b in (*claim.explained, *claim.beside)] == ["s", "<x> s"]


def test_what_a_cut_may_have_shortened_is_not_read():
    text = " " * (PIECE - 30_000) + "<" + "x" * 40_000 + ">"
    assert len(read_text(text, {"marks": reader("marks", r"<x+")}).problems) == 0
