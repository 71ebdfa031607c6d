"""What an effort buys: how many starts, how long each thinks, how far each strays.

A specialist may bring settings of its own, fitted or chosen after training and
kept in its config.json. Plain Python: knows nothing of networks, tasks or clocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hrm_specialists.contract import Effort
from hrm_specialists.errors import ConfigError

RESTARTS = {"low": 0, "default": 24, "max": 256}
"""Starts after the first."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How one specialist searches; the defaults are those of its training."""

    segments: int = 0
    """Segments of each start; 0 for as many as in training. A network may think far longer
    than it was trained to."""
    restarts: Mapping[str, int] = field(default_factory=dict)
    """Starts after the first by effort, where they differ from `RESTARTS`."""
    first_steps: int = 0
    """Working steps of the very first segment, 0 for as many as in any. Of tasks with a
    checker, on a CPU: an easy problem is often solved before a whole segment is over."""
    first_noise: float = 0.0
    """Deviation of the noise on the initial states of the first pass. Where values are
    interchangeable and a problem has several answers, it needs some: without noise answers
    that a renaming swaps are exactly as likely, and each cell would choose alike."""
    noise: float = 1.0
    """The same of later starts; the states' own deviation is 1."""
    damping: float = 0.2
    """Share of the old states that later starts keep over each segment. A little of it
    solves three tenths more hard Sudokus, and hard mazes in 55 % of the segments."""
    guesses: int = 0
    """Positions at most that a later start takes over from the answer of an earlier one, as
    if they were given: what is left to find is easier if they are right. Only for tasks
    that are answered position for position in the symbols of the problem."""

    def __post_init__(self) -> None:
        if min(self.segments, self.guesses, self.first_steps) < 0:
            raise ConfigError("search: segments, guesses and first_steps are 0 or counts")
        if unknown := sorted(set(self.restarts) - (set(RESTARTS) - {"low"})):
            raise ConfigError(
                f"search: restarts of {', '.join(unknown)}; there are those of default and max"
            )
        if any(type(count) is not int or count < 0 for count in self.restarts.values()):
            raise ConfigError("search: restarts are counts")
        noises_fit = 0 <= self.noise <= 100 and 0 <= self.first_noise <= 100
        if not (noises_fit and 0 <= self.damping < 1):
            raise ConfigError("search: noise is 0 to 100, damping is 0 to below 1")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SearchSettings:
        """Build from the `search` of a config.json or a recipe; `{}` is as in training.

        Raises:
            ConfigError: a key is unknown, or a value is not what it must be.
        """
        known = {"segments": int, "restarts": dict, "guesses": int}
        known |= {"first_steps": int, "first_noise": float, "noise": float, "damping": float}
        if unknown := sorted(set(values) - set(known)):
            raise ConfigError(f"unknown search settings: {', '.join(unknown)}")
        for name, value in values.items():
            allowed = (int, float) if known[name] is float else (known[name],)
            if type(value) not in allowed:
                raise ConfigError(f"search: {name} is {value!r}, not {known[name].__name__}")
        return cls(**values)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, for config.json."""
        return asdict(self)


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
        restarts = own.restarts.get(effort, RESTARTS[effort])
    elif math.isfinite(effort) and effort > 0:
        restarts, seconds = -1, float(effort)
    else:
        raise ConfigError(f"effort {effort!r} is not a positive number of seconds")
    segments = own.segments or halt_max_steps
    strays = (own.first_noise, own.noise, own.damping, own.guesses)
    return Plan(restarts, segments, seconds, *strays)
