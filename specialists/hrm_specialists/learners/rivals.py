"""Learners that compete for a table, texts or series, the cheapest to ask first.

Each is a name and a way to fit; scikit-learn is imported by those that use it. Knows nothing
of folds or scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.kernel import MOST_ROWS, fit_kernel
from hrm_specialists.learners.linear import fit_linear, fit_median, fit_ratio, fit_waves
from hrm_specialists.learners.mixture import Member
from hrm_specialists.learners.rows import Encoder, Rows
from hrm_specialists.learners.trees import Trees, of_boosting, of_forest

FOREST = 150
"""Trees of a forest."""
MOST_WAVES = 4_000
"""Rows up to which the closed form for series is worth its square."""
EXACT = {"linear, median": fit_median, "ratio": fit_ratio}
"""Learners of numbers that find rules which hold to the last digit."""


@dataclass(frozen=True, slots=True)
class Rival:
    """One way to learn."""

    name: str
    kind: str
    """What `--learner` calls it: trees, linear, kernel or series."""
    learn: Callable[[Rows, NDArray[Any], int, NDArray[np.float64] | None], Member]

    def fit(
        self,
        rows: Rows,
        targets: NDArray[Any],
        labels: int,
        weights: NDArray[np.float64] | None = None,
    ) -> Member:
        """Learn numbers (`labels` 0), or codes of labels, all of which occur.

        One thread does it: threads that wait for a busy core take far longer.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return self.learn(rows, targets, labels, weights)


def rivals_for(encoder: Encoder, rows: Rows, labels: int, *, seed: int) -> list[Rival]:
    """Those that fit such columns."""
    found: list[Rival] = []
    plain = any(plan["kind"] != "text" for plan in encoder.plans)
    quantities = any(plan.get("contexts") for plan in encoder.plans)
    places = any(plan.get("places") for plan in encoder.plans)
    if any(plan["kind"] == "text" for plan in encoder.plans):
        linear: dict[str, dict[str, Any]] = {
            "n-grams": {"strength": 10.0},
            "n-grams, wide margin": {"strength": 2.0, "margin": bool(labels)},
            "n-grams with case": {"strength": 30.0, "cased": True},
        }
        found += [_linear(name, use_dense=plain, **how) for name, how in linear.items()]
    if plain or quantities:
        found += [_linear("linear", strength=1.0), _linear("linear, smoother", strength=0.05)]
        if not labels:
            found += [
                Rival(name, "linear", lambda rows, y, k, w, fit=fit: fit(rows, y))  # type: ignore[misc]
                for name, fit in EXACT.items()
            ]
        if len(rows) <= MOST_ROWS:
            found.append(Rival("kernel", "kernel", partial(fit_kernel, seed=seed)))
    if plain or places or quantities:
        for name in ("boosting", "forest", "slow boosting", "extra trees"):
            fit = _boosted if "boosting" in name else _grown
            found.append(Rival(name, "trees", partial(fit, name, seed)))
    if rows.waves is not None and len(rows) <= MOST_WAVES:
        found.append(Rival("convolutions", "series", lambda r, y, k, w: fit_waves(r, y, k)))
    return found


def _linear(name: str, **how: Any) -> Rival:
    return Rival(name, "linear", partial(fit_linear, **how))


def _grown(name: str, seed: int, rows: Rows, y: NDArray[Any], labels: int, weights: Any) -> Trees:
    from sklearn import ensemble

    kind = "RandomForest" if name == "forest" else "ExtraTrees"
    made = getattr(ensemble, kind + ("Classifier" if labels else "Regressor"))
    more: dict[str, Any] = {} if labels else {"min_samples_leaf": 2, "max_features": 0.6}
    return of_forest(made(FOREST, random_state=seed, **more).fit(rows.dense, y, weights))


def _boosted(name: str, seed: int, rows: Rows, y: NDArray[Any], labels: int, weights: Any) -> Trees:
    from sklearn import ensemble

    made = getattr(ensemble, "HistGradientBoosting" + ("Classifier" if labels else "Regressor"))
    more: dict[str, Any] = {"max_iter": 100 if labels <= 4 else 50, "early_stopping": False}
    if name != "boosting":
        slow = {"learning_rate": 0.06, "max_leaf_nodes": 8, "min_samples_leaf": 10}
        more |= {**slow, "max_iter": 150 if labels <= 4 else 70}
    return of_boosting(made(random_state=seed, **more).fit(rows.dense, y, weights))
