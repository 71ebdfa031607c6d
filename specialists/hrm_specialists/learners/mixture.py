"""A weighted mean of trees, linear models and kernels over one encoding of columns.

What a tree, linear or series specialist consists of. Imports neither torch nor scikit-learn.
Shapes: N rows, F features, K labels (1 output for numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.kernel import Kernel
from hrm_specialists.learners.linear import Linear
from hrm_specialists.learners.rows import Encoder, Rows
from hrm_specialists.learners.stored import Stored, demand
from hrm_specialists.learners.trees import Trees
from hrm_specialists.learners.vocabulary import Vocabulary
from hrm_specialists.schema.columns import Column

Floats = NDArray[np.float64]
Member = Trees | Linear | Kernel

FARTHEST = 50.0
"""Standard deviations at which a value is cut before distances are taken."""
SLACK = 1.5
"""Times the distance of the farthest training rows, up to which a row is familiar."""


@dataclass(frozen=True, slots=True)
class Familiar(Stored):
    """How far a row may be from the training rows, all columns taken together.

    Source: Mahalanobis' distance, its covariance shrunk towards independence.
    """

    centre: Floats
    """`[F]`."""
    turn: Floats
    """`[F, R]`: to uncorrelated features of spread 1."""
    limit: float
    """Mean square up to which a row is familiar."""

    @classmethod
    def fitted(cls, dense: Floats) -> Familiar:
        """Learn from training rows; the limit from halves that did not see each other."""
        half = np.arange(len(dense)) % 2 == 0
        one, other = _turned(dense[half]), _turned(dense[~half])
        far = np.concatenate([one.distance(dense[~half]), other.distance(dense[half])])
        whole = _turned(dense)
        limit = SLACK * float(np.quantile(far, 0.999)) if len(far) else np.inf
        return cls(whole.centre, whole.turn, max(limit, 4.0))

    def distance(self, dense: Floats) -> Floats:
        """Mean square of the uncorrelated features, `[N]`; 1 on average in training."""
        away = dense - self.centre
        away[np.isnan(away)] = 0.0
        turned = np.clip(away @ self.turn, -FARTHEST, FARTHEST)
        return (turned**2).mean(1) if turned.shape[1] else np.zeros(len(dense))


def _turned(dense: Floats) -> Familiar:
    known = ~np.isnan(dense)
    count = np.maximum(1, known.sum(0))
    centre = np.where(known, dense, 0).sum(0) / count
    away = np.where(known, dense - centre, 0.0)
    spread = np.sqrt((away**2).sum(0) / count)
    varied = spread > 1e-9 * (1 + np.abs(centre))
    turn = np.zeros((len(spread), int(varied.sum())))
    if varied.any():
        z = away[:, varied] / spread[varied]
        size = z.shape[1]
        share = min(0.5, 0.1 + size / max(1, len(z)))
        values, vectors = np.linalg.eigh((1 - share) * (z.T @ z) / len(z) + share * np.eye(size))
        turn[varied] = vectors / np.sqrt(np.maximum(values, 1e-3)) / spread[varied][:, None]
    return Familiar(centre, turn, np.inf)


@dataclass(frozen=True, slots=True)
class Spread(Stored):
    """How wide an answer that is a number may miss."""

    trees: Trees
    """Predicts the logarithm of the error."""
    misses: Floats
    """Errors divided by their prediction, of rows that taught neither; ascending."""

    def scale(self, dense: Floats) -> Floats:
        """The error to be expected of each row, `[N]`."""
        found: Floats = np.exp(np.clip(self.trees.answer(dense)[:, 0], -60, 60))
        return found

    def half_width(self, scale: Floats, coverage: float = 0.9) -> Floats:
        """How far from the answer the truth lies at most, in that share of cases.

        Source: Lei et al., "Distribution-free predictive inference for regression" (2018).
        """
        at = min(len(self.misses) - 1, int(np.ceil(coverage * (len(self.misses) + 1))) - 1)
        return np.asarray(scale * self.misses[at])

    def within(self, scale: Floats, tolerance: float) -> Floats:
        """Probability that the truth is no farther away than `tolerance`."""
        reached = np.searchsorted(self.misses, tolerance / scale, side="right")
        return np.asarray((reached + 0.5) / (len(self.misses) + 1))


@dataclass(frozen=True, slots=True)
class Mixture(Stored):
    """Members with their weights, and what surrounds them."""

    encoder: Encoder
    members: tuple[tuple[str, float, Member], ...]
    """Name, weight and model; weights add up to 1."""
    labels: int
    """0 for numbers."""
    familiar: Familiar
    spread: Spread | None
    vocabularies: tuple[Vocabulary | None, ...]
    """Of each column, if it holds texts."""

    def __post_init__(self) -> None:
        features, outputs = self.encoder.width, max(1, self.labels)
        trees = [member for _, _, member in self.members if isinstance(member, Trees)]
        trees += [] if self.spread is None else [self.spread.trees]
        dense = [
            len(member.centre)
            for _, _, member in self.members
            if isinstance(member, Kernel) or (isinstance(member, Linear) and member.dense.size)
        ]
        demand(
            (all(t.feature.max() < features for t in trees), "a tree asks for another feature"),
            (all(width == features for width in dense), "a model has weights for other features"),
            (
                bool(self.members) and all(m.outputs == outputs for _, _, m in self.members),
                "a member answers with other labels",
            ),
            (
                len(self.familiar.turn) == len(self.familiar.centre) == features,
                "the arrays belong to other columns",
            ),
            (
                (self.spread is None) == bool(self.labels),
                "only numbers have a spread, and all of them",
            ),
        )

    def rows(self, columns: Sequence[Column]) -> Rows:
        """Columns as the members take them, and nothing that none of them does."""
        linear = [member for _, _, member in self.members if isinstance(member, Linear)]
        return self.encoder.rows(
            columns,
            grams=any(m.blocks and not m.cased for m in linear),
            cased=any(m.blocks and m.cased for m in linear),
            waves=any(m.waves is not None for m in linear),
        )

    def predict(self, rows: Rows) -> Floats:
        """Probabilities `[N, K]`, or numbers `[N, 1]`."""
        outputs = [weight * member.predict(rows) for _, weight, member in self.members]
        return np.asarray(sum(outputs))


def calibrated(outcome: Floats, line: Sequence[float]) -> Floats:
    """Probabilities whose largest is calibrated; the others share the rest as before.

    The largest stays the largest: below that, its calibration is as low as it gets.

    Args:
        outcome: raw probabilities, `[N, K]`.
        line: of a `Calibration`, over the logit of the largest; empty to leave it.
    """
    rows, best = np.arange(len(outcome)), outcome.argmax(1)
    raw = outcome[rows, best]
    rest = np.maximum(1e-12, 1 - raw)
    others = outcome.copy()
    others[rows, best] = 0
    sure = raw
    if len(line):
        kept = np.clip(raw, 1e-6, 1 - 1e-6)
        ceiling = line[2] if len(line) > 2 else 1.0
        sure = ceiling / (1 + np.exp(-(line[0] * np.log(kept / (1 - kept)) + line[1])))
    ratio = others.max(1) / rest
    sure = np.minimum(np.maximum(sure, (1 + 1e-6) * ratio / (1 + ratio)), 1 - 1e-6)
    found: Floats = others * ((1 - sure) / rest)[:, None]
    found[rows, best] = sure
    return np.asarray(found / found.sum(1, keepdims=True))
