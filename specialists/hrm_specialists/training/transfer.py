"""Begin with what another network has learned, as far as it fits.

Knows nothing of tasks: whether tokens mean the same is the caller's to judge.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


@torch.no_grad()
def take_over(network: nn.Module, weights: Mapping[str, Tensor]) -> list[str]:
    """Copy every tensor of the same name and rank, its overlapping part at least.

    A larger alphabet keeps fresh rows for its new symbols, a longer sequence
    fresh columns for its new positions.

    Returns:
        Names of what was copied, wholly or in part.
    """
    copied = []
    for name, here in network.state_dict().items():
        there = weights.get(name)
        if there is None or there.ndim != here.ndim:
            continue
        part = tuple(slice(0, min(a, b)) for a, b in zip(here.shape, there.shape, strict=True))
        here[part].copy_(there[part])
        copied.append(name)
    return copied
