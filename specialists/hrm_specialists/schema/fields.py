"""What one field of a problem or solution can be, and how it lies in positions.

Beside the fields of one value (`single`): a list or text of symbols, a series of
numbers, a grid. They have the same methods. Knows nothing of tokens or models; `prose`
adds texts that hold several of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from hrm_specialists.errors import MalformedTask, TaskTooLarge
from hrm_specialists.schema.single import (
    END,
    LONGER,
    MARGIN,
    NEW_SYMBOLS,
    Category,
    Date,
    Number,
    Symbol,
    as_list,
    centre,
    date_parts,
    json_or,
    outside,
    plain,
    short,
    tidy,
    undrawn,
    widened,
)
from hrm_specialists.schema.written import Style, nothing

__all__ = [
    "END",
    "Category",
    "Date",
    "Grid",
    "Items",
    "Leaf",
    "Number",
    "Series",
    "Symbol",
    "date_parts",
    "json_or",
    "plain",
    "tidy",
    "undrawn",
]


@dataclass(frozen=True, kw_only=True)
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
    blanks: bool = False
    """Whether it is a column of a table, where "NA" and the like are read as missing."""
    missing: bool = False
    """Whether training had no value there, sometimes."""
    longest: int = 0
    """Length of the longest in training; 0 if it is `length`."""

    def read(self, given: Any) -> Any:
        """The text or list that `given` writes; None where it is missing."""
        given = plain(given)
        if self.blanks and nothing(given):
            return None
        if self.text:
            if not isinstance(given, str):
                if isinstance(given, int | float) and not isinstance(given, bool):
                    return str(given)
                raise ValueError(f"{short(given)} is not a text")
            return undrawn(given) if self.blanks else given
        listed = as_list(given)
        if self.symbols and isinstance(self.symbols[0], int):
            return [_whole(item) for item in listed]
        return [str(i) if isinstance(i, int) and i not in self.symbols else i for i in listed]

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        if value is None:
            return None if self.missing else "is missing; it never was in training"
        items = value.split() if self.words else value
        longest = self.longest or self.length
        what = "words" if self.words else "characters" if self.text else "items"
        if len(items) > (LONGER * longest if self.text else longest):
            return f"has {len(items)} {what}; the longest in training has {longest}"
        new = [item for item in items if (type(item), item) not in self._known]
        if not new or (self.text and len(new) <= len(items) * (0.5 if self.words else NEW_SYMBOLS)):
            return None
        if self.text:
            return f"has {len(new)} of {len(items)} {what} that were not in training"
        return f"holds {new[0]!r}, which was not in training"

    @cached_property
    def _known(self) -> frozenset[tuple[type, Symbol]]:
        return frozenset((type(symbol), symbol) for symbol in self.symbols)

    @property
    def size(self) -> int:
        """Positions."""
        return self.length

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """Symbols that may stand there."""
        return self.symbols if self.fixed else (*self.symbols, END)

    def cut(self, value: Any) -> Any:
        """A text without what is longer than any in training."""
        if not self.text or value is None:
            return value
        return " ".join(value.split()[: self.length]) if self.words else value[: self.length]

    def spread(self, value: Any) -> list[Symbol]:
        """The symbols in order, then `END` to the last position."""
        if value is None:
            value = ""
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
    low: float | None = None
    high: float | None = None
    """Least and largest trained value; None if they are not known."""

    def read(self, given: Any) -> Any:
        """The numbers that `given` writes."""
        numbers = [Style().number(item) for item in as_list(given)]
        if None in numbers:
            raise ValueError("a series has a number at each place; one is missing")
        return numbers

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        if len(value) > self.length or (self.fixed and len(value) != self.length):
            return f"has {len(value)} numbers; in training it has {self.length}"
        low, high = widened(self.low, self.high, MARGIN)
        for number in value:
            if not low <= number <= high:
                return outside(number, self.low, self.high)
        return None

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
        return [centre(self.centres, symbol) for symbol in found]


@dataclass(frozen=True, kw_only=True)
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

    def read(self, given: Any) -> Any:
        """The rows that `given` writes: lists, lines of text, or JSON."""
        given = plain(given)
        if isinstance(given, str):
            given = json_or(given, lambda text: text.splitlines())
        if not isinstance(given, list | tuple):
            raise ValueError(f"{short(given)} is not a grid: rows of cells")
        if self.text:
            return ["".join(map(str, plain(row))) for row in given]
        return [as_list(row) for row in given]

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        for row in value:
            for cell in row:
                if (type(cell), cell) not in self._known:
                    return f"holds {cell!r}, which was not in training"
        return None

    @cached_property
    def _known(self) -> frozenset[tuple[type, Symbol]]:
        return frozenset((type(symbol), symbol) for symbol in self.symbols)

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


def _whole(item: Any) -> Any:
    return int(item) if isinstance(item, float) and item.is_integer() else item


Leaf = Category | Number | Items | Series | Grid
