"""Fields of several values: a list or text of symbols, a series of numbers, a grid.

Knows nothing of tokens or models; `prose` adds texts that hold several fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, ClassVar

from hrm_specialists.errors import MalformedTask, TaskTooLarge
from hrm_specialists.schema.fields import END, MISSING, Binned, Field, Symbol
from hrm_specialists.schema.written import Style, as_list, json_or, nothing, plain, short, undrawn

LONGER = 1.5
"""Times the longest trained text up to which a text is familiar."""
NEW_SYMBOLS = 0.1
"""Share of a text's characters that may be new to training; of its words, half may."""


@dataclass(frozen=True, kw_only=True)
class _Symbols(Field):
    """Several symbols of a known set."""

    symbols: tuple[Symbol, ...]
    fixed: bool
    """Whether every value fills all positions."""

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        return self.symbols if self.fixed else (*self.symbols, END)

    def new(self, cells: Sequence[Any]) -> list[Any]:
        """Those of some symbols that training did not have."""
        return [cell for cell in cells if (type(cell), cell) not in self._known]

    @cached_property
    def _known(self) -> frozenset[tuple[type, Symbol]]:
        return frozenset((type(symbol), symbol) for symbol in self.symbols)


@dataclass(frozen=True, kw_only=True)
class Items(_Symbols):
    """A text (its characters) or a list of symbols, up to `length` of them."""

    kind: ClassVar[str] = "items"
    length: int
    text: bool
    """Whether the value is a string rather than a list."""
    words: bool = False
    """Whether a text is cut at white space instead of into characters."""
    blanks: bool = False
    """Whether it is a column of a table, where "NA" and the like are read as missing."""
    missing: bool = False
    longest: int = 0
    """Length of the longest in training; 0 if it is `length`."""

    @property
    def size(self) -> int:
        return self.length

    def read(self, given: Any) -> Any:
        given = plain(given)
        if self.blanks and nothing(given):
            return None
        if self.text and isinstance(given, str):
            return undrawn(given) if self.blanks else given
        if self.text:
            if isinstance(given, int | float) and not isinstance(given, bool):
                return str(given)
            raise ValueError(f"{short(given)} is not a text")
        listed = as_list(given)
        if self.symbols and isinstance(self.symbols[0], int):
            return [int(i) if isinstance(i, float) and i.is_integer() else i for i in listed]
        return [str(i) if isinstance(i, int) and i not in self.symbols else i for i in listed]

    def strange(self, value: Any) -> str | None:
        if value is None:
            return None if self.missing else MISSING
        items = value.split() if self.words else value
        longest = self.longest or self.length
        what = "words" if self.words else "characters" if self.text else "items"
        if len(items) > (LONGER * longest if self.text else longest):
            return f"has {len(items)} {what}; the longest in training has {longest}"
        new = self.new(items)
        if not new or (self.text and len(new) <= len(items) * (0.5 if self.words else NEW_SYMBOLS)):
            return None
        if self.text:
            return f"has {len(new)} of {len(items)} {what} that were not in training"
        return f"holds {new[0]!r}, which was not in training"

    def cut(self, value: Any) -> Any:
        """A text without what is longer than any in training."""
        if not self.text or value is None:
            return value
        return " ".join(value.split()[: self.length]) if self.words else value[: self.length]

    def spread(self, value: Any) -> list[Symbol]:
        value = value or ""
        return _filled(value.split() if self.words else value, self.length)

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        found = _before_end(symbols)
        return (" " if self.words else "").join(map(str, found)) if self.text else found


@dataclass(frozen=True, kw_only=True)
class Series(Binned):
    """Up to `length` numbers."""

    kind: ClassVar[str] = "series"
    length: int
    fixed: bool

    @property
    def size(self) -> int:
        return self.length

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        return self.bins if self.fixed else (*self.bins, END)

    def read(self, given: Any) -> Any:
        numbers = [Style().number(item) for item in as_list(given)]
        if None in numbers:
            raise ValueError("a series has a number at each place; one is missing")
        return numbers

    def strange(self, value: Any) -> str | None:
        if len(value) > self.length or (self.fixed and len(value) != self.length):
            return f"has {len(value)} numbers; in training it has {self.length}"
        return next(filter(None, map(self.outside, value)), None)

    def spread(self, value: Any) -> list[Symbol]:
        return _filled([self.bin_of(number) for number in value], self.length)

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        return [self.centre(symbol) for symbol in _before_end(symbols)]


@dataclass(frozen=True, kw_only=True)
class Grid(_Symbols):
    """Rows of symbols, up to `height × width`, in the upper left of a canvas."""

    kind: ClassVar[str] = "grid"
    height: int
    width: int
    text: bool = False
    """Whether rows are strings rather than lists."""
    ragged: bool = False
    """Whether rows of one value may differ in length."""

    @property
    def size(self) -> int:
        return self.height * self.width

    def read(self, given: Any) -> Any:
        given = plain(given)
        if isinstance(given, str):
            given = json_or(given, lambda text: text.splitlines())
        if not isinstance(given, list | tuple):
            raise ValueError(f"{short(given)} is not a grid: rows of cells")
        if self.text:
            return ["".join(map(str, plain(row))) for row in given]
        return [as_list(row) for row in given]

    def strange(self, value: Any) -> str | None:
        new = self.new([cell for row in value for cell in row])
        return f"holds {new[0]!r}, which was not in training" if new else None

    def spread(self, value: Any) -> list[Symbol]:
        wide = max(map(len, value), default=0)
        if len(value) > self.height or wide > self.width:
            raise TaskTooLarge(
                f"a grid of {len(value)}x{wide}; at most {self.height}x{self.width} fit"
            )
        laid = [symbol for row in value for symbol in _filled(row, self.width)]
        return _filled(laid, self.size)

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        starts = range(0, self.size, self.width)
        every = (_before_end(symbols[start : start + self.width]) for start in starts)
        rows = list(takewhile(bool, every))
        if not self.ragged and len({len(row) for row in rows}) > 1:
            raise MalformedTask("the rows of the answer differ in length")
        return ["".join(map(str, row)) for row in rows] if self.text else rows


def _filled(cells: Sequence[Symbol], length: int) -> list[Symbol]:
    """Symbols in order, then `END` to the last position."""
    if len(cells) > length:
        raise TaskTooLarge(f"{len(cells)} long; at most {length} fit")
    return [*cells, *[END] * (length - len(cells))]


def _before_end(symbols: Sequence[Symbol]) -> list[Symbol]:
    found = list(symbols)
    return found[: found.index(END)] if END in found else found
