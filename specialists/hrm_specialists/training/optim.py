"""Who updates what, and how fast: Muon the matrices inside the levels, AdamW the rest.

Knows nothing of losses or data. Source: Muon as in PyTorch (Jordan et al. 2024),
with updates scaled to AdamW's RMS so that one learning rate means the same to
both; the split follows arXiv:2601.19085.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer


class Optimizers:
    """Muon and AdamW stepping together under one schedule.

    Args:
        network: whose parameters are trained.
        muon_lr, adam_lr: base learning rates.
        muon_decay, adam_decay: decoupled weight decay.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        muon_lr: float,
        adam_lr: float,
        muon_decay: float,
        adam_decay: float,
    ) -> None:
        named = dict(network.named_parameters())
        matrices = [p for n, p in named.items() if "_level." in n and p.ndim == 2]
        inside = {id(p) for p in matrices}
        others = [p for p in named.values() if id(p) not in inside]
        self.parameters = list(named.values())
        muon = Muon(matrices, lr=muon_lr, weight_decay=muon_decay, adjust_lr_fn="match_rms_adamw")
        adam = AdamW(others, lr=adam_lr, weight_decay=adam_decay, betas=(0.9, 0.95))
        self.both: list[tuple[Optimizer, float]] = [(muon, muon_lr), (adam, adam_lr)]

    def step(self, factor: float, clip: float) -> Tensor:
        """Clip the gradients, update, and clear them.

        Args:
            factor: of the learning rates, from the schedule.
            clip: greatest norm of all gradients together.

        Returns:
            The norm before clipping; not finite means nothing was updated well.
        """
        norm = nn.utils.clip_grad_norm_(self.parameters, clip)
        for optimizer, base in self.both:
            for group in optimizer.param_groups:
                group["lr"] = base * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return norm

    def tensors(self) -> dict[str, Tensor]:
        """All state by a stable name, for a checkpoint."""
        return {
            f"{kind}.{index}.{key}": value
            for kind, (optimizer, _) in enumerate(self.both)
            for index, state in optimizer.state_dict()["state"].items()
            for key, value in state.items()
        }

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Take the state of `tensors` back."""
        for kind, (optimizer, _) in enumerate(self.both):
            state: dict[int, dict[str, Any]] = {}
            for name, value in tensors.items():
                which, index, key = name.split(".", 2)
                if int(which) == kind:
                    state.setdefault(int(index), {})[key] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": state, "param_groups": groups})


class Average:
    """Exponential moving average of weights; what is evaluated and shipped.

    Source: arXiv:2510.04871, worth about 7.5 points there.
    """

    def __init__(self, parameters: Iterable[Tensor], decay: float) -> None:
        self.decay = decay
        self.live = list(parameters)
        self.mean = [p.detach().clone() for p in self.live]
        self.updates = 0

    @torch.no_grad()
    def update(self) -> None:
        """Move towards the live weights, faster in the first steps."""
        self.updates += 1
        decay = min(self.decay, self.updates / (self.updates + 10))
        torch._foreach_lerp_(self.mean, [p.detach() for p in self.live], 1 - decay)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Put the averaged weights in the place of the live ones meanwhile."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for mean, live in zip(self.mean, self.live, strict=True):
            kept = live.detach().clone()
            live.copy_(mean)
            mean.copy_(kept)


def learning_rate_factor(step: int, total: int, *, warmup: int, hold: float) -> float:
    """What the base rate is multiplied with at `step`, 0 to 1.

    Depends on the step alone, never on the clock, so that a resumed run walks the same path.

    Args:
        step: optimizer steps done, from 0.
        total: steps of the whole run.
        warmup: steps of the linear rise.
        hold: share of the run after which the rate falls linearly to zero.
    """
    if step < warmup:
        return (step + 1) / warmup
    start = hold * total
    return 1.0 if step < start else max(0.0, (total - step) / max(1.0, total - start))


def steps_within(seconds: float, seconds_per_step: float) -> int:
    """Whole steps that a budget pays for, at least 1."""
    return max(1, int(seconds / seconds_per_step))
