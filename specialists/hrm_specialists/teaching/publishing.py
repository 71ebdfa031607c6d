"""From finished runs to a new version in the data folder: card and weights.

Knows nothing of how the runs were trained.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from hrm_specialists.contract import Task
from hrm_specialists.errors import CheckpointWriteFailed
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.packaging import save_folder, save_specialist
from hrm_specialists.teaching.card import Card, measured, worst
from hrm_specialists.teaching.networks import Run
from hrm_specialists.teaching.splitting import Part
from hrm_specialists.teaching.trying import told as described
from hrm_specialists.versions import choices, choose, hold

if TYPE_CHECKING:
    from hrm_specialists.teaching.tables import Taught

log = logging.getLogger(__name__)


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
    **told: Any,
) -> Path:
    """Write the best of the runs as a new version of its family, with its card.

    Args:
        task: what was learned.
        parts: training, validation and test.
        runs: of several seeds.
        family: folder of the versions.
        wishes: how to publish.
        told: of the card: baselines, minutes, notes, competitors.
    """
    run = max(runs, key=lambda r: r.calibrated.judged.accuracy)
    return _published(
        family,
        wishes,
        _card(task, parts, runs, run, **told),
        lambda folder, about: save_specialist(
            folder,
            task,
            run.trained.network.to_mapping(),
            run.trained.weights,
            threshold=run.calibrated.threshold,
            calibration=run.calibrated.calibration.to_mapping(),
            search=dict(run.search),
            **about,
        ),
        {"recipe.json": run.trainer.recipe.model_dump_json(indent=1).encode()},
    )


def publish_rows(taught: Taught, card: Card, family: Path, wishes: Wishes) -> Path:
    """Write trees or linear models as a new version of their family."""
    from safetensors.numpy import save

    learner, arrays = taught.stored()
    tensors = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    return _published(
        family,
        wishes,
        card,
        lambda folder, about: save_folder(
            folder,
            taught.task,
            tensors,
            learner=learner,
            threshold=taught.threshold,
            calibration=taught.solver.calibration.to_mapping(),
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
    notes: Sequence[str],
    **told: Any,
) -> Card:
    judged, threshold, network = run.judged, run.calibrated.threshold, run.trained.network
    accepted = [confidence >= threshold for confidence in judged.confidences]
    told_of = list(notes)
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
        hardware=hardware(run.trainer.device),
        seeds=[r.trainer.recipe.seed for r in runs],
        validation_accuracy=run.calibrated.judged.accuracy,
        **measured(judged.confidences, judged.right, accepted),
        spread=[r.judged.accuracy for r in runs],
        threshold=threshold,
        symmetries="" if task.symmetries is None else described(task, task.symmetries),
        gives_up_after=run.calibrated.calibration.gives_up_after,
        worst=worst(task, parts[-1].examples, judged.solutions, judged.right, judged.confidences),
        scored_by="accuracy",
        notes=told_of,
        **told,
    )


def hardware(device: torch.device) -> str:
    """What training ran on, for people."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{platform.machine()} {device.type}, {torch.get_num_threads()} thread(s)"
