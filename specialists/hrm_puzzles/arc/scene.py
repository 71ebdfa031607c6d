"""An ARC task as a picture: demonstrations above each other, then the tests."""

from __future__ import annotations

from collections.abc import Sequence

from hrm_puzzles.arc.models import ArcProblem, ArcSolution
from hrm_specialists.scene import Cell, Scene

Grid = Sequence[Sequence[int]]
COLOURS = (
    *("#111827", "#1e88e5", "#e53935", "#43a047", "#fdd835"),
    *("#9e9e9e", "#d81b95", "#fb8c00", "#81d4fa", "#7b1f3a"),
)
"""Colours 0 to 9, as ARC is usually printed."""


def scene(problem: ArcProblem, solution: ArcSolution | None) -> Scene:
    """A row for each pair: input, arrow, output."""
    pairs: list[tuple[Grid, Grid | None]] = [(pair.input, pair.output) for pair in problem.train]
    outputs: Sequence[Grid] = () if solution is None else solution.grids
    asked: list[tuple[Grid, Grid | None]] = [
        (test.input, outputs[at] if at < len(outputs) else None)
        for at, test in enumerate(problem.test)
    ]
    wide = max(len(given[0]) for given, _ in (*pairs, *asked))
    wider = max((len(wanted[0]) for _, wanted in (*pairs, *asked) if wanted is not None), default=1)
    rows: list[tuple[Cell | None, ...]] = []
    for given, wanted in (*pairs, *asked):
        if rows:
            rows.append((None,) * (wide + wider + 3))
        for r in range(max(len(given), len(wanted or ()))):
            left = _strip(given, r, wide)
            right = _strip(wanted, r, wider)
            arrow: Cell | None = None
            if r == (max(len(given), len(wanted or ())) - 1) // 2:
                arrow = Cell("none", "→" if wanted else "?", "#64748b", bold=True)
            rows.append((*left, None, arrow, None, *right))
    side = max(6, min(24, 720 // max(1, len(rows))))
    return Scene(tuple(rows), size=side)


def _strip(grid: Grid | None, r: int, width: int) -> list[Cell | None]:
    row = grid[r] if grid is not None and r < len(grid) else ()
    return [Cell(COLOURS[value]) for value in row] + [None] * (width - len(row))
