"""From examples to a specialist: split, infer, train, calibrate, measure, publish.

Puts together what the files beside it do. The test part is looked at once, at
the end; nothing is chosen by it.
"""

from __future__ import annotations

import copy
import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, Literal

import torch

from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError
from hrm_specialists.evaluation.taught import TAUGHT, taught_file
from hrm_specialists.network.hardware import pick_device
from hrm_specialists.registry import data_folder, load_specialist
from hrm_specialists.schema.data_task import NAME, DataTask, Shown
from hrm_specialists.schema.examples import read_pairs
from hrm_specialists.specialist import Specialist
from hrm_specialists.teaching import tables
from hrm_specialists.teaching.competing import Until
from hrm_specialists.teaching.measuring import compare
from hrm_specialists.teaching.networks import Run, Setting, one_run, recipes_of
from hrm_specialists.teaching.publishing import Wishes, hardware, publish_network, publish_rows
from hrm_specialists.teaching.sizing import order_may_matter
from hrm_specialists.teaching.splitting import (
    Key,
    Split,
    inferred,
    part_of,
    parts_of,
    same_json,
)
from hrm_specialists.teaching.starting import Start
from hrm_specialists.teaching.trying import known_symmetries, same_by_symmetry, same_up_to
from hrm_specialists.training.checkpoint import lock_run
from hrm_specialists.training.progress import Progress
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.workers import Workers

log = logging.getLogger(__name__)

