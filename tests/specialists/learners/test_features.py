"""Features of texts and of pairs of columns: quantities by their neighbours, likeness."""

import numpy as np

from hrm_specialists.learners.features import contexts_of, features_of, pairs_of, sums_of
from hrm_specialists.schema.columns import Column

ORDERS = ["2 teas and 3 large coffees", "1 teas and 4 large coffees", "7 teas - 5 large coffees"]


def text(name, values):
    return Column(name, "text", np.array(values, object))


def symbols(name, rows, names):
    return Column(name, "symbols", np.array(rows, np.int32), names)


def test_numbers_of_a_text_are_summed_by_the_words_beside_them_and_by_place():
    contexts = contexts_of(ORDERS)

    sums = dict(zip(contexts, sums_of(["-3 teas and 2 teas", "none"], contexts).T, strict=True))

    assert set(contexts) == {"0", "1", "< ^", "> teas", "> large", "> large coffees"}
    assert sums["> teas"].tolist() == [-1, 0]
    assert sums["0"].tolist() == [-3, 0]
    assert sums["1"].tolist() == [2, 0]


def test_texts_that_seldom_hold_a_number_have_no_quantities():
    assert contexts_of(["call me", "no answer", "room 5", "never"]) == []


def test_a_minus_between_numbers_is_a_neighbour_and_one_before_a_number_its_sign():
    contexts = contexts_of(["4 - 3", "4 - 3", "4 - 3"])
    sums = dict(zip(contexts, sums_of(["4 - 3", "-4 - -3", "4-3"], contexts).T, strict=True))
    assert sums["< -"].tolist() == [3, -3, 3]
    assert sums["0"].tolist() == [4, -4, 4]


def test_a_pair_tells_how_often_a_text_holds_a_name_and_what_lists_share():
    names = Column("who", "category", np.array([0, 1, -1]), ("Ann", "Bo"))
    texts = text("said", ["ann and ANN", "nobody", "Bo"])
    assert features_of(names, texts)[:, 0].tolist() == [2, 1, 0]

    one = symbols("one", [[0, 0, 1], [2, -1, -1]], ("a", "b", "c"))
    other = symbols("other", [[0, 1, 1], [0, -1, -1]], ("c", "b", "a"))
    shared = features_of(one, other)
    assert shared.tolist() == [[1 / 3, 1 / 3, 1 / 3, 0], [1, 1, 1, 1]]


def test_columns_that_never_vary_together_are_no_pair():
    names = Column("who", "category", np.array([0, 1]), ("Ann", "Bo"))
    assert pairs_of([names, text("said", ["x", "y"])]) == []
    assert pairs_of([names, text("said", ["ann", "y"])]) == [(0, 1)]
