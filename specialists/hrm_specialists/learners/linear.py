"""Linear models on dense features, TF-IDF of hashed n-grams, and convolutions of series.

Fitted by scikit-learn or in closed form, kept as arrays, applied with numpy alone. Knows
nothing of columns, files or tasks. Shapes: N rows, F features, V n-grams, R convolutions,
K outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.grams import Counts, Grams, Ids
from hrm_specialists.learners.rows import Rows
from hrm_specialists.learners.stored import Stored, demand

Floats = NDArray[np.float64]
Link = Literal["softmax", "identity", "ratio"]

FARTHEST = 20.0
"""Standard deviations at which a dense value is cut."""
MOST_GRAMS = 120_000
"""N-grams of one block that get a weight: those in most texts."""
REWEIGHTED, REACHED = 20, 1e-7
"""Rounds of a fit of absolute deviations, and the share of the usual deviation that counts as
none."""
TINY, ROUNDED = 1e-12, 1e-6
"""What a denominator is, at least; and the share of the largest direction of features below which
a direction is the rounding of others."""
PENALTIES = np.logspace(-2, 4, 13)
"""Of the ridge regression, from which the best left-one-out error chooses."""


@dataclass(frozen=True, slots=True)
class Block(Stored):
    """TF-IDF of the words or the letters of one text column."""

    ids: Ids
    """`[V]`, ascending."""
    idf: Floats
    """`[V]`."""

    @classmethod
    def fitted(cls, part: Counts, size: int) -> Block:
        """Keep the n-grams that stand in most texts; one text's alone only if there is room."""
        kept, counts = np.unique(part.ids, return_counts=True)
        if len(kept) > MOST_GRAMS:
            common = np.sort(np.argsort(-counts, kind="stable")[:MOST_GRAMS])
            kept, counts = kept[common], counts[common]
        return cls(kept, np.log((1 + size) / (1 + counts)) + 1)

    def weigh(self, part: Counts, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """Row, place and weight of the n-grams that are known, each row of length 1."""
        at = np.searchsorted(self.ids, part.ids)
        known = np.append(self.ids, 0)[at] == part.ids
        known &= at < len(self.ids)
        rows, at = part.rows[known], at[known]
        weights = (1 + np.log(part.counts[known])) * self.idf[at]
        length = np.sqrt(np.bincount(rows, weights**2, size))
        return rows, at, weights / length[rows]


@dataclass(frozen=True, slots=True)
class Linear(Stored):
    """Weights for each kind of input that there is."""

    link: Link
    bias: Floats
    """`[K]`."""
    centre: Floats
    spread: Floats
    """`[F]` each, of the dense features."""
    dense: Floats
    """`[2 F, K]`: of the features, then of their being missing; empty if not used."""
    blocks: tuple[Block, ...] = ()
    """Words and letters of each text column."""
    texts: tuple[NDArray[np.float32], ...] = ()
    """`[V, K]` for each block."""
    cased: bool = False
    waves: Floats | None = None
    """`[R, K]`, for convolutions that are centred and scaled already."""
    sharpness: float = 1.0
    """What scores are multiplied with before they become probabilities."""

    @property
    def outputs(self) -> int:
        """How many numbers an answer has, K or 1."""
        return len(self.bias) - (self.link == "ratio")

    def predict(self, rows: Rows) -> Floats:
        """Probabilities `[N, K]`, or numbers `[N, 1]`."""
        scores = np.tile(self.bias, (len(rows), 1))
        if self.dense.size:
            scores += standard(rows.dense, self.centre, self.spread) @ self.dense
        for at, (block, weights) in enumerate(zip(self.blocks, self.texts, strict=True)):
            part = _grams(rows, self.cased)[at // 2].parts[at % 2]
            where, place, value = block.weigh(part, len(rows))
            _add(scores, where, value, weights, place)
        if self.waves is not None:
            assert rows.waves is not None
            scores += rows.waves @ self.waves
        if self.link == "ratio":
            below = scores[:, 1:]
            return np.asarray(scores[:, :1] / np.where(np.abs(below) > TINY, below, TINY))
        return scores if self.link == "identity" else softmax(self.sharpness * scores)

    def __post_init__(self) -> None:
        weights = [w for w in (self.dense, self.waves, *self.texts) if w is not None and w.size]
        outputs = len(self.bias)
        each = zip(self.blocks, self.texts, strict=True)
        demand(
            (
                all(w.ndim == 2 and w.shape[1] == outputs for w in weights),
                "the weights of a linear model have another number of outputs",
            ),
            (all(len(b.ids) == len(b.idf) == len(w) for b, w in each), "an n-gram has no weight"),
            (
                all(np.isfinite(w).all() for w in (*weights, self.bias)),
                "a weight is NaN or infinity",
            ),
        )


def fit_linear(
    rows: Rows,
    targets: NDArray[Any],
    labels: int,
    weights: Floats | None = None,
    *,
    strength: float = 1.0,
    cased: bool = False,
    use_dense: bool = True,
    margin: bool = False,
) -> Linear:
    """Logistic regression for labels, ridge regression for numbers.

    Args:
        rows: training rows.
        targets: codes of labels, all of which occur, or numbers.
        labels: how many labels; 0 for numbers.
        weights: of the rows; None for equal ones.
        strength: inverse of the penalty; `C` of scikit-learn.
        cased: n-grams with upper case kept.
        use_dense: whether dense features are used beside texts.
        margin: a support vector machine for each label instead, which goes by the rows that
            are hard to tell apart, and not by those that are many.
    """
    from scipy import sparse
    from sklearn import linear_model, svm

    centre, spread = moments(rows.dense)
    parts, blocks = [], []
    if use_dense and rows.dense.shape[1]:
        parts.append(sparse.csr_matrix(standard(rows.dense, centre, spread)))
    for part in (part for given in _grams(rows, cased) for part in given.parts):
        block = Block.fitted(part, len(rows))
        where, place, value = block.weigh(part, len(rows))
        parts.append(sparse.csr_matrix((value, (where, place)), (len(rows), len(block.ids))))
        blocks.append(block)
    matrix: Any = sparse.hstack(parts).tocsr()
    sharpness = 1.0
    if not labels:
        quick = "sparse_cg" if matrix.shape[1] > 2000 else "auto"
        model: Any = linear_model.Ridge(alpha=1 / strength, solver=quick)
    elif margin:
        model = svm.LinearSVC(C=strength, random_state=0, max_iter=5000)
        sharpness = _sharpness(model, matrix, targets, labels, weights)
    else:
        model = linear_model.LogisticRegression(C=strength, max_iter=300, tol=1e-3)
    coef, bias = _fitted(model, matrix, targets, labels, weights if labels else None)
    ends = np.cumsum([0, *(part.shape[1] for part in parts)]).tolist()
    shares = [coef[start:end] for start, end in pairwise(ends)]
    dense = shares.pop(0) if len(shares) > len(blocks) else np.zeros((0, 0))
    return Linear(
        link="softmax" if labels else "identity",
        bias=bias,
        centre=centre,
        spread=spread,
        dense=dense,
        blocks=tuple(blocks),
        texts=tuple(share.astype(np.float32) for share in shares),
        cased=cased,
        sharpness=sharpness,
    )


def _fitted(
    model: Any, matrix: Any, targets: NDArray[Any], labels: int, weights: Floats | None
) -> tuple[Floats, Floats]:
    """Weights `[F, K]` and bias `[K]`, also of two labels."""
    model.fit(matrix, targets, sample_weight=weights)
    coef, bias = np.atleast_2d(model.coef_).T, np.atleast_1d(model.intercept_)
    if labels == 2:
        coef, bias = np.hstack([np.zeros_like(coef), coef]), np.append(0.0, bias)
    return np.ascontiguousarray(coef), bias


def _sharpness(
    model: Any, matrix: Any, targets: NDArray[Any], labels: int, weights: Floats | None
) -> float:
    """What every fourth row of each label says of the scores of the others."""
    rank = np.empty(len(targets), int)
    for label in range(labels):
        here = targets == label
        rank[here] = np.arange(here.sum())
    kept, apart = np.flatnonzero(rank % 4 < 3), np.flatnonzero(rank % 4 == 3)
    if not len(apart):
        return 1.0
    own = None if weights is None else weights[kept]
    coef, bias = _fitted(model, matrix[kept], targets[kept], labels, own)
    return sharpest(matrix[apart] @ coef + bias, targets[apart])


def fit_median(rows: Rows, targets: NDArray[Any]) -> Linear:
    """Least absolute deviations on dense features, without a penalty.

    Where most numbers follow exactly from the features, those that do not cannot bend the rule.
    Source: iteratively reweighted least squares; Schlossmacher, JASA 68 (1973).
    """
    centre, spread, X = _unclipped(rows.dense)
    used = np.flatnonzero((X != 0).any(0))
    least = REACHED * float(np.abs(targets - np.median(targets)).mean()) + 1e-12
    root = np.ones(len(X))
    part: NDArray[Any] = np.zeros(len(used))
    fitted = np.zeros(X.shape[1])
    for _ in range(REWEIGHTED):
        part = np.linalg.lstsq(X[:, used] * root[:, None], targets * root, rcond=1e-12)[0]
        away = np.abs(targets - X[:, used] @ part)
        root = 1 / np.sqrt(np.maximum(away, least))
    fitted[used] = part
    return Linear("identity", fitted[-1:], centre, spread, fitted[:-1, None])


def fit_ratio(rows: Rows, targets: NDArray[Any]) -> Linear:
    """One linear function of dense features divided by another, by absolute deviations.

    Finds rates, unit prices and averages where they follow exactly from the features: numerator
    and denominator are the pair of which `numerator - target * denominator` is least.

    Raises:
        ValueError: there are too few rows for so many features.
    """
    centre, spread, X = _unclipped(rows.dense)
    turned, values, axes = np.linalg.svd(X, full_matrices=False)
    kept = values > ROUNDED * values[0]
    basis, back = turned[:, kept], axes[kept].T / values[kept]  # X @ back == basis
    if 4 * basis.shape[1] > len(X):
        raise ValueError(f"{len(X)} rows are too few for a ratio of {basis.shape[1]} features")
    scale = float(np.abs(targets).max()) or 1.0
    both = np.hstack([basis, -targets[:, None] / scale * basis])
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    root = np.ones(len(X))
    pair: NDArray[Any] = np.zeros(both.shape[1])
    for _ in range(REWEIGHTED):
        pair = np.linalg.svd(both * root[:, None], full_matrices=False)[2][-1]
        away = np.abs(both @ pair)
        root = np.maximum(away, REACHED * away.mean() + 1e-15) ** -0.75
    above, below = pair.reshape(2, -1)
    fitted = back @ np.stack([above * scale, below], axis=1) / np.abs(below).max()
    return Linear("ratio", fitted[-1], centre, spread, fitted[:-1])


def fit_waves(rows: Rows, targets: NDArray[Any], labels: int) -> Linear:
    """Ridge regression on convolutions, its penalty chosen by leaving one out.

    Source: closed form of scikit-learn's `RidgeCV`; Dempster et al. (2021) use it so.
    """
    assert rows.waves is not None
    X = rows.waves
    mean, spread = X.mean(0), X.std(0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    Z = (X - mean) / spread
    Y = np.eye(labels)[targets] * 2 - 1 if labels else targets[:, None].astype(float)
    level = Y.mean(0)
    values, vectors = np.linalg.eigh(Z @ Z.T)
    values = np.maximum(values, 0)
    turned = vectors.T @ (Y - level)
    best = (np.inf, 1.0, Y)
    for penalty in PENALTIES * max(1e-9, float(values.mean())):
        inverse = 1 / (values + penalty)
        dual = vectors @ (inverse[:, None] * turned)
        leverage = (vectors**2 * inverse).sum(1)
        errors = dual / leverage[:, None]
        if (mean_error := float((errors**2).mean())) < best[0]:
            best = (mean_error, penalty, Y - errors)
    dual = vectors @ (turned / (values + best[1])[:, None])
    coef = (Z.T @ dual) / spread[:, None]
    sharpness = 1.0
    if labels:
        sharpness = sharpest(best[2], targets)
    return Linear(
        link="softmax" if labels else "identity",
        bias=level - mean @ coef,
        centre=np.zeros(rows.dense.shape[1]),
        spread=np.ones(rows.dense.shape[1]),
        dense=np.zeros((0, 0)),
        waves=coef,
        sharpness=sharpness,
    )


def sharpest(scores: Floats, targets: NDArray[Any]) -> float:
    """What to multiply scores `[N, K]` with, so that their softmax is most likely."""
    tried, rows = 2.0 ** np.arange(-1, 6, 0.5), np.arange(len(scores))
    losses = [-np.log(np.maximum(1e-12, softmax(s * scores)[rows, targets])).mean() for s in tried]
    return float(tried[int(np.argmin(losses))])


def moments(dense: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of each feature; 0 and 1 where nothing is known or nothing varies."""
    centre = np.nan_to_num(_nan(np.nanmean, dense))
    spread = np.nan_to_num(_nan(np.nanstd, dense))
    return centre, np.where(spread > 1e-12, spread, 1.0)


def _unclipped(dense: Floats) -> tuple[Floats, Floats, Floats]:
    """Centre and a spread that cuts no value, and features so scaled, with a column of ones."""
    centre, _ = moments(dense)
    spread = np.nan_to_num(_nan(np.nanmax, np.abs(dense - centre)))
    spread = np.where(spread > 1e-12, spread, 1.0)
    return centre, spread, np.hstack([standard(dense, centre, spread), np.ones((len(dense), 1))])


def standard(dense: Floats, centre: Floats, spread: Floats) -> Floats:
    """Scaled features, then whether each is missing, `[N, 2 F]`."""
    missing = np.isnan(dense)
    scaled = np.clip((dense - centre) / spread, -FARTHEST, FARTHEST)
    return np.hstack([np.where(missing, 0.0, scaled), missing])


def _nan(mean: Any, dense: Floats) -> Floats:
    """A mean over columns; 0 of a column that holds nothing."""
    empty = np.isnan(dense).all(0)
    found: Floats = mean(np.where(empty, 0.0, dense), axis=0)
    return found


def _grams(rows: Rows, cased: bool) -> tuple[Grams, ...]:
    return rows.cased if cased else rows.grams


def _add(
    scores: Floats,
    where: NDArray[np.intp],
    value: Floats,
    weights: NDArray[np.float32],
    place: NDArray[np.intp],
) -> None:
    """Add each n-gram's weights to its row; n-grams come row by row."""
    if not len(where):
        return
    starts = np.flatnonzero(np.diff(where, prepend=-1))
    scores[where[starts]] += np.add.reduceat(weights[place] * value[:, None], starts, axis=0)


def softmax(scores: Floats) -> Floats:
    """Probabilities over the last axis, `[N, K]`."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    found: Floats = powers / powers.sum(1, keepdims=True)
    return found
