"""How far a run is, how well it goes, and how long it will still take.

Knows nothing of networks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from hrm_specialists.training.losses import SegmentLoss
from hrm_specialists.training.workers import Workers


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. Rates are over the rows that finished since the last report."""

    step: int
    total: int | None
    """None until a time budget has been turned into steps."""
    seconds_left: float | None
    loss: float
    accuracy: float
    """Share of cells right, 0 to 1."""
    exact_accuracy: float
    """Share of whole answers right when their row was replaced."""
    segments: float
    """Mean segments until then."""
    validation: float | None
    """Exact accuracy of the averaged weights on unseen examples, last measured."""


@dataclass
class Counts:
    """Sums since the last report, kept on the device."""

    steps: int = 0
    values: Tensor = field(default_factory=lambda: torch.zeros(5))
    """loss, cells, finished rows, right among them, their segments."""

    def add(self, losses: SegmentLoss, halted_B: Tensor, thought_B: Tensor) -> None:
        """Count one step."""
        with torch.no_grad():
            now = torch.stack(
                [
                    losses.loss.detach(),
                    losses.cells_B.mean(),
                    halted_B.sum().float(),
                    (halted_B & losses.right_B).sum().float(),
                    (thought_B * halted_B).sum().float(),
                ]
            )
        self.values = self.values.to(now.device) + now
        self.steps += 1

    def over(self, workers: Workers) -> Counts:
        """The same over all processes: means stay means, and counts add up."""
        if workers.size == 1:
            return self
        total = workers.sum(self.values)
        total[:2] /= workers.size
        return Counts(self.steps, total)

    @property
    def finite(self) -> bool:
        """Whether everything counted is a number."""
        return bool(torch.isfinite(self.values).all())


@dataclass
class Pace:
    """Seconds a step takes, smoothed over the last reports."""

    seconds_per_step: float | None = None
    _at: float | None = None

    def note(self, now: float, steps: int) -> None:
        """`steps` more were done by `now` (seconds of a monotonic clock)."""
        if self._at is not None and steps:
            pace = (now - self._at) / steps
            old = self.seconds_per_step
            self.seconds_per_step = pace if old is None else 0.8 * old + 0.2 * pace
        self._at = now

    def left(self, steps: int) -> float | None:
        """Seconds for so many more steps; None while that is unknown."""
        return None if self.seconds_per_step is None else steps * self.seconds_per_step
