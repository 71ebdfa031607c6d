"""Train one network within its time: choose a recipe, train, calibrate, measure.

A small part of the training examples is set aside to choose recipes and weights by; what
calibrates and measures chose neither. Knows nothing of how examples were read or split.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Task
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.errors import ConfigError
from hrm_specialists.network.hardware import pick_device
from hrm_specialists.teaching.choosing import Choice, choose
from hrm_specialists.teaching.measuring import SEARCHED, Calibrated, Judged, Trained
from hrm_specialists.teaching.sizing import WORTH_COMPILING, recipes_for
from hrm_specialists.teaching.splitting import Part
from hrm_specialists.teaching.starting import Start
from hrm_specialists.training.data import Examples, encode, with_unknowns
from hrm_specialists.training.progress import Progress
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer
from hrm_specialists.training.workers import Workers

log = logging.getLogger(__name__)

SLOWEST = 4.0
"""Times longer that things take beside other work, as far as it is reckoned with."""
ENOUGH = 20
"""Reports in a row, of twenty steps each, that found every answer that is looked at right."""
SET_ASIDE, SET_ASIDE_OF_LABELS = 0.05, 0.1
FEWEST_ASIDE, MOST_ASIDE = 16, 500
"""Of the training examples, to choose recipes and weights by."""
FIRST_NOISE = 0.3
"""On first states where values are interchangeable. Of 22 Latin squares with several
solutions 19 are verified in one pass instead of 11, and of 78 with one all as before."""
STARTS = {"default": 4, "max": 24}
"""Starts after the first where nothing checks an answer with structure; of a label, none:
further ones would only repeat it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all runs of one training share."""

    task: Task[Any, Any]
    parts: Sequence[Part]
    """Training, validation and test."""
    start: Start | None
    device: str
    callback: Callable[[Progress], None] | None
    cost_of_wrong: float
    clock: Callable[[], float]
    workers: Workers
    seed: int
    open_end: bool
    """Whether nobody named a time: then it ends once all that is looked at is right."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished training of a network, and what was measured of it."""

    trainer: Trainer
    trained: Trained
    calibrated: Calibrated
    judged: Judged
    """The test part."""
    search: Mapping[str, Any]
    """`SearchSettings`, as measured."""


def recipes_of(
    setting: Setting, given: Recipe | Mapping[str, Any] | None, *, minutes: float, seed: int
) -> list[Recipe]:
    """The recipes to choose from, the likeliest first.

    Raises:
        ConfigError: a setting is unknown or does not fit.
    """
    if isinstance(given, Recipe):
        return [given.model_copy(update={"seed": seed})]
    changes = dict(given or {})
    if setting.start is not None:  # its network, unless the settings say more
        changes["network"] = {**setting.start.network, **changes.get("network", {})}
    try:
        return recipes_for(
            setting.task,
            setting.parts[0].tokens,
            minutes=minutes,
            seed=seed,
            device=pick_device(setting.device),
            changes=changes,
        )
    except ValidationError as error:
        raise ConfigError(f"recipe: {error}") from error


