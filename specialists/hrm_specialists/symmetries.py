"""Turns and flips of grids, and tokens that may trade places: symmetries as plain data.

What a task's author did not write down as `Task.symmetry` can be kept beside a
trained specialist in this form. Knows nothing of how it was found. No torch.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from hrm_specialists.codec import Codec, Region
from hrm_specialists.contract import Symmetry
from hrm_specialists.errors import ConfigError

Cell = TypeVar("Cell")

MOVES = (
    "as it is",
    "flipped along the diagonal",
    "upside down",
    "turned left",
    "mirrored left to right",
    "turned right",
    "turned by half",
    "flipped along the other diagonal",
)
"""The eight ways to lay a grid, by number: bit 1 swaps rows and columns, then bit 2
reverses the rows and bit 4 the columns."""
TURNING = frozenset({1, 3, 5, 7})
"""Those that swap rows and columns, and so fit squares only."""


def moved(grid: Sequence[Sequence[Cell]], move: int) -> list[list[Cell]]:
    """A grid, laid in one of the eight ways."""
    rows = [list(row) for row in grid]
    if move & 1:
        rows = [list(column) for column in zip(*rows, strict=True)]
    if move & 2:
        rows = rows[::-1]
    return [row[::-1] if move & 4 else row for row in rows]


@dataclass(frozen=True, slots=True)
class Symmetries:
    """Which moves of its grids leave a task what it is, and which tokens trade places."""

    moves: tuple[int, ...] = (0,)
    """Numbers of `MOVES`, rising; all grids of an example move alike."""
    alike: tuple[tuple[int, ...], ...] = ()
    """Sets of tokens of which none is special."""

    @property
    def trivial(self) -> bool:
        """Whether there is nothing but the example itself."""
        return self.moves == (0,) and not self.alike

    def draw(self, codec: Codec[Any, Any], rng: random.Random) -> Symmetry:
        """One of them, all equally likely."""
        symbols = list(range(codec.vocab_size))
        for tokens in self.alike:
            for token, other in zip(tokens, rng.sample(tokens, len(tokens)), strict=True):
                symbols[token] = other
        return Symmetry(positions_of(codec, rng.choice(self.moves)), tuple(symbols))

    def standard(self, codec: Codec[Any, Any], tokens: Sequence[int]) -> tuple[int, ...]:
        """The same tokens for all problems that are the same up to these symmetries."""
        return min(
            self._renamed([tokens[at] for at in positions_of(codec, move)]) for move in self.moves
        )

    def _renamed(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """Tokens that are alike, named in the order in which they come."""
        names: dict[int, int] = {}
        for alike in self.alike:
            coming = dict.fromkeys(token for token in tokens if token in alike)
            names |= dict(zip(coming, sorted(alike), strict=False))
        return tuple(names.get(token, token) for token in tokens)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, for config.json; `{}` if there are none."""
        if self.trivial:
            return {}
        return {"moves": list(self.moves), "alike": [list(tokens) for tokens in self.alike]}

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], codec: Codec[Any, Any]) -> Symmetries:
        """What `to_mapping` gave, for the same codec.

        Raises:
            ConfigError: they do not fit the codec.
        """
        try:
            found = cls(
                tuple(map(int, values.get("moves", (0,)))),
                tuple(tuple(map(int, tokens)) for tokens in values.get("alike", ())),
            )
        except (TypeError, ValueError) as error:
            raise ConfigError(f"symmetries: {error}") from None
        tokens = [token for alike in found.alike for token in alike]
        if len(set(tokens)) < len(tokens) or not set(tokens) <= set(range(codec.vocab_size)):
            raise ConfigError(f"symmetries: {tokens} are no different tokens of this task")
        if not set(found.moves) <= set(possible_moves(codec)) or 0 not in found.moves:
            raise ConfigError(f"symmetries: {list(found.moves)} do not fit the grids of this task")
        return found


def possible_moves(codec: Codec[Any, Any]) -> tuple[int, ...]:
    """Moves that keep the shape of every grid; none but the first where there is no grid."""
    grids = [(rows, columns) for _, rows, columns, _, _ in codec.regions if rows * columns > 1]
    if not grids or any(1 in grid for grid in grids):
        return (0,)
    square = all(rows == columns for rows, columns in grids)
    return tuple(move for move in range(8) if square or move not in TURNING)


def positions_of(codec: Codec[Any, Any], move: int) -> tuple[int, ...]:
    """What stands at each position after a move, by where it stood before."""
    return _positions(codec.regions, codec.seq_len, move)


@lru_cache(maxsize=64)
def _positions(regions: tuple[Region, ...], seq_len: int, move: int) -> tuple[int, ...]:
    positions = list(range(seq_len))
    for first, rows, columns, stride, _ in regions:
        if rows * columns > 1:
            grid = [[first + r * stride + c for c in range(columns)] for r in range(rows)]
            for here, there in zip(chain(*grid), chain(*moved(grid, move)), strict=True):
                positions[here] = there
    return tuple(positions)
