"""All that decides a training run, as a closed and validated file.

A recipe and a set of examples are enough to repeat a run. Knows nothing of how
training works.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.spelling import Spelled

DROPPED = {"distil", "stir", "label_smoothing", "reveal_skew"}
"""Settings that recipes written by earlier versions may hold."""


class Recipe(Spelled):
    """How a network of a given shape learns a task. Exactly one of `steps`, `minutes`."""

    network: dict[str, Any]
    """Keys of `NetworkConfig`; `seq_len` and `vocab_size` come from the task."""
    relations: bool = False
    """Whether `groups` and `symbols` of the network are what the task declares."""
    steps: PositiveInt | None = None
    """Optimizer steps of the whole run."""
    minutes: PositiveFloat | None = None
    """Time for the whole run; turned into steps once, after the first few."""
    batch: PositiveInt = 64
    """Rows in the persistent batch; one step is one segment of each."""
    seed: int = 0
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the matrix products. `auto` takes bf16 where the hardware computes in it."""
    compile: bool = True
    """Compile the step; falls back to plain execution where no compiler is found."""
    muon_lr: PositiveFloat = 3e-3
    adam_lr: PositiveFloat = 3e-3
    muon_decay: NonNegativeFloat = 0.1
    adam_decay: NonNegativeFloat = 0.1
    warmup: PositiveInt = 100
    """Steps of the linear rise; a time budget is measured within them."""
    hold: float = Field(0.7, ge=0, le=1)
    """Share of the run at full rate; then it falls linearly to zero."""
    clip: PositiveFloat = 1.0
    ema: float = Field(0.999, ge=0, lt=1)
    loss: Literal["softmax", "stablemax"] = "softmax"
    q_weight: NonNegativeFloat = 0.5
    commit: NonNegativeFloat = 0.0
    """How much less a row weighs the further it is from right; see `segment_loss`."""
    exploration: float = Field(0.1, ge=0, le=1)
    """Share of rows that must think at least a random number of segments."""
    start_noise: NonNegativeFloat = 0.0
    """Greatest deviation of the noise on a row's first states; each draws its own."""
    damping: float = Field(0.0, ge=0, lt=1)
    """Share of the old states that a row keeps over each segment, from none in the first
    row of the batch to this much in the last."""
    shallow_first: float = Field(0.0, ge=0, le=1)
    """Share of the run in which a segment is one cycle of either state; then as deep as
    the network says."""
    easy_first: float = Field(0.0, ge=0, le=1)
    """Share of the run over which examples come in, in their order; it begins with a third
    of them. 0 for all from the start."""
    examples: float = Field(1.0, gt=0, le=1)
    """Share of the examples, from the first on, that are used at all."""
    symmetries: PositiveInt = 20_000
    """Views drawn from the task's symmetries beforehand."""
    reveal_first: float = Field(0.0, ge=0, le=1)
    """Share of the run in which every fresh row has part of its solution revealed."""
    reveal_later: float = Field(0.0, ge=0, le=1)
    """Share of fresh rows that have it after that."""
    canvas: PositiveInt | None = None
    """Side of the canvas to train on, one of the task's `canvases`; its own if None."""
    views: PositiveInt = 1
    """How many examples the task's `augment` makes of each; 1 leaves them as they are."""
    checkpoint_seconds: PositiveFloat = 60.0
    """At most this much work is lost to a crash."""
    evaluate_every: PositiveInt = 1000
    """Steps between two looks at the validation examples."""
    search_starts: PositiveInt = 1
    """Starts of which any segment may be right for a validation example to count, as a
    checker would have it; 1 for a plain pass. Weights for a search are chosen by a search."""
    search: dict[str, Any] = Field(default_factory=dict)
    """How the trained specialist searches, if not as in training: keys of the
    engine's `SearchSettings`, kept in its config.json."""

    def model_post_init(self, _: Any) -> None:
        """Exactly one of steps and minutes."""
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("give either steps or minutes")

    def revealed(self, step: int, total: int | None) -> float:
        """Share of the rows whose solution is partly shown at a step."""
        return 1.0 if step < self.reveal_first * (total or 10**9) else self.reveal_later

    def known(self, step: int, total: int | None) -> float:
        """Share of the examples, from the first on, that may come by a step."""
        if not self.easy_first:
            return self.examples
        part = max(1 / 3, step / (self.easy_first * (total or 10**9)))
        return self.examples * min(1.0, part)

    def lasting(self) -> dict[str, Any]:
        """What of it must not change when a run is taken up."""
        besides = {"checkpoint_seconds", "search"}  # change nothing in training
        return self.model_dump(mode="json", exclude=besides)

    def shape(self, task: Task[Any, Any]) -> NetworkConfig:
        """The network's full configuration for a task."""
        sizes = {"seq_len": task.codec.seq_len, "vocab_size": task.codec.vocab_size}
        declared = relations_of(task) if self.relations else {}
        return NetworkConfig.from_mapping({**self.network, **sizes, **declared})

    @model_validator(mode="before")
    @classmethod
    def _without_dropped(cls, given: Any) -> Any:
        """Pass over what recipes of earlier versions hold, and no recipe that won used."""
        if isinstance(given, dict):
            return {key: value for key, value in given.items() if key not in DROPPED}
        return given

    @classmethod
    def load(cls, path: Path, **changes: Any) -> Recipe:
        """Read a recipe from TOML, with `changes` taking precedence.

        Raises:
            ConfigError: the file is missing, no TOML, or holds a setting that is
                unknown or does not fit.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            if "steps" in changes or "minutes" in changes:
                for length in ("steps", "minutes"):
                    values.pop(length, None)
            return cls.model_validate({**values, **changes})
        except OSError as error:
            raise ConfigError(f"recipe {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise ConfigError(f"recipe {path}: {error}") from error


def relations_of(task: Task[Any, Any]) -> dict[str, Any]:
    """What a task declares, as settings of the network: groups, and symbols as tokens."""
    symbols = [task.codec.token_of(value) for value in task.interchangeable()]
    return {"groups": task.groups(), "symbols": symbols}
