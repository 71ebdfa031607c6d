"""From finished runs to a new version in the data folder: card, pictures, weights.

Knows nothing of how the runs were trained.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hrm_specialists.contract import Task
from hrm_specialists.evaluation.reliability import expected_calibration_error, reliability
from hrm_specialists.evaluation.scores import wilson
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.packaging import save_specialist
from hrm_specialists.schema.examples import Example
from hrm_specialists.teaching.card import Card
from hrm_specialists.teaching.measuring import Calibrated, Judged, compare
from hrm_specialists.teaching.pictures import learning_curve, reliability_diagram
from hrm_specialists.teaching.trying import told
from hrm_specialists.training.data import Examples
from hrm_specialists.training.trainer import Trainer
from hrm_specialists.versions import choices, choose

WORST = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the examples, validated and encoded."""

    examples: list[Example]
    tokens: Examples


@dataclass(frozen=True, slots=True)
class Run:
    """A finished training and what validation said of it."""

    trainer: Trainer
    network: NetworkConfig
    weights: dict[str, Tensor]
    minutes: float
    calibrated: Calibrated
    judged: Judged
    """The test part."""


def publish(
    task: Task[Any, Any], parts: Sequence[Part], runs: Sequence[Run], family: Path, private: bool
) -> Path:
    """Write the best of the runs as a new version of its family, with its card."""
    run = max(runs, key=lambda r: r.calibrated.accuracy)
    card = _card(task, parts, runs, run)
    curve = learning_curve(run.trainer.curve)
    diagram = reliability_diagram(reliability(run.judged.confidences, run.judged.right))
    pictures = {"curve.png": curve, "reliability.png": diagram}
    drawn = {name: picture for name, picture in pictures.items() if picture is not None}
    taken = [int(f.name[1:]) for f in family.glob("v[0-9]*") if f.name[1:].isdigit()]
    version = f"v{max(taken, default=0) + 1:04d}"
    save_specialist(
        family / version,
        task,
        run.network.to_mapping(),
        run.weights,
        threshold=run.calibrated.threshold,
        calibration=run.calibrated.calibration.to_mapping(),
        search=run.trainer.recipe.search,
        card=card.to_mapping(),
        readme=card.to_markdown(list(drawn)),
        version=version,
        private=private,
        extras={"recipe.json": run.trainer.recipe.model_dump_json(indent=1).encode(), **drawn},
    )
    if choices(family):  # somebody chose a version: what was trained now answers from now on
        choose(family, version, "trained")
    return family / version


def _card(task: Task[Any, Any], parts: Sequence[Part], runs: Sequence[Run], run: Run) -> Card:
    trained, _, test = parts
    judged, threshold = run.judged, run.calibrated.threshold
    sure = [r for c, r in zip(judged.confidences, judged.right, strict=True) if c >= threshold]
    network = run.network
    notes = []
    if not run.trainer.done:
        notes.append("Training was interrupted; this is the best so far.")
    if run.trainer.recipe.distil:
        notes.append(
            "It learned rows mixed of two examples and labelled by a random forest, besides the "
            "examples (`distil` in recipe.json)."
        )
    if judged.accuracy < 0.5:
        notes.append(
            "This specialist is wrong more often than right. More examples, more time, or a "
            "simpler way to write the problem may help; as it is, do not rely on it."
        )
    return Card(
        name=task.name,
        examples={
            n: len(p.examples) for n, p in zip(("train", "validation", "test"), parts, strict=True)
        },
        parameters=parameter_count(network),
        mixing=network.mixing,
        positions=network.seq_len,
        symbols=network.vocab_size,
        steps=run.trainer.step,
        minutes=run.minutes,
        hardware=_hardware(run.trainer.device),
        seeds=[r.trainer.recipe.seed for r in runs],
        validation_accuracy=run.calibrated.accuracy,
        test_accuracy=judged.accuracy,
        test_interval=wilson(sum(judged.right), len(judged.right)),
        spread=[r.judged.accuracy for r in runs],
        calibration_error=expected_calibration_error(judged.confidences, judged.right),
        threshold=threshold,
        accepted=len(sure) / len(judged.right),
        right_when_accepted=sum(sure) / len(sure) if sure else None,
        symmetries="" if task.symmetries is None else told(task, task.symmetries),
        gives_up_after=run.calibrated.calibration.gives_up_after,
        baselines=compare(task, trained.examples, test.examples, trained.tokens, test.tokens),
        worst=_worst(task, test.examples, judged),
        notes=notes,
    )


def _worst(
    task: Task[Any, Any], examples: Sequence[Example], judged: Judged
) -> list[tuple[str, str, str, float]]:
    """Wrong answers, the surest first."""
    rows = zip(examples, judged.right, judged.confidences, judged.solutions, strict=True)
    wrong = sorted((row for row in rows if not row[1]), key=lambda row: -row[2])[:WORST]
    return [
        (
            task.render(example.problem),
            task.render(example.problem, example.solution),
            "nothing" if given is None else task.render(example.problem, given),
            confidence,
        )
        for example, _, confidence, given in wrong
    ]


def _hardware(device: torch.device) -> str:
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{platform.machine()} {device.type}, {torch.get_num_threads()} thread(s)"
