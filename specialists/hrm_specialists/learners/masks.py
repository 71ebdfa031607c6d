"""Small trees by bits: all trees of a row at once, without walking down any.

Each leaf of a tree is a bit. A condition that sends a row to the right clears the leaves to
its left; the lowest bit that stays is the row's leaf. What all conditions on one feature
clear depends on the value's bin alone, so it is tabulated: a row costs one `and` a feature.

Source: Lucchese et al., "QuickScorer" (SIGIR 2015). Shapes: N rows, F used features, T trees,
M nodes, R bins of all features together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hrm_specialists.learners.trees import Trees

Floats = NDArray[np.float64]

LEAVES = 64
"""Bits of a word, so leaves of a tree at most."""
MOST_BYTES = 48 << 20
"""Of the table; larger ensembles are walked."""
CHUNK_BYTES = 1 << 18
"""Of the words that a chunk of rows holds: they stay in the cache."""


@dataclass(frozen=True, slots=True)
class Masks:
    """Trees of which each adds to one output."""

    features: NDArray[np.intp]
    """`[F]`."""
    edges: Floats
    """`[E]`: of each feature, the thresholds, ascending; a value's bin is the number below it."""
    sizes: NDArray[np.intp]
    """`[F]`: how many thresholds there are of each feature."""
    first: NDArray[np.intp]
    """`[F]`: the table's row of each feature's lowest bin; that of missing values is the last."""
    table: NDArray[Any]
    """`[R, T]`: bits that such a value leaves, trees sorted by output."""
    leaves: Floats
    """`[T * L]`: what a leaf adds."""
    start: NDArray[np.intp]
    """Of the trees, where those of each output begin."""
    outputs: NDArray[np.intp]
    """Outputs that have trees."""

    @classmethod
    def of(cls, trees: Trees) -> Masks | None:
        """The same trees by bits; None if they are too large, or not of one output each."""
        leaf = trees.child == np.arange(len(trees.child))
        levels, tree = _levels(trees, leaf)
        count = leaf.astype(np.int64)
        for nodes in reversed(levels):
            inner = nodes[~leaf[nodes]]
            count[inner] = count[trees.child[inner]] + count[trees.child[inner] + 1]
        most = int(count[trees.root].max())
        inner = np.flatnonzero(~leaf)
        feature, threshold = trees.feature[inner], trees.threshold[inner]
        order = np.lexsort((threshold, feature))
        new = _changes(feature[order])
        slot = np.empty(len(inner), np.intp)  # of its feature
        slot[order] = np.cumsum(new) - 1
        other = new | _changes(threshold[order])
        edge = np.empty(len(inner), np.intp)  # of its threshold
        edge[order] = np.cumsum(other) - 1
        used, edges = feature[order][new].astype(np.intp), threshold[order][other]
        sizes = np.bincount(slot[order][other], minlength=len(used)) + 2
        words: Any = np.uint32 if most <= 32 else np.uint64
        bytes_ = int(sizes.sum()) * len(trees.root) * np.dtype(words).itemsize
        held = np.zeros((len(trees.root), trees.value.shape[1]), bool)
        np.logical_or.at(held, tree, trees.value != 0)
        if most > LEAVES or bytes_ > MOST_BYTES or not len(used) or (held.sum(1) > 1).any():
            return None
        place = np.zeros(len(leaf), np.int64)  # of each node's first leaf
        for nodes in levels:
            parents = nodes[~leaf[nodes]]
            left = trees.child[parents]
            place[left] = place[parents]
            place[left + 1] = place[parents] + count[left]
        output = held.argmax(1)
        by_output = np.argsort(output, kind="stable")
        rank = np.argsort(by_output)
        one = np.uint64(1)
        width = count[trees.child[inner]].astype(np.uint64)  # always below 64
        cleared = (((one << width) - one) << place[inner].astype(np.uint64)).astype(words)
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
        full = words(2 ** (8 * np.dtype(words).itemsize) - 1)
        table = np.full((int(sizes.sum()), len(trees.root)), full, words)
        column = rank[tree[inner]]
        np.bitwise_and.at(table, (edge + 2 * slot + 1, column), ~cleared)
        for begin, size in zip(first.tolist(), sizes.tolist(), strict=True):
            table[begin + size - 1] = full
            values = table[begin : begin + size - 1]
            np.bitwise_and.accumulate(values, axis=0, out=values)
        right = trees.nan_right[inner]
        missing = (first + sizes - 1)[slot[right]]
        np.bitwise_and.at(table, (missing, column[right]), ~cleared[right])
        values = np.zeros((len(trees.root), LEAVES))
        ends = np.flatnonzero(leaf)
        values[rank[tree[ends]], place[ends]] = trees.value[ends, output[tree[ends]]]
        start = np.flatnonzero(_changes(output[by_output]))
        outputs = output[by_output][start]
        return cls(used, edges, sizes - 2, first, table, values.ravel(), start, outputs)

    def add(self, X: Floats, sums: Floats) -> None:
        """Add what the trees say of rows `[N, F]` to sums `[N, K]`."""
        step = max(1, CHUNK_BYTES // (self.table.shape[1] * self.table.itemsize))
        bins = self._bins(X)
        for begin in range(0, len(X), step):
            at = bins[:, begin : begin + step]
            if at.shape[1] == 1:
                words = np.bitwise_and.reduce(self.table[at[:, 0]], axis=0)[None]
            else:
                words = self.table.take(at[0], axis=0)
                for each in at[1:]:
                    words &= self.table.take(each, axis=0)
            lowest = words & (~words + words.dtype.type(1))
            leaf = np.frexp(lowest.astype(np.float64))[1] - 1
            leaf += np.arange(len(self.table[0]), dtype=leaf.dtype) * LEAVES
            said = np.add.reduceat(self.leaves.take(leaf), self.start, axis=1)
            sums[begin : begin + step, self.outputs] += said

    def _bins(self, X: Floats) -> NDArray[np.intp]:
        """The table's row for each feature and row, `[F, N]`."""
        values = X[:, self.features].T
        ends = np.cumsum(self.sizes)
        if len(X) == 1:
            above = np.repeat(values[:, 0], self.sizes) > self.edges
            bins = np.add.reduceat(above, ends - self.sizes, dtype=np.intp)[:, None]
        else:
            bins = np.empty(values.shape, np.intp)
            for at, (end, size) in enumerate(zip(ends.tolist(), self.sizes.tolist(), strict=True)):
                bins[at] = np.searchsorted(self.edges[end - size : end], values[at])
        bins = np.where(np.isnan(values), self.sizes[:, None] + 1, bins)
        return np.asarray(bins + self.first[:, None])


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; the first one does."""
    return np.asarray(np.concatenate([[True], values[1:] != values[:-1]])[: len(values)], bool)


def _levels(
    trees: Trees, leaf: NDArray[np.bool_]
) -> tuple[list[NDArray[np.intp]], NDArray[np.intp]]:
    """The nodes of all trees level by level, and the tree of each node."""
    tree = np.zeros(len(leaf), np.intp)
    nodes = trees.root.astype(np.intp)
    tree[nodes] = np.arange(len(nodes))
    levels = []
    while len(nodes):
        levels.append(nodes)
        inner = nodes[~leaf[nodes]]
        left = trees.child[inner].astype(np.intp)
        tree[left] = tree[left + 1] = tree[inner]
        nodes = np.concatenate([left, left + 1])
    return levels, tree
