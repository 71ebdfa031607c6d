"""Two ways to mix positions that know how they lie: neighbours, and declared groups.

Where attention and the token MLP must learn from examples which positions have
to do with each other, these are told: a convolution sees the neighbours on a
grid or in a sequence, and its weights fit a canvas of any size; group mixing
sees groups that a task declares (the rows, columns and boxes of a Sudoku).
Neither is told what the relation means. Knows nothing of recurrence or data.

Source: convolutional recurrence as in Bansal et al., arXiv:2202.05826; messages
between related cells as in Palm et al., arXiv:1711.08028, summed within a group.

Shapes: B rows, S positions, D hidden, I inner width, K kinds, G groups of a kind.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Convolution(nn.Module):
    """Each position hears its neighbours on the grid, or in the sequence.

    Args:
        size: channels, D.
        kernel: odd side of the square (in a sequence: the length) that is seen.
        grid_width: columns of the grid; 0 for a sequence.
        wraps: the last column is the first one's neighbour, and so with rows.
    """

    def __init__(self, size: int, kernel: int, grid_width: int, *, wraps: bool = False) -> None:
        super().__init__()
        self.kernel, self.grid_width, self.wraps = kernel, grid_width, wraps
        seen = kernel * kernel if grid_width else kernel
        self.proj = nn.Linear(seen * size, size, bias=False)

    def forward(self, x_BSD: Tensor) -> Tensor:
        """`[B, S, D]` to the same shape; nothing is seen beyond an edge that does not wrap."""
        B, S, D = x_BSD.shape
        width = self.grid_width or S
        height = self.kernel if self.grid_width else 1
        weight = self.proj.weight.view(D, height, self.kernel, D).permute(0, 3, 1, 2)
        # Channels lie last already: a view, no copy.
        x_BDHW = x_BSD.view(B, S // width, width, D).permute(0, 3, 1, 2)
        beyond = (height // 2, self.kernel // 2)
        if self.wraps:
            around = (beyond[1], beyond[1], beyond[0], beyond[0])
            seen = F.conv2d(F.pad(x_BDHW, around, mode="circular"), weight)
        else:
            seen = F.conv2d(x_BDHW, weight, padding=beyond)
        return seen.permute(0, 2, 3, 1).reshape(B, S, D)


class GroupMixing(nn.Module):
    """Positions tell each of their groups something, and hear what comes of all of it.

    What the members of a group say is summed, gated as in a SwiGLU, and read by
    every member. All groups of a kind share their weights.

    Args:
        size: channels, D.
        inner: width of what a group knows, I.
        kinds: for each kind its groups, and for each group its positions. A
            position is in at most one group of a kind.
        positions: length of the sequence, S.
    """

    def __init__(
        self,
        size: int,
        inner: int,
        kinds: tuple[tuple[tuple[int, ...], ...], ...],
        positions: int,
    ) -> None:
        super().__init__()
        self.inner = inner
        self.tell_proj = nn.Linear(size, len(kinds) * 2 * inner, bias=False)
        self.hear_proj = nn.Linear(len(kinds) * inner, size, bias=False)
        most = max(len(groups) for groups in kinds)
        member_KGS = torch.zeros(len(kinds), most, positions)
        for kind, groups in enumerate(kinds):
            for group, members in enumerate(groups):
                member_KGS[kind, group, list(members)] = 1.0
        self.register_buffer("member_KGS", member_KGS, persistent=False)

    member_KGS: Tensor

    def forward(self, x_BSD: Tensor) -> Tensor:
        """`[B, S, D]` to the same shape."""
        B, S, _ = x_BSD.shape
        K = len(self.member_KGS)
        member_KGS = self.member_KGS.to(x_BSD.dtype)
        told = self.tell_proj(x_BSD).view(B, S, K, 2 * self.inner).transpose(1, 2)  # [B,K,S,2I]
        size_KG1 = member_KGS.sum(-1, keepdim=True).clamp_min(1)
        known = (member_KGS * (1 / size_KG1)) @ told  # [B, K, G, 2I]
        gate, up = known.chunk(2, dim=-1)
        heard = member_KGS.transpose(1, 2) @ (F.silu(gate) * up)  # [B, K, S, I]
        out: Tensor = self.hear_proj(heard.transpose(1, 2).reshape(B, S, K * self.inner))
        return out
