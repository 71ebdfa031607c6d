"""Series as shares of positive values of many fixed convolutions.

Kernels have nine weights, -1 but for three that are 2, in every order; they differ in how far
apart they read, and in the bias, which is a quantile of what they give on training series.
Knows nothing of labels.

Source: Dempster, Schmidt and Webb, "MiniRocket" (KDD 2021). Shapes: N series of L values,
84 kernels, R features.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.stored import Stored, demand

Floats = NDArray[np.float64]

KERNELS = np.array(list(combinations(range(9), 3)))
FEATURES = 6000
"""In all, about: for each kernel as many biases as that leaves."""
DILATIONS = 16


@dataclass(frozen=True, slots=True)
class Rocket(Stored):
    """Convolutions with their biases."""

    dilations: NDArray[np.int64]
    """`[D]`."""
    biases: Floats
    """`[D, 84, Q]`."""

    @classmethod
    def fitted(cls, series: Floats, *, seed: int = 0) -> Rocket:
        """Choose dilations by the length, and biases by quantiles of some of the series."""
        rng = np.random.default_rng(seed)
        length = series.shape[1]
        most = np.log2(max(1.0, (length - 1) / 8))
        dilations = np.unique(np.floor(2 ** np.linspace(0, most, DILATIONS)).astype(np.int64))
        count = max(2, FEATURES // (84 * len(dilations)))
        shares = (np.arange(1, 84 * count + 1) * ((np.sqrt(5) + 1) / 2) % 1).reshape(84, count)
        filled = _filled(series)
        biases = []
        for dilation in dilations:
            chosen = rng.integers(len(series), size=84)
            heard = np.stack(
                [_heard(filled[at : at + 1], int(dilation))[0, k] for k, at in enumerate(chosen)]
            )
            biases.append(np.stack([np.quantile(h, q) for h, q in zip(heard, shares, strict=True)]))
        return cls(dilations, np.stack(biases))

    def features(self, series: Floats) -> Floats:
        """`[N, L]` to `[N, R]`: of each kernel and bias the share of values above it."""
        filled = _filled(series)
        found = np.empty((len(series), self.biases.size), np.float32)
        step = max(1, 2_000_000 // (84 * series.shape[1] * self.biases.shape[2]))
        for start in range(0, len(series), step):
            part = filled[start : start + step]
            shares = [
                (_heard(part, int(d))[:, :, None] > bias[None, :, :, None]).mean(3)
                for d, bias in zip(self.dilations, self.biases, strict=True)
            ]
            found[start : start + step] = np.stack(shares, 1).reshape(len(part), -1)
        return found.astype(np.float64)

    def __post_init__(self) -> None:
        right = self.biases.shape[:2] == (len(self.dilations), len(KERNELS))
        right = right and bool((self.dilations >= 1).all() and np.isfinite(self.biases).all())
        demand((right, "the convolutions of the series are damaged"))


def _heard(series: Floats, dilation: int) -> Floats:
    """What each kernel gives at each place, `[N, 84, L]`; zeros beyond the ends."""
    n, length = series.shape
    reach = 4 * dilation
    padded = np.zeros((n, length + 2 * reach), np.float32)
    padded[:, reach : reach + length] = series
    shifted = np.stack([padded[:, k * dilation : k * dilation + length] for k in range(9)], 1)
    whole = shifted.sum(1)[:, None]
    threes = shifted[:, KERNELS[:, 0]] + shifted[:, KERNELS[:, 1]] + shifted[:, KERNELS[:, 2]]
    return 3 * threes - whole  # type: ignore[no-any-return]


def _filled(series: Floats) -> Floats:
    """Without gaps: the mean stands in for what is missing, and padding."""
    missing = np.isnan(series)
    if not missing.any():
        return series
    counts = np.maximum(1, (~missing).sum(1, keepdims=True))
    mean = np.where(missing, 0, series).sum(1, keepdims=True) / counts
    return np.where(missing, mean, series)
