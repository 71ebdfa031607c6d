"""What a segment is punished for."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from hrm_specialists.network.act import Thinking
from hrm_specialists.training.losses import segment_loss


def test_commit_silences_hopeless_rows_and_never_all():
    """Rows that are alike teach as without it; beside a right one, a hopeless one is quiet."""
    logits = torch.zeros(2, 3, 5, requires_grad=True)
    targets = torch.tensor([[1, 2, 3], [3, 2, 1]])

    def pull(logits, commit):
        said = Thinking(logits, torch.zeros(2), torch.zeros(2))
        loss = segment_loss(said, targets, q_weight=0.0, commit=commit).loss
        return torch.autograd.grad(loss, logits)[0].abs().sum((1, 2))

    assert torch.allclose(pull(logits, 2.0), pull(logits, 0.0))
    sure = (F.one_hot(targets, 5) * 4.0).float()
    sure[1] = sure[1].roll(1, -1)
    right, hopeless = pull(sure.requires_grad_(), 2.0) / pull(sure, 0.0)
    assert right == pytest.approx(1.0)
    assert hopeless < 0.01
