"""What a segment is punished for: wrong cells, and a wrong belief about them.

Knows nothing of data, optimizers or the recurrence.
Source: arXiv:2510.04871 (halting by binary cross-entropy), arXiv:2506.21734
(stablemax), arXiv:1805.07836 (`commit`). Unlike the references we compute in fp32: fp64
costs time and changes nothing that training can feel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.network.act import Thinking


@dataclass(frozen=True, slots=True)
class SegmentLoss:
    """The loss of one segment and what was counted on the way. Rows: B."""

    loss: Tensor
    """Mean over rows, a scalar."""
    right_B: Tensor
    """Whether the whole answer is right, bool."""
    cells_B: Tensor
    """Share of asked cells that are right, 0 to 1."""


def log_stablemax(logits: Tensor) -> Tensor:
    """Logarithm of stablemax over the last dimension: a softmax that saturates linearly."""
    grown = torch.where(logits < 0, 1 / (1 - logits), logits + 1)
    return torch.log(grown / grown.sum(-1, keepdim=True))


def segment_loss(
    thinking: Thinking,
    targets_BS: Tensor,
    *,
    kind: Literal["softmax", "stablemax"] = "softmax",
    q_weight: float = 0.5,
    commit: float = 0.0,
) -> SegmentLoss:
    """Cross-entropy over asked cells, and of the halting head's belief.

    Args:
        thinking: what the segment said.
        targets_BS: right tokens, `[B, seq_len]`; `IGNORE` where nothing is asked.
        kind: how logits become probabilities.
        q_weight: weight of the halting loss.
        commit: a row weighs `exp(-commit * more)`, where `more` is how much its cross-entropy
            exceeds the least of the batch: rows that are nearly right teach, hopeless ones
            do not teach to hedge, unless all are hopeless. 0 weighs all alike.

    Returns:
        Loss and counts. Each row weighs the same, however many cells it asks for.
    """
    logits = thinking.logits.float()
    asked = targets_BS != IGNORE
    safe = targets_BS.clamp_min(0)
    logp = log_stablemax(logits) if kind == "stablemax" else F.log_softmax(logits, -1)
    nll = -logp.gather(-1, safe[..., None]).squeeze(-1)
    count = asked.sum(-1).clamp_min(1)
    nll_B = (nll * asked).sum(-1) / count
    # Against the best row: if a bump makes all rows hopeless, they must still teach.
    weights_B = torch.exp(commit * (nll_B.min() - nll_B)).detach()
    answer = (nll_B * weights_B).mean()
    with torch.no_grad():
        hits = (logits.argmax(-1) == targets_BS) & asked
        cells_B = hits.sum(-1) / count
        right_B = hits.sum(-1) == asked.sum(-1)
    halting = F.binary_cross_entropy_with_logits(thinking.q_halt_logits, right_B.float())
    return SegmentLoss(answer + q_weight * halting, right_B, cells_B)
