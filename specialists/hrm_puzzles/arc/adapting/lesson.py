"""One problem made ready to learn from: its demonstrations through many views, as tensors.

What is asked for is looked at through the same views, so that their answers can
be compared. Knows nothing of networks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from hrm_puzzles.arc import ArcProblem
from hrm_puzzles.arc.adapting.framing import Framing, Rows
from hrm_puzzles.arc.adapting.seeing import VIEWS, Batch
from hrm_puzzles.arc.adapting.sights import FACTS, SIGHTS, Ints, look
from hrm_puzzles.arc.symmetry import PLAIN, TURNS, View, draw, free_colours

Small = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Seen:
    """One grid through one view, on the canvas."""

    sights: Small
    """`[side, side, F]`."""
    facts: Small
    """`[side, side, G]`."""
    view: View
    size: tuple[int, int]
    """Rows and columns of the answer, seen from there."""
    target: Small
    """`[side, side]`: the right colour plus 1; 0 where nothing is asked."""


class Lesson:
    """A problem's demonstrations and tests, through views drawn from a seed.

    Args:
        problem: what is to be solved.
        framing: how large answers are; see `framing`.
        seed: of the recolourings.
        recoloured: recoloured views of each grid, beside its eight plain ones.
    """

    def __init__(
        self, problem: ArcProblem, framing: Framing, seed: int, *, recoloured: int = 8
    ) -> None:
        self.framing = framing
        rng = random.Random(seed)
        shown = [(_cut(framing, pair.input), pair.output) for pair in problem.train]
        asked = [_cut(framing, test.input) for test in problem.test]
        sizes = [(len(output), len(output[0])) for _, output in shown]
        self.sizes = [_size(framing, cut) for cut in asked]
        self.side = max(max(size) for size in (*sizes, *self.sizes))
        """Of the square canvas that holds every answer, however it is turned."""
        free = free_colours(problem)
        plain = [View(turn) for turn in range(TURNS)]

        def views() -> list[View]:
            more = recoloured if len(free) > 1 else 0
            return plain + [draw(rng, free, recolour=True) for _ in range(more)]

        self.demonstrations = [
            [self._seen(cut, view, size, output) for view in views()]
            for (cut, output), size in zip(shown, sizes, strict=True)
        ]
        """For each pair its views."""
        self.tests = [
            [self._seen(cut, view, size, None) for view in views()]
            for cut, size in zip(asked, self.sizes, strict=True)
        ]
        """For each test input its views, the plain one first."""

    def draw(self, rows: int, rng: random.Random) -> Batch:
        """Demonstrations at random, through views at random."""
        return batch_of([rng.choice(rng.choice(self.demonstrations)) for _ in range(rows)])

    def _seen(self, cut: Rows, view: View, size: tuple[int, int], output: Rows | None) -> Seen:
        height, width = view.size(*size)
        sights, facts = look(view.apply(cut), height, width)
        target = np.zeros((height, width), dtype=np.int64)
        if output is not None:
            target = np.asarray(view.apply(output), dtype=np.int64) + 1
        on = self._on_canvas
        return Seen(on(sights), on(facts), view, (height, width), on(target))

    def _on_canvas(self, values: Ints) -> Small:
        canvas = np.zeros((self.side, self.side, *values.shape[2:]), dtype=np.uint8)
        canvas[: values.shape[0], : values.shape[1]] = values
        return canvas


def batch_of(rows: Sequence[Seen]) -> Batch:
    """Grids on canvases of one size as one batch."""
    sights = _stacked([row.sights for row in rows])
    facts = _stacked([row.facts for row in rows])
    targets = _stacked([row.target for row in rows])
    views = torch.zeros(len(rows), VIEWS)
    for at, row in enumerate(rows):
        views[at, row.view.turn] = 1.0
        views[at, TURNS] = float(row.view.colours != PLAIN)
    return Batch(
        tokens=sights[..., 0].flatten(1),
        sights=sights.view(len(rows), -1, len(SIGHTS)),
        facts=facts.view(len(rows), -1, len(FACTS)),
        views=views,
        targets=targets.flatten(1),
    )


def _stacked(canvases: Sequence[Small]) -> torch.Tensor:
    return torch.from_numpy(np.stack(canvases)).long()


def _cut(framing: Framing, grid: Rows) -> Rows:
    cut = framing.cut(grid)
    assert cut is not None, "a framing that was chosen fits every input"
    return cut


def _size(framing: Framing, cut: Rows) -> tuple[int, int]:
    size = framing.size(cut)
    assert size is not None, "a framing that was chosen fits every input"
    return size
