"""Learners that compete for a table, texts or series, the cheapest to ask first.

Each is a name and a way to fit; scikit-learn is imported by those that use it. Knows nothing
of folds or scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.kernel import MOST_ROWS, Kernel, fit_kernel
from hrm_specialists.learners.linear import Linear, fit_linear, fit_median, fit_ratio, fit_waves
from hrm_specialists.learners.mixture import Member
from hrm_specialists.learners.rows import Encoder, Rows
from hrm_specialists.learners.trees import Link, Trees, of_boosting, of_forest

FOREST = 150
"""Trees of a forest."""
MOST_WAVES = 4_000
"""Rows up to which the closed form for series is worth its square."""

Fit = Callable[[Rows, NDArray[Any], int, "NDArray[np.float64] | None"], Member]


EXACT: dict[str, Fit] = {
    "linear, median": lambda rows, y, labels, weights: fit_median(rows, y),
    "ratio": lambda rows, y, labels, weights: fit_ratio(rows, y),
}
"""Learners that find rules which hold to the last digit."""


@dataclass(frozen=True, slots=True)
class Rival:
    """One way to learn."""

    name: str
    kind: str
    """What `--learner` calls it: trees, linear, kernel or series."""
    fit: Fit
    """Of rows, targets, number of labels (0: numbers) and weights of the rows."""


def rivals_for(encoder: Encoder, rows: Rows, labels: int, *, seed: int) -> list[Rival]:
    """Those that fit such columns."""
    found: list[Rival] = []
    plain = encoder.has_values
    if encoder.has_texts:
        found += [
            _linear("n-grams", 10.0, use_dense=plain),
            _linear("n-grams, wide margin", 2.0, use_dense=plain, margin=bool(labels)),
            _linear("n-grams with case", 30.0, use_dense=plain, cased=True),
        ]
    if plain or encoder.has_quantities:
        found += [_linear("linear", 1.0), _linear("linear, smoother", 0.05)]
        if not labels:
            found += [Rival(name, "linear", fit) for name, fit in EXACT.items()]
        if len(rows) <= MOST_ROWS:
            found.append(_kernel("kernel", seed))
    if plain or encoder.has_places or encoder.has_quantities:
        found += [_boosting("boosting", seed), _forest("forest", seed)]
        found += [_boosting("slow boosting", seed), _forest("extra trees", seed)]
    if rows.waves is not None and len(rows) <= MOST_WAVES:
        found.append(Rival("convolutions", "series", lambda r, y, k, w: fit_waves(r, y, k)))
    return found


def _linear(name: str, strength: float, **how: bool) -> Rival:
    def fit(rows: Rows, y: NDArray[Any], labels: int, weights: Any) -> Linear:
        return fit_linear(rows, y, labels, strength=strength, weights=weights, **how)

    return Rival(name, "linear", fit)


def _kernel(name: str, seed: int) -> Rival:
    def fit(rows: Rows, y: NDArray[Any], labels: int, weights: Any) -> Kernel:
        with _quiet():
            return fit_kernel(rows, y, labels, weights=weights, seed=seed)

    return Rival(name, "kernel", fit)


def _forest(name: str, seed: int) -> Rival:
    def fit(rows: Rows, y: NDArray[Any], labels: int, weights: Any) -> Trees:
        from sklearn import ensemble

        kind = "RandomForest" if name == "forest" else "ExtraTrees"
        made = getattr(ensemble, kind + ("Classifier" if labels else "Regressor"))
        more: dict[str, Any] = {} if labels else {"min_samples_leaf": 2, "max_features": 0.6}
        with _quiet():
            model = made(FOREST, random_state=seed, **more).fit(rows.dense, y, weights)
        return of_forest(model)

    return Rival(name, "trees", fit)


def _boosting(name: str, seed: int) -> Rival:
    def fit(rows: Rows, y: NDArray[Any], labels: int, weights: Any) -> Trees:
        from sklearn import ensemble

        made = getattr(ensemble, "HistGradientBoosting" + ("Classifier" if labels else "Regressor"))
        more: dict[str, Any] = {"max_iter": 100 if labels <= 4 else 50, "early_stopping": False}
        if name != "boosting":
            slow = {"learning_rate": 0.06, "max_leaf_nodes": 8, "min_samples_leaf": 10}
            more |= {**slow, "max_iter": 150 if labels <= 4 else 70}
        with _quiet():
            model = made(random_state=seed, **more).fit(rows.dense, y, weights)
        return of_boosting(model)

    return Rival(name, "trees", fit)


def fit_on_present(
    rival: Rival,
    rows: Rows,
    targets: NDArray[Any],
    labels: int,
    weights: NDArray[np.float64] | None = None,
) -> Member:
    """Fit on rows in which some labels may not occur; those get no probability to speak of."""
    if not labels:
        return rival.fit(rows, targets, 0, weights)
    present, codes = np.unique(targets, return_inverse=True)
    if len(present) == labels:
        return rival.fit(rows, targets, labels, weights)
    if len(present) == 1:
        return _constant(int(present[0]), labels, rows.dense.shape[1])
    return _spread(rival.fit(rows, codes, len(present), weights), present, labels)


def _constant(label: int, labels: int, features: int) -> Linear:
    bias = np.full(labels, -20.0)
    bias[label] = 0.0
    nothing = np.zeros((0, 0))
    return Linear("softmax", bias, np.zeros(features), np.ones(features), nothing)


def _spread(member: Member, present: NDArray[Any], labels: int) -> Member:
    """Give a model of some labels places for all of them."""

    def wide(array: NDArray[Any], fill: float = 0.0) -> NDArray[Any]:
        if not array.size:
            return array
        made = np.full((*array.shape[:-1], labels), fill, array.dtype)
        made[..., present] = array
        return made

    if isinstance(member, Linear):
        return replace(
            member,
            bias=wide(member.bias, -30.0),
            dense=wide(member.dense),
            texts=tuple(wide(t) for t in member.texts),
            waves=None if member.waves is None else wide(member.waves),
        )
    if isinstance(member, Kernel):
        return replace(member, bias=wide(member.bias, -30.0), dual=wide(member.dual))
    value, base = member.value, member.base
    if member.link == "logistic":
        value = np.hstack([np.zeros_like(value), value])
        base = np.array([0.0, base[0]])
    link: Link = "mean" if member.link == "mean" else "softmax"
    fill = 0.0 if link == "mean" else -30.0
    return replace(member, value=wide(value), base=wide(base, fill), link=link)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep scikit-learn to one thread: threads that wait for a busy core take far longer."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
