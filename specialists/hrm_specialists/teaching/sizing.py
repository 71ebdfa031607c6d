"""A recipe from the examples and the time there is.

Rules of thumb, each overridable by a recipe of one's own. What they rest on is
in the records. Knows nothing of files.
"""

from __future__ import annotations

from typing import Any

import torch

from hrm_specialists.codec import IGNORE
from hrm_specialists.fields import Grid
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import segment_flops
from hrm_specialists.teaching.data_task import DataTask
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import Recipe

MIXED_BY_MLP = 160
"""Positions up to which an MLP over positions learns faster than attention."""
CPU_FLOPS, GPU_FLOPS = 60e9, 60e12
"""What training may count on, per second; measured on one core, assumed for a GPU."""
WANTED_SAMPLES = 150_000
"""Segments of examples that a run should be able to think; fewer teach little."""
WIDTHS = (256, 192, 128, 96, 64)
SEGMENTS, SEGMENTS_OF_LABELS = 8, 4


def recipe_for(
    task: DataTask,
    examples: Examples,
    *,
    minutes: float,
    seed: int,
    device: torch.device,
    changes: dict[str, Any] | None = None,
) -> Recipe:
    """The recipe for a task that was inferred.

    Args:
        task: gives sizes and how its fields lie.
        examples: the training part.
        minutes: time for the training itself.
        seed: of the run.
        device: where it will run.
        changes: settings of `Recipe` that take precedence; `network` is merged.
    """
    changes = dict(changes or {})
    network = {**_shape(task, minutes, device), **changes.pop("network", {})}
    settings: dict[str, Any] = {
        "network": network,
        "seed": seed,
        "batch": min(64, max(8, len(examples) // 4)),
        "adam_decay": 0.1,
        "start_noise": 0.5 if task.codec.asked > 1 else 0.0,
        "evaluate_every": 200,
        **_curriculum(task, examples),
    }
    if "steps" not in changes and "minutes" not in changes:
        settings["minutes"] = minutes
    return Recipe.model_validate({**settings, **changes})


def _shape(task: DataTask, minutes: float, device: torch.device) -> dict[str, Any]:
    codec = task.codec
    by_mlp = codec.seq_len <= MIXED_BY_MLP
    shape: dict[str, Any] = {
        "expansion": 3.0,
        "intermediate_multiple": 32,
        "H_cycles": 1,
        "L_cycles": 2,
        "L_layers": 2,
        "mlp_t": by_mlp,
        "pos_encodings": "none" if by_mlp else "rope",
        "halt_readout": "mean",
        "halt_max_steps": SEGMENTS if codec.asked > 1 else SEGMENTS_OF_LABELS,
    }
    field = next(iter(task.fields["problem"].values()))
    if not by_mlp and codec.aligned and isinstance(field, Grid):
        shape.update(pos_encodings="rope2d", grid_width=field.width)
    rate = CPU_FLOPS if device.type == "cpu" else GPU_FLOPS
    per_sample = rate * minutes * 60 / WANTED_SAMPLES
    for width in WIDTHS:
        shape.update(hidden_size=width, num_heads=max(1, width // 32))
        config = NetworkConfig(seq_len=codec.seq_len, vocab_size=codec.vocab_size, **shape)
        if 3 * segment_flops(config) <= per_sample:
            break
    return shape


def _curriculum(task: DataTask, examples: Examples) -> dict[str, float]:
    """Show part of the solution at first, where that hides nothing of the problem.

    Over the problem's own cells only if all that is ever to be found stands on
    one symbol, a blank.
    """
    if task.codec.asked < 4:
        return {}
    if task.codec.aligned:
        asked = examples.targets != IGNORE
        changed = asked & (examples.inputs != examples.targets)
        if len(examples.inputs[changed].unique()) != 1:
            return {}
    return {"reveal_first": 0.15, "reveal_later": 0.15}