DEFAULT_MINUTES = 10.0
"""At most, where no time is given."""
FEW = 500
"""Examples below which cross-validation measures, rather than one small part."""
MOSTLY = 0.5
"""Share of answers, texts that write numbers, that a rule for numbers must give to the digit."""
WRITTEN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?")
COMPARING = 0.6
"""Share of the time after which no further learner is begun."""
LEAST_FOR_NETWORK, MOST_FOR_NETWORK = 25.0, 3.0
"""Seconds that must be left for a network to compete for labels, and minutes that it takes
where nobody named a time."""
TAUGHT_ALL = (
    "After it was measured, the learner was fitted once more, on the test part as well: what is "
    "published has learned all examples."
)


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
    time: str | None = None,
    ignore: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
    symmetries: Sequence[str] = (),
    description: str = "",
    private: bool = False,
    cost_of_wrong: float = 9.0,
    tolerance: float | None = None,
    learner: Literal["auto", "network", "trees", "linear", "kernel", "series"] = "auto",
    teacher: Any = None,
    start: Path | str | None = None,
    device: str = "auto",
    root: Path | None = None,
    resume: bool = False,
    callback: Callable[[Progress], None] | None = None,
    show: Callable[[Sequence[Shown]], None] | None = None,
    about: Mapping[str, Any] | None = None,
    candidate: bool = False,
    clock: Callable[[], float] = monotonic,
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
        label, group, time, ignore, types: columns of a table; see `read_pairs`. With a
            time, the test part is the latest, and nothing is learned from later rows.
        symmetries: moves of its grids that leave a task what it is: "mirror", "flip",
            "half-turn", "turn", "transpose", "all". Without them, a task with a checker
            has those that the checker passes on its examples.
        description: one sentence for tool lists and language models.
        private: keep its problems, their solutions and the rest of a query
            that holds one from language models.
        cost_of_wrong: what accepting a wrong answer costs, where a right one
            is worth 1; decides the threshold. 9 accepts from about 90 % on.
        tolerance: how far a number that is answered may miss and still count as right;
            without one no number is accepted.
        learner: what to train where answers are one label or number. "auto" compares all
            that fit and takes the best; a recipe, symmetries or a start mean the network.
        teacher: anything with `predict_proba` for rows of a table: what it says of the
            training rows is learned besides their labels.
        start: name or folder of a specialist to start from: the new network gets
            its shape, and what fits is taken over.
        device: "auto", "cpu", "cuda", "mps".
        root: folder for specialists; None for the user's data folder.
        resume: go on with an interrupted run of this name.
        callback: told of progress every twenty steps.
        show: told, before training, what each column of a table was taken for.
        about: further entries of the card in config.json.
        candidate: let the new version wait until it is chosen; see `versions`.
        clock: counts the minutes; see `Trainer`.

    Returns:
        The published specialist, in `<root>/<name>/<version>/`; earlier
        versions stay as they are.

    Raises:
        DataError: the examples cannot be used; file and line are named.
        ConfigError: the name or a setting is not what it must be.
        DeviceUnavailable: there is no such device, though trees may not need it.
        TrainingError: another run writes here, or training diverged.
        CheckpointWriteFailed: the disk refuses; nothing half-written stays.
    """
    if not NAME.fullmatch(name) or (task is not None and task.name != name):
        wanted = "the task's name" if task is not None else "lower-case letters, digits, - and _"
        raise ConfigError(f"{name!r} cannot name this specialist; {wanted} can")
    pick_device(device)  # an unknown one is told at once, whatever is learned
    began = clock()
    workers = Workers.join()
    columns: dict[str, Any] = {"label": label, "group": group, "time": time, "ignore": ignore}
    columns["types"] = types or {}
    pairs = read_pairs(examples, **columns)
    known = known_symmetries(name, task, pairs, symmetries, workers)
    key = same_json if known is None else same_up_to(*known)
    if known is None and task is not None and type(task).symmetry is not Task.symmetry:
        key = same_by_symmetry(task)
    others = None if held_out is None else read_pairs(held_out, **columns)
    cut = parts_of(pairs, others, key, seed, examples)
    cut.notes[:0] = pairs.notes
    found: Task[Any, Any] = task or inferred(name, cut, examples, description, pairs.layout)
    if show is not None and isinstance(found, DataTask):
        show(found.shown)
    if known is not None:
        found = copy.copy(found)
        found.symmetries = known[1]
    files = (examples, held_out or examples, held_out or examples)
    parts = [part_of(found, part, file) for part, file in zip(cut.parts, files, strict=True)]
    learned = parts[:1] if others is not None else parts
    extras = {TAUGHT: taught_file(example for part in learned for example in part.examples)}
    home = root or data_folder()
    given = recipe.minutes if isinstance(recipe, Recipe) else dict(recipe or {}).get("minutes")
    teaching = _Teaching(
        task=found,
        parts=parts,
        start=None if start is None else Start.at(start, home),
        device=device,
        callback=callback,
        cost_of_wrong=cost_of_wrong,
        clock=clock,
        workers=workers,
        seed=seed,
        open_end=minutes is None and given is None,
        cut=cut,
        key=key,
        family=home / name,
        wishes=Wishes(private, about or {}, candidate, extras),
        began=began,
        seconds=60 * (minutes or given or DEFAULT_MINUTES),
        held_out=others is not None,
        learner=learner,
        tolerance=tolerance,
        teacher=teacher,
    )
    network = learner == "network" or recipe or symmetries or start is not None
    folder = None
    if tables.fits(found) and not network:
        folder = _teach_rows(teaching, teaching)
    elif learner not in ("auto", "network"):
        raise ConfigError(
            f"learner {learner!r} answers with one label or one number; the answers of "
            f"{name!r} have structure: use network"
        )
    elif task is None and pairs.layout is None and not (network or resume or seeds > 1):
        numbers = _written_numbers(teaching, description)
        folder = None if numbers is None else _teach_rows(teaching, numbers)
    if folder is None:
        with _scratch(teaching, keep=resume) as scratch:
            runs = _runs(teaching, scratch, recipe, teaching.seconds, seeds=seeds)
            folder = _publish(teaching, runs)
            if runs[-1].trainer.done:
                _clear(teaching, scratch)
    return load_specialist(
        folder, task=None if isinstance(found, DataTask) else found, device=device
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teaching(Setting):
    """What was asked for, and what there is."""

    cut: Split
    key: Key
    family: Path
    wishes: Wishes
    began: float
    seconds: float
    """From the call to the published result."""
    held_out: bool
    """Whether somebody brought examples that are only to be measured on."""
    learner: str
    tolerance: float | None
    teacher: Any
    mostly: float = 0.0
    """Share of answers that must be right, or nothing is published."""

    @property
    def minutes(self) -> float:
        """Since the call."""
        return (self.clock() - self.began) / 60


def _written_numbers(teaching: _Teaching, description: str) -> _Teaching | None:
    """The same with answers read as numbers, if all are texts that write one alike."""
    texts = [pair.solution for part in teaching.cut.parts for pair in part]
    if not all(isinstance(text, str) and WRITTEN.fullmatch(text) for text in texts):
        return None
    digits = {len(text.partition(".")[2]) for text in texts}
    train, validation, test = (
        [replace(pair, solution=float(pair.solution)) for pair in part]
        for part in teaching.cut.parts
    )
    cut = Split(train, validation, test, teaching.cut.notes)
    task = inferred(teaching.task.name, cut, None, description, None)
    if len(digits) > 1 or task.schema.answer.kind != "number":
        return None
    half = 0.5 / 10 ** digits.pop()
    parts = [part_of(task, part, None) for part in cut.parts]
    return replace(teaching, task=task, cut=cut, parts=parts, tolerance=half, mostly=MOSTLY)


def _teach_rows(teaching: _Teaching, rows: _Teaching) -> Path | None:
    """Compare the learners for labels and numbers, and publish the best.

    Where an answer depends on a text, list or grid, a network competes as well; it may learn
    the answers as texts (`teaching`) where these learn them as numbers (`rows`).

    Returns:
        Its folder; None if fewer answers are right than are wanted.
    """
    workers, task, cut = teaching.workers, rows.task, rows.cut
    assert isinstance(task, DataTask)
    pairs = [*cut.train, *cut.validation]
    train, validation, test = (part.examples for part in rows.parts)
    examples = [*train, *validation]
    few = len(pairs) + len(test) < FEW and not rows.mostly
    if few:
        pairs, examples, test = [*pairs, *cut.test], [*examples, *test], []
    until = Until(rows.began + rows.seconds, rows.clock)
    taught: tables.Taught | None = None
    told: list[str] = []
    rival: list[bool] = []
    if workers.leads:
        taught = tables.teach(
            task,
            pairs,
            examples,
            key=rows.key,
            learner=rows.learner,
            seed=rows.seed,
            cost_of_wrong=rows.cost_of_wrong,
            tolerance=rows.tolerance,
            until=replace(until, ends=rows.began + COMPARING * rows.seconds),
            teacher=rows.teacher,
            exact=rows.mostly > 0,
        )
        alone = few or rows.learner != "auto" or rows.teacher or taught.contest.interrupted
        if rows.mostly or (not alone and order_may_matter(task)):
            rival = taught.right(len(examples))
    rival, left = workers.leaders((rival, until.left))
    if sum(rival) < rows.mostly * len(examples):
        return None
    if rival and not all(rival) and left > LEAST_FOR_NETWORK:
        seconds = min(left, 60 * MOST_FOR_NETWORK) if rows.open_end else left
        with _scratch(teaching) as scratch:
            runs = _runs(teaching, scratch, None, seconds, rival=rival)
            _clear(teaching, scratch)
        if runs and _wins(runs[0].calibrated.judged.right, rival[len(cut.train) :]):
            scores = {} if taught is None or rows.mostly else taught.scores
            best = {**scores, "network": runs[0].calibrated.judged.accuracy}
            return _publish(teaching, runs, best)
        told = ["A recurrent network competed as well, and was not better."]
    folder = rows.family
    if taught is not None:
        card = tables.describe(
            taught,
            [pair for part in cut.parts for pair in part],
            test,
            seed=rows.seed,
            hardware=hardware(torch.device("cpu")),
            notes=[*cut.notes, *told],
            counts={"train": len(examples), "test": len(test)},
            until=replace(until, ends=until.ends - 0.05 * rows.seconds),
        )
        if test and not rows.held_out and until.left > 0 and rows.teacher is None:
            taught.learn(test, seed=rows.seed)
            card = replace(card, notes=[*card.notes, TAUGHT_ALL])
        card = replace(card, minutes=rows.minutes)
        folder = publish_rows(taught, card, rows.family, rows.wishes)
    return Path(workers.leaders(str(folder)))


def _wins(network: Sequence[bool], rows: Sequence[bool]) -> bool:
    """Whether a network is worth its cost: ahead by more than a standard error."""
    won = sum(mine and not theirs for mine, theirs in zip(network, rows, strict=True))
    lost = sum(theirs and not mine for mine, theirs in zip(network, rows, strict=True))
    return bool(won - lost > (won + lost) ** 0.5)


def _runs(
    teaching: _Teaching,
    folder: Path,
    recipe: Recipe | Mapping[str, Any] | None,
    seconds: float,
    *,
    seeds: int = 1,
    rival: Sequence[bool] = (),
) -> list[Run]:
    """Train a network with each seed, sharing the time; none where a rival stays far ahead.

    The time is counted from the call, or back from its end where others came first.
    """
    runs: list[Run] = []
    began = teaching.clock() if rival else teaching.began
    share = seconds / seeds
    for nth, seed in enumerate(range(teaching.seed, teaching.seed + seeds), start=1):
        run = one_run(
            teaching,
            recipes_of(teaching, recipe, minutes=share / 60, seed=seed),
            folder / f"seed-{seed}",
            ends=began + share * nth,
            seconds=share,
            rival=rival[: len(teaching.cut.train)],
        )
        runs += [] if run is None else [run]
        if run is None or not run.trainer.done:
            break  # interrupted: what there is gets published
    return runs


def _publish(
    teaching: _Teaching, runs: Sequence[Run], scores: Mapping[str, float] | None = None
) -> Path:
    """The best of networks, compared with what needs no learning, and with other learners."""
    folder, parts = teaching.family, teaching.parts
    if teaching.workers.leads:
        folder = publish_network(
            teaching.task,
            parts,
            runs,
            teaching.family,
            teaching.wishes,
            baselines=compare(parts[0].tokens, parts[2].tokens),
            notes=teaching.cut.notes,
            minutes=teaching.minutes,
            competitors=scores or {},
        )
    return Path(teaching.workers.leaders(str(folder)))


@contextmanager
def _scratch(teaching: _Teaching, *, keep: bool = False) -> Iterator[Path]:
    """The locked folder of checkpoints; those of an interrupted run go aside unless kept."""
    scratch, leads = teaching.family / ".run", teaching.workers.leads
    with lock_run(scratch) if leads else nullcontext():
        left = [] if keep or not leads else [*scratch.glob("seed-*")]
        if left:
            kept = scratch / "earlier"
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir()
            for folder in left:
                folder.rename(kept / folder.name)
            log.info("the checkpoints of an interrupted run are kept in %s", kept)
        teaching.workers.leaders(None)
        yield scratch


def _clear(teaching: _Teaching, scratch: Path) -> None:
    """Drop the checkpoints; the lock stays."""
    for folder in scratch.glob("seed-*") if teaching.workers.leads else ():
        shutil.rmtree(folder, ignore_errors=True)
