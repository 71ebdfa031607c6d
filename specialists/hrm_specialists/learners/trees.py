"""Ensembles of trees: fitted by scikit-learn, kept as arrays, walked with numpy alone.

Children lie side by side, and a leaf is its own left child behind a threshold that nothing
exceeds: one gather, one comparison and one sum take all rows one level down. Small trees, as
boosting has them, are not walked but looked up; see `masks.py`. Knows nothing of columns,
files or tasks.

Source: Breiman, "Random forests" (2001); Ke et al., "LightGBM" (2017), as scikit-learn
implements both. Shapes: N rows, F features, T trees, M nodes, K outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.linear import softmax
from hrm_specialists.learners.masks import Masks
from hrm_specialists.learners.rows import Rows
from hrm_specialists.learners.stored import Stored, demand

Floats = NDArray[np.float64]
Link = Literal["mean", "logistic", "softmax", "identity"]

CHUNK = 2048
"""Rows that go down a tree together: their nodes stay in the cache."""
AT_ONCE = 120_000
"""Nodes up to which deciding at all of them is quicker than going down."""
DENSE = 4
"""Levels after which rows that have reached a leaf are left out."""


@dataclass(frozen=True)
class Trees(Stored):
    """Trees one after the other, and how their leaves become an answer."""

    feature: NDArray[np.int32]
    """`[M]`; 0 in leaves."""
    threshold: Floats
    """`[M]`: above it to the right; infinite in leaves."""
    child: NDArray[np.int32]
    """`[M]`: the left child, its right one follows; a leaf's is itself."""
    nan_right: NDArray[np.bool_]
    """`[M]`: where missing values go."""
    value: NDArray[np.float32]
    """`[M, K]`: what a leaf adds."""
    root: NDArray[np.int32]
    """`[T]`, ascending."""
    depth: NDArray[np.int32]
    """`[T]`: levels below the root."""
    base: Floats
    """`[K]`: what the sum begins with."""
    link: Link

    @property
    def outputs(self) -> int:
        """How many numbers an answer has, K or 1."""
        return len(self.base) + (self.link == "logistic")

    def predict(self, rows: Rows) -> Floats:
        """Probabilities `[N, K]`, or numbers `[N, 1]`."""
        return self.answer(rows.dense)

    def answer(self, X: Floats) -> Floats:
        """The same of a matrix.

        Args:
            X: `[N, F]`; NaN where a value is missing.
        """
        if self._masks is not None:
            sums = np.tile(self.base, (len(X), 1))
            self._masks.add(X, sums)
        else:
            sums = self._one(X[0])[None] if len(X) == 1 else self._many(X)
        return _linked(sums, self.link, len(self.root))

    @cached_property
    def _masks(self) -> Masks | None:
        return Masks.of(self)

    def _one(self, x: Floats) -> Floats:
        node: Any = self.root
        if len(self.child) <= AT_ONCE:  # decide at every node; then a level is one gather
            following = self._below(x, slice(None))
            for _ in range(self._levels):
                node = following.take(node)
        else:
            for _ in range(self._levels):
                node = self._below(x, node)
        total: Floats = self.base + self.value.take(node, axis=0).sum(0, dtype=np.float64)
        return total

    def _below(self, x: Floats, node: Any) -> NDArray[np.int32]:
        """Where a row goes from some nodes."""
        at = self._features[node]
        right = x.take(at) > self.threshold[node]
        missing = np.isnan(x)
        if missing.any():
            right |= missing.take(at) & self.nan_right[node]
        return np.asarray(self.child[node] + right)

    @cached_property
    def _features(self) -> NDArray[np.intp]:
        return self.feature.astype(np.intp)

    @cached_property
    def _levels(self) -> int:
        return int(self.depth.max(initial=0))

    def _many(self, X: Floats) -> Floats:
        sums = np.tile(self.base, (len(X), 1))
        for start in range(0, len(X), CHUNK):
            part = X[start : start + CHUNK]
            missing = np.isnan(part)
            holes = missing.ravel() if missing.any() else None
            flat, wide = np.ascontiguousarray(part).ravel(), part.shape[1]
            rows = np.arange(len(part), dtype=np.int32) * wide
            for root, depth in zip(self.root.tolist(), self.depth.tolist(), strict=True):
                sums[start : start + CHUNK] += self.value[
                    self._leaves(flat, holes, rows, root, depth)
                ]
        return sums

    def _leaves(
        self,
        flat: Floats,
        holes: NDArray[np.bool_] | None,
        rows: NDArray[np.int32],
        root: int,
        depth: int,
    ) -> NDArray[np.int32]:
        """The leaf of each row in one tree."""
        node = np.full(len(rows), root, np.int32)
        found, going, here = node, None, rows
        for level in range(depth):
            at = here + self.feature.take(node)
            right = flat.take(at) > self.threshold.take(node)
            if holes is not None:
                right |= holes.take(at) & self.nan_right.take(node)
            node = self.child.take(node) + right
            if level % DENSE == DENSE - 1 and level + 1 < depth:
                if going is None:
                    found = node
                else:
                    found[going] = node
                stays = self.child.take(node) != node
                going = np.flatnonzero(stays) if going is None else going[stays]
                node, here = node[stays], here[stays]
                if not len(node):
                    return found
        if going is None:
            return node
        found[going] = node
        return found

    def __post_init__(self) -> None:
        nodes, trees = len(self.feature), len(self.root)
        arrays = (self.threshold, self.child, self.nan_right, self.value)
        demand(
            (
                all(len(array) == nodes for array in arrays) and len(self.depth) == trees > 0,
                "the arrays of the trees differ in length",
            ),
            (
                self.value.ndim == 2 and self.value.shape[1] == len(self.base),
                "the leaves of the trees have another number of outputs",
            ),
            (
                bool(np.isfinite(self.value).all() and np.isfinite(self.base).all()),
                "a leaf holds NaN or infinity",
            ),
        )
        leaf = self.child == np.arange(nodes)
        inner, left = np.flatnonzero(~leaf), self.child[~leaf]
        inside = (self.feature >= 0).all() and (self.child >= 0).all() and (left + 1 < nodes).all()
        begun = (self.root >= 0).all() and (self.root < nodes).all() and (self.depth >= 0).all()
        demand(
            (inside, "a tree points outside its arrays"),
            (
                (left > inner).all() and self.depth.max() <= 10_000,
                "a tree leads back to itself",
            ),
            (begun, "a tree begins outside its arrays"),
            (np.isposinf(self.threshold[leaf]).all(), "a leaf has a threshold"),
        )
        parents = np.bincount(np.concatenate([self.root, left, left + 1]), minlength=nodes)
        demand(((parents == 1).all(), "a node belongs to two trees, or to none"))


