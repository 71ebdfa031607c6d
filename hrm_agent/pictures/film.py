"""A film of one problem's thinking: scenes with captions, in order, and how to write it.

Knows nothing of routers or specialists; takes what they said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hrm_agent.pictures.scenes import scene_of
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, DataError
from hrm_specialists.scene import Scene

MOST = 32
"""Scenes of a film; of more thoughts, some between are left out."""
STEP, REST = 0.35, 2.4
"""Seconds that a scene stands, and the last one."""

State = tuple[str, BaseModel | None]
"""A caption, and the solution as it stood."""


@dataclass(frozen=True, slots=True)
class Film:
    """Scenes of one size, each with a caption."""

    title: str
    scenes: tuple[Scene, ...]
    captions: tuple[str, ...]


def film_of(
    task: Task[Any, Any], problem: BaseModel, states: Sequence[State], end: str, solution: Any
) -> Film:
    """The thinking about a problem, from the problem to its answer.

    Args:
        states: what was held after each segment.
        end: caption of the answer.
        solution: the answer, or None.
    """
    kept = [state for state in states if state[1] is not None]
    if len(kept) > MOST - 2:
        kept = [kept[at * len(kept) // (MOST - 2)] for at in range(MOST - 2)]
    moments: list[State] = [("the problem", None), *kept, (end, solution)]
    scenes, earlier = [], None
    for _, state in moments:
        scenes.append(scene_of(task, problem, state, earlier))
        earlier = state
    if len(moments) > 1 and solution is not None:
        scenes[-1] = scene_of(task, problem, solution)
    return Film(task.title or task.name, tuple(scenes), tuple(caption for caption, _ in moments))


def write_film(file: Path, film: Film) -> None:
    """Write a film as .svg (animated, no library needed) or .gif (by Pillow).

    Raises:
        ConfigError: another ending, or Pillow is not installed.
        DataError: the file cannot be written.
    """
    if file.suffix.lower() == ".svg":
        from hrm_agent.pictures.svg import svg

        data = svg(film).encode()
    elif file.suffix.lower() == ".gif":
        from hrm_agent.pictures.gif import gif

        data = gif(film)
    else:
        raise ConfigError(f"a picture is .svg or .gif, not {file.suffix or file.name!r}")
    try:
        file.write_bytes(data)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", file=file) from error
