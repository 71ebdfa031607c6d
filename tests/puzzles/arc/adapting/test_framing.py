"""How large an answer is: the stated rules, and no guess beyond them."""

from __future__ import annotations

import pytest

from hrm_puzzles.arc import ArcProblem
from hrm_puzzles.arc.adapting.framing import framings_of, objects


def problem(*pairs, test):
    return ArcProblem.model_validate(
        {
            "train": [{"input": given, "output": wanted} for given, wanted in pairs],
            "test": [{"input": test}],
        }
    )


def blank(height, width):
    return [[0] * width for _ in range(height)]


@pytest.mark.parametrize(
    ("pairs", "test", "size", "name"),
    [
        ([(blank(2, 3), blank(2, 3))], blank(4, 5), (4, 5), "the whole input"),
        ([(blank(2, 3), blank(4, 6))], blank(1, 5), (2, 10), "2 by 2 times"),
        ([(blank(4, 2), blank(2, 1))], blank(6, 8), (3, 4), "1/2 by 1/2 times"),
        (
            [(blank(2, 2), blank(3, 3)), (blank(5, 4), blank(3, 3))],
            blank(7, 7),
            (3, 3),
            "always 3x3",
        ),
        (
            [([[0, 0, 0], [0, 4, 5], [0, 0, 0]], [[4, 5]]), ([[0, 6], [0, 7]], [[6], [7]])],
            [[0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 4, 0], [0, 0, 0, 0]],
            (2, 3),
            "off the ground",
        ),
    ],
)
def test_the_size_follows_from_the_first_rule_that_fits(pairs, test, size, name):
    asked = problem(*pairs, test=test)
    framing = framings_of(asked)[0]
    cut = framing.cut(asked.test[0].input)
    assert framing.size(cut) == size
    assert name in str(framing)


def test_sizes_without_a_rule_are_not_guessed():
    assert (
        framings_of(
            problem((blank(2, 2), blank(3, 1)), (blank(3, 3), blank(1, 7)), test=blank(4, 4))
        )
        == []
    )
    half = problem((blank(2, 2), blank(1, 1)), (blank(4, 6), blank(2, 3)), test=blank(3, 3))
    assert framings_of(half) == []  # one and a half rows are no answer


def test_different_parts_that_fit_alike_are_all_named():
    grid = [[1, 1, 0, 2], [1, 1, 0, 0], [1, 1, 0, 0]]
    other = [[0, 0, 0, 3], [3, 0, 0, 0]]
    asked = problem((grid, [[2]]), test=other)
    assert len(framings_of(asked)) > 1


def test_objects_hang_together_by_their_corners():
    assert [len(one) for one in objects(((1, 0, 0), (0, 2, 0), (0, 0, 0), (3, 0, 3)))] == [2, 1, 1]
