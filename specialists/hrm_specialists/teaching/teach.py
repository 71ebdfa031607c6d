"""From examples to a specialist: split, infer, train, calibrate, measure, publish.

Puts together what the files beside it do. The test part is looked at once, at
the end; nothing is chosen by it.
"""

from __future__ import annotations

import copy
import logging
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from hrm_specialists.contract import Task
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.errors import ConfigError, DataError
from hrm_specialists.network.hardware import pick_device
from hrm_specialists.registry import data_folder, load_specialist
from hrm_specialists.schema.data_task import NAME, DataTask, Shown
from hrm_specialists.schema.examples import Example, Pair, Pairs, read_pairs
from hrm_specialists.schema.infer import Layout, infer_task
from hrm_specialists.schema.shapes import kind_of
from hrm_specialists.specialist import Specialist
from hrm_specialists.symmetries import Symmetries
from hrm_specialists.teaching.changing import as_model
from hrm_specialists.teaching.choosing import Choice, choose
from hrm_specialists.teaching.giving_up import SEARCHED
from hrm_specialists.teaching.lessons import Lessons
from hrm_specialists.teaching.measuring import calibrate, measured
from hrm_specialists.teaching.publishing import Part, Run, publish
from hrm_specialists.teaching.sizing import WORTH_COMPILING, recipes_for
from hrm_specialists.teaching.splitting import Split, same_json, split
from hrm_specialists.teaching.starting import Start
from hrm_specialists.teaching.trying import declared_symmetries, find_symmetries, same_up_to
from hrm_specialists.training.checkpoint import lock_run
from hrm_specialists.training.data import Examples, encode
from hrm_specialists.training.progress import Progress
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer
from hrm_specialists.training.workers import Workers

log = logging.getLogger(__name__)

DEFAULT_MINUTES = 10.0
"""At most, where no time is given."""
ENOUGH = 20
"""Reports in a row, of twenty steps each, that found every validation answer right."""


