"""Which of several recipes suits the examples: successive halving, counted in steps.

All are trained the same number of steps, a few at a time in turn, uncompiled; the better
half goes on for twice as many, until one is left or the time for trials is over.
Judged on examples that none learns: by whole answers and then by loss, or by loss alone
where an answer is one label, which is often right by chance. Training goes on from what
the winner has learned. Knows nothing of what the recipes differ in.

Source: Jamieson and Talwalkar, "Non-stochastic best arm identification" (AISTATS 2016).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

if TYPE_CHECKING:
    from hrm_specialists.teaching.networks import Lessons

log = logging.getLogger(__name__)

SHARE, AT_MOST = 0.3, 0.5
"""Of the time, for all trials together, and where even the first steps are slow."""
FEWEST, MOST = 20, 400
"""Steps of the first round: fewer show nothing, and more are better spent on the winner."""
TURN = 5
"""Steps between two looks at the clock."""

Score = tuple[float, float]
"""Share of whole answers, 0 where an answer is one label; and the loss, negative."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be trained."""

    recipe: Recipe
    weights: dict[str, Tensor] | None = None
    """What it learned in its trial; None if there was none."""


def choose(
    lessons: Lessons,
    recipes: Sequence[Recipe],
    *,
    seconds: float | None,
    device: str,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """The recipe that did best in trials.

    Args:
        lessons: what is learned by a recipe, and what it is judged on.
        recipes: to choose from, the likeliest first.
        seconds: for training and trials together; None for a run that is counted in
            steps, which has no trials.
        device: where to train.
        clock: counts the seconds; see `Trainer`.
    """
    if len(recipes) == 1 or seconds is None:
        return Choice(recipes[0])
    began = clock()
    until = began + seconds * SHARE
    trials = [_Trial(lessons, recipe, device, clock) for recipe in recipes]
    _train(trials, TURN, began + seconds * AT_MOST, clock, turn=1)
    if trials[-1].trainer.step < TURN:  # nobody is judged by a step or two
        return trials[0].choice()
    spent = max(1e-9, (clock() - began) / TURN)
    rounds = 1 + len(recipes).bit_length() / 2
    steps = max(FEWEST, min(MOST, int(seconds * SHARE / spent / rounds))) - TURN
    while True:
        _train(trials, steps, until, clock)
        ranked = sorted(trials, key=lambda trial: trial.look(), reverse=True)
        if len(ranked) <= 2 or clock() >= until or ranked[0].right == 1.0:
            break
        trials, steps = ranked[: (len(ranked) + 1) // 2], 2 * (steps + TURN)
    return ranked[0].choice()


def _train(
    trials: Sequence[_Trial],
    steps: int,
    until: float,
    clock: Callable[[], float],
    turn: int = TURN,
) -> None:
    """Train all for so many steps each, or as many as there is time for, always alike."""
    for done in range(0, steps, turn):
        if clock() >= until:
            return
        for trial in trials:
            for _ in range(min(turn, steps - done)):
                trial.trainer.train_step()


class _Trial:
    """A recipe in training, and how it does so far."""

    def __init__(
        self, lessons: Lessons, recipe: Recipe, device: str, clock: Callable[[], float]
    ) -> None:
        task, learned, self._seen = lessons.of(recipe)
        self.recipe = recipe
        eager = recipe.model_copy(update={"compile": False})
        self.trainer = Trainer(task, learned, eager, device=device, clock=clock)
        self.right = 0.0
        """Share of whole answers, when last looked at."""

    def choice(self) -> Choice:
        """This recipe, with what it has learned."""
        state = self.trainer.network.state_dict()
        return Choice(self.recipe, {name: t.detach().cpu() for name, t in state.items()})

    def look(self) -> Score:
        """How well it does by now."""
        right, loss = self.trainer.examine(self._seen)
        told = f"{100 * right:.1f} % right, loss {loss:.3f}"
        log.info("tried %s for %d steps: %s", _told(self.recipe), self.trainer.step, told)
        self.right = right
        labels = int((self._seen.targets != IGNORE).sum(1).max()) == 1
        return (0.0 if labels else right), -loss


def _told(recipe: Recipe) -> str:
    keys = ("mlp_t", "conv_kernel", "conv_wraps", "H_attends", "pos_encodings", "looks_by_place")
    return ", ".join(f"{key}={recipe.network[key]}" for key in keys if recipe.network.get(key))
