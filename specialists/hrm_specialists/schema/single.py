"""Fields of one value: a category, a number, a date. And what all fields share.

Each reads a value in every way it may be written (`read`), says what training did not
cover (`strange`), and turns a value into *symbols* (small JSON values), one a position,
and back. All that a field knows comes from training rows. Knows nothing of tokens or
models.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from hrm_specialists.errors import MalformedTask
from hrm_specialists.schema.written import Style, days, moment, nothing, truth

Symbol = str | int | float | bool | None
END: Symbol = "\x03"
"""Written where a field of variable size is over."""
MARGIN = 0.1
"""Share of the trained range by which a number may lie outside and still be familiar."""
DATE_MARGIN = 1.0
"""The same for dates: as long again as training lasted."""
LONGER = 1.5
"""Times the longest trained text up to which a text is familiar."""
NEW_SYMBOLS = 0.1
"""Share of a text's characters that may be new to training; of its words, half may."""
_ONE = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_NUMBERS = re.compile(rf"\s*{_ONE}(?:[\s,;]+{_ONE})+\s*")


def tidy(value: Any) -> Any:
    """A string of several numbers becomes a list of them; all else stays.

    Spreadsheets hold series as "9 10 72"; nobody means the characters.
    """
    if isinstance(value, str) and "\n" not in value and _NUMBERS.fullmatch(value):
        parts = re.split(r"[\s,;]+", value.strip())
        return [float(p) if "." in p else int(p) for p in parts]
    return value


def plain(value: Any) -> Any:
    """A value of numpy or Arrow as Python has it."""
    return value.tolist() if hasattr(value, "tolist") else value


