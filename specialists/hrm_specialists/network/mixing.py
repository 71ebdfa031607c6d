"""Mixing positions that know how they lie: by their neighbours.

Where attention and the token MLP must learn from examples which positions have
to do with each other, a convolution is told: it sees the neighbours on a grid or
in a sequence, and its weights fit a canvas of any size. Knows nothing of
recurrence or data.

Source: convolutional recurrence as in Bansal et al., arXiv:2202.05826.

Shapes: B rows, S positions, D hidden.
"""

from __future__ import annotations

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
