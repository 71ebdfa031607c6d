"""Linear models of n-grams: probabilities, and what is kept of them."""

from __future__ import annotations

import numpy as np
import pytest

from hrm_specialists.learners.linear import fit_linear, fit_median, fit_ratio
from hrm_specialists.learners.rows import Encoder, Rows
from hrm_specialists.learners.stored import pack, unpack
from hrm_specialists.schema.columns import Column

WORDS = ("alpha beta", "gamma delta", "epsilon zeta")


def texts(labels, seed, count):
    """Rows of texts, and which of the words each has among others; the last label once."""
    rng = np.random.default_rng(seed)
    targets = np.concatenate([rng.integers(0, labels - 1, count - 1), [labels - 1]])
    noise = [" ".join(rng.choice(list("abcdefgh"), 6)) for _ in targets]
    values = [f"{rest} {WORDS[t]}" for rest, t in zip(noise, targets, strict=True)]
    return [Column("text", "text", np.array(values, object), ())], targets


@pytest.mark.parametrize("labels", [2, 3])
def test_a_wide_margin_gives_probabilities_that_survive_being_kept(labels):
    known, targets = texts(labels, 0, 60)
    if labels == 2:  # of the two, both often
        targets = np.arange(60) % 2
        known[0].values[:] = [
            f"{t} {WORDS[y]}" for t, y in zip(known[0].values, targets, strict=True)
        ]
    encoder = Encoder.fitted(known, seed=0)
    model = fit_linear(encoder.rows(known), targets, labels, use_dense=False, margin=True)

    rows = encoder.rows(known)
    found = model.predict(rows)
    assert found.shape == (60, labels)
    assert found.sum(1) == pytest.approx(1)
    assert (found.argmax(1) == targets).mean() > 0.95
    assert model.sharpness > 1
    kept = unpack(*pack(model))
    assert kept.predict(rows) == pytest.approx(found)


def test_rare_values_far_out_keep_their_order():
    """Most of a risk is 0, so the few that are not lie many deviations away."""
    rng = np.random.default_rng(0)
    value = np.where(rng.random(4000) < 0.01, rng.uniform(0.1, 1.0, 4000), 0.0)
    targets = (rng.random(4000) < value).astype(int)
    encoder = Encoder.fitted([Column("risk", "number", value, ())], seed=0)
    model = fit_linear(encoder.rows([Column("risk", "number", value, ())]), targets, 2)
    asked = [Column("risk", "number", np.array([0.0, 0.5, 0.9]), ())]
    chance = model.predict(encoder.rows(asked))[:, 1]
    assert chance[0] < 0.01
    assert chance[2] > chance[1] + 0.1


def test_exact_rules_are_found_though_some_of_the_numbers_break_them():
    """Sums and ratios, to the last digit, on rows that taught nothing."""
    rng = np.random.default_rng(0)
    X = rng.integers(1, 1000, (400, 5)).astype(float)
    sums = X @ [3, -2, 11, 0, 1]
    ratios = (X[:, 0] + 7 * X[:, 1] - 5) / X[:, 2]
    for fit, right, broken in (
        (fit_median, sums, 0.1),
        (fit_ratio, sums, 0.1),
        (fit_ratio, ratios, 0.01),
    ):
        told = right.copy()
        told[rng.random(400) < broken] += 77
        member = fit(Rows(X[:300]), told[:300])
        kept = unpack(*pack(member))
        assert np.allclose(kept.predict(Rows(X[300:]))[:, 0], right[300:], rtol=1e-6), fit.__name__
    with pytest.raises(ValueError, match="too few"):
        fit_ratio(Rows(X[:20]), sums[:20])
