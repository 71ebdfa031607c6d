"""From an adapting.json to a specialist that learns each problem anew.

Torch is imported when the solver is opened.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hrm_specialists.contract import Solver, Task
from hrm_specialists.errors import ConfigError, CorruptCheckpoint, IncompatibleCheckpoint
from hrm_specialists.specialist import Specialist

if TYPE_CHECKING:
    from hrm_puzzles.arc.adapting.solver import AdaptingSolver

ADAPTING, START = "adapting.json", "start.safetensors"


class AdaptingConfig(BaseModel):
    """An adapting.json: settings of a solver that learns each problem anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    name: str
    version: str = ""
    pace: dict[str, Any] = {}
    threshold: float = Field(default=0.9, ge=0, le=1)
    calibration: dict[str, Any] = {}
    card: dict[str, Any] = {}
    sha256: str | None = None
    """Of the weights that learning starts from; None if it starts from nothing."""


def load_adapting(task: Task[Any, Any], home: Path) -> Specialist:
    """The specialist whose settings lie in `home`; it always thinks on the CPU."""
    config = AdaptingConfig.model_validate_json((home / ADAPTING).read_bytes())

    def open_solver() -> Solver:
        start = None
        if config.sha256 is not None:
            start = (home / START).read_bytes()
            if hashlib.sha256(start).hexdigest() != config.sha256:
                raise CorruptCheckpoint(f"{home / START} does not match its hash in {ADAPTING}")
        return open_adapting(task, config, start)

    return Specialist(
        task,
        open_solver,
        threshold=config.threshold,
        card=config.card,
        version=config.version,
    )


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
    from safetensors import SafetensorError
    from safetensors.torch import load

    from hrm_puzzles.arc.adapting.learning import Pace
    from hrm_puzzles.arc.adapting.seeing import Seeing, shape
    from hrm_puzzles.arc.adapting.solver import AdaptingSolver
    from hrm_specialists.engine.calibration import Calibration

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
