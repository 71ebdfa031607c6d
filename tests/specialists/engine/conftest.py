"""A task whose answers are planted, and a network that finds them when told to.

The grid's first cell says after how many segments the network is right, 0 for
never; other cells can make it fail. With noise on its initial states a start may
be right earlier or later, as with real networks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pydantic import BaseModel
from torch import nn

from hrm_specialists.codec import GridCodec
from hrm_specialists.contract import Symmetry, Task, Verdict
from hrm_specialists.engine.engine import Engine
from hrm_specialists.engine.runner import Runner
from hrm_specialists.network.act import HRM, Carry, Thinking
from hrm_specialists.network.config import NetworkConfig

SYMBOLS = 10
NAN, BOOM, FULL = 7, 8, 9
"""In the second cell: what makes the planted network fail."""


class Cells(BaseModel):
    """Two rows of two digits."""

    grid: tuple[tuple[int, int], tuple[int, int]]


class EchoTask(Task[Cells, Cells]):
    """The solution is the problem itself."""

    name = "echo"
    Problem = Solution = Cells

    @cached_property
    def codec(self) -> GridCodec[Cells, Cells]:
        return GridCodec(Cells, Cells, height=2, width=2, symbols=SYMBOLS)

    def check(self, problem: Cells, solution: Cells) -> Verdict:
        return Verdict(problem == solution)


class UncheckedTask(EchoTask):
    """The same without a checker."""

    check = Task.check


class TurningTask(EchoTask):
    """The same with a symmetry: the second row's cells change places."""

    def symmetry(self, rng: random.Random) -> Symmetry:
        return Symmetry((0, 1, 3, 2), tuple(range(SYMBOLS + 1)))


class PlantedNetwork(nn.Module):
    """Counts segments in `z_H` and is right once the count reaches the first cell."""

    def __init__(self, halt_max_steps: int = 4) -> None:
        super().__init__()
        self.config = NetworkConfig(
            seq_len=4,
            vocab_size=SYMBOLS + 1,
            hidden_size=SYMBOLS + 1,
            num_heads=1,
            pos_encodings="none",
            halt_max_steps=halt_max_steps,
        )
        self.rows_seen: list[int] = []

    def first_carry(self, rows: int) -> Carry:
        start = torch.zeros(rows, 4, SYMBOLS + 1)
        return Carry(start, start.clone())

    def embed(self, inputs_BS: torch.Tensor) -> torch.Tensor:
        return nn.functional.one_hot(inputs_BS, SYMBOLS + 1).float()

    def forward(self, carry: Carry, x_BSD: torch.Tensor) -> tuple[Carry, Thinking]:
        self.rows_seen.append(len(x_BSD))
        tokens = x_BSD.argmax(-1)
        trouble = tokens[:, 1] - 1
        if (trouble == BOOM).any():
            raise RuntimeError("boom")
        if (trouble == FULL).any():
            raise torch.OutOfMemoryError("no room")
        z_H = carry.z_H + 1
        wanted = tokens[:, 0] - 1
        right = (wanted > 0) & (z_H[:, 0, 0] >= wanted - 0.5)
        wrong = nn.functional.one_hot(torch.full_like(tokens, SYMBOLS), SYMBOLS + 1).float()
        logits = torch.where(right[:, None, None], x_BSD, wrong)
        logits = torch.where((trouble == NAN)[:, None, None], torch.nan, logits)
        q = torch.where(right, 3.0, -3.0)
        return Carry(z_H, carry.z_L), Thinking(logits, q, q)


def cells(segments: int, trouble: int = 0, third: int = 1, fourth: int = 2) -> Cells:
    return Cells(grid=((segments, trouble), (third, fourth)))


def tiny_network(seed: int = 0, **changes: Any) -> HRM:
    """A real network with random weights, heads that say something, and 2x2 cells."""
    shape: dict[str, Any] = {
        "seq_len": 4,
        "vocab_size": SYMBOLS + 1,
        "hidden_size": 16,
        "num_heads": 2,
        "H_cycles": 2,
        "L_cycles": 2,
        "intermediate_multiple": 8,
        "halt_max_steps": 4,
    }
    source = torch.Generator().manual_seed(seed)
    network = HRM(NetworkConfig(**(shape | changes)), source)
    nn.init.normal_(network.q_head.weight, generator=source)
    return network.eval()


@pytest.fixture
def make_engine() -> Iterator[Callable[..., Engine]]:
    """Engines over the planted network, closed at the end."""
    made: list[Engine] = []

    def make(
        task: Task[Any, Any] | None = None,
        network: Any = None,
        *,
        batch: int = 4,
        lanes: int = 1,
        **options: Any,
    ) -> Engine:
        runner = Runner(network or PlantedNetwork(), device="cpu", batch=batch, lanes=lanes)
        made.append(Engine(task or EchoTask(), runner, **options))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture(scope="session")
def planted() -> SimpleNamespace:
    """The names above, for test files."""
    return SimpleNamespace(
        Cells=Cells,
        EchoTask=EchoTask,
        UncheckedTask=UncheckedTask,
        TurningTask=TurningTask,
        Network=PlantedNetwork,
        cells=cells,
        tiny_network=tiny_network,
        NAN=NAN,
        BOOM=BOOM,
        FULL=FULL,
    )
