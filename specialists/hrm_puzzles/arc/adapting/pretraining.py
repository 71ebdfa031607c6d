"""Before any problem comes: one network learns many known problems at once.

Each known problem has a row of the puzzle embedding; everything else is shared.
What is kept are the shared weights and the mean row: a start from which a new
problem is learned in fewer steps. Problems are drawn by the size of their
canvas, so that every step has canvases of one size.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from hrm_puzzles.arc import ArcProblem
from hrm_puzzles.arc.adapting.framing import framings_of
from hrm_puzzles.arc.adapting.learning import Pace, loss_of
from hrm_puzzles.arc.adapting.lesson import Lesson, batch_of
from hrm_puzzles.arc.adapting.seeing import Seeing, shape
from hrm_specialists.training.optim import Average
from hrm_specialists.training.schedule import learning_rate_factor

RECOLOURED = 2
"""Recoloured views of each grid; fewer than in solving, to save memory."""

Report = Callable[[int, float, float], None]
"""Told the step, the loss, and the share of rows answered rightly, both averaged."""


def lessons_of(problems: Sequence[ArcProblem], seed: int, *, largest: int) -> list[Lesson]:
    """The lessons of those problems whose frame is understood and whose canvas is not too large."""
    lessons = []
    for at, problem in enumerate(problems):
        framings = framings_of(problem)
        if framings:
            sides = [len(side) for pair in problem.train for side in (pair.output, pair.output[0])]
            if max(sides) <= largest:
                lessons.append(Lesson(problem, framings[0], seed + at, recoloured=RECOLOURED))
    return lessons


def pretrain(
    lessons: Sequence[Lesson],
    *,
    steps: int,
    seed: int,
    pace: Pace,
    batch: int = 16,
    report: Report | None = None,
    every: int = 200,
) -> Mapping[str, Tensor]:
    """Weights to start from.

    Args:
        lessons: of known problems.
        steps: optimizer steps.
        seed: of the weights, and of what is shown.
        pace: size, segments and learning rates of the learners to come.
        batch: rows of a step.
        report: told every so many steps.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    by_side: dict[int, list[int]] = {}
    for at, lesson in enumerate(lessons):
        by_side.setdefault(lesson.side, []).append(at)
    sides = [lesson.side for lesson in lessons]
    first = shape(sides[0], hidden_size=pace.hidden_size, segments=pace.segments)
    network = Seeing(first, len(lessons), torch.Generator().manual_seed(seed))
    canvases = {side: _on(network, side, pace) for side in by_side}
    puzzle = [network.puzzle.weight]
    rest = [p for p in network.parameters() if p is not network.puzzle.weight]
    optimizer = AdamW(
        [{"params": rest, "weight_decay": pace.decay}, {"params": puzzle, "weight_decay": 0.0}],
        betas=(0.9, 0.95),
    )
    average = Average(network.parameters(), 0.995)
    told = [0.0, 0.0]
    for step in range(1, steps + 1):
        factor = learning_rate_factor(step, steps, warmup=50, hold=pace.hold)
        for group, rate in zip(optimizer.param_groups, (pace.lr, pace.puzzle_lr), strict=True):
            group["lr"] = rate * factor
        side = rng.choice(sides)
        chosen = [rng.choice(by_side[side]) for _ in range(batch)]
        rows = [rng.choice(rng.choice(lessons[at].demonstrations)) for at in chosen]
        loss, right = loss_of(canvases[side], batch_of(rows, chosen), pace.segments)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), pace.clip)
        optimizer.step()
        optimizer.zero_grad()
        average.update()
        told = [told[0] + loss.item() / every, told[1] + float(right.float().mean()) / every]
        if step % every == 0:
            if report is not None:
                report(step, *told)
            told = [0.0, 0.0]
    average.swap()
    weights = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    weights["puzzle.weight"] = weights["puzzle.weight"].mean(0, keepdim=True)
    return weights


def _on(network: Seeing, side: int, pace: Pace) -> Seeing:
    """The same weights on canvases of another size."""
    other = Seeing(
        shape(side, hidden_size=pace.hidden_size, segments=pace.segments),
        network.puzzle.num_embeddings,
    )
    for (path, ours), (_, theirs) in zip(
        network.named_parameters(), list(other.named_parameters()), strict=True
    ):
        assert ours.shape == theirs.shape, f"{path} depends on the size of the canvas"
        parent, _, leaf = path.rpartition(".")
        setattr(other.get_submodule(parent), leaf, ours)
    other.load_state_dict(network.state_dict())
    return other
