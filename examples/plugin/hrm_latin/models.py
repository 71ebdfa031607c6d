"""What a problem is, and what a solution is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SIZE = 4
Row = Annotated[
    tuple[Annotated[int, Field(ge=0, le=SIZE)], ...], Field(min_length=SIZE, max_length=SIZE)
]
Square = Annotated[tuple[Row, ...], Field(min_length=SIZE, max_length=SIZE)]


class LatinProblem(BaseModel):
    """A 4x4 square; 0 is a blank."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grid: Square


class LatinSolution(BaseModel):
    """The square filled in: 1 to 4 once in every row and column."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grid: Square
