"""What a recipe makes of the training part: other views, another canvas, a forest's rows.

Knows nothing of networks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError
from hrm_specialists.teaching.distilling import can_distil, distilled
from hrm_specialists.teaching.publishing import Part
from hrm_specialists.training.data import Examples, encode
from hrm_specialists.training.recipe import Recipe

Lesson = tuple[Task[Any, Any], Examples, Examples]
"""The task on a recipe's canvas, what is learned of it, and what is looked at meanwhile."""


class Lessons:
    """Lessons by recipe; recipes that differ in the network alone share one.

    Args:
        task: on its own canvas.
        parts: training, validation and test.
    """

    def __init__(self, task: Task[Any, Any], parts: Sequence[Part]) -> None:
        self._task, self._trained, self._validation = task, parts[0], parts[1]
        self._made: dict[tuple[Any, ...], Lesson] = {}

    @property
    def can_distil(self) -> bool:
        """Whether a forest could teach something here."""
        return can_distil(self._task, self._trained.examples)

    def of(self, recipe: Recipe) -> Lesson:
        """What this recipe wants learned.

        Raises:
            ConfigError: a forest is asked for where it can teach nothing.
        """
        key = (bool(recipe.distil), recipe.canvas, recipe.views, recipe.seed)
        if key not in self._made:
            self._made[key] = self._make(recipe)
        return self._made[key]

    def _make(self, recipe: Recipe) -> Lesson:
        task, trained, validation = self._task, self._trained, self._validation
        if recipe.distil:
            if not self.can_distil:
                raise ConfigError(
                    "recipe: distil is for tables and other rows of fixed length that are answered "
                    "by one label, up to 40,000 of them, and needs scikit-learn: "
                    "pip install 'hrm-agent[teach]'"
                )
            more = distilled(task, trained.examples, trained.tokens, seed=recipe.seed)  # type: ignore[arg-type]
            return task, more, validation.tokens
        if recipe.canvas is None and recipe.views == 1:
            return task, trained.tokens, validation.tokens
        taught = task if recipe.canvas is None else task.on_canvas(recipe.canvas)
        rng = random.Random(recipe.seed)
        pairs = [(e.problem, e.solution) for e in trained.examples]
        if recipe.views > 1:
            pairs = [task.augment(*pair, rng) for pair in pairs for _ in range(recipe.views)]
        seen = [(e.problem, e.solution) for e in validation.examples]
        return taught, encode(taught, pairs), encode(taught, seen)
