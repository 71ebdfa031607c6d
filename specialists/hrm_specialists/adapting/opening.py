"""From what ships with a task to a solver that adapts: where torch enters.

Knows nothing of folders or registries.
"""

from __future__ import annotations

from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load

from hrm_specialists.adapting.learning import Pace
from hrm_specialists.adapting.seeing import Seeing, shape
from hrm_specialists.adapting.solver import AdaptingSolver
from hrm_specialists.contract import Task
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.errors import ConfigError, CorruptCheckpoint, IncompatibleCheckpoint
from hrm_specialists.packaging import AdaptingConfig


def open_adapting(
    task: Task[Any, Any], config: AdaptingConfig, start: bytes | None
) -> AdaptingSolver:
    """A solver with these settings.

    Args:
        start: a safetensors file with the weights that learners start from.

    Raises:
        CorruptCheckpoint: the weights are unreadable.
        IncompatibleCheckpoint: settings or weights are another version's.
    """
    try:
        calibration = Calibration.from_mapping(config.calibration)
        pace = Pace(**config.pace)
    except (ConfigError, TypeError) as error:
        raise IncompatibleCheckpoint(f"specialist {config.name!r}: {error}") from error
    weights = None
    if start is not None:
        try:
            weights = load(start)
        except SafetensorError as error:
            raise CorruptCheckpoint(f"the weights cannot be read: {error}") from error
        small = shape(1, hidden_size=pace.hidden_size, segments=pace.segments)
        wanted = {name: tensor.shape for name, tensor in Seeing(small).state_dict().items()}
        if wanted != {name: tensor.shape for name, tensor in weights.items()}:
            raise IncompatibleCheckpoint(
                f"the weights that {config.name!r} starts from are another network's"
            )
    return AdaptingSolver(
        task, pace=pace, start=weights, threshold=config.threshold, calibration=calibration
    )
