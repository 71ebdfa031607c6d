"""Which of several recipes suits the examples: each is tried for a short while.

Judged on the validation part: by whole answers and then by loss, or by loss alone
where an answer is one label, which is often right by chance. Knows nothing of what
the recipes differ in.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from hrm_specialists.codec import IGNORE
from hrm_specialists.teaching.lessons import Lessons
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

log = logging.getLogger(__name__)

TRIAL = 0.08
"""Share of the time that each recipe is tried for; it comes off the training."""
CLEARLY = 0.9
"""Times the loss, which a change must fall below."""


def choose(
    lessons: Lessons,
    recipes: Sequence[Recipe],
    *,
    device: str,
    changes: Sequence[dict[str, Any]] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Recipe:
    """The recipe that did best in a trial, with what is left of its minutes.

    Args:
        lessons: what is learned by a recipe, and what it is judged on.
        recipes: to choose from.
        device: where to train.
        changes: settings of which each is tried on the best of the recipes, and must do
            clearly better.
        clock: counts the minutes; see `Trainer`.
    """
    minutes, tried = recipes[0].minutes, len(recipes) + len(changes)
    if tried == 1 or minutes is None:
        return recipes[0]

    def trial(recipe: Recipe) -> tuple[float, float]:
        task, learned, validation = lessons.of(recipe)
        trainer = Trainer(task, learned, recipe, device=device, clock=clock)
        until = clock() + 60 * minutes * TRIAL
        while clock() < until:
            trainer.train_step()
        right, loss = trainer.examine(validation)
        log.info("tried %s: %.1f %% right, loss %.3f", _told(recipe), 100 * right, loss)
        labels = int((validation.targets != IGNORE).sum(1).max()) == 1
        return (0.0 if labels else right), -loss

    best, score = recipes[0], trial(recipes[0])
    for recipe in recipes[1:]:
        if (other := trial(recipe)) > score:
            best, score = recipe, other
    for change in changes:
        recipe = best.model_copy(update=change)
        if (other := trial(recipe)) > (score[0], score[1] * CLEARLY):
            best, score = recipe, other
    return best.model_copy(update={"minutes": minutes * (1 - TRIAL * tried)})


def _told(recipe: Recipe) -> str:
    keys = ("mlp_t", "conv_kernel", "conv_wraps", "H_attends", "pos_encodings", "looks_by_place")
    said = [f"{key}={recipe.network[key]}" for key in keys if recipe.network.get(key)]
    return ", ".join([*said, *(["distil"] if recipe.distil else [])])
