"""Structure a task declares: which positions constrain each other, which symbols are alike.

Where attention and the token MLP must learn from examples who has to do with whom,
here positions exchange messages along declared groups (a row, an edge, a shift), with
weights that all groups share. Where symbols are interchangeable (the digits of a
Sudoku, the colours of a map) there is one state for each position and symbol, with
weights that all symbols share: renaming symbols, or moving positions so that groups
stay groups, moves and renames the answer exactly. Knows nothing of recurrence or data.

Source: message passing over factors (Palm et al., arXiv:1711.08028, for Sudoku) and
states per symbol as in permutation-equivariant networks (Zaheer et al., arXiv:1703.06114).

Shapes: B rows, S positions of the sequence, A interchangeable symbols (1 without),
V tokens, G groups, D hidden. States are `[B, S * A, D]`, the symbols of a position together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from hrm_specialists.network.config import NetworkConfig

LOUDNESS = 1 / 3
"""What sums over a group are multiplied with: a count of one means the same in a group of
four and of nine, and groups of about nine come out at unit variance."""


class Messages(nn.Module):
    """Each position hears its groups; each symbol hears the others of its position.

    An MLP reads the sum over the members of a group, and answers all of them alike.

    Args:
        config: says which positions form groups, and which symbols are alike.
        mlp: makes the MLP that reads a sum, `[..., D]` to the same shape.
    """

    def __init__(self, config: NetworkConfig, mlp: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.cells, self.symbols = config.seq_len, len(config.symbols) or 1
        self.group_mlp, self.symbol_mlp = mlp(), mlp() if config.symbols else None
        self.register_buffer("members", members(config), persistent=False)

    members: Tensor

    def silence(self) -> None:
        """Let nobody say anything at first: random messages drown what is given."""
        for mlp in (self.group_mlp, self.symbol_mlp):
            if mlp is not None:
                nn.init.zeros_(cast(Any, mlp).down_proj.weight)

    def forward(self, x_BND: Tensor) -> Tensor:
        """What each state hears, `[B, S * A, D]` like the states."""
        B, N, D = x_BND.shape
        x_BSK = x_BND.view(B, self.cells, -1)
        groups = LOUDNESS * (self.members @ x_BSK)
        told = self.group_mlp(groups.view(B, -1, D)).view(B, len(self.members), -1)
        heard = (self.members.t() @ told).view(B, self.cells, self.symbols, D)
        if self.symbol_mlp is not None:
            others = LOUDNESS * x_BND.view(B, self.cells, self.symbols, D).sum(2)
            heard = heard + self.symbol_mlp(others)[:, :, None]
        mixed: Tensor = heard.reshape(B, N, D)
        return mixed


def members(config: NetworkConfig) -> Tensor:
    """Which positions are in which group, `[G, S]` of zeros and ones."""
    table = torch.zeros(len(config.groups), config.seq_len)
    for group, positions in zip(table, config.groups, strict=True):
        group[list(positions)] = 1.0
    return table


def roles(config: NetworkConfig) -> Tensor:
    """What a token is to each symbol, `[V, A]`: itself, another of the kind, or something else.

    Tokens that are not interchangeable have rows 0, 1, … of the embedding for themselves;
    the two rows after them say "this symbol" and "another symbol".
    """
    others = config.specials
    table = torch.full((config.vocab_size, len(config.symbols)), len(others) + 1)
    for row, token in enumerate(others):
        table[token] = row
    for column, token in enumerate(config.symbols):
        table[token, column] = len(others)
    return table


def by_token(config: NetworkConfig) -> Tensor:
    """Where the logit of each token stands in `[symbols, specials]`, `[V]`."""
    order = torch.tensor([*config.symbols, *config.specials])
    return torch.argsort(order)


def token_logits(read_BSAK: Tensor, order_V: Tensor) -> Tensor:
    """Logits of tokens, `[B, S, V]`, from what the answer head says of each symbol.

    Args:
        read_BSAK: first of this symbol, then of each token that is not interchangeable,
            on which the symbols of a position vote.
        order_V: from `by_token`, or the part of it that is wanted.
    """
    both = torch.cat([read_BSAK[..., 0], read_BSAK[..., 1:].mean(-2)], dim=-1)
    return both.index_select(-1, order_V)
