"""Kernel regression on dense features, with a length scale for each: smooth answers from few rows.

The posterior mean of a Gaussian process, fitted in closed form and applied with numpy alone. It
keeps its training rows, scaled. Knows nothing of columns, files or tasks.
Source: Rasmussen and Williams, "Gaussian processes for machine learning" (2006), chapters 2 to 5.

Shapes: N rows, M training rows, F features (G after flags of missing values), K outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.linear import Link, moments, sharpest, softmax, standard
from hrm_specialists.learners.rows import Rows
from hrm_specialists.learners.stored import Stored, demand

Floats = NDArray[np.float64]

MOST_ROWS = 3_000
"""Training rows up to which the cubic cost is worth it."""
TUNED_ON = 250
"""Rows on which length scales are chosen."""
ROUNDS = 30
"""Steps of that choice at most."""
MOST_SCALES = 48
"""Features up to which each has its own length scale; with more, all share one."""
PULL = 0.02
"""Towards the first length scales, so that features that tell nothing do not decide."""
JITTER = 1e-8
CHUNK = 192
"""Rows that are answered together: their distances fit into the cache."""


@dataclass(frozen=True, slots=True)
class Kernel(Stored):
    """Weights of training rows under a Matérn kernel of smoothness 5/2 with a linear part."""

    link: Link
    centre: Floats
    spread: Floats
    """`[F]` each."""
    inverse: Floats
    """`[G]`: inverse length scales."""
    linear: float
    """Variance of the linear part; that of the rest is 1."""
    points: Floats
    """`[M, G]`, the training rows divided by their length scales."""
    dual: Floats
    """`[M, K]`."""
    bias: Floats
    """`[K]`."""
    sharpness: float = 1.0
    """What scores are multiplied with before they become probabilities."""

    @property
    def outputs(self) -> int:
        """How many numbers an answer has, K or 1."""
        return len(self.bias)

    def predict(self, rows: Rows) -> Floats:
        """Probabilities `[N, K]`, or numbers `[N, 1]`."""
        scores = np.empty((len(rows), len(self.bias)))
        used = np.flatnonzero(self.inverse)
        # Weights of labels are small; those of numbers can be large and of either sign.
        kind = np.float32 if self.link == "softmax" else np.float64
        points = np.ascontiguousarray(self.points[:, used].T, kind)
        dual, square = self.dual.astype(kind), (points**2).sum(0)
        for at in range(0, len(rows), CHUNK):
            scaled = standard(rows.dense[at : at + CHUNK], self.centre, self.spread) * self.inverse
            near = _kernel(scaled[:, used].astype(kind), points, square, self.linear)
            scores[at : at + CHUNK] = near @ dual
        scores += self.bias
        return scores if self.link == "identity" else softmax(self.sharpness * scores)

    def __post_init__(self) -> None:
        rows, width = self.points.shape
        arrays = (self.centre, self.spread, self.inverse, self.points, self.dual, self.bias)
        demand(
            (
                self.dual.shape == (rows, len(self.bias)) and width == len(self.inverse),
                "the weights of a kernel belong to other rows",
            ),
            (
                width == 2 * len(self.centre) == 2 * len(self.spread),
                "a kernel has length scales for other features",
            ),
            (all(np.isfinite(array).all() for array in arrays), "a weight is NaN or infinity"),
        )


def fit_kernel(
    rows: Rows,
    targets: NDArray[Any],
    labels: int,
    weights: Floats | None = None,
    *,
    seed: int = 0,
) -> Kernel:
    """Choose length scales and noise by marginal likelihood, then solve for the weights.

    Labels are regressed on as 1 and -1, and leaving one out says how sure a score is.

    Args:
        rows: training rows, at most `MOST_ROWS` to be of use.
        targets: codes of labels, all of which occur, or numbers.
        labels: how many labels; 0 for numbers.
        weights: of the rows; None for equal ones. Half the weight is twice the noise.
        seed: of the rows on which length scales are chosen.
    """
    from scipy import linalg

    centre, spread = moments(rows.dense)
    X = standard(rows.dense, centre, spread)
    Y = np.eye(labels)[targets] * 2 - 1 if labels else targets[:, None].astype(float)
    level, scale = Y.mean(0), np.maximum(Y.std(0).max(), 1e-12)
    Y = (Y - level) / scale
    at = np.random.default_rng(seed).permutation(len(X))[:TUNED_ON]
    inverse, linear, noise = _tuned(X[at], Y[at])
    points = X * inverse
    covariance = _kernel(points, points.T, (points**2).sum(1), linear)
    covariance[np.diag_indices(len(X))] += noise if weights is None else noise / weights
    factor = linalg.cho_factor(covariance, lower=True, check_finite=False)
    dual = linalg.cho_solve(factor, Y, check_finite=False)
    sharpness = 1.0
    if labels:
        # Source: Rasmussen and Williams, equation 5.12.
        inverse_of_it = linalg.cho_solve(factor, np.eye(len(X)), check_finite=False)
        left_out = (Y - dual / np.diag(inverse_of_it)[:, None]) * scale + level
        sharpness = sharpest(left_out, targets)
    return Kernel(
        link="softmax" if labels else "identity",
        centre=centre,
        spread=spread,
        inverse=inverse,
        linear=linear,
        points=points,
        dual=dual * scale,
        bias=level,
        sharpness=sharpness,
    )


def _kernel(rows: Any, points: Any, square: Any, linear: float) -> Any:
    """`[N, M]` of rows `[N, G]` and points `[G, M]`, whose square lengths are given."""
    dot = rows @ points
    far = square - 2 * dot
    far += (rows**2).sum(1)[:, None]
    np.maximum(far, 0, out=far)
    far *= 5
    found = far / 3  # far is squared so far
    np.sqrt(far, out=far)
    found += far
    found += 1
    np.negative(far, out=far)
    np.exp(far, out=far)
    found *= far
    if linear > 1e-5:
        dot *= linear
        found += dot
    return found


def _tuned(X: Floats, Y: Floats) -> tuple[Floats, float, float]:
    """Inverse length scales, variance of the linear part, and noise, by marginal likelihood."""
    from scipy import linalg, optimize

    varied = np.flatnonzero(np.ptp(X, axis=0) > 0)
    rows, outputs = len(X), Y.shape[1]
    if not len(varied):
        return np.zeros(X.shape[1]), 0.0, 1.0
    own = np.arange(len(varied)) if len(varied) <= MOST_SCALES else np.zeros(len(varied), int)
    scales = own.max() + 1
    product = np.stack([X[:, at] @ X[:, at].T for at in _parts(varied, own)])  # [scales, M, M]
    square = np.einsum("gmm->gm", product)
    apart = square[:, :, None] + square[:, None, :] - 2 * product
    start = np.concatenate([np.full(scales, -0.5 * np.log(len(varied)) - 0.5), [-3.0, -2.0]])

    def loss(given: Floats) -> tuple[float, Floats]:
        squared = np.exp(2 * given[:scales])
        linear, noise = np.exp(given[scales:])
        far = np.sqrt(5 * np.maximum(np.tensordot(squared, apart, 1), 0))
        fading = np.exp(-far)
        lines = np.tensordot(squared, product, 1)
        covariance = (1 + far + far**2 / 3) * fading + linear * lines
        covariance[np.diag_indices(rows)] += noise + JITTER
        try:
            factor = linalg.cholesky(covariance, lower=True, check_finite=False)
        except linalg.LinAlgError:
            return 1e12, np.zeros_like(given)
        dual = linalg.cho_solve((factor, True), Y, check_finite=False)
        inverse = linalg.cho_solve((factor, True), np.eye(rows), check_finite=False)
        value = 0.5 * float((Y * dual).sum()) / outputs + float(np.log(np.diag(factor)).sum())
        outer = inverse - dual @ dual.T / outputs  # twice the derivative by the covariance
        # The derivative of the Matérn kernel by a squared distance is -5/6 (1 + far) exp(-far).
        slope = outer * (-5 / 6 * (1 + far) * fading)
        gradient = np.empty_like(given)
        gradient[:scales] = squared * np.tensordot(apart, slope, 2)
        gradient[:scales] += linear * squared * np.tensordot(product, outer, 2)
        gradient[scales] = 0.5 * linear * float((outer * lines).sum())
        gradient[scales + 1] = 0.5 * noise * float(np.trace(outer))
        away = given - start
        return value + PULL * float((away**2).sum()), gradient + 2 * PULL * away

    bounds = [(-8.0, 3.0)] * scales + [(-12.0, 4.0), (-9.0, 2.0)]
    best = optimize.minimize(loss, start, jac=True, bounds=bounds, options={"maxiter": ROUNDS}).x
    inverse = np.zeros(X.shape[1])
    inverse[varied] = np.exp(best[own])
    linear, noise = np.exp(best[scales:])
    return inverse, float(linear), float(noise) + JITTER


def _parts(varied: NDArray[np.intp], own: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [varied[own == scale] for scale in range(own.max() + 1)]
