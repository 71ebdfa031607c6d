"""z_H and z_L: how a plan and a working state refine each other.

The algorithm of HRM and TRM on one screen. Knows nothing of losses, halting or
data. Source: arXiv:2506.21734, section 2; arXiv:2510.04871.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Literal

import torch
from torch import Tensor, nn

from hrm_specialists.network.layers import Level, Where


class Recurrence(nn.Module):
    """Refine the plan and the working state for one segment.

    Shapes: B rows, S positions, D hidden. Without an `H_level` one network
    updates both states (TRM).
    """

    def __init__(
        self,
        L_level: Level,
        H_level: Level | None,
        *,
        H_cycles: int,
        L_cycles: int,
        gradient: Literal["last_cycle", "last_step"],
    ) -> None:
        super().__init__()
        self.L_level = L_level
        self.H_level = H_level
        self.H_cycles, self.L_cycles = H_cycles, L_cycles
        self.gradient = gradient

    def forward(
        self, z_H: Tensor, z_L: Tensor, x_BSD: Tensor, where: Where
    ) -> tuple[Tensor, Tensor]:
        """Run all cycles; gradients flow through the last one only.

        Args:
            z_H, z_L: states from the previous segment, [B, S, D], detached.
            x_BSD: the embedded puzzle, already scaled by sqrt(D).
            where: what attention is to know of positions.

        Returns:
            New `(z_H, z_L)`, still attached; the trainer detaches them.

        Source: arXiv:2510.04871 keeps the whole last cycle ("last_cycle");
            arXiv:2506.21734 only each level's last update ("last_step").
        """
        with torch.no_grad():
            for _ in range(self.H_cycles - 1):
                z_H, z_L = self._cycle(z_H, z_L, x_BSD, where)
        return self._cycle(z_H, z_L, x_BSD, where, cut=self.gradient == "last_step")

    def _cycle(
        self, z_H: Tensor, z_L: Tensor, x_BSD: Tensor, where: Where, cut: bool = False
    ) -> tuple[Tensor, Tensor]:
        with torch.no_grad() if cut else nullcontext():
            for _ in range(self.L_cycles - 1):
                z_L = self.L_level(z_L, z_H + x_BSD, where)
        z_L = self.L_level(z_L, z_H + x_BSD, where)
        plan = self.L_level if self.H_level is None else self.H_level
        return plan(z_H, z_L, where), z_L
