"""Which of several recipes suits the examples: each is tried for a short while.

Judged on the validation part: by whole answers and then by loss, or by loss alone
where an answer is one label, which is often right by chance. The best two are tried
for longer, and training goes on from what the winner has learned. Knows nothing of what
the recipes differ in.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.teaching.lessons import Lessons
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

log = logging.getLogger(__name__)

TRIAL = 0.08
"""Share of the time that each recipe is tried for, the best two twice."""
CLEARLY = 0.9
"""Times the loss, which a change must fall below."""

Score = tuple[float, float]
"""Share of whole answers, 0 where an answer is one label; and the loss, negative."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be trained."""

    recipe: Recipe
    """With what is left of its minutes."""
    weights: dict[str, Tensor] | None = None
    """What it learned in its trial; None if there was none."""


def choose(
    lessons: Lessons,
    recipes: Sequence[Recipe],
    *,
    device: str,
    changes: Sequence[dict[str, Any]] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """The recipe that did best in trials.

    Args:
        lessons: what is learned by a recipe, and what it is judged on.
        recipes: to choose from.
        device: where to train.
        changes: settings of which each is tried on the best of the recipes, and must do
            clearly better.
        clock: counts the minutes; see `Trainer`.
    """
    minutes = recipes[0].minutes
    if len(recipes) + len(changes) == 1 or minutes is None:
        return Choice(recipes[0])
    seconds = 60 * minutes * TRIAL
    trials = [_Trial(lessons, recipe, device, clock) for recipe in recipes]
    for trial in trials:
        trial.go_on(seconds)
    ranked = sorted(trials, key=lambda trial: trial.score, reverse=True)
    if len(ranked) > 1:
        for trial in ranked[:2]:
            trial.go_on(seconds)
        ranked = sorted(ranked[:2], key=lambda trial: trial.score, reverse=True)
    best = ranked[0]
    for change in changes:
        other = _Trial(lessons, best.recipe.model_copy(update=change), device, clock)
        other.go_on(seconds)
        trials.append(other)
        if other.first > (best.first[0], best.first[1] * CLEARLY):
            best = other
    left = 1 - TRIAL * sum(trial.times for trial in trials)
    weights = {n: t.detach().cpu() for n, t in best.trainer.network.state_dict().items()}
    return Choice(best.recipe.model_copy(update={"minutes": minutes * left}), weights)


class _Trial:
    """A recipe in training, and how it does so far."""

    def __init__(
        self, lessons: Lessons, recipe: Recipe, device: str, clock: Callable[[], float]
    ) -> None:
        task, learned, self._validation = lessons.of(recipe)
        self.recipe, self._clock, self.times = recipe, clock, 0
        self.trainer = Trainer(task, learned, recipe, device=device, clock=clock)
        self.first: Score = (0.0, 0.0)
        """After the first trial, to compare with what has had but one."""
        self.score: Score = (0.0, 0.0)

    def go_on(self, seconds: float) -> None:
        """Train for so long, and look."""
        until = self._clock() + seconds
        while self._clock() < until:
            self.trainer.train_step()
        self.times += 1
        right, loss = self.trainer.examine(self._validation)
        log.info("tried %s: %.1f %% right, loss %.3f", _told(self.recipe), 100 * right, loss)
        labels = int((self._validation.targets != IGNORE).sum(1).max()) == 1
        self.score = (0.0 if labels else right), -loss
        self.first = self.score if self.times == 1 else self.first


def _told(recipe: Recipe) -> str:
    keys = ("mlp_t", "conv_kernel", "conv_wraps", "H_attends", "pos_encodings", "looks_by_place")
    said = [f"{key}={recipe.network[key]}" for key in keys if recipe.network.get(key)]
    return ", ".join([*said, *(["distil"] if recipe.distil else [])])
