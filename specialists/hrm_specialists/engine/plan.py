"""What an effort buys: how many starts, how long each thinks, how far each strays.

A specialist may bring settings of its own, fitted or chosen after training and
kept in its config.json. Plain Python: knows nothing of networks, tasks or clocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, NonNegativeInt, ValidationError

from hrm_specialists.contract import Effort
from hrm_specialists.errors import ConfigError
from hrm_specialists.spelling import Spelled

RESTARTS = {"low": 0, "default": 24, "max": 256}
"""Starts after the first."""


class SearchSettings(Spelled):
    """How one specialist searches; the defaults are those of its training."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    segments: NonNegativeInt = 0
    """Segments of each start; 0 for as many as in training. A network may think far longer
    than it was trained to."""
    restarts: dict[Literal["default", "max"], NonNegativeInt] = Field(default_factory=dict)
    """Starts after the first by effort, where they differ from `RESTARTS`."""
    first_steps: NonNegativeInt = 0
    """Working steps of the very first segment, 0 for as many as in any. Of tasks with a
    checker, on a CPU: an easy problem is often solved before a whole segment is over."""
    first_noise: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Deviation of the noise on the initial states of the first pass. Where values are
    interchangeable and a problem has several answers, it needs some: without noise answers
    that a renaming swaps are exactly as likely, and each cell would choose alike."""
    noise: Annotated[float, Field(ge=0, le=100)] = 1.0
    """The same of later starts; the states' own deviation is 1."""
    damping: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Share of the old states that later starts keep over each segment. A little of it
    solves three tenths more hard Sudokus, and hard mazes in 55 % of the segments."""
    guesses: NonNegativeInt = 0
    """Positions at most that a later start takes over from the answer of an earlier one, as
    if they were given: what is left to find is easier if they are right. Only for tasks
    that are answered position for position in the symbols of the problem."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SearchSettings:
        """Build from the `search` of a config.json or a recipe; `{}` is as in training.

        Raises:
            ConfigError: a key is unknown, or a value is not what it must be.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(f"search settings: {error}") from None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, for config.json."""
        return self.model_dump()


@dataclass(frozen=True, slots=True)
class Plan:
    """How much may be spent on one problem, and how later starts stray."""

    restarts: int
    """Starts after the first; -1 for as many as time allows."""
    segments: int
    """Segments of a start, at most."""
    seconds: float | None = None
    """Time from submission after which the search ends."""
    first_noise: float = 0.0
    noise: float = 1.0
    damping: float = 0.0
    """See `SearchSettings`; the first pass is not damped."""
    guesses: int = 0
    """See `SearchSettings`."""


def plan_for(effort: Effort, halt_max_steps: int, settings: SearchSettings | None = None) -> Plan:
    """What an effort buys from a network trained with `halt_max_steps` segments.

    Raises:
        ConfigError: neither a known word nor a positive number of seconds.
    """
    own = settings or SearchSettings()
    seconds = None
    if isinstance(effort, str):
        if effort not in RESTARTS:
            raise ConfigError(
                f"effort {effort!r} is unknown; use {', '.join(map(repr, RESTARTS))} or seconds"
            )
        restarts = RESTARTS[effort]
        if effort != "low":
            restarts = own.restarts.get(effort, restarts)
    elif math.isfinite(effort) and effort > 0:
        restarts, seconds = -1, float(effort)
    else:
        raise ConfigError(f"effort {effort!r} is not a positive number of seconds")
    segments = own.segments or halt_max_steps
    strays = (own.first_noise, own.noise, own.damping, own.guesses)
    return Plan(restarts, segments, seconds, *strays)
