"""Trees, n-grams and convolutions: the same as the libraries that they come from, without them."""

from __future__ import annotations

import numpy as np
import pytest

from hrm_specialists.learners.grams import grams_of
from hrm_specialists.learners.rocket import Rocket
from hrm_specialists.learners.stored import pack, unpack
from hrm_specialists.learners.trees import of_boosting, of_forest

ensemble = pytest.importorskip("sklearn.ensemble")


def rows(seed=0, n=400, features=6, labels=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, features)).astype(np.float32).astype(float)
    X[rng.random(X.shape) < 0.05] = np.nan
    y = (np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) > 0).astype(int)
    return X, y + (np.nan_to_num(X[:, 2]) > 0.5) * (labels - 2)


def test_trees_answer_as_scikit_learn_does_with_missing_values_alone_and_in_company():
    for labels in (2, 3):
        X, y = rows(labels=labels)
        for model, taken in (
            (ensemble.RandomForestClassifier(20, random_state=0), of_forest),
            (ensemble.ExtraTreesClassifier(20, random_state=0), of_forest),
            (ensemble.HistGradientBoostingClassifier(max_iter=20, random_state=0), of_boosting),
        ):
            trees = taken(model.fit(X, y))
            name = f"{type(model).__name__}, {labels} labels"
            assert np.abs(trees.answer(X) - model.predict_proba(X)).max() < 1e-6, name
            alone = np.vstack([trees.answer(X[at : at + 1]) for at in range(40)])
            assert np.abs(alone - trees.answer(X)[:40]).max() < 1e-9, name


def test_trees_predict_numbers_as_scikit_learn_does():
    X, _ = rows()
    y = np.nan_to_num(X).sum(1)
    for model, taken in (
        (ensemble.RandomForestRegressor(20, random_state=0), of_forest),
        (ensemble.HistGradientBoostingRegressor(max_iter=20, random_state=0), of_boosting),
    ):
        trees = taken(model.fit(X, y))
        assert np.abs(trees.answer(X)[:, 0] - model.predict(X)).max() < 1e-5, type(model)


def test_small_trees_answer_by_bits_as_they_do_when_walked():
    """Whatever the leaves, missing values, infinities and values on a threshold."""
    X, y = rows(n=900, labels=4)
    X[5, 0], X[6, 1] = np.inf, -np.inf
    for leaves in (4, 31, 60):
        for target in (y, (y > 0).astype(int)):
            model = ensemble.HistGradientBoostingClassifier(
                max_iter=15, max_leaf_nodes=leaves, min_samples_leaf=2, random_state=0
            )
            trees = of_boosting(model.fit(np.where(np.isinf(X), 3.0, X), target))
            assert trees._masks is not None
            inner = trees.child != np.arange(len(trees.child))
            on_edge = np.repeat(trees.threshold[inner][:200, None], X.shape[1], axis=1)
            asked = np.vstack([X, on_edge, np.full((1, X.shape[1]), np.nan)])
            sums = np.tile(trees.base, (len(asked), 1))
            trees._masks.add(asked, sums)
            assert np.abs(sums - trees._many(asked)).max() < 1e-5, leaves


def test_damaged_trees_are_refused_before_anything_walks_them():
    X, y = rows()
    trees = of_forest(ensemble.RandomForestClassifier(5, random_state=0).fit(X, y))
    damages = {
        "child": lambda a: np.where(np.arange(len(a)) == 3, 0, a),
        "feature": lambda a: np.where(np.arange(len(a)) == 0, -1, a),
        "value": lambda a: np.full_like(a, np.nan),
        "root": lambda a: np.append(a[1:], a[0] + 1),
        "threshold": lambda a: a[:-1],
    }
    for name, damage in damages.items():
        told, arrays = pack(trees)
        with pytest.raises(ValueError, match=r"tree|leaf|leaves"):
            unpack(told, {**arrays, name: damage(arrays[name])})


def test_n_grams_are_those_that_scikit_learn_counts():
    """Hashed, but as many different ones, as often."""
    text = pytest.importorskip("sklearn.feature_extraction.text")
    texts = ["The cat sat.", "a cat, a hat & a bat", "", "ünïcode Ünïcode x_1", "one"]
    grams = grams_of(texts)
    words = text.CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+").fit_transform(texts)
    letters = text.CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit_transform(texts)
    for found, wanted in ((grams.words, words), (grams.letters, letters)):
        for row in range(len(texts)):
            mine = sorted(found[2][found[0] == row].tolist())
            theirs = sorted(wanted[row].data.tolist())
            if found is grams.letters:  # scikit-learn counts a word shorter than n once for each n
                assert sum(mine) <= sum(theirs), texts[row]
            else:
                assert mine == theirs, texts[row]


def test_n_grams_know_case_and_column_if_asked():
    lower, cased = grams_of(["Ab ab"]), grams_of(["Ab ab"], cased=True)
    assert len(lower.words[1]) == 2
    assert len(cased.words[1]) == 3
    assert not set(lower.words[1]) & set(grams_of(["Ab ab"], salt=1).words[1])
    taken = grams_of(["x", "y z", "w"]).take(np.array([1, 1, 0]))
    assert np.bincount(taken.words[0]).tolist() == [3, 3, 1]


def test_convolutions_tell_a_fast_wave_from_a_slow_one_wherever_it_begins():
    rng = np.random.default_rng(0)
    at = np.arange(100) + rng.uniform(0, 50, (60, 1))
    waves = np.sin(at * np.where(np.arange(60) % 2, 0.3, 0.9)[:, None])
    rocket = Rocket.fitted(waves[:30])
    features = rocket.features(waves)
    near = [
        int(np.argmin(((features[:30] - row) ** 2).sum(1))) % 2 == at % 2
        for at, row in enumerate(features[30:])
    ]
    assert all(near)
    again = unpack(*pack(rocket))
    assert (again.features(waves[:2]) == features[:2]).all()
