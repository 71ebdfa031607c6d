"""From a folder's verified bytes to an engine: where torch enters.

Compares what the file holds with what its configuration says before it makes a
network of that size. Knows nothing of folders or registries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import torch
from pydantic import BaseModel
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from hrm_specialists.contract import Effort, Solver, Task, Thought
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.compression import unpack
from hrm_specialists.engine.engine import Engine
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.engine.runner import Runner
from hrm_specialists.engine.scheduler import Job
from hrm_specialists.errors import (
    ConfigError,
    CorruptCheckpoint,
    IncompatibleCheckpoint,
    TaskTooLarge,
)
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.packaging import SpecialistConfig

LARGEST_STATE = 1 << 26
"""Positions times hidden size; far above any network that a CPU or one GPU can train."""


def open_engine(
    task: Task[Any, Any], config: SpecialistConfig, weights: bytes, *, device: str = "auto"
) -> Solver:
    """What thinks with these weights.

    Raises:
        CorruptCheckpoint: the weights are unreadable, or not finite.
        IncompatibleCheckpoint: they do not fit the network or the task.
        DeviceUnavailable: there is no such device.
    """
    try:
        shape = NetworkConfig.from_mapping(config.network)
        calibration = Calibration.from_mapping(config.calibration)
        settings = SearchSettings.from_mapping(config.search)
    except ConfigError as error:
        raise IncompatibleCheckpoint(f"specialist {config.name!r}: {error}") from error
    _check_codec(task, config, shape)

    def engine(task: Task[Any, Any], shape: NetworkConfig) -> Engine:
        steps = settings.first_steps if task.has_checker else 0
        return Engine(
            task,
            Runner(rebuild(shape, weights), device=device, first_steps=steps),
            # What nothing checks is searched to the end, as it was when it was calibrated.
            threshold=config.threshold if task.has_checker or not calibration.line else 2.0,
            calibration=calibration,
            settings=settings,
        )

    return solver_for(task, shape, engine)


def solver_for(
    task: Task[Any, Any],
    shape: NetworkConfig,
    engine: Callable[[Task[Any, Any], NetworkConfig], Engine],
) -> Solver:
    """One engine, or one for each canvas of the task if the network fits any of them.

    Args:
        task: on its own canvas, like `shape`.
        shape: of the network.
        engine: makes one, for the task and the network on a canvas.
    """
    if not (task.canvases and shape.conv_kernel):
        return engine(task, shape)
    return SizedEngine(
        [engine(task.on_canvas(side), shape.on_canvas(side)) for side in task.canvases]
    )


class SizedEngine:
    """A `Solver` that hands problems to engines by size: the smallest canvas that holds them.

    A convolution costs as much as its canvas is large, whatever stands on it.

    Args:
        engines: for the same task with the same weights, smallest canvas first.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engines = tuple(engines)

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Job:
        """Queue a problem; see `Engine.submit` for what is raised."""
        return self._engine_for(problem).submit(
            problem, effort=effort, deadline=deadline, seed=seed, watch=watch
        )

    def close(self) -> None:
        """Close every engine."""
        for engine in self.engines:
            engine.close()

    def _engine_for(self, problem: BaseModel) -> Engine:
        for engine in self.engines[:-1]:
            try:
                engine.task.codec.encode(problem)
            except TaskTooLarge:
                continue
            return engine
        return self.engines[-1]


def rebuild(shape: NetworkConfig, weights: bytes) -> HRM:
    """A network of this shape with the weights of a safetensors file, in fp32.

    Compressed weights are made whole: which products run in a lower precision
    is the device's affair, not the file's.

    Raises:
        CorruptCheckpoint: the weights are unreadable, or not finite.
        IncompatibleCheckpoint: names or shapes are others than the network's.
    """
    try:
        tensors = unpack(load(weights))
    except SafetensorError as error:
        raise CorruptCheckpoint(f"the weights cannot be read: {error}") from error
    _weigh(shape, tensors)
    network = _Unfilled(shape)
    _compare(network.state_dict(), tensors)
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor.float()).all():
            raise CorruptCheckpoint(f"the weights hold NaN or infinity, in {name}")
    network.load_state_dict(tensors)
    return network


class _Unfilled(HRM):
    """A network whose weights are about to be loaded; drawing them takes a third of a second."""

    def initialise(self, generator: torch.Generator | None) -> None:
        """Leave the weights as they are."""


def _weigh(shape: NetworkConfig, tensors: dict[str, Tensor]) -> None:
    """Compare sizes before a network is made: a false configuration costs no memory."""
    found = sum(tensor.numel() for tensor in tensors.values())
    wanted = parameter_count(shape) + 2 * shape.hidden_size  # and the two first states
    if found != wanted:
        raise IncompatibleCheckpoint(
            f"the weights are another network's: they are {found:,} numbers, "
            f"and the network needs {wanted:,}"
        )
    if shape.positions * shape.hidden_size > LARGEST_STATE:
        raise IncompatibleCheckpoint(
            f"{shape.positions} positions of {shape.hidden_size} are more than "
            f"the {LARGEST_STATE:,} numbers that a state may have"
        )


def _compare(wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    missing, extra = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    if missing or extra:
        raise IncompatibleCheckpoint(
            f"the weights are another network's: missing {', '.join(missing[:3]) or 'nothing'}, "
            f"extra {', '.join(extra[:3]) or 'nothing'}"
        )
    for name, tensor in wanted.items():
        if tensor.shape != found[name].shape:
            raise IncompatibleCheckpoint(
                f"{name} is {list(found[name].shape)}; the network needs {list(tensor.shape)}"
            )


def _check_codec(task: Task[Any, Any], config: SpecialistConfig, shape: NetworkConfig) -> None:
    codec = task.codec
    if json.loads(json.dumps(codec.to_config())) != config.codec:
        raise IncompatibleCheckpoint(
            f"task {task.name!r} now encodes its problems otherwise than when "
            f"{config.name!r} was trained; train it again"
        )
    if (codec.seq_len, codec.vocab_size) != (shape.seq_len, shape.vocab_size):
        raise IncompatibleCheckpoint(
            f"task {task.name!r} has {codec.seq_len} positions and {codec.vocab_size} tokens, "
            f"the network {shape.seq_len} and {shape.vocab_size}"
        )
