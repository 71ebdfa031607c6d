"""Fields to tokens and back: what stands between a person's models and a network.

A codec gives every problem the same number of positions, `seq_len`, and writes
it with tokens `0 .. vocab_size - 1`. The network answers with a token for each
position, from which the solution is read. No torch here.

Token 0 is padding and never an answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from hrm_specialists.errors import MalformedTask, TaskTooLarge

P = TypeVar("P", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)

Region = tuple[int, int, int, int, bool]
"""First position, rows, columns, positions from row to row, and whether the
tokens there are the problem's (an answer may come there otherwise)."""

PAD = 0
IGNORE = -100
"""Target at positions that hold no part of the answer; the loss skips them."""


class Codec(ABC, Generic[P, S]):
    """Problem to input tokens; solution to targets; answered tokens to solution."""

    seq_len: int
    vocab_size: int
    regions: tuple[Region, ...] = ()
    """Where values lie, if that is known."""
    unknown: int | None = None
    """The token of values that training never had; None if each value has one."""

    @abstractmethod
    def encode(self, problem: P) -> list[int]:
        """Input tokens, exactly `seq_len` of them.

        Raises:
            TaskTooLarge: the problem does not fit into `seq_len` positions.
            MalformedTask: it holds a value that has no token.
        """

    @abstractmethod
    def target(self, problem: P, solution: S) -> list[int]:
        """The token that is right at each position, or `IGNORE`.

        Raises:
            MalformedTask: the solution does not fit the problem.
        """

    @abstractmethod
    def decode(self, problem: P, tokens: Sequence[int]) -> S:
        """The solution that these answered tokens spell.

        Raises:
            MalformedTask: they spell none.
        """

    @property
    def cells(self) -> Mapping[str, list[list[int]]]:
        """Positions of each field, row by row; a list or a single value is one row."""
        return {}

    def token_of(self, value: Any) -> int:
        """The token that a value of the models stands for.

        Raises:
            MalformedTask: it has none of its own.
        """
        raise MalformedTask(f"{value!r} has no token in this codec")

    @abstractmethod
    def to_config(self) -> Mapping[str, Any]:
        """Plain JSON: what the codec of the same task must have when it is loaded."""


class GridCodec(Codec[P, S]):
    """Grids of small integers, answered cell for cell.

    Both models have a field `grid`: rows of integers `0 .. symbols - 1`. A grid
    smaller than `height × width` stands in the upper left corner of the canvas
    and the rest is padding. A cell `v` is token `v + 1`.
    """

    def __init__(
        self, problem: type[P], solution: type[S], *, height: int, width: int, symbols: int
    ) -> None:
        self.Problem, self.Solution = problem, solution
        self.height, self.width, self.symbols = height, width, symbols
        self.seq_len = height * width
        self.vocab_size = symbols + 1
        self.regions = ((0, height, width, width, True),)

    def encode(self, problem: P) -> list[int]:
        """Cells as tokens, row by row; see `Codec.encode`."""
        return self._lay(problem.grid, PAD)  # type: ignore[attr-defined]

    def target(self, problem: P, solution: S) -> list[int]:
        """Every cell of the grid is asked for; see `Codec.target`."""
        rows, wanted = solution.grid, problem.grid  # type: ignore[attr-defined]
        if [len(row) for row in rows] != [len(row) for row in wanted]:
            raise MalformedTask("the solution's grid has another shape than the problem's")
        return self._lay(rows, IGNORE)

    def decode(self, problem: P, tokens: Sequence[int]) -> S:
        """Read the cells that the problem has; see `Codec.decode`."""
        rows = zip(in_rows(tokens, self.width), problem.grid, strict=False)  # type: ignore[attr-defined]
        grid = [[token - 1 for token in row[: len(given)]] for row, given in rows]
        try:
            return self.Solution.model_validate({"grid": grid})
        except ValidationError as error:
            raise MalformedTask(f"the answer is no solution: {error.errors()[0]['msg']}") from None

    def to_config(self) -> Mapping[str, Any]:
        """Sizes; the models come from the task."""
        sizes = {"height": self.height, "width": self.width, "symbols": self.symbols}
        return {"kind": "grid", **sizes}

    @property
    def cells(self) -> Mapping[str, list[list[int]]]:
        """The grid's; see `Codec.cells`."""
        return {"grid": in_rows(range(self.seq_len), self.width)}

    def token_of(self, value: Any) -> int:
        """One more than the value; see `Codec.token_of`."""
        if type(value) is not int or not 0 <= value < self.symbols:
            raise MalformedTask(f"{value!r} is no cell of 0 to {self.symbols - 1}")
        return value + 1

    def _lay(self, rows: Sequence[Sequence[int]], blank: int) -> list[int]:
        if len(rows) > self.height or any(len(row) > self.width for row in rows):
            raise TaskTooLarge(
                f"a grid of {len(rows)}x{max(map(len, rows))} cells; "
                f"at most {self.height}x{self.width} fit"
            )
        tokens = [blank] * self.seq_len
        for r, row in enumerate(rows):
            tokens[r * self.width : r * self.width + len(row)] = [cell + 1 for cell in row]
        return tokens


def in_rows(positions: Sequence[int], width: int) -> list[list[int]]:
    """Positions, cut into rows of so many."""
    return [list(positions[at : at + width]) for at in range(0, len(positions), width)]
