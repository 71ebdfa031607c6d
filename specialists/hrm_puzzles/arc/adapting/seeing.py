"""A small network that sees what the sights tell, and answers by colour or by pointing.

An HRM whose positions are the cells of a square canvas and whose mixing is a
convolution, so that its weights fit canvases of every size. Three things are
added to what it embeds: sights and facts, the puzzle, and the view the puzzle
is looked at from. Its vocabulary is the colours and, beyond them, the sights:
"the same as that one". Knows nothing of training or of problems.

Shapes: B rows, S cells of the canvas, D hidden, F sights, G facts, V = 11 + F.
Source: pointing mixed with naming as in arXiv:1609.07843.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hrm_puzzles.arc.adapting.sights import FACTS, SIGHTS
from hrm_specialists.network.act import HRM, Carry, Thinking
from hrm_specialists.network.config import NetworkConfig

NAMES = 11
"""Padding and ten colours."""
VIEWS = 9
"""Eight turns, and whether colours were exchanged."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Grids on canvases, as tensors."""

    tokens: Tensor
    """The input at each cell, 0 outside, `[B, S]`."""
    sights: Tensor
    """`[B, S, F]`: 0 for none, else a colour plus 1."""
    facts: Tensor
    """`[B, S, G]`."""
    views: Tensor
    """What is on: one turn, perhaps new colours; `[B, VIEWS]`, float."""
    targets: Tensor | None = None
    """The right colour plus 1, 0 where nothing is asked, `[B, S]`."""


def shape(side: int, *, hidden_size: int, segments: int) -> NetworkConfig:
    """The network for canvases of `side` by `side` cells."""
    return NetworkConfig(
        seq_len=side * side,
        grid_width=side,
        vocab_size=NAMES + len(SIGHTS),
        hidden_size=hidden_size,
        conv_kernel=3,
        pos_encodings="none",
        expansion=2.0,
        intermediate_multiple=8,
        H_cycles=1,
        L_cycles=2,
        L_layers=1,
        halt_max_steps=segments,
        halt_readout="mean",
    )


class Seeing(nn.Module):
    """The network with its three additions; see above."""

    def __init__(self, config: NetworkConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        D = config.hidden_size
        self.hrm = HRM(config, generator)
        sizes = [NAMES] * len(SIGHTS) + [size for _, size in FACTS]
        starts = torch.tensor([0, *sizes]).cumsum(0)
        self.register_buffer("starts", starts[:-1], persistent=False)
        self.told = nn.EmbeddingBag(int(starts[-1]), D, mode="sum")
        self.puzzle = nn.Embedding(1, D)
        self.view = nn.Linear(VIEWS, D, bias=False)
        nn.init.normal_(self.told.weight, std=len(sizes) ** -0.5, generator=generator)
        nn.init.zeros_(self.puzzle.weight)
        nn.init.normal_(self.view.weight, std=0.3, generator=generator)

    starts: Tensor

    def embed(self, batch: Batch) -> Tensor:
        """Everything that is known of each cell, `[B, S, D]`; nothing outside the grid."""
        B, S = batch.tokens.shape
        told = torch.cat([batch.sights, batch.facts], -1) + self.starts
        seen = self.told(told.view(B * S, -1)).view(B, S, -1)
        about = self.puzzle.weight + self.view(batch.views)
        inside = (batch.tokens > 0)[..., None]
        embedded: Tensor = self.hrm.embed(batch.tokens) + inside * (seen + about[:, None])
        return embedded

    def first_carry(self, rows: int) -> Carry:
        """The start of fresh puzzles."""
        return self.hrm.first_carry(rows)

    def forward(self, carry: Carry, embedded: Tensor, sights: Tensor) -> tuple[Carry, Thinking]:
        """One segment; logits of what cannot be answered are minus infinity."""
        carry, said = self.hrm(carry, embedded)
        nobody = F.pad(sights == 0, (NAMES, 0))
        nobody[..., 0] = True
        logits = said.logits.float().masked_fill(nobody, float("-inf"))
        return carry, Thinking(logits, said.q_halt_logits, said.q_continue_logits)


def colours(logits: Tensor, sights: Tensor) -> Tensor:
    """Probability of each colour at each cell, `[B, S, 10]`: named, or pointed at."""
    chance = logits.softmax(-1)
    named, pointed = chance[..., :NAMES], chance[..., NAMES:]
    return named.scatter_add(-1, sights, pointed)[..., 1:]


def surprise(said: Thinking, batch: Batch, *, q_weight: float = 0.1) -> tuple[Tensor, Tensor]:
    """Loss of one segment, and which rows are wholly right, `[B]`.

    A cell's loss is minus the logarithm of all chance that leads to the right
    colour, whether it is named or pointed at.
    """
    assert batch.targets is not None, "nothing to compare with"
    wanted = batch.targets[..., None]
    named = torch.arange(NAMES) == wanted
    leads = torch.cat([named, batch.sights == wanted], -1)
    asked = batch.targets > 0
    right = said.logits.masked_fill(~leads, float("-inf"))
    right = torch.where(asked[..., None], right, said.logits)  # padding leads nowhere
    nll = said.logits.logsumexp(-1) - right.logsumexp(-1)
    loss = (nll * asked).sum() / asked.sum()
    with torch.no_grad():
        best = colours(said.logits, batch.sights).argmax(-1) + 1
        whole = ((best == batch.targets) | ~asked).all(-1)
    halting = F.binary_cross_entropy_with_logits(said.q_halt_logits, whole.float())
    return loss + q_weight * halting, whole
