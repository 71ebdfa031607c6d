"""Where a position lies: which region, which row and column, counted from both ends.

Turning, mirroring and spelling backwards are one rule for every size if a cell
knows how far it is from the far side, too. How large a value is stands in its
tokens: it ends where padding begins. What a problem says once (a single token,
the size of its values) is told to every position. Knows nothing of levels or
recurrence.

Shapes: B rows of the batch, S positions, D hidden, R and C rows and columns of a region.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from hrm_specialists.network.config import NetworkConfig

PADDING = 0


class Places(nn.Module):
    """Learned embeddings of region, row and column, and of what holds everywhere, summed.

    Args:
        config: says where values lie.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        size, symbols = config.hidden_size, config.vocab_size
        self.regions, self.told = config.regions, config.told
        self.tables = nn.ModuleList(
            nn.Embedding(symbols if rows * columns == 1 else rows + columns + 2, size)
            for _, rows, columns, _, _ in self.told
        )
        rows, columns = (max(r[side] for r in config.regions) for side in (1, 2))
        self.region = nn.Embedding(len(config.regions), size)
        # Entry 0 from an end: outside the value, or of unknown size.
        self.row, self.row_left = nn.Embedding(rows, size), nn.Embedding(rows + 1, size)
        self.column, self.column_left = nn.Embedding(columns, size), nn.Embedding(columns + 1, size)

    def forward(self, inputs_BS: Tensor) -> Tensor:
        """`[B, S, D]` of unit variance relative to a token's embedding."""
        B, S = inputs_BS.shape
        out = self.region.weight.new_zeros(B, S, self.region.embedding_dim)
        for number, (first, rows, columns, stride, sized) in enumerate(self.regions):
            row = torch.arange(rows, device=inputs_BS.device)
            column = torch.arange(columns, device=inputs_BS.device)
            at_RC = first + row[:, None] * stride + column
            fixed_RCD = (self.row(row)[:, None] + self.column(column)) + self.region.weight[number]
            used_BRC = inputs_BS[:, at_RC] != PADDING
            if not sized:
                used_BRC = torch.zeros_like(used_BRC)
            wide_BR1 = used_BRC.sum(-1, keepdim=True)
            high_B1 = (wide_BR1.squeeze(-1) > 0).sum(-1, keepdim=True)
            columns_left = self.column_left((wide_BR1 - column).clamp_min(0))
            rows_left = self.row_left((high_B1 - row).clamp_min(0))
            part = fixed_RCD + columns_left + rows_left[:, :, None]
            out[:, at_RC.flatten()] = part.flatten(1, 2).to(out.dtype)
        return math.sqrt(1 / 5) * (out + self._told(inputs_BS)[:, None])

    def _told(self, inputs_BS: Tensor) -> Tensor:
        """`[B, D]`: single tokens, and heights and widths."""
        told = self.region.weight.new_zeros(inputs_BS.shape[0], self.region.embedding_dim)
        for (first, rows, columns, stride, _), table in zip(self.told, self.tables, strict=True):
            if rows * columns == 1:
                told = told + table(inputs_BS[:, first])
                continue
            row = torch.arange(rows, device=inputs_BS.device)
            used_BR = inputs_BS[:, first + row * stride] != PADDING
            used_BC = inputs_BS[:, first : first + columns] != PADDING
            told = told + table(used_BR.sum(-1)) + table(rows + 1 + used_BC.sum(-1))
        return told