@dataclass(frozen=True, kw_only=True)
class Category:
    """One of a fixed set of values; takes one position."""

    kind: ClassVar[str] = "category"
    values: tuple[Symbol, ...]
    blanks: bool = False
    """Whether "NA", "?" and the like are read as missing, as in a table."""

    @property
    def missing(self) -> bool:
        """Whether training had no value there, sometimes."""
        return None in self.values

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
                found.setdefault(("number", _number(value)), value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found[("number", float(value))] = value
        said = {value: truth(value) for value in self.values if value is not None}
        if len(said) == 2 and set(said.values()) == {True, False}:
            words = any(isinstance(value, bool) or str(value).strip().isalpha() for value in said)
            kind = "truth" if words else "bool"  # 0 and 1 may be numbers of something
            found |= {(kind, says): value for value, says in said.items()}
        found.pop(("number", None), None)
        return found

    def read(self, given: Any) -> Any:
        """The known value that `given` writes, or itself; None where it is missing."""
        given = plain(given)
        if self.blanks:
            if nothing(given):
                return None
            given = given.strip() if isinstance(given, str) else given
        if not _simple(given):
            raise ValueError(f"{short(given)} is not one value")
        if (type(given), given) in self.places:
            return given
        writings = self._writings
        if isinstance(given, bool) and ("bool", given) in writings:
            return writings["bool", given]
        if ("truth", True) in writings and (says := truth(given)) is not None:
            return writings["truth", says]
        number = _number(given)
        return given if number is None else writings.get(("number", number), given)

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        if (type(value), value) in self.places:
            return None
        known = ", ".join(str(v) for v in self.values[:12] if v is not None)
        more = ", …" if len(self.values) > 12 else ""
        said = (
            "is missing; it never was in training"
            if value is None
            else (f"{value!r} was not in training")
        )
        return f"{said}; known: {known}{more}"

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


@dataclass(frozen=True, kw_only=True)
class Number:
    """A quantity, told apart as finely as its quantiles; takes one position.

    `edges` separate the bins, ascending; `centres` stand for a bin when it is
    read back. Both were learned from training values only.
    """

    kind: ClassVar[str] = "number"
    edges: tuple[float, ...]
    centres: tuple[float, ...]
    missing: bool = False
    """Whether training had no value there, sometimes."""
    low: float | None = None
    high: float | None = None
    """Least and largest trained value; None if they are not known."""
    decimal: str = "."
    groups: str = ""
    odd: tuple[str, ...] = ()
    unit: str = ""
    """How numbers are written; see `Style`."""

    @cached_property
    def style(self) -> Style:
        """How numbers are written."""
        return Style(self.decimal, self.groups, self.odd, self.unit)

    @property
    def familiar(self) -> tuple[float, float]:
        """Least and largest value that training covers, the margin included."""
        return widened(self.low, self.high, MARGIN)

    def read(self, given: Any) -> Any:
        """The number that `given` writes; None where it is missing."""
        return self.style.number(given)

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        if value is None:
            return None if self.missing else "is missing; it never was in training"
        low, high = self.familiar
        if low <= value <= high:
            return None
        return outside(value, self.low, self.high)

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
        """The centre of the bin; all number fields share tokens, and some have fewer bins."""
        return centre(self.centres, symbols[0])


@dataclass(frozen=True, kw_only=True)
class Date:
    """A day, or a moment of one, as numbers that mean something: weekday, hour, time elapsed.

    The value is text as ISO 8601 has it, in UTC.
    """

    kind: ClassVar[str] = "date"
    order: str
    """How dates are written where the year is not first: "dmy" or "mdy"; else "ymd"."""
    names: tuple[str, ...]
    parts: tuple[Number, ...]
    """What is told apart, named by `names`: "elapsed" (days since 1970), "year", …"""
    missing: bool = False

    @property
    def leaves(self) -> tuple[Number, ...]:
        """The parts, each a number."""
        return self.parts

    @property
    def size(self) -> int:
        """Positions."""
        return len(self.parts)

    @property
    def alphabet(self) -> tuple[Symbol, ...]:
        """Symbols that may stand there, each once."""
        return tuple(dict.fromkeys(symbol for part in self.parts for symbol in part.alphabet))

    def read(self, given: Any) -> Any:
        """The moment that `given` writes, as text; None where it is missing."""
        at = moment(given, self.order)
        return None if at is None else at.isoformat()

    def numbers(self, value: str | None) -> list[float | None]:
        """The parts of a moment; None where it is missing."""
        return date_parts(value, self.names)

    def strange(self, value: Any) -> str | None:
        """Why training says nothing of this value; None if it does."""
        if value is None:
            return None if self.missing else "is missing; it never was in training"
        known = self.parts[0]
        low, high = widened(known.low, known.high, DATE_MARGIN)
        if low <= (self.numbers(value)[0] or 0.0) <= high:
            return None
        return f"{value[:10]} is longer before or after the training data than these last"

    def spread(self, value: Any) -> list[Symbol]:
        """A bin for each part."""
        pairs = zip(self.parts, self.numbers(value), strict=True)
        return [symbol for part, number in pairs for symbol in part.spread(number)]

    def gather(self, symbols: Sequence[Symbol]) -> Any:
        """Dates are not answered; they are texts there."""
        raise MalformedTask("a date cannot be put together from its parts")


def date_parts(value: str | None, names: Sequence[str]) -> list[float | None]:
    """Numbers of a moment by name: elapsed, year, month, day, weekday, hour, minute."""
    at = moment(value)
    if at is None:
        return [None] * len(names)
    known = {"elapsed": days(at), "weekday": at.weekday()}
    return [known[name] if name in known else getattr(at, name) for name in names]


def as_list(given: Any) -> list[Any]:
    """A list from whatever holds one: an array, JSON, numbers with spaces between.

    Raises:
        ValueError: there is none in it.
    """
    given = plain(given)
    if isinstance(given, str):
        given = json_or(given, tidy)
        given = [given] if isinstance(given, int | float) else given
    if not isinstance(given, list | tuple):
        raise ValueError(f"{short(given)} is not a list")
    return list(given)


def json_or(text: str, otherwise: Callable[[str], Any]) -> Any:
    """What a text means as JSON, or otherwise."""
    if text.lstrip()[:1] in ("[", "{") or text.strip().lstrip("-").isdigit():
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    return otherwise(text)


def undrawn(text: str) -> str:
    """Without spaces around it, unless it is a drawing of several lines: there they are cells."""
    drawn = "\n" in text.strip("\r\n") and text.strip()
    return text if drawn else text.strip()


def _simple(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return None if re.match(r"[+-]?0\d", str(value)) else float(Style().number(value))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None


def centre(centres: Sequence[float], symbol: Symbol) -> float:
    """The number that a bin stands for; the last one for bins that a field does not have.

    Raises:
        MalformedTask: the symbol is no bin.
    """
    if not isinstance(symbol, str) or not symbol.startswith("bin "):
        raise MalformedTask(f"{symbol!r} is no number")
    return centres[min(int(symbol[4:]), len(centres) - 1)]


def widened(low: float | None, high: float | None, margin: float) -> tuple[float, float]:
    """A trained range with its margin; everything where it is not known."""
    if low is None or high is None:
        return float("-inf"), float("inf")
    more = margin * (high - low)
    return low - more, high + more


def outside(value: float, low: float | None, high: float | None) -> str:
    """That a number is not where training had some."""
    given, least, most = (
        str(int(v)) if float(v).is_integer() and abs(v) < 1e15 else f"{v:g}"
        for v in (value, low or 0.0, high or 0.0)
    )
    return f"{given} is outside the trained range {least} to {most}"


def short(value: Any) -> str:
    """A value for messages."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