def _linked(sums: Floats, link: Link, trees: int) -> Floats:
    if link == "mean":
        return np.asarray(sums / trees)
    if link == "logistic":
        one = 1 / (1 + np.exp(-np.clip(sums[:, 0], -500, 500)))
        return np.stack([1 - one, one], axis=1)
    return softmax(sums) if link == "softmax" else sums


def of_forest(fitted: Any) -> Trees:
    """The trees of a fitted `RandomForest…` or `ExtraTrees…` of scikit-learn."""
    kept = []
    for tree in (estimator.tree_ for estimator in fitted.estimators_):
        value = tree.value[:, 0, :]
        if tree.n_classes[0] > 1:
            total = value.sum(1, keepdims=True)
            value = value / np.where(total == 0, 1, total)
        missing = getattr(tree, "missing_go_to_left", np.zeros(tree.node_count))
        sides = (tree.children_left, tree.children_right, missing)
        kept.append(_walked(*sides, tree.feature, tree.threshold, value))
    return _joined(kept, np.zeros(kept[0][-2].shape[1]), "mean")


def of_boosting(fitted: Any) -> Trees:
    """The trees of a fitted `HistGradientBoosting…` of scikit-learn without categories."""
    rounds = fitted._predictors  # not public, and the only place where they are
    outputs, kept = len(rounds[0]), []
    for output, predictor in ((at, one) for each in rounds for at, one in enumerate(each)):
        nodes = predictor.nodes
        value = np.zeros((len(nodes), outputs))
        value[:, output] = nodes["value"]
        left = np.where(nodes["is_leaf"], -1, nodes["left"].astype(np.int64))
        sides = (left, nodes["right"].astype(np.int64), nodes["missing_go_to_left"])
        kept.append(_walked(*sides, nodes["feature_idx"], nodes["num_threshold"], value))
    base = np.asarray(fitted._baseline_prediction, float).reshape(-1)
    classes = getattr(fitted, "classes_", None)
    link: Link = "identity" if classes is None else "logistic" if outputs == 1 else "softmax"
    return _joined(kept, base, link)


Nodes = tuple[NDArray[Any], ...]
"""Feature, threshold, child, side of missing values, value, depth."""


def _walked(
    left: NDArray[Any],
    right: NDArray[Any],
    missing_left: NDArray[Any],
    feature: NDArray[Any],
    threshold: NDArray[Any],
    value: NDArray[Any],
) -> Nodes:
    """A tree in breadth-first order, so that children lie side by side; a leaf's left is < 0."""
    levels = [np.array([0])]
    while len(levels[-1]):
        inner = levels[-1][left[levels[-1]] >= 0]
        levels.append(np.stack([left[inner], right[inner]], 1).ravel())
    at = np.concatenate(levels)
    place = np.empty(len(left), np.intp)
    place[at] = np.arange(len(at))
    leaf = left[at] < 0
    return (
        np.where(leaf, 0, feature[at]),
        np.where(leaf, np.inf, threshold[at]),
        np.where(leaf, place[at], place[left[at]]),
        ~missing_left[at].astype(bool) & ~leaf,
        np.where(leaf[:, None], value[at], 0),
        np.array([len(levels) - 2]),
    )


def _joined(trees: list[Nodes], base: Floats, link: Link) -> Trees:
    sizes = [len(tree[0]) for tree in trees]
    starts = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
    feature, threshold, child, nan_right, value, depth = map(
        np.concatenate, zip(*trees, strict=True)
    )
    return Trees(
        feature=feature.astype(np.int32),
        threshold=threshold.astype(np.float64),
        child=(child + np.repeat(starts, sizes)).astype(np.int32),
        nan_right=nan_right,
        value=value.astype(np.float32),
        root=starts,
        depth=depth.astype(np.int32),
        base=np.asarray(base, np.float64),
        link=link,
    )