def one_run(
    setting: Setting,
    recipes: Sequence[Recipe],
    folder: Path,
    *,
    ends: float,
    seconds: float,
    rival: Sequence[bool] = (),
) -> Run | None:
    """Train a network and measure it.

    Args:
        setting: what is taught, and how.
        recipes: to choose from.
        folder: of its checkpoints.
        ends: when all is to be measured and published, by the setting's clock, unless recipes
            count steps.
        seconds: of the whole training, of which searching may take a share.
        rival: whether another learner is right about each training example, if one is to be
            beaten.

    Returns:
        None if the rival stays far ahead.
    """
    task, workers, clock = setting.task, setting.workers, setting.clock
    SearchSettings.from_mapping(recipes[0].search)  # wrong ones cost no training
    _, validation, test = setting.parts
    lessons = Lessons(task, setting.parts[0])
    file = folder / "recipe.json"
    choice = _chosen(lessons, recipes, file, setting, ends, seconds) if workers.leads else None
    recipe, begun = workers.leaders(choice and (choice.recipe.model_dump(), choice.weights))
    recipe = Recipe.model_validate(recipe)
    bar = _bar(rival[lessons.aside :])
    taught, tokens, seen = lessons.of(recipe)
    while True:
        try:
            trainer = Trainer(
                taught,
                tokens,
                recipe,
                validation=seen,
                device=setting.device,
                root=folder / f"batch-{recipe.batch}",
                start=begun if setting.start is None else setting.start.fitted(taught.codec),
                clock=clock,
                workers=workers,
            )
            with suppress(KeyboardInterrupt):
                trainer.run(partial(_until_settled, trainer, setting, bar))
            break
        except torch.OutOfMemoryError:
            if recipe.batch == 1:
                raise
            recipe = recipe.model_copy(update={"batch": recipe.batch // 2})
            log.warning("out of memory: trying again with a batch of %d", recipe.batch)
    if 0 <= trainer.best_validation < bar:
        return None
    network = trainer.network.config
    if taught is not task:
        network = network.on_canvas(task.canvases[-1])
    search = dict(recipe.search)
    if not task.has_checker and "restarts" not in search:
        search["restarts"] = {"default": 0, "max": 0} if asked(tokens) == 1 else dict(STARTS)
    if task.has_checker and network.symbols:
        search.setdefault("first_noise", FIRST_NOISE)
    # Where a checker chooses among answers, a look at single passes chooses badly.
    weights = trainer.averaged() if task.has_checker else trainer.result()
    settings = SearchSettings.from_mapping(search)
    trained = Trained(task, network, weights, settings, setting.device)
    calibrated = trained.calibrated(
        validation.examples, cost_of_wrong=setting.cost_of_wrong, seconds=SEARCHED * seconds
    )
    judged = trained.measured(test.examples, calibrated.calibration, calibrated.threshold)
    return Run(trainer, trained, calibrated, judged, search)


Lesson = tuple[Task[Any, Any], Examples, Examples]
"""The task on a recipe's canvas, what is learned of it, and what is looked at meanwhile."""


class Lessons:
    """What recipes make of the training part; those that differ in the network share one."""

    def __init__(self, task: Task[Any, Any], trained: Part) -> None:
        self._task = task
        share = SET_ASIDE_OF_LABELS if asked(trained.tokens) == 1 else SET_ASIDE
        aside = min(MOST_ASIDE, max(FEWEST_ASIDE, int(share * len(trained.examples))))
        aside = min(aside, len(trained.examples) // 2)
        # The parts are shuffled; what comes last was drawn by chance, or is the latest.
        self.aside = len(trained.examples) - aside
        self._learned, self._seen = (
            [(example.problem, example.solution) for example in some]
            for some in (trained.examples[: self.aside], trained.examples[self.aside :])
        )
        self._made: dict[tuple[Any, ...], Lesson] = {}

    def of(self, recipe: Recipe) -> Lesson:
        """What this recipe wants learned."""
        key = (recipe.canvas, recipe.views, recipe.seed)
        if key not in self._made:
            self._made[key] = self._make(recipe)
        return self._made[key]

    def _make(self, recipe: Recipe) -> Lesson:
        task, pairs = self._task, self._learned
        taught = task if recipe.canvas is None else task.on_canvas(recipe.canvas)
        if recipe.views > 1:
            rng = random.Random(recipe.seed)
            pairs = [task.augment(*pair, rng) for pair in pairs for _ in range(recipe.views)]
        tokens = with_unknowns(encode(taught, pairs), taught.codec.unknown, seed=recipe.seed)
        return taught, tokens, encode(taught, self._seen)


def _bar(rival: Sequence[bool]) -> float:
    """Two standard errors below what a rival has right: what stays under it is hopeless."""
    share = sum(rival) / max(1, len(rival))
    return share - 2 * float((share * (1 - share) / max(1, len(rival))) ** 0.5)


def asked(tokens: Examples) -> int:
    """Positions that are answered, at most."""
    return int((tokens.targets != IGNORE).sum(1).max())


def _chosen(
    lessons: Lessons,
    recipes: Sequence[Recipe],
    file: Path,
    setting: Setting,
    ends: float,
    whole: float,
) -> Choice:
    """The recipe that suits best, with the minutes that are left for it.

    A run that is taken up keeps the one it began with. What is kept for the time after the
    training is longer where trials showed that others use the machine, too.
    """
    if file.exists():
        return Choice(Recipe.model_validate_json(file.read_bytes()))
    clock, kept = setting.clock, reserve(whole)
    timed = recipes[0].minutes is not None
    began, worked = clock(), time.process_time()
    seconds = max(0.0, ends - kept - began) if timed else None
    choice = choose(lessons, recipes, seconds=seconds, device=setting.device, clock=clock)
    if timed:
        slower = (clock() - began) / max(0.1, time.process_time() - worked)
        left = max(1.0, ends - kept * min(max(1.0, slower), SLOWEST) - clock()) / 60
        compiles = choice.recipe.compile and left >= WORTH_COMPILING
        changes = {"minutes": left, "compile": compiles}
        choice = replace(choice, recipe=choice.recipe.model_copy(update=changes))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(choice.recipe.model_dump_json(), "utf-8")
    return choice


def reserve(seconds: float) -> float:
    """Seconds of a whole that calibrating, measuring and publishing may take."""
    return min(60.0, 5.0 + (SEARCHED + 0.04) * seconds)


def _until_settled(trainer: Trainer, setting: Setting, bar: float, progress: Progress) -> None:
    """End a run once every answer that is looked at stays right, or half of it was hopeless."""
    if setting.callback is not None:
        setting.callback(progress)
    looks = [point["validation"] for point in trainer.curve if point["validation"] is not None]
    right = setting.open_end and len(looks) >= ENOUGH and min(looks[-ENOUGH:]) == 1.0
    late = trainer.total is not None and 2 * trainer.step > trainer.total
    if right or (late and 0 <= trainer.best_validation < bar):
        trainer.total = trainer.step
