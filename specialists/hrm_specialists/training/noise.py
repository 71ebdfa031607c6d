"""Noise and damping of the states in training, so that the network learns under the search.

Source: EqR (arXiv:2605.21488). Shapes: B rows, S positions, D hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from hrm_specialists.training.trainer import Trainer


def damped(most: float, new_BSD: Tensor, old_BSD: Tensor) -> Tensor:
    """New states held back towards the old ones, a row by up to `most`, 0 to 1; detached."""
    if not most:
        return new_BSD.detach()
    share = torch.linspace(0, most, len(new_BSD), device=new_BSD.device)
    return new_BSD.detach().lerp(old_BSD.to(new_BSD.dtype), share[:, None, None])


def begun(trainer: Trainer, z_BSD: Tensor) -> Tensor:
    """First states with noise; on a CPU, where drawing is slow, only in rows that begin."""
    options: dict[str, Any] = {"generator": trainer.noise, "device": trainer.device}
    every, own = trainer.all_rows, trainer.workers.own(trainer.all_rows)
    size = trainer.recipe.start_noise * torch.rand(every, 1, 1, **options)
    if trainer.device.type != "cpu":
        return z_BSD + (size * torch.randn(every, *z_BSD.shape[1:], **options))[own]
    # A seed for each row: what it draws must not depend on who else begins.
    seeds = torch.randint(1 << 62, (every,), generator=trainer.noise)[own].tolist()
    z_BSD, size = z_BSD.clone(), size[own]
    for at in trainer.halted_B.nonzero()[:, 0].tolist():
        drawn = torch.randn(z_BSD.shape[1:], generator=torch.Generator().manual_seed(seeds[at]))
        z_BSD[at] += size[at] * drawn
    return z_BSD
