"""What one field of a problem or solution can be, and how it lies in positions.

Five kinds cover plain data: a grid, a list or text of symbols, a series of
numbers, a number, a category. Each says how many positions it takes and turns a
value into *symbols* (small JSON values) and back. Knows nothing of tokens or
models; `prose` adds texts that hold several of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hrm_specialists.errors import MalformedTask, TaskTooLarge

Symbol = str | int | bool | None
END: Symbol = "\x03"
"""Written where a field of variable size is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One of a fixed set of values; takes one position."""

    kind: ClassVar[str] = "category"
    values: tuple[Symbol, ...]

    @property
    def size(self) -> int:
        """Positions."""
        return 1

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """Symbols that may stand there."""
        return self.values

    def spread(self, value: Any) -> list[Symbol]:
        """Value to symbols, exactly `size` of them."""
        return [value]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """Symbols back to the value."""
        return symbols[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A quantity, told apart as finely as its quantiles; takes one position.

    `edges` separate the bins, ascending; `centres` stand for a bin when it is
    read back. Both were learned from training values only.
    """

    kind: ClassVar[str] = "number"
    edges: tuple[float, ...]
    centres: tuple[float, ...]
    missing: bool = False
    """Whether None, no value, may stand there, too."""

    @property
    def size(self) -> int:
        """Positions."""
        return 1

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """One symbol a bin; all number fields share them."""
        bins = tuple(f"bin {n}" for n in range(len(self.centres)))
        return (*bins, None) if self.missing else bins

    def spread(self, value: Any) -> list[Symbol]:
        """The bin that holds the value; None stays None."""
        if value is None:
            return [None]
        return [f"bin {bisect_right(self.edges, value)}"]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """The centre of the bin."""
        found = symbols[0]
        if not isinstance(found, str) or not found.startswith("bin "):
            raise MalformedTask(f"{found!r} is no number")
        return self.centres[int(found[4:])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A text (its characters) or a list of symbols, up to `length` of them."""

    kind: ClassVar[str] = "items"
    length: int
    symbols: tuple[Symbol, ...]
    text: bool
    """Whether the value is a string rather than a list."""
    fixed: bool
    """Whether every value has exactly `length` symbols."""
    words: bool = False
    """Whether a text is cut at white space instead of into characters."""

    @property
    def size(self) -> int:
        """Positions."""
        return self.length

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """Symbols that may stand there."""
        return self.symbols if self.fixed else (*self.symbols, END)

    def spread(self, value: Any) -> list[Symbol]:
        """The symbols in order, then `END` to the last position."""
        if self.words:
            value = value.split()
        if len(value) > self.length:
            raise TaskTooLarge(f"{len(value)} long; at most {self.length} fit")
        return [*value, *[END] * (self.length - len(value))]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """Everything before the first `END`."""
        found = list(symbols)
        if END in found:
            found = found[: found.index(END)]
        return (" " if self.words else "").join(map(str, found)) if self.text else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Up to `length` numbers, told apart by quantiles; see `Number`."""

    kind: ClassVar[str] = "series"
    length: int
    edges: tuple[float, ...]
    centres: tuple[float, ...]
    fixed: bool

    @property
    def size(self) -> int:
        """Positions."""
        return self.length

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """One symbol a bin, and `END` if the length varies."""
        bins = tuple(f"bin {n}" for n in range(len(self.centres)))
        return bins if self.fixed else (*bins, END)

    def spread(self, value: Any) -> list[Symbol]:
        """The bins in order, then `END` to the last position."""
        if len(value) > self.length:
            raise TaskTooLarge(f"{len(value)} long; at most {self.length} fit")
        bins: list[Symbol] = [f"bin {bisect_right(self.edges, v)}" for v in value]
        return bins + [END] * (self.length - len(value))

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """The centres of the bins before the first `END`."""
        found = list(symbols)
        if END in found:
            found = found[: found.index(END)]
        if not all(isinstance(s, str) and s.startswith("bin ") for s in found):
            raise MalformedTask("the answer is no series of numbers")
        return [self.centres[int(str(s)[4:])] for s in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows of symbols, up to `height × width`, in the upper left of a canvas."""

    kind: ClassVar[str] = "grid"
    height: int
    width: int
    symbols: tuple[Symbol, ...]
    fixed: bool
    """Whether every value fills the canvas."""
    text: bool = False
    """Whether rows are strings rather than lists."""
    ragged: bool = False
    """Whether rows of one value may differ in length."""

    @property
    def size(self) -> int:
        """Positions."""
        return self.height * self.width

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """Symbols that may stand there."""
        return self.symbols if self.fixed else (*self.symbols, END)

    def spread(self, value: Any) -> list[Symbol]:
        """The canvas row by row, `END` beside and below the grid."""
        wide = max(map(len, value), default=0)
        if len(value) > self.height or wide > self.width:
            raise TaskTooLarge(
                f"a grid of {len(value)}x{wide}; at most {self.height}x{self.width} fit"
            )
        canvas: list[Symbol] = [END] * self.size
        for r, row in enumerate(value):
            canvas[r * self.width : r * self.width + len(row)] = row
        return canvas

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """Rows up to the first that is empty, each up to its first `END`."""
        rows: list[list[Symbol]] = []
        for start in range(0, self.size, self.width):
            row = list(symbols[start : start + self.width])
            if END in row:
                row = row[: row.index(END)]
            if not row:
                break
            rows.append(row)
        if not self.ragged and len({len(row) for row in rows}) > 1:
            raise MalformedTask("the rows of the answer differ in length")
        return ["".join(map(str, row)) for row in rows] if self.text else rows


Leaf = Category | Number | Items | Series | Grid
