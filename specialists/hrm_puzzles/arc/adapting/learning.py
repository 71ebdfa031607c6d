"""Learning one problem's rule: a fresh network, trained on its demonstrations.

A learner owns its network; it steps when told to, and can be asked at any time.
Everything is decided by the problem and the seed. Every view of a test, at several moments
of the learning, is a voter; what it is worth is the network's own belief that it is right.
Knows nothing of clocks, threads or how many learners there are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from hrm_puzzles.arc.adapting.framing import Rows
from hrm_puzzles.arc.adapting.lesson import Lesson, Seen, batch_of
from hrm_puzzles.arc.adapting.seeing import Batch, Seeing, colours, shape, surprise
from hrm_specialists.training.optim import learning_rate_factor


@dataclass(frozen=True, slots=True)
class Pace:
    """How a learner learns."""

    steps: int = 300
    batch: int = 8
    """Views of demonstrations in a step."""
    segments: int = 2
    hidden_size: int = 32
    lr: float = 3e-3
    puzzle_lr: float = 9e-3
    decay: float = 0.05
    warmup: int = 10
    hold: float = 0.5
    """Share of the steps after which the learning rate falls."""
    votes: tuple[float, ...] = (0.6, 0.7, 0.8, 0.9, 1.0)
    """Shares of the steps after which every view votes."""
    clip: float = 1.0

    def shortened(self, share: float) -> Pace:
        """The same with so much of the steps."""
        return replace(self, steps=max(1, round(share * self.steps)))


class Learner:
    """A network that learns one lesson.

    Args:
        lesson: what it learns.
        pace: how.
        seed: of its weights and of what it is shown.
    """

    def __init__(self, lesson: Lesson, pace: Pace, seed: int) -> None:
        self.lesson, self.pace = lesson, pace
        self.done = 0
        self._rng = random.Random(seed)
        config = shape(lesson.side, hidden_size=pace.hidden_size, segments=pace.segments)
        self.network = Seeing(config, generator=torch.Generator().manual_seed(seed))
        puzzle = [self.network.puzzle.weight]
        rest = [p for p in self.network.parameters() if p is not self.network.puzzle.weight]
        self._rates = (pace.lr, pace.puzzle_lr)
        self._optimizer = AdamW(
            [{"params": rest, "weight_decay": pace.decay}, {"params": puzzle, "weight_decay": 0}],
            betas=(0.9, 0.95),
        )

    def step(self) -> float:
        """Learn from one batch; how many of its rows were answered rightly, 0 to 1."""
        pace = self.pace
        factor = learning_rate_factor(self.done, pace.steps, warmup=pace.warmup, hold=pace.hold)
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * max(factor, 0.05)
        batch = self.lesson.draw(pace.batch, self._rng)
        loss, right = loss_of(self.network, batch, pace.segments)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), pace.clip)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.done += 1
        return float(right.float().mean())

    @property
    def votes_now(self) -> bool:
        """Whether the views vote after the step that was just done."""
        return self.done in {max(1, round(share * self.pace.steps)) for share in self.pace.votes}

    def vote(self, ballots: Sequence[Ballot]) -> None:
        """Let every view of every test predict."""
        for ballot, views in zip(ballots, self.lesson.tests, strict=True):
            for grid, belief in self._predict(views):
                ballot.vote(grid, belief)

    def guess(self) -> list[Rows]:
        """What the plain view of each test predicts now; quick."""
        return [self._predict(views[:1])[0][0] for views in self.lesson.tests]

    @torch.no_grad()
    def _predict(self, views: Sequence[Seen]) -> list[tuple[Rows, float]]:
        batch = batch_of(views)
        carry = self.network.first_carry(len(views))
        embedded = self.network.embed(batch)
        carry, said = self.network(carry, embedded, batch.sights)
        for _ in range(self.pace.segments - 1):
            carry, said = self.network(carry, embedded, batch.sights)
        side = self.lesson.side
        best = colours(said.logits, batch.sights).argmax(-1).view(-1, side, side)
        beliefs = said.q_halt_logits.sigmoid().tolist()
        found = []
        for seen, cells, belief in zip(views, best, beliefs, strict=True):
            height, width = seen.size
            rows = tuple(map(tuple, cells[:height, :width].tolist()))
            found.append((seen.view.undo(rows), belief))
        return found


def loss_of(network: Seeing, batch: Batch, segments: int) -> tuple[Tensor, Tensor]:
    """Mean loss over the segments, and which rows the last one answered rightly, `[B]`.

    Each segment is supervised and hands its states on detached, as in all our
    training; here they share one step.
    """
    carry = network.first_carry(len(batch.tokens))
    embedded = network.embed(batch)
    told = []
    for _ in range(segments):
        carry, said = network(carry, embedded, batch.sights)
        told.append(surprise(said, batch))
    return torch.stack([loss for loss, _ in told]).mean(), told[-1][1]


BELIEF = 1e-3
"""What a voter is worth that believes nothing, so that agreement still counts."""


class Ballot:
    """The votes on one test output."""

    def __init__(self) -> None:
        self._votes: dict[Rows, float] = {}
        self._cast = 0

    def vote(self, grid: Rows, belief: float) -> None:
        """Count one prediction, worth `belief`, 0 to 1."""
        self._votes[grid] = self._votes.get(grid, 0.0) + belief + BELIEF
        self._cast += 1

    def ranked(self) -> list[Rows]:
        """Predictions, the most voted first."""
        return sorted(self._votes, key=lambda grid: (-self._votes[grid], grid))

    def score(self) -> float:
        """How sure the votes are of the first, 0 to 1: its share of all belief there could be.

        The share among the votes, times the mean belief of those who cast one:
        voters who agree on something that none of them believes count little.
        """
        if not self._cast:
            return 0.0
        return min(1.0, max(self._votes.values()) / (self._cast * (1 + BELIEF)))


def score_of(ballots: Sequence[Ballot], doubts: int = 1) -> float:
    """How sure all outputs are together, 0 to 1, uncalibrated: as sure as the least sure.

    Args:
        doubts: how many readings of the problem's frame fit; see `framing`.
    """
    return min((ballot.score() for ballot in ballots), default=0.0) / max(1, doubts)
