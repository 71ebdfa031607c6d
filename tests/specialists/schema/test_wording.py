"""Texts are read as the values they hold, and written back as they were."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm_specialists.errors import MalformedTask
from hrm_specialists.schema.fields import Category
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.schema.prose import Prose, field_from_config, field_to_config
from hrm_specialists.schema.sequences import Grid, Items
from hrm_specialists.schema.wording import infer_prose

rng = random.Random(0)


def grid(h: int, w: int) -> list[list[str]]:
    return [[rng.choice("0123") for _ in range(w)] for _ in range(h)]


def turned(n: int) -> list[tuple[str, str]]:
    """The same question about many boards, and what is to be answered."""
    pairs = []
    for _ in range(n):
        board, angle = grid(3, 3), rng.choice(["90", "180"])
        text = "\n".join(" ".join(row) for row in board)
        back = board[::-1] if angle == "90" else board
        question = f"Turn the board (like this: 1 2) by {angle} degrees, please:\n{text}\n"
        pairs.append((question, "[[" + "],[".join(",".join(row) for row in back) + "]]"))
    return pairs


def test_wording_is_dropped_and_values_keep_their_shape():
    """A number and a grid inside a sentence become a category and a grid."""
    pairs = turned(80)
    asked = infer_prose([q for q, _ in pairs], answer=False)
    answer = infer_prose([a for _, a in pairs], answer=True)

    angle, board = asked.leaves
    assert angle == Category(values=("180", "90"))
    assert isinstance(board, Grid)
    assert (board.height, board.width, board.symbols) == (3, 3, ("0", "1", "2", "3"))
    assert answer.wording == ("[[", "]]")
    for question, solution in pairs:
        assert answer.gather(answer.spread(solution)) == solution
        assert len(asked.spread(question)) == asked.size == 10
    assert field_from_config(field_to_config(asked)) == asked


def test_the_answer_lies_over_the_grid_beside_which_the_number_stands():
    """Ten cells of a canvas of three columns, and nothing beside it."""
    task = infer_task("turn", turned(80))

    assert task.aligned
    assert task.codec.seq_len == 12
    question, solution = turned(1)[0]
    problem, wanted = task.Problem.model_validate(question), task.Solution.model_validate(solution)
    assert task.codec.decode(problem, task.codec.target(problem, wanted)) == wanted


def test_worded_problems_are_found_in_free_text_and_others_refused():
    """Prose that follows the wording is a claim; a problem of other words says so."""
    task = infer_task("turn", turned(80))
    question = turned(1)[0][0].strip()

    (claim,) = task.read(f"Hello there. {question}\n")

    assert claim.problem.model_dump() == {"text": question}
    assert list(task.read("Turn the tables, please.")) == []
    with pytest.raises(MalformedTask, match="not worded like"):
        task.codec.encode(task.Problem.model_validate("Turn it."))


def test_numbers_meet_unit_by_unit_and_unknown_words_letter_by_letter():
    """Sums are laid from their units on; a list of strange words is rows of letters."""
    sums = infer_prose([f"Add: {n} + {n * n}" for n in range(3, 200)], answer=False)
    words = ["".join(rng.choices("abcdefgh", k=rng.randint(2, 7))) for _ in range(400)]
    lists = infer_prose([", ".join(words[n : n + 3]) for n in range(300)], answer=True)

    assert sums.slots[0].backward
    assert sums.spread("Add: 12 + 144")[:3] == ["2", "1", "\x03"]
    assert isinstance(lists.leaves[0], Grid)
    assert lists.leaves[0].ragged
    assert lists.gather(lists.spread("abc, de, f")) == "abc, de, f"


@settings(max_examples=40)
@given(data=st.data())
def test_what_was_inferred_writes_every_text_it_was_inferred_from(data):
    """Whatever the separators: an answer's field is exact, or there is none."""
    row = data.draw(st.sampled_from(["\n", "; ", "],[", ""]))
    cell = data.draw(st.sampled_from([" ", ", ", "", "-"]))
    cells = st.lists(st.sampled_from(["0", "1", "22", "x"]), min_size=1, max_size=4)
    rows = st.lists(cells, min_size=1, max_size=3)
    values = data.draw(st.lists(rows, min_size=3, max_size=12))
    texts = [f"It is {row.join(cell.join(r) for r in value)}." for value in values]
    field = infer_prose(texts, answer=True)

    if isinstance(field, Prose):
        for text in texts:
            assert field.gather(field.spread(text)) == text


def test_plain_texts_stay_plain():
    """Words and characters without wording need no prose."""
    assert infer_prose(["ab", "abc", "b", "ca"], answer=False) is None
    task = infer_task("spell", [(w, w[::-1]) for w in ("abc", "bca", "cb", "abca")])
    assert isinstance(task.fields["problem"][""], Items)


def test_held_out_texts_may_be_longer_than_any_that_is_learned():
    def example(words: int, letters: int) -> tuple[str, str]:
        said = ["".join(rng.choices("abcdefgh", k=letters)) for _ in range(words)]
        return f"Turn round: {', '.join(said)}", ", ".join(reversed(said))

    worded = [example(rng.randint(2, 4), rng.randint(2, 5)) for _ in range(60)] + [example(6, 9)]
    plain = [(problem.removeprefix("Turn round: "), answer) for problem, answer in worded]
    for pairs in (worded, plain):
        task = infer_task("turn", pairs, learned=60)
        problem, wanted = task.parse(pairs[-1][0]), task.Solution.model_validate(pairs[-1][1])
        target = task.codec.target(problem, wanted)
        assert task.codec.decode(problem, target) == wanted
