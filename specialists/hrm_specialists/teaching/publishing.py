"""From finished runs to a new version in the data folder: card and weights.

Knows nothing of how the runs were trained.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from hrm_specialists.contract import Task
from hrm_specialists.errors import CheckpointWriteFailed
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.packaging import save_folder, save_specialist
from hrm_specialists.teaching.card import Card, measured, worst
from hrm_specialists.teaching.measuring import Calibrated, Judged
from hrm_specialists.teaching.splitting import Part
from hrm_specialists.teaching.trying import told
from hrm_specialists.training.trainer import Trainer
from hrm_specialists.versions import choices, choose, hold

if TYPE_CHECKING:
    from hrm_specialists.teaching.competing import Lesson
    from hrm_specialists.teaching.tables import Taught

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished training of a network, and what validation said of it."""

    trainer: Trainer
    network: NetworkConfig
    weights: dict[str, Tensor]
    minutes: float
    calibrated: Calibrated
    judged: Judged
    """The test part."""
    search: Mapping[str, Any]
    """`SearchSettings`, as measured."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a new version is to be published."""

    private: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    """Further entries of the card."""
    candidate: bool = False
    """Whether the version waits to be chosen, rather than answering at once."""
    extras: Mapping[str, bytes] = field(default_factory=dict)
    """Further files by name."""


def publish_network(
    task: Task[Any, Any],
    parts: Sequence[Part],
    runs: Sequence[Run],
    family: Path,
    wishes: Wishes,
    *,
    baselines: Mapping[str, float],
    notes: Sequence[str] = (),
    minutes: float,
    competitors: Mapping[str, float] | None = None,
) -> Path:
    """Write the best of the runs as a new version of its family, with its card."""
    run = max(runs, key=lambda r: r.calibrated.accuracy)
    card = _card(task, parts, runs, run, baselines, notes)
    card = replace(card, minutes=minutes, competitors=competitors or {}, scored_by="accuracy")
    return _published(
        family,
        wishes,
        card,
        lambda folder, about: save_specialist(
            folder,
            task,
            run.network.to_mapping(),
            run.weights,
            threshold=run.calibrated.threshold,
            calibration=run.calibrated.calibration.to_mapping(),
            search=dict(run.search),
            **about,
        ),
        {"recipe.json": run.trainer.recipe.model_dump_json(indent=1).encode()},
    )


def publish_rows(
    task: Task[Any, Any], taught: Taught, lesson: Lesson, card: Card, family: Path, wishes: Wishes
) -> Path:
    """Write trees or linear models as a new version of their family."""
    from safetensors.numpy import save

    mixture = taught.solver.mixture
    tensors = save({n: np.ascontiguousarray(a) for n, a in mixture.arrays().items()})
    return _published(
        family,
        wishes,
        card,
        lambda folder, about: save_folder(
            folder,
            task,
            tensors,
            learner=taught.learner(lesson.columns),
            threshold=taught.threshold,
            calibration=taught.calibration.to_mapping(),
            **about,
        ),
    )


def _published(
    family: Path,
    wishes: Wishes,
    card: Card,
    save: Callable[[Path, dict[str, Any]], None],
    extras: Mapping[str, bytes] | None = None,
) -> Path:
    about: dict[str, Any] = {
        "card": {**card.to_mapping(), **wishes.about},
        "readme": card.to_markdown(),
        "private": wishes.private,
        "extras": {**wishes.extras, **(extras or {})},
    }
    if wishes.candidate:
        hold(family)
    while True:
        taken = [int(f.name[1:]) for f in family.glob("v[0-9]*") if f.name[1:].isdigit()]
        version = f"v{max(taken, default=0) + 1:04d}"
        try:
            save(family / version, {**about, "version": version})
            break
        except CheckpointWriteFailed:
            if not (family / version).exists():  # else another process was faster: one further on
                raise
    if choices(family) and not wishes.candidate:
        choose(family, version, "trained")  # somebody chose before: the new one answers now
    return family / version


def _card(
    task: Task[Any, Any],
    parts: Sequence[Part],
    runs: Sequence[Run],
    run: Run,
    baselines: Mapping[str, float],
    notes: Sequence[str],
) -> Card:
    judged, threshold = run.judged, run.calibrated.threshold
    accepted = [confidence >= threshold for confidence in judged.confidences]
    network, told_of = run.network, list(notes)
    if not run.trainer.done:
        told_of.append("Training was interrupted; this is the best so far.")
    if judged.accuracy < 0.5:
        told_of.append(
            "This specialist is wrong more often than right. More examples, more time, or a "
            "simpler way to write the problem may help; as it is, do not rely on it."
        )
    names = ("train", "validation", "test")
    return Card(
        name=task.name,
        method=f"recurrent network ({network.mixing})",
        examples={n: len(p.examples) for n, p in zip(names, parts, strict=True)},
        parameters=parameter_count(network),
        mixing=network.mixing,
        positions=network.seq_len,
        symbols=network.vocab_size,
        steps=run.trainer.step,
        minutes=run.minutes,
        hardware=hardware(run.trainer.device),
        seeds=[r.trainer.recipe.seed for r in runs],
        validation_accuracy=run.calibrated.accuracy,
        **measured(judged.confidences, judged.right, accepted),
        spread=[r.judged.accuracy for r in runs],
        threshold=threshold,
        symmetries="" if task.symmetries is None else told(task, task.symmetries),
        gives_up_after=run.calibrated.calibration.gives_up_after,
        baselines=dict(baselines),
        worst=worst(task, parts[-1].examples, judged.solutions, judged.right, judged.confidences),
        notes=told_of,
    )


def hardware(device: torch.device) -> str:
    """What training ran on, for people."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{platform.machine()} {device.type}, {torch.get_num_threads()} thread(s)"
