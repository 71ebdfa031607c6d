"""Noise and damping between segments, for starts that are to stray.

Rows that stray keep a generator each, so that what they meet depends on their
seed alone, whoever else is in the batch. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class _Straying:
    stir: float
    damping: float
    drawn: torch.Generator


class Stirring:
    """Which slots stray, and how.

    Args:
        z_H, z_L: the states of all slots, `[C, S, D]`; changed in place.
    """

    def __init__(self, z_H: Tensor, z_L: Tensor) -> None:
        self._states = (z_H, z_L)
        self._straying: dict[int, _Straying] = {}

    def begin(
        self, slot: int, seed: int, *, noise: float, stir: float = 0.0, damping: float = 0.0
    ) -> None:
        """Put noise on a fresh slot's states, and remember how it strays from then on."""
        self._straying.pop(slot, None)
        if not (noise or stir or damping):
            return
        drawn = torch.Generator().manual_seed(seed)
        if noise:
            self._add(slot, noise, drawn)
        if stir or damping:
            self._straying[slot] = _Straying(stir, damping, drawn)

    def before(self, slots: Sequence[int]) -> list[tuple[int, float, Tensor, Tensor]]:
        """Stir those of the slots that stray, before they think; hand the result to `after`."""
        kept = []
        for slot in slots:
            if (how := self._straying.get(slot)) is None:
                continue
            if how.stir:
                self._add(slot, how.stir, how.drawn)
            if how.damping:
                z_H, z_L = (state[slot].clone() for state in self._states)
                kept.append((slot, how.damping, z_H, z_L))
        return kept

    def after(self, kept: Sequence[tuple[int, float, Tensor, Tensor]]) -> None:
        """Damp what `before` said is to be damped."""
        for slot, damping, *old in kept:
            for state, before in zip(self._states, old, strict=True):
                state[slot].lerp_(before, damping)

    def _add(self, slot: int, deviation: float, drawn: torch.Generator) -> None:
        shape = self._states[0].shape[1:]
        for state, noise in zip(self._states, torch.randn(2, *shape, generator=drawn), strict=True):
            state[slot].add_(noise.to(state), alpha=deviation)
