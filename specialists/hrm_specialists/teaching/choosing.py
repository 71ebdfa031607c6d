"""Which of several recipes suits the examples: each is tried for a short while.

Judged on the validation part, by whole answers and then by loss. Knows nothing
of what the recipes differ in.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from hrm_specialists.contract import Task
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

log = logging.getLogger(__name__)

TRIAL = 0.08
"""Share of the time that each recipe is tried for; it comes off the training."""


def choose(
    task: Task[Any, Any],
    trained: Examples,
    validation: Examples,
    recipes: Sequence[Recipe],
    *,
    device: str,
    clock: Callable[[], float] = time.monotonic,
) -> Recipe:
    """The recipe that did best in a trial, with what is left of its minutes."""
    if len(recipes) == 1 or recipes[0].minutes is None:
        return recipes[0]
    minutes = recipes[0].minutes
    seconds = 60 * minutes * TRIAL
    found = []
    for recipe in recipes:
        trainer = Trainer(task, trained, recipe, device=device, clock=clock)
        until = clock() + seconds
        while clock() < until:
            trainer.train_step()
        right, loss = trainer.examine(validation)
        found.append((right, -loss))
        log.info("tried %s: %.1f %% right, loss %.3f", _mixing(recipe), 100 * right, loss)
    best = max(range(len(recipes)), key=lambda at: found[at])
    left = minutes * (1 - TRIAL * len(recipes))
    return recipes[best].model_copy(update={"minutes": left})


def _mixing(recipe: Recipe) -> str:
    keys = ("mlp_t", "conv_kernel", "conv_wraps", "H_attends", "pos_encodings", "looks_by_place")
    return ", ".join(f"{key}={recipe.network[key]}" for key in keys if recipe.network.get(key))
