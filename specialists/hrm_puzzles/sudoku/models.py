"""What a Sudoku is and what its solution is, as programs and files hand them over.

Knows nothing of free text: see `reading`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from hrm_puzzles.sudoku.rules import clashes, consistent

BLANKS = frozenset(".0_xX*?-")
"""Characters that stand for an empty cell in strings."""

_DIGITS = {str(digit): digit for digit in range(1, 10)}


def _cell(cell: Any) -> Any:
    if cell is None:
        return 0
    if isinstance(cell, str):
        mark = cell.strip()
        return 0 if not mark or mark in BLANKS else _DIGITS.get(mark, cell)
    return cell


def _row(row: Any) -> Any:
    if type(row) is tuple and set(map(type, row)) == {int}:
        return row  # as answers come: not a mark to be read
    if isinstance(row, str):
        row = "".join(row.split())
    return tuple(map(_cell, row)) if isinstance(row, str | list | tuple) else row


def _rows(grid: Any) -> Any:
    if isinstance(grid, str):
        marks = "".join(grid.split())
        if len(marks) != 81:
            raise ValueError(f"a string of {len(marks)} cells; a Sudoku has 81")
        grid = [marks[at : at + 9] for at in range(0, 81, 9)]
    return tuple(map(_row, grid)) if isinstance(grid, list | tuple) else grid


_Nine = Field(min_length=9, max_length=9)
_Cell = Annotated[int, Field(strict=True, ge=0, le=9)]
_Digit = Annotated[int, Field(strict=True, ge=1, le=9)]
_Line = Annotated[str, Field(min_length=81)]
_Grid = Annotated[tuple[Annotated[tuple[_Cell, ...], _Nine], ...], _Nine]


class SudokuProblem(BaseModel):
    """Nine rows of nine cells, 0 for a blank; or a string of 81 cells, row by row, or nine strings.

    Givens that clash are refused here, before anything is loaded: no completion of
    them exists, and nothing could ever be verified for them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    grid: Annotated[
        tuple[Annotated[tuple[_Cell, ...], _Nine], ...],
        _Nine,
        BeforeValidator(_rows, json_schema_input_type=_Line | _Grid),
    ]
    """Rows from top to bottom: 0 for a blank, 1 to 9 for a given digit. In strings, `.`, `0`,
    `_`, `x`, `*`, `?` and `-` are blanks."""

    @field_validator("grid")
    @classmethod
    def _givens_agree(cls, grid: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        if not consistent(grid):
            raise ValueError(f"the givens clash: {next(clashes(grid))}")
        return grid

    @property
    def line(self) -> str:
        """All 81 cells in one string, `.` for a blank."""
        return "".join(str(cell or ".") for row in self.grid for cell in row)


class SudokuSolution(BaseModel):
    """Nine rows of nine digits.

    Whether they obey the rules is the checker's to say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    grid: Annotated[tuple[Annotated[tuple[_Digit, ...], _Nine], ...], _Nine, BeforeValidator(_rows)]
    """Rows of digits, 1 to 9."""

    @property
    def line(self) -> str:
        """All 81 digits in one string."""
        return "".join(str(cell) for row in self.grid for cell in row)
