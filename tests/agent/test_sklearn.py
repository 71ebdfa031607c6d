"""scikit-learn's own checks of an estimator, and a pipeline of mixed columns."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from hrm_agent.sklearn import SpecialistClassifier, SpecialistRegressor

checks = pytest.importorskip("sklearn.utils.estimator_checks")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_scikit_learn_finds_nothing_to_object_to():
    """No check is excused; without time the first learner that fits is taken, always the same."""
    for estimator in (
        SpecialistClassifier(learner="linear"),
        SpecialistRegressor(learner="linear"),
        SpecialistClassifier(learner="trees", minutes=0.0),
        SpecialistRegressor(learner="trees", minutes=0.0),
        SpecialistClassifier(minutes=0.0),
        SpecialistRegressor(minutes=0.0),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of checks that were skipped, by the checks themselves
            found = checks.check_estimator(estimator, on_fail=None)
        failed = [one["check_name"] for one in found if one["status"] == "failed"]
        assert failed == [], type(estimator)
        assert len(found) > 40


@pytest.mark.slow
def test_tables_of_mixed_columns_are_learned_in_a_pipeline():
    pandas = pytest.importorskip("pandas")
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(0)
    table = pandas.DataFrame(
        {"size": rng.normal(size=200), "kind": rng.choice(["a", "b", None], 200)}
    )
    y = np.where((table["size"] > 0) != (table.kind == "a"), "yes", "no")
    model = make_pipeline(SpecialistClassifier(learner="trees"))
    assert cross_val_score(model, table, y, cv=2).mean() > 0.8
    said = model.fit(table, y).predict_proba(table)
    assert np.allclose(said.sum(1), 1)
    assert (model.classes_[said.argmax(1)] == model.predict(table)).all()


def test_intervals_of_numbers_hold_the_truth():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 3))
    y = X[:, 0] + rng.normal(0, 0.3, 500)
    model = SpecialistRegressor(learner="linear").fit(X[:400], y[:400])
    low, high = model.predict_interval(X[400:]).T
    assert 0.8 < ((low <= y[400:]) & (y[400:] <= high)).mean() <= 1
    assert model.score(X[400:], y[400:]) > 0.8
