"""Ensembles of trees: fitted by scikit-learn, kept as arrays, walked with numpy alone.

Children lie side by side, and a leaf is its own left child behind a threshold that nothing
exceeds: one gather, one comparison and one sum take all rows one level down. Small trees, as
boosting has them, are not walked but looked up; see `masks.py`. Knows nothing of columns,
files or tasks.

Source: Breiman, "Random forests" (2001); Ke et al., "LightGBM" (2017), as scikit-learn
implements both. Shapes: N rows, F features, T trees, M nodes, K outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.masks import Masks
from hrm_specialists.learners.rows import Rows

Floats = NDArray[np.float64]
Link = Literal["mean", "logistic", "softmax", "identity"]

CHUNK = 2048
"""Rows that go down a tree together: their nodes stay in the cache."""
AT_ONCE = 120_000
"""Nodes up to which deciding at all of them is quicker than going down."""
DENSE = 4
"""Levels after which rows that have reached a leaf are left out."""


@dataclass(frozen=True)
class Trees:
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

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that has to be kept, by name."""
        names = ("feature", "threshold", "child", "nan_right", "value", "root", "depth", "base")
        return {name: getattr(self, name) for name in names}

    def to_config(self) -> dict[str, Any]:
        """Plain JSON beside the arrays."""
        return {"link": self.link}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], link: Link, features: int) -> Trees:
        """What `arrays` gave, with every index proved to stay inside.

        Raises:
            ValueError: the arrays are no trees.
        """
        made = cls(**{name: np.asarray(array) for name, array in arrays.items()}, link=link)
        nodes, trees = len(made.feature), len(made.root)
        shapes = [len(made.threshold), len(made.child), len(made.nan_right), len(made.value)]
        if any(length != nodes for length in shapes) or len(made.depth) != trees or trees == 0:
            raise ValueError("the arrays of the trees differ in length")
        if made.value.ndim != 2 or made.value.shape[1] != len(made.base):
            raise ValueError("the leaves of the trees have another number of outputs")
        inside = (made.feature >= 0) & (made.feature < features) & (made.child >= 0)
        leaf = made.child == np.arange(nodes)
        if not inside.all() or (made.child[~leaf] + 1 >= nodes).any():
            raise ValueError("a tree points outside its arrays")
        if not np.isfinite(made.value).all() or not np.isfinite(made.base).all():
            raise ValueError("a leaf holds NaN or infinity")
        if (made.child[~leaf] <= np.flatnonzero(~leaf)).any() or made.depth.max() > 10_000:
            raise ValueError("a tree leads back to itself")
        if (made.root < 0).any() or (made.root >= nodes).any() or (made.depth < 0).any():
            raise ValueError("a tree begins outside its arrays")
        if not np.isposinf(made.threshold[leaf]).all():
            raise ValueError("a leaf has a threshold")
        left = made.child[~leaf]
        parents = np.bincount(np.concatenate([made.root, left, left + 1]), minlength=nodes)
        if (parents != 1).any():
            raise ValueError("a node belongs to two trees, or to none")
        return made


def _linked(sums: Floats, link: Link, trees: int) -> Floats:
    if link == "mean":
        return np.asarray(sums / trees)
    if link == "logistic":
        one = 1 / (1 + np.exp(-np.clip(sums[:, 0], -500, 500)))
        return np.stack([1 - one, one], axis=1)
    if link == "softmax":
        powers = np.exp(sums - sums.max(1, keepdims=True))
        return np.asarray(powers / powers.sum(1, keepdims=True))
    return sums


def of_forest(fitted: Any) -> Trees:
    """The trees of a fitted `RandomForest…` or `ExtraTrees…` of scikit-learn."""
    kept = [_walked(_of_tree(estimator.tree_)) for estimator in fitted.estimators_]
    outputs = kept[0]["value"].shape[1]
    return _joined(kept, np.zeros(outputs), "mean")


def of_boosting(fitted: Any) -> Trees:
    """The trees of a fitted `HistGradientBoosting…` of scikit-learn without categories."""
    rounds = fitted._predictors  # not public, and the only place where they are
    outputs = len(rounds[0])
    kept = []
    for each in rounds:
        for output, predictor in enumerate(each):
            kept.append(_walked(_of_predictor(predictor.nodes, output, outputs)))
    base = np.asarray(fitted._baseline_prediction, float).reshape(-1)
    classes = getattr(fitted, "classes_", None)
    link: Link = "identity" if classes is None else "logistic" if outputs == 1 else "softmax"
    return _joined(kept, base, link)


Nodes = dict[str, NDArray[Any]]


def _of_tree(tree: Any) -> Nodes:
    value = tree.value[:, 0, :]
    total = value.sum(1, keepdims=True)
    share = value / np.where(total == 0, 1, total) if tree.n_classes[0] > 1 else value
    missing = getattr(tree, "missing_go_to_left", np.zeros(tree.node_count))
    return {
        "feature": tree.feature,
        "threshold": tree.threshold,
        "left": tree.children_left,
        "right": tree.children_right,
        "nan_right": ~np.asarray(missing, bool),
        "value": share,
    }


def _of_predictor(nodes: Any, output: int, outputs: int) -> Nodes:
    value = np.zeros((len(nodes), outputs))
    value[:, output] = nodes["value"]
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "feature": nodes["feature_idx"].astype(np.int64),
        "threshold": nodes["num_threshold"],
        "left": np.where(leaf, -1, nodes["left"].astype(np.int64)),
        "right": np.where(leaf, -1, nodes["right"].astype(np.int64)),
        "nan_right": ~nodes["missing_go_to_left"].astype(bool),
        "value": value,
    }


def _walked(tree: Nodes) -> Nodes:
    """A tree in breadth-first order, so that children lie side by side, with its depth."""
    left, right = tree["left"], tree["right"]
    order, depth = [0], 0
    child = []
    level = [0]
    while level:
        following: list[int] = []
        for node in level:
            if left[node] < 0:
                child.append(-1)
                continue
            child.append(len(order))
            order += [int(left[node]), int(right[node])]
            following += order[-2:]
        depth += bool(following)
        level = following
    at = np.array(order)
    children = np.array(child)
    leaf = children < 0
    return {
        "feature": np.where(leaf, 0, tree["feature"][at]),
        "threshold": np.where(leaf, np.inf, tree["threshold"][at]),
        "child": np.where(leaf, np.arange(len(at)), children),
        "nan_right": tree["nan_right"][at] & ~leaf,
        "value": np.where(leaf[:, None], tree["value"][at], 0),
        "depth": np.array(depth),
    }


def _joined(trees: list[Nodes], base: Floats, link: Link) -> Trees:
    sizes = [len(tree["child"]) for tree in trees]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    pairs = list(zip(trees, starts, strict=True))
    return Trees(
        feature=np.concatenate([t["feature"] for t in trees]).astype(np.int32),
        threshold=np.concatenate([t["threshold"] for t in trees]).astype(np.float64),
        child=np.concatenate([t["child"] + start for t, start in pairs]).astype(np.int32),
        nan_right=np.concatenate([t["nan_right"] for t in trees]).astype(bool),
        value=np.concatenate([t["value"] for t in trees]).astype(np.float32),
        root=starts,
        depth=np.array([t["depth"] for t in trees], np.int32),
        base=np.asarray(base, np.float64),
        link=link,
    )
