"""Kernel regression: smooth answers, useless features, holes, weights, and what is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hrm_specialists.learners.kernel import fit_kernel
from hrm_specialists.learners.rows import Rows
from hrm_specialists.learners.stored import pack, unpack

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (700, 6))
SMOOTH = np.sin(3 * X[:, 0]) + X[:, 1] ** 2 + 0.5 * X[:, 2]
"""The other three features tell nothing."""
RINGS = (np.linalg.norm(X[:, :2], axis=1) * 3).astype(int).clip(0, 3)


def rows(at: slice) -> Rows:
    return Rows(X[at])


def test_a_smooth_function_is_learned_closely_from_300_rows():
    model = fit_kernel(rows(slice(300)), SMOOTH[:300], 0)
    missed = np.abs(model.predict(rows(slice(300, None)))[:, 0] - SMOOTH[300:])
    assert missed.mean() < 0.01, missed.mean()


def test_features_that_tell_nothing_get_long_scales():
    noisy = SMOOTH + RNG.normal(0, 0.1, len(X))
    scales = fit_kernel(rows(slice(400)), noisy[:400], 0).inverse[:6]
    assert scales[3:].max() < 0.3 * scales[:2].min(), scales


def test_labels_get_probabilities_that_are_right_and_say_so():
    model = fit_kernel(rows(slice(500)), RINGS[:500], 4)
    said = model.predict(rows(slice(500, None)))
    assert np.allclose(said.sum(1), 1)
    assert (said.argmax(1) == RINGS[500:]).mean() > 0.85
    assert abs(said.max(1).mean() - (said.argmax(1) == RINGS[500:]).mean()) < 0.08


def test_a_missing_value_is_known_to_be_missing():
    holes = X[:400].copy()
    gone = RNG.random(400) < 0.5
    holes[gone, 0] = np.nan
    target = np.where(gone, 5.0, holes[:, 0])
    model = fit_kernel(Rows(holes[:300]), target[:300], 0)
    assert np.abs(model.predict(Rows(holes[300:]))[:, 0] - target[300:]).mean() < 0.3


def test_a_row_of_little_weight_counts_as_noise():
    twice = np.concatenate([X[:200], X[:200]])
    y = np.concatenate([SMOOTH[:200], SMOOTH[:200] + 4])
    weights = np.repeat([1.0, 1e-3], 200)
    model = fit_kernel(Rows(twice), y, 0, weights=weights)
    missed = np.abs(model.predict(rows(slice(300, None)))[:, 0] - SMOOTH[300:]).mean()
    assert missed < 0.5, missed


def test_more_features_than_scales_and_features_that_never_vary():
    wide = np.hstack([RNG.normal(size=(300, 60)), np.ones((300, 2))])
    y = (wide[:, 0] + wide[:, 1] > 0).astype(int)
    said = fit_kernel(Rows(wide[:250]), y[:250], 2).predict(Rows(wide[250:]))
    assert np.isfinite(said).all()
    assert (said.argmax(1) == y[250:]).mean() > 0.7
    flat = fit_kernel(Rows(np.ones((40, 3))), np.arange(40.0), 0).predict(Rows(np.ones((2, 3))))
    assert np.allclose(flat, 19.5)


def test_what_is_kept_gives_the_same_answers():
    for labels, target in ((0, SMOOTH), (4, RINGS)):
        model = fit_kernel(rows(slice(300)), target[:300], labels)
        told, arrays = pack(model)
        again = unpack(json.loads(json.dumps(told)), arrays)
        assert np.array_equal(
            again.predict(rows(slice(300, 400))), model.predict(rows(slice(300, 400)))
        )


def test_arrays_that_do_not_belong_together_are_refused():
    model = fit_kernel(rows(slice(100)), SMOOTH[:100], 0)
    for name, wrong in (
        ("dual", model.dual[:-1]),
        ("points", model.points[:, :-1]),
        ("inverse", model.inverse[:-1]),
        ("centre", model.centre[:-1]),
        ("bias", np.array([np.nan])),
    ):
        with pytest.raises(ValueError, match=r"kernel|weight"):
            replace(model, **{name: wrong})
