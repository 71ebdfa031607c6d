"""What one field of a problem or solution can be, and how it lies in positions.

A field reads a value in every way it may be written, says what training did not cover,
and turns a value into *symbols* (small JSON values), one a position, and back. All that it
knows comes from training rows. Knows nothing of tokens or models; `prose` adds texts that
hold several fields.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from hrm_specialists.errors import MalformedTask
from hrm_specialists.schema.dates import days, moment
from hrm_specialists.schema.written import Style, nothing, plain, plain_number, short, truth

Symbol = str | int | float | bool | None
END: Symbol = "\x03"
"""Written where a field of variable size is over."""
MARGIN = 0.1
"""Share of the trained range by which a number may lie outside and still be familiar."""
DATE_MARGIN = 1.0
"""The same for dates: as long again as training lasted."""
MISSING = "is missing; it never was in training"


@dataclass(frozen=True, kw_only=True)
class Field:
    """What every kind of field can do."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """Positions that it takes."""
        return 1

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """Symbols that may stand there, each once."""
        return tuple(dict.fromkeys(symbol for leaf in self.leaves for symbol in leaf.alphabet))

    @property
    def leaves(self) -> tuple[Field, ...]:
        """The parts that it lays side by side: itself, or what a text or a date holds."""
        return (self,)

    def read(self, given: Any) -> Any:
        """The value that `given` writes; None where it is missing.

        Raises:
            ValueError: it writes none.
        """
        raise NotImplementedError

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        raise NotImplementedError

    def spread(self, value: Any) -> list[Symbol]:
        """Value to symbols, exactly `size` of them.

        Raises:
            TaskTooLarge: it does not fit.
        """
        pairs = zip(self.leaves, self.laid(value), strict=True)
        return [symbol for leaf, part in pairs for symbol in leaf.spread(part)]

    def laid(self, value: Any) -> list[Any]:
        """What stands in each leaf."""
        return [value]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """Symbols back to the value.

        Raises:
            MalformedTask: they stand for none.
        """
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Category(Field):
    """One of a fixed set of values; takes one position."""

    kind: ClassVar[str] = "category"
    values: tuple[Symbol, ...]
    blanks: bool = False
    """Whether "NA", "?" and the like are read as missing, as in a table."""

    @property
    def missing(self) -> bool:
        """Whether training had no value there, sometimes."""
        return None in self.values

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        return self.values

    @cached_property
    def places(self) -> Mapping[tuple[type, Symbol], int]:
        """Where each value stands among `values`."""
        return {(type(value), value): at for at, value in enumerate(self.values)}

    @cached_property
    def _writings(self) -> Mapping[object, Symbol]:
        """Other writings of the values: text for numbers, numbers for text, truths."""
        found: dict[object, Symbol] = {}
        for value in self.values:
            if isinstance(value, str):
                found.setdefault(("number", plain_number(value)), value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found[("number", float(value))] = value
        found.pop(("number", None), None)
        said = {value: truth(value) for value in self.values if value is not None}
        if len(said) == 2 and set(said.values()) == {True, False}:
            words = any(isinstance(value, bool) or str(value).strip().isalpha() for value in said)
            kind = "truth" if words else "bool"  # 0 and 1 may be numbers of something
            found |= {(kind, says): value for value, says in said.items()}
        return found

    def read(self, given: Any) -> Any:
        given = plain(given)
        if self.blanks:
            if nothing(given):
                return None
            given = given.strip() if isinstance(given, str) else given
        if not isinstance(given, str | int | float | None):
            raise ValueError(f"{short(given)} is not one value")
        if (type(given), given) in self.places:
            return given
        ways: list[object] = [("bool", given)] if isinstance(given, bool) else []
        ways += [("truth", truth(given)), ("number", plain_number(given))]
        return next((self._writings[way] for way in ways if way in self._writings), given)

    def strange(self, value: Any) -> str | None:
        if (type(value), value) in self.places:
            return None
        known = ", ".join(str(v) for v in self.values[:12] if v is not None)
        more = ", …" if len(self.values) > 12 else ""
        said = MISSING if value is None else f"{value!r} was not in training"
        return f"{said}; known: {known}{more}"

    def spread(self, value: Any) -> list[Symbol]:
        return [value]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        return symbols[0]


@dataclass(frozen=True, kw_only=True)
class Binned(Field):
    """Numbers that are told apart as finely as their quantiles.

    `edges` separate the bins, ascending; `centres` stand for a bin when it is read back.
    All fields of numbers share their symbols, and some have fewer bins.
    """

    edges: tuple[float, ...]
    centres: tuple[float, ...]
    low: float | None = None
    high: float | None = None
    """Least and largest trained value; None if they are not known."""

    @cached_property
    def familiar(self) -> tuple[float, float]:
        """Least and largest value that training covers, the margin included."""
        return self.within(MARGIN)

    def within(self, margin: float) -> tuple[float, float]:
        """The trained range with a margin, a share of it; everything where it is not known."""
        if self.low is None or self.high is None:
            return -math.inf, math.inf
        more = margin * (self.high - self.low)
        return self.low - more, self.high + more

    @property
    def bins(self) -> tuple[Symbol, ...]:
        """One symbol a bin."""
        return tuple(f"bin {n}" for n in range(len(self.centres)))

    def bin_of(self, value: float) -> Symbol:
        """The bin that holds a number."""
        return f"bin {bisect_right(self.edges, value)}"

    def centre(self, symbol: Symbol) -> float:
        """The number that a bin stands for; the last one for bins that the field does not have."""
        if not isinstance(symbol, str) or not symbol.startswith("bin "):
            raise MalformedTask(f"{symbol!r} is no number")
        return self.centres[min(int(symbol[4:]), len(self.centres) - 1)]

    def outside(self, value: float) -> str | None:
        """That a number is not where training had some; None if it is."""
        low, high = self.familiar
        if low <= value <= high:
            return None
        given, least, most = (
            str(int(v)) if float(v).is_integer() and abs(v) < 1e15 else f"{v:g}"
            for v in (value, self.low or 0, self.high or 0)
        )
        return f"{given} is outside the trained range {least} to {most}"


@dataclass(frozen=True, kw_only=True)
class Number(Binned, Style):
    """A quantity, written in a style; takes one position."""

    kind: ClassVar[str] = "number"
    missing: bool = False

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        return (*self.bins, None) if self.missing else self.bins

    def read(self, given: Any) -> Any:
        return self.number(given)

    def strange(self, value: Any) -> str | None:
        if value is None:
            return None if self.missing else MISSING
        return self.outside(value)

    def spread(self, value: Any) -> list[Symbol]:
        return [None if value is None else self.bin_of(value)]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        return self.centre(symbols[0])


@dataclass(frozen=True, kw_only=True)
class Date(Field):
    """A day, or a moment of one, as numbers that mean something: weekday, hour, time elapsed.

    The value is text as ISO 8601 has it, in UTC. Dates are not answered; they are texts there.
    """

    kind: ClassVar[str] = "date"
    order: str
    """How dates are written where the year is not first: "dmy" or "mdy"; else "ymd"."""
    names: tuple[str, ...]
    parts: tuple[Number, ...]
    """What is told apart, named by `names`: "elapsed" (days since 1970), "year", …"""
    missing: bool = False

    @property
    def leaves(self) -> tuple[Field, ...]:
        return self.parts

    @property
    def size(self) -> int:
        return len(self.parts)

    def read(self, given: Any) -> Any:
        at = moment(given, self.order)
        return None if at is None else at.isoformat()

    def laid(self, value: Any) -> list[Any]:
        return date_parts(value, self.names)

    def strange(self, value: Any) -> str | None:
        if value is None:
            return None if self.missing else MISSING
        low, high = self.parts[0].within(DATE_MARGIN)
        if low <= (self.laid(value)[0] or 0.0) <= high:
            return None
        return f"{value[:10]} is longer before or after the training data than these last"


def date_parts(value: str | None, names: Sequence[str]) -> list[float | None]:
    """Numbers of a moment by name: elapsed, year, month, day, weekday, hour, minute."""
    at = moment(value)
    if at is None:
        return [None] * len(names)
    known = {"elapsed": days(at), "weekday": at.weekday()}
    return [known[name] if name in known else getattr(at, name) for name in names]


Fields = Mapping[str, Field]
"""The fields of one side, by name; the name "" stands for a bare value."""


def leaves_of(fields: Fields) -> list[Field]:
    """The leaves of all fields of one side, in order."""
    return [leaf for field in fields.values() for leaf in field.leaves]
