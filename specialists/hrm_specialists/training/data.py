"""Examples in, augmented batches out, on the device.

Tokens only: the task's codec has been here before, and its symmetries are
permutations of positions and symbols. Knows nothing of networks.

Shapes: N examples, B rows, S positions, V symbols.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError, MalformedTask, TaskTooLarge
from hrm_specialists.symmetries import positions_of


@dataclass(frozen=True, slots=True)
class Examples:
    """Encoded examples, `[N, S]` each, int64."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.inputs)

    def to(self, device: torch.device) -> Examples:
        """The same, on `device`."""
        return Examples(self.inputs.to(device), self.targets.to(device))


def encode(task: Task[Any, Any], pairs: Sequence[tuple[Any, Any]]) -> Examples:
    """Encode problems with their solutions.

    Raises:
        DataError: an example does not fit the task, named by its number.
    """
    if not pairs:
        raise DataError("no examples")
    inputs, targets = [], []
    for number, (problem, solution) in enumerate(pairs, start=1):
        try:
            inputs.append(task.codec.encode(problem))
            targets.append(task.codec.target(problem, solution))
        except (MalformedTask, TaskTooLarge) as error:
            raise DataError(f"example {number}: {error}") from error
    return Examples(torch.tensor(inputs), torch.tensor(targets))


def on_device(drawn: Tensor, device: torch.device) -> Tensor:
    """What was drawn on the CPU, there; the CPU does not wait for a GPU to take it."""
    if device.type != "cuda":
        return drawn.to(device)
    return drawn.pin_memory().to(device, non_blocking=True)


UNKNOWN_ROWS, UNKNOWN_TOKENS = 0.1, 0.15
"""Share of rows that are learned once more with unknown values, and of their values."""


def with_unknowns(examples: Examples, unknown: int | None, *, seed: int) -> Examples:
    """The examples, and some again in which values are unknown, so that their token is learned.

    Only for answers of one symbol; where more is asked, what is unknown may be the answer.

    Args:
        examples: `[N, S]`.
        unknown: the token; None if the codec has none.
        seed: of what is unknown.
    """
    asked = examples.targets != IGNORE
    if unknown is None or int(asked.sum(1).max()) != 1:
        return examples
    generator = torch.Generator().manual_seed(seed)
    some = torch.randperm(len(examples), generator=generator)
    some = some[: max(1, round(UNKNOWN_ROWS * len(examples)))]
    inputs = examples.inputs[some]
    dropped = torch.rand(inputs.shape, generator=generator) < UNKNOWN_TOKENS
    inputs = torch.where(dropped & (inputs > unknown), unknown, inputs)
    return Examples(
        torch.cat([examples.inputs, inputs]),
        torch.cat([examples.targets, examples.targets[some]]),
    )


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What may be done to an example without making it another task.

    `positions` [K, S] and `symbols` [K, V] hold K symmetries drawn beforehand,
    the identity first: drawing from a pool on the device costs nothing, and
    some ten thousand views of each example are more than a run can see.
    """

    positions: Tensor
    symbols: Tensor

    @classmethod
    def of(cls, task: Task[Any, Any], *, pool: int, seed: int) -> Augmentation:
        """Draw a pool of the task's symmetries; only the identity if it has none."""
        S, V = task.codec.seq_len, task.codec.vocab_size
        positions, symbols = [tuple(range(S))], [tuple(range(V))]
        if task.symmetries is not None and not task.symmetries.alike:
            few = [positions_of(task.codec, move) for move in task.symmetries.moves]
            return cls(torch.tensor(few), torch.tensor(symbols * len(few)))
        rng = random.Random(seed)
        while len(positions) < pool and (drawn := task.symmetry(rng)) is not None:
            positions.append(drawn.positions)
            symbols.append(drawn.symbols)
        return cls(torch.tensor(positions), torch.tensor(symbols))

    def to(self, device: torch.device) -> Augmentation:
        """The same, on `device`."""
        return Augmentation(self.positions.to(device), self.symbols.to(device))


class Sampler:
    """Draws fresh rows: an example, seen through a symmetry, partly revealed.

    All randomness comes from one CPU generator, so that a run's data depends on
    its seed and step alone, whatever the device.
    """

    def __init__(self, examples: Examples, augmentation: Augmentation, device: torch.device):
        self.examples, self.augmentation = examples.to(device), augmentation.to(device)
        self.device = device

    def draw(
        self,
        rows: int,
        reveal: float,
        generator: torch.Generator,
        *,
        first: float = 1.0,
        own: slice = slice(None),
    ) -> Examples:
        """`rows` fresh rows, or the part of them that is one's own.

        Args:
            reveal: share of the rows in which a random part of the solution is
                given away in the problem, a curriculum taken from the labels
                alone; only for tasks answered cell for cell in the same symbols.
            generator: on the CPU.
            first: share of the examples, from the first on, to draw from.
            own: which of the rows to make; the others are drawn all the same.
        """
        pool = len(self.augmentation.positions)
        known = max(1, round(first * len(self.examples)))
        which = torch.randint(known, (rows,), generator=generator)
        view = torch.randint(pool, (rows,), generator=generator)
        lucky = torch.rand(rows, generator=generator) < reveal
        part = torch.rand(rows, generator=generator) * lucky
        shown = torch.rand(rows, self.examples.inputs.shape[1], generator=generator)
        shown = on_device((shown < part[:, None])[own], self.device)
        which, view = on_device(which[own], self.device), on_device(view[own], self.device)
        positions, symbols = self.augmentation.positions[view], self.augmentation.symbols[view]
        inputs = symbols.gather(1, self.examples.inputs[which].gather(1, positions))
        targets = self.examples.targets[which].gather(1, positions)
        asked = targets != IGNORE
        targets = torch.where(asked, symbols.gather(1, targets.clamp_min(0)), IGNORE)
        return Examples(torch.where(shown & asked, targets, inputs), targets)
