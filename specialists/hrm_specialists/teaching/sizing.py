"""A recipe from the examples and the time there is.

Rules of thumb, each overridable by a recipe of one's own; no record backs them
yet. Knows nothing of files.
"""

from __future__ import annotations

from typing import Any

import torch

from hrm_specialists.codec import IGNORE, Codec, GridCodec
from hrm_specialists.contract import Task
from hrm_specialists.field_codec import FieldCodec
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import segment_flops
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import Recipe

MIXED_BY_MLP = 160
"""Positions up to which an MLP over positions learns faster than attention."""
CPU_FLOPS, GPU_FLOPS = 60e9, 60e12
"""Operations a second that training may count on: cautious guesses."""
WANTED_SAMPLES = 150_000
"""Segments of examples that a run should be able to think; fewer teach little."""
WORTH_COMPILING = 10.0
"""Minutes from which the half minute or more that a compiler takes is won back."""
WIDTHS = (256, 192, 128, 96, 64)
SEGMENTS, SEGMENTS_OF_LABELS = 8, 4


def recipe_for(
    task: Task[Any, Any],
    examples: Examples,
    *,
    minutes: float,
    seed: int,
    device: torch.device,
    changes: dict[str, Any] | None = None,
) -> Recipe:
    """A recipe for a task of which examples are known.

    Args:
        task: gives sizes and, if it was inferred, how its fields lie.
        examples: the training part.
        minutes: time for the training itself.
        seed: of the run.
        device: where it will run.
        changes: settings of `Recipe` that take precedence; `network` is merged.
    """
    changes = dict(changes or {})
    asked = int((examples.targets != IGNORE).sum(1).max())
    network = {**_shape(task, asked, minutes, device), **changes.pop("network", {})}
    settings: dict[str, Any] = {
        "network": network,
        "seed": seed,
        "batch": min(64, max(8, len(examples) // 4)),
        "adam_decay": 0.1,
        "start_noise": 0.5 if asked > 1 else 0.0,
        "evaluate_every": 200,
        "compile": minutes >= WORTH_COMPILING,
        **_curriculum(asked, examples),
    }
    if "steps" not in changes and "minutes" not in changes:
        settings["minutes"] = minutes
    return Recipe.model_validate({**settings, **changes})


def _shape(
    task: Task[Any, Any], asked: int, minutes: float, device: torch.device
) -> dict[str, Any]:
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
        "halt_max_steps": SEGMENTS if asked > 1 else SEGMENTS_OF_LABELS,
    }
    width = _grid_width(codec)
    if not by_mlp and width:
        shape.update(pos_encodings="rope2d", grid_width=width)
    rate = CPU_FLOPS if device.type == "cpu" else GPU_FLOPS
    per_sample = rate * minutes * 60 / WANTED_SAMPLES
    for width in WIDTHS:
        shape.update(hidden_size=width, num_heads=max(1, width // 32))
        config = NetworkConfig(seq_len=codec.seq_len, vocab_size=codec.vocab_size, **shape)
        if 3 * segment_flops(config) <= per_sample:
            break
    return shape


def _grid_width(codec: Codec[Any, Any]) -> int:
    """Columns, if the whole sequence is one grid; else 0."""
    if isinstance(codec, GridCodec):
        return codec.width
    return codec.width if isinstance(codec, FieldCodec) else 0


def _curriculum(asked: int, examples: Examples) -> dict[str, float]:
    """Show part of the solution at first, where that hides nothing of the problem.

    That is so where all that is ever to be found stands on one symbol, a blank.
    """
    changed = (examples.targets != IGNORE) & (examples.inputs != examples.targets)
    if asked < 4 or len(set(examples.inputs[changed].tolist())) != 1:
        return {}
    return {"reveal_first": 0.15, "reveal_later": 0.15}
