"""A smaller version of a trained specialist, published with what it costs.

Both versions answer the same problems on the same machine, one pass each; the
smaller one is not written if it loses more than allowed. Knows nothing of the
command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save

from hrm_specialists.contract import Solver
from hrm_specialists.engine.compression import Kind, pack
from hrm_specialists.engine.opening import open_engine
from hrm_specialists.errors import CheckpointWriteFailed, ConfigError
from hrm_specialists.evaluation.scores import Report, evaluate
from hrm_specialists.packaging import (
    CARD,
    CONFIG,
    WEIGHTS,
    read_config,
    read_weights,
    save_specialist,
)
from hrm_specialists.registry import data_folder
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist
from hrm_specialists.storage import read_folder

MAX_LOSS = 0.01
"""Share of right answers that a smaller version may lose."""


@dataclass(frozen=True, slots=True)
class Size:
    """One of the two versions, as measured."""

    bytes: int
    """Of model.safetensors."""
    accuracy: float
    """Share of problems solved in one pass: verified, or equal to the reference
    where there is no checker."""
    median_ms: float
    """Of one problem alone, one pass."""


@dataclass(frozen=True, slots=True)
class Compressed:
    """What compression did."""

    kind: Kind
    folder: str
    problems: int
    before: Size
    after: Size
    same: float
    """Share of problems that both versions answer alike."""


def compress(
    specialist: Specialist,
    kind: Kind,
    examples: Sequence[Example],
    *,
    root: Path | None = None,
    max_loss: float = MAX_LOSS,
    device: str = "auto",
    report: Report | None = None,
) -> Compressed:
    """Publish `specialist` again, smaller, as `<root>/<name>/<version>-<kind>/`.

    Args:
        examples: problems with solutions, to measure both on; no training data.
        root: folder for specialists; None for the user's data folder.
        max_loss: accuracy that may be lost, 0 to 1.

    Raises:
        ConfigError: it has no folder or no network, is compressed already, or would lose more.
        CheckpointWriteFailed: there is such a version already.
    """
    source, task = specialist.folder, specialist.task
    if source is None:
        raise ConfigError(
            f"specialist {specialist.name!r} has no folder; only files are compressed"
        )
    config = read_config(source)
    if config.learner:
        raise ConfigError(
            f"{source} holds {config.learner.get('kind', 'other')} learners and no network; only "
            "the weights of networks are stored smaller"
        )
    stored = read_weights(source, config)
    weights = load(stored)
    if any(tensor.dtype != torch.float32 for tensor in weights.values()):
        raise ConfigError(f"{source} is compressed already; take the version it was made of")
    version = f"{config.version or 'v0'}-{kind}"
    folder = (root or data_folder()) / config.name / version
    if folder.exists():
        raise CheckpointWriteFailed(f"{folder} is there already; remove it to compress again")
    packed = save(pack(weights, kind))

    def solver(of: bytes) -> Specialist:
        def open_solver() -> Solver:
            return open_engine(task, config, of, device=device)

        return Specialist(task, open_solver, threshold=config.threshold)

    with solver(stored) as large, solver(packed) as small:
        before, answers = _measure(large, examples, len(stored), report)
        after, others = _measure(small, examples, len(packed), report)
    same = sum(a == b for a, b in zip(answers, others, strict=True)) / len(answers)
    if after.accuracy < before.accuracy - max_loss:
        raise ConfigError(
            f"in {kind} it solves {after.accuracy:.1%} of {len(examples)} problems, and "
            f"{before.accuracy:.1%} before; {max_loss:.1%} may be lost (--max-loss)"
        )
    found = Compressed(kind, str(folder), len(examples), before, after, same)
    facts = asdict(found)
    del facts["folder"]
    extras = read_folder(source)
    card = extras.get(CARD, b"").decode()
    save_specialist(
        folder,
        task,
        config.network,
        load(packed),
        threshold=config.threshold,
        calibration=config.calibration,
        search=config.search,
        card={**config.card, "compressed": {"from": config.version, **facts}},
        readme=_readme(card, found, config.version),
        version=version,
        private=config.private,
        extras={name: data for name, data in extras.items() if name not in (CONFIG, WEIGHTS, CARD)},
    )
    return found


def _measure(
    specialist: Specialist, examples: Sequence[Example], size: int, report: Report | None
) -> tuple[Size, list[Any]]:
    scores = evaluate(specialist, examples, effort="low", timed=20, report=report)
    right = scores.verified if scores.verified is not None else scores.exact_accuracy
    if right is None:
        raise ConfigError("the problems have no solutions, and the task has no checker")
    answers = [specialist.solve(e.problem, effort="low").solution for e in examples]
    return Size(size, right, round(scores.median_ms, 3)), answers


def _readme(card: str, found: Compressed, version: str) -> str:
    """The card of the larger version, with what changed before it."""
    table = "\n".join(
        f"| {kind} | {size.bytes / 1e3:,.0f} kB | {size.accuracy:.1%} | {size.median_ms:.1f} ms |"
        for kind, size in (("before", found.before), (found.kind, found.after))
    )
    return (
        f"# Version {version}, stored in {found.kind}\n\n"
        f"| weights | size | solved in one pass | alone, median |\n|---|---|---|---|\n{table}\n\n"
        f"{found.same:.1%} of {found.problems} problems are answered alike. "
        f"What follows was measured before.\n\n{card}"
    )
