"""What an ARC task is: demonstration pairs, and inputs to transform alike.

Source of the format: Chollet, "On the Measure of Intelligence",
arXiv:1911.01547.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_SIDE = 30

_Colour = Annotated[int, Field(strict=True, ge=0, le=9)]
_Row = Annotated[tuple[_Colour, ...], Field(min_length=1, max_length=MAX_SIDE)]


def _rectangular(grid: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    widths = {len(row) for row in grid}
    if len(widths) > 1:
        raise ValueError(f"rows of {min(widths)} to {max(widths)} cells; a grid has equal rows")
    return grid


Grid = Annotated[
    tuple[_Row, ...], Field(min_length=1, max_length=MAX_SIDE), AfterValidator(_rectangular)
]
"""Rows of colours 0 to 9, at most 30 by 30."""


class ArcPair(BaseModel):
    """One demonstration."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    input: Grid
    """Rows of colours, 0 to 9."""
    output: Grid
    """What the rule makes of it: rows of colours, 0 to 9."""


class ArcTest(BaseModel):
    """One input whose output is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    input: Grid
    """Rows of colours, 0 to 9."""


class ArcProblem(BaseModel):
    """Demonstrations of one rule, and the inputs to apply it to."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    train: Annotated[tuple[ArcPair, ...], Field(min_length=1, max_length=20)]
    """Demonstrations: pairs of an input grid and its output grid, all by the same rule."""
    test: Annotated[tuple[ArcTest, ...], Field(min_length=1, max_length=20)]
    """Inputs whose outputs are wanted."""


class ArcSolution(BaseModel):
    """The output for each test input, in order."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    grids: Annotated[tuple[Grid, ...], Field(min_length=1, max_length=20)]
    """The output for each test input, in their order."""
    second: Annotated[tuple[Grid, ...], Field(min_length=1, max_length=20)] | None = None
    """The next best guess at each, as the benchmark allows two; None if there is none."""
