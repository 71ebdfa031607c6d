"""Scores of labels and quantities agree with scikit-learn's."""

from __future__ import annotations

import random

import pytest
from pydantic import BaseModel
from sklearn.metrics import balanced_accuracy_score, mean_absolute_error, roc_auc_score

from hrm_specialists.contract import Attempt
from hrm_specialists.evaluation.values import is_near, of_values
from hrm_specialists.schema.examples import Example


class Label(BaseModel):
    value: str


class Amount(BaseModel):
    value: float


def attempt(solution, confidence=1.0):
    return Attempt(solution, None, confidence, 1, 1, 0.0)


@pytest.mark.parametrize("labels", ["ab", "abcd"])
def test_labels_are_scored_as_scikit_learn_scores_them(labels):
    rng = random.Random(7)
    wanted = rng.choices(labels, weights=range(1, len(labels) + 1), k=200)
    given = [label if rng.random() < 0.7 else rng.choice(labels) for label in wanted]
    sure = [round(rng.uniform(0.5, 1), 2) for _ in given]
    rest = len(labels) - 1
    chances = [
        [c if label == g else (1 - c) / rest for label in labels]
        for g, c in zip(given, sure, strict=True)
    ]
    found = of_values(
        [Example(Label(value=""), Label(value=w)) for w in wanted],
        [attempt(Label(value=g), c) for g, c in zip(given, sure, strict=True)],
    )
    scores = [row[1] for row in chances] if len(labels) == 2 else chances

    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(wanted, given))
    assert found["auc"] == pytest.approx(roc_auc_score(wanted, scores, multi_class="ovr"))
    assert found["mean_absolute_error"] is None


def test_quantities_have_an_error_and_texts_have_no_scores():
    rng = random.Random(8)
    wanted = [rng.uniform(0, 9) for _ in range(50)]
    given = [value + rng.gauss(0, 1) for value in wanted]
    found = of_values(
        [Example(Amount(value=0), Amount(value=w)) for w in wanted],
        [attempt(Amount(value=g)) for g in given],
    )
    texts = [f"text {n}" for n in range(50)]
    none = of_values(
        [Example(Label(value=""), Label(value=t)) for t in texts],
        [attempt(Label(value=t)) for t in texts],
    )

    assert found["mean_absolute_error"] == pytest.approx(mean_absolute_error(wanted, given))
    assert set(none.values()) == {None}
    assert is_near(Amount(value=1.0), Amount(value=1.4), 0.5)
    assert not is_near(Amount(value=1.0), Amount(value=1.6), 0.5)
    assert not is_near(Amount(value=1.0), Amount(value=1.0), None)
