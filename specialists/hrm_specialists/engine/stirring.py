"""Noise for starts that are to stray: on their first states, and between segments.

Rows that stray keep a generator each, so that what they meet depends on their
seed alone, whoever else is in the batch. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Stirring:
    """Which slots are stirred, and how.

    Args:
        z_H, z_L: the states of all slots, `[C, S, D]`; changed in place.
    """

    def __init__(self, z_H: Tensor, z_L: Tensor) -> None:
        self._states = (z_H, z_L)
        self._stirred: dict[int, tuple[float, torch.Generator]] = {}

    def begin(self, slot: int, seed: int, *, noise: float, stir: float) -> None:
        """Put noise on a fresh slot's states, and remember how it is stirred from then on."""
        self._stirred.pop(slot, None)
        if not (noise or stir):
            return
        drawn = torch.Generator().manual_seed(seed)
        if noise:
            self._add(slot, noise, drawn)
        if stir:
            self._stirred[slot] = (stir, drawn)

    def before(self, slots: Sequence[int]) -> None:
        """Stir those of the slots that are to be, before they think."""
        for slot in slots:
            if slot in self._stirred:
                self._add(slot, *self._stirred[slot])

    def _add(self, slot: int, deviation: float, drawn: torch.Generator) -> None:
        shape = self._states[0].shape[1:]
        noise = torch.randn(2, *shape, generator=drawn)
        if self._states[0].is_cuda:
            noise = noise.pin_memory()
        for state, one in zip(self._states, noise.unbind(), strict=True):
            state[slot].add_(one.to(state, non_blocking=True), alpha=deviation)