def train(
    examples: Path | str | Iterable[Any],
    *,
    name: str,
    task: Task[Any, Any] | None = None,
    held_out: Path | str | Iterable[Any] | None = None,
    minutes: float | None = None,
    recipe: Recipe | Mapping[str, Any] | None = None,
    seed: int = 0,
    seeds: int = 1,
    label: str | None = None,
    group: str | None = None,
    ignore: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
    symmetries: Sequence[str] = (),
    description: str = "",
    private: bool = False,
    cost_of_wrong: float = 9.0,
    start: Path | str | None = None,
    device: str = "auto",
    root: Path | None = None,
    resume: bool = False,
    callback: Callable[[Progress], None] | None = None,
    show: Callable[[Sequence[Shown]], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Specialist:
    """Turn about a thousand examples into a measured, calibrated specialist.

    Started by torchrun in several processes, it trains with all of them, each with the
    recipe's batch; the first one publishes and reports.

    Ctrl-C (KeyboardInterrupt) ends the training, not the call: what was learned
    so far is measured and published, and `resume` goes on from there.

    Args:
        examples: a `.jsonl`, `.csv` or `.parquet` file (see `read_pairs`), or
            pairs of problem and solution as plain values.
        name: of the specialist: lower-case letters, digits, `-` and `_`.
        task: what the examples are examples of; None infers it from them.
        held_out: more examples, to calibrate and to measure on; None takes a
            fifth of `examples` for it.
        minutes: from the call to the published result, all measuring included. None
            takes as long as it needs, and ten minutes at most.
        recipe: how to train. Plain values change the recipe that is derived
            from the examples and the time.
        seed: of split, network and training.
        seeds: train this many times, sharing `minutes`, with seeds counted up.
            The one that does best on the validation part is published; the
            card shows the spread.
        label, group, ignore, types: columns of a table; see `read_pairs`.
        symmetries: moves of its grids that leave a task what it is: "mirror", "flip",
            "half-turn", "turn", "transpose", "all". Without them, a task with a checker
            has those that the checker passes on its examples.
        description: one sentence for tool lists and language models.
        private: keep its problems, their solutions and the rest of a query
            that holds one from language models.
        cost_of_wrong: what accepting a wrong answer costs, where a right one
            is worth 1; decides the threshold. 9 accepts from about 90 % on.
        start: name or folder of a specialist to start from: the new network gets
            its shape, and what fits is taken over.
        device: "auto", "cpu", "cuda", "mps".
        root: folder for specialists; None for the user's data folder.
        resume: go on with an interrupted run of this name.
        callback: told of progress every twenty steps.
        show: told, before training, what each column of a table was taken for.
        clock: counts the minutes; see `Trainer`.

    Returns:
        The published specialist, in `<root>/<name>/<version>/`; earlier
        versions stay as they are.

    Raises:
        DataError: the examples cannot be used; file and line are named.
        ConfigError: the name or a setting is not what it must be.
        TrainingError: another run writes here, or training diverged.
        CheckpointWriteFailed: the disk refuses; nothing half-written stays.
    """
    if not NAME.fullmatch(name) or (task is not None and task.name != name):
        wanted = "the task's name" if task is not None else "lower-case letters, digits, - and _"
        raise ConfigError(f"{name!r} cannot name this specialist; {wanted} can")
    began = clock()
    workers = Workers.join()
    place = pick_device(device)
    columns = {"label": label, "group": group, "ignore": ignore, "types": types or {}}
    pairs = _read(examples, columns)
    known = _known_symmetries(name, task, pairs, symmetries, workers, examples)
    cut = _cut(pairs, None if held_out is None else _read(held_out, columns), known, seed, examples)
    found: Task[Any, Any] = task or _inferred(name, cut, examples, description, pairs.layout)
    if show is not None and isinstance(found, DataTask):
        show(found.shown)
    if known is not None:
        found = copy.copy(found)
        found.symmetries = known[1]
    parts = [
        _part(found, pairs, file)
        for pairs, file in (
            (cut.train, examples),
            (cut.validation, held_out or examples),
            (cut.test, held_out or examples),
        )
    ]
    home = root or data_folder()
    family = home / name
    begin = None if start is None else Start.at(start, home)
    scratch = family / ".run"
    with lock_run(scratch) if workers.leads else nullcontext():
        if not resume and workers.leads:
            _clear(scratch)
        workers.leaders(None)
        runs: list[Run] = []
        given = recipe.minutes if isinstance(recipe, Recipe) else dict(recipe or {}).get("minutes")
        open_end = minutes is None and given is None
        whole = minutes or given or DEFAULT_MINUTES
        for nth in range(seeds):
            made = _recipes(
                found, _shared(recipe, begin), parts[0].tokens, whole / seeds, seed + nth, place
            )
            share = (nth + 1) / seeds
            run = _one_run(
                found,
                parts,
                made,
                scratch / f"seed-{seed + nth}",
                begin,
                device,
                callback,
                cost_of_wrong,
                clock,
                workers,
                ends=began + 60 * whole * share - _reserve(60 * whole) / seeds,
                enough=open_end,
                searching=SEARCHED * 60 * whole / seeds,
            )
            runs.append(run)
            if not run.trainer.done:
                break  # interrupted: what there is gets published
        folder = publish(found, parts, runs, family, private) if workers.leads else family
        folder = Path(workers.leaders(str(folder)))
        if runs[-1].trainer.done and workers.leads:
            _clear(scratch)
    return load_specialist(
        folder, task=None if isinstance(found, DataTask) else found, device=device
    )


Known = tuple[Task[Any, Any], Symmetries]
"""Symmetries, and the task whose tokens they speak of."""


def _read(source: Path | str | Iterable[Any], columns: Mapping[str, Any]) -> Pairs:
    return read_pairs(source, **columns)


def _known_symmetries(
    name: str,
    task: Task[Any, Any] | None,
    pairs: Sequence[Pair],
    declared: Sequence[str],
    workers: Workers,
    source: object,
) -> Known | None:
    """What the user vouches for, else what the checker passes; examples are named with their line.

    Raises:
        ConfigError, DataError: see `declared_symmetries`.
    """
    if not declared and (task is None or not task.has_checker):
        return None
    if task is None:
        layout = getattr(pairs, "layout", None)
        task = infer_task(name, [(pair.problem, pair.solution) for pair in pairs], layout=layout)
    models = []
    for pair in pairs:
        with suppress(ValidationError):  # named with its line later
            models.append(
                (as_model(task.Problem, pair.problem), as_model(task.Solution, pair.solution))
            )
    if declared:
        return task, declared_symmetries(task, declared, models)
    found = find_symmetries(task, models) or Symmetries()
    # Trying ends by the clock: the first process decides for all.
    found = Symmetries.from_mapping(workers.leaders(found.to_mapping()), task.codec)
    return None if found.trivial else (task, found)


def _cut(
    pairs: Sequence[Pair],
    others: list[Pair] | None,
    known: Known | None,
    seed: int,
    source: object,
) -> Split:
    if others is not None:
        random.Random(seed).shuffle(others)
        half = len(others) // 2
        return Split(list(pairs), others[:half], others[half:])
    try:
        return split(pairs, seed=seed, key=same_json if known is None else same_up_to(*known))
    except DataError as error:
        raise _located(error, source) from None


def _inferred(
    name: str, cut: Split, source: object, description: str, layout: Layout | None
) -> DataTask:
    pairs = [*cut.train, *cut.validation, *cut.test]
    try:
        sides = [(pair.problem, pair.solution) for pair in pairs]
        return infer_task(
            name, sides, learned=len(cut.train), layout=layout, description=description
        )
    except DataError as error:
        raise _located(DataError(error.message, line=_odd_line(pairs)), source) from None


def _odd_line(pairs: Sequence[Pair]) -> int | None:
    """Where the first example stands whose side is of another kind than most."""
    for side in ("problem", "solution"):
        kinds = Counter(kind_of(getattr(pair, side)) for pair in pairs)
        common = kinds.most_common(1)[0][0]
        odd = [p.line for p in pairs if kind_of(getattr(p, side)) != common and p.line]
        if odd:
            return min(odd)
    return None


def _part(task: Task[Any, Any], pairs: Sequence[Pair], source: object) -> Part:
    """Validate and encode, naming the line that does not fit."""
    examples: list[Example] = []
    for pair in pairs:
        try:
            problem = as_model(task.Problem, pair.problem)
            solution = as_model(task.Solution, pair.solution)
            encode(task, [(problem, solution)])
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise _located(DataError(f"{where}: {first['msg']}", line=pair.line), source) from None
        except DataError as error:
            message = error.message.removeprefix("example 1: ")
            raise _located(DataError(message, line=pair.line), source) from None
        examples.append(Example(problem, solution))
    return Part(examples, encode(task, [(e.problem, e.solution) for e in examples]))


def _located(error: DataError, source: object) -> DataError:
    if error.file is None and isinstance(source, Path | str):
        return DataError(error.message, file=source, line=error.line)
    return error


def _shared(
    given: Recipe | Mapping[str, Any] | None, begin: Start | None
) -> Recipe | Mapping[str, Any] | None:
    """Settings with the network of the specialist that is started from, unless they say more."""
    if begin is None or isinstance(given, Recipe):
        return given
    changes = dict(given or {})
    return {**changes, "network": {**begin.network, **changes.get("network", {})}}


def _recipes(
    task: Task[Any, Any],
    given: Recipe | Mapping[str, Any] | None,
    examples: Examples,
    minutes: float,
    seed: int,
    place: torch.device,
) -> list[Recipe]:
    if isinstance(given, Recipe):
        return [given.model_copy(update={"seed": seed, "distil": bool(given.distil)})]
    try:
        return recipes_for(
            task, examples, minutes=minutes, seed=seed, device=place, changes=dict(given or {})
        )
    except ValidationError as error:
        raise ConfigError(f"recipe: {error}") from error


def _one_run(
    task: Task[Any, Any],
    parts: Sequence[Part],
    recipes: Sequence[Recipe],
    folder: Path,
    start: Start | None,
    device: str,
    callback: Callable[[Progress], None] | None,
    cost_of_wrong: float,
    clock: Callable[[], float],
    workers: Workers,
    *,
    ends: float,
    enough: bool,
    searching: float,
) -> Run:
    _, validation, test = parts
    settings = SearchSettings.from_mapping(recipes[0].search)  # wrong ones cost no training

    def attempt(made: Recipe) -> Trainer:
        trainer = Trainer(
            taught,
            tokens,
            made,
            validation=seen,
            device=device,
            root=folder / f"batch-{made.batch}",
            start=begun if start is None else start.fitted(taught.codec),
            clock=clock,
            workers=workers,
        )
        with suppress(KeyboardInterrupt):
            trainer.run(partial(_until_right, trainer, callback) if enough else callback)
        return trainer

    began = clock()
    file = folder / "recipe.json"
    lessons = Lessons(task, parts)
    choice = _chosen(lessons, recipes, file, device, clock, ends) if workers.leads else None
    recipe, begun = workers.leaders(choice and (choice.recipe.model_dump(), choice.weights))
    recipe = Recipe.model_validate(recipe)
    taught, tokens, seen = lessons.of(recipe)
    while True:
        try:
            trainer = attempt(recipe)
            break
        except torch.OutOfMemoryError:
            if recipe.batch == 1:
                raise
            recipe = recipe.model_copy(update={"batch": recipe.batch // 2})
            log.warning("out of memory: trying again with a batch of %d", recipe.batch)
    minutes = (clock() - began) / 60
    weights, network = trainer.result(), trainer.network.config
    if taught is not task:
        network = network.on_canvas(task.canvases[-1])
    calibrated = calibrate(
        task,
        network,
        weights,
        validation.examples,
        cost_of_wrong=cost_of_wrong,
        settings=settings,
        device=device,
        seconds=searching,
    )
    judged = measured(
        task, network, weights, test.examples, calibrated, settings=settings, device=device
    )
    return Run(trainer, network, weights, minutes, calibrated, judged)


def _chosen(
    lessons: Lessons,
    recipes: Sequence[Recipe],
    file: Path,
    device: str,
    clock: Callable[[], float],
    ends: float,
) -> Choice:
    """The recipe that suits best, with the minutes that are left for it.

    A run that is taken up keeps the one it began with.
    """
    if file.exists():
        return Choice(Recipe.model_validate_json(file.read_bytes()))
    timed = recipes[0].minutes is not None
    seconds = max(0.0, ends - clock()) if timed else None
    choice = choose(lessons, recipes, seconds=seconds, device=device, clock=clock)
    if timed:
        left = max(1.0, ends - clock()) / 60
        compiles = choice.recipe.compile and left >= WORTH_COMPILING
        changes = {"minutes": left, "compile": compiles}
        choice = replace(choice, recipe=choice.recipe.model_copy(update=changes))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(choice.recipe.model_dump_json(), "utf-8")
    return choice


def _reserve(seconds: float) -> float:
    """Seconds of a whole that calibrating, measuring and publishing may take."""
    return min(60.0, 3.0 + (SEARCHED + 0.04) * seconds)


def _until_right(
    trainer: Trainer, callback: Callable[[Progress], None] | None, progress: Progress
) -> None:
    """End a run without a given time once every answer it is looked at is right, twice."""
    if callback is not None:
        callback(progress)
    looks = [point["validation"] for point in trainer.curve if point["validation"] is not None]
    if looks and min(looks[-ENOUGH:]) == 1.0 and len(looks) >= ENOUGH:
        trainer.total = trainer.step


def _clear(scratch: Path) -> None:
    """Drop the checkpoints of earlier runs; the lock stays."""
    for folder in scratch.glob("seed-*"):
        shutil.rmtree(folder, ignore_errors=True)
