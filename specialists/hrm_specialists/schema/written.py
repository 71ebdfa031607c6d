"""How single values are written in files: numbers, dates, truths, and nothing at all.

`Style` is found by looking at a whole column and reads one value at a time, so that
a value means the same in training, prediction and serving. Knows nothing of files
or fields.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

NOTHING = frozenset(
    (
        *("", ".", "?", "-", "--", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NaT"),
        *("-NaN", "-nan", "NULL", "Null", "null", "(null)", "#NULL!", "None"),
    )
)
"""What stands for a missing value in a column of names or numbers."""
MORE_NOTHING = frozenset(
    (
        *("na", "nil", "none", "missing", "unknown", "unk", "undefined", "n.a.", "n.d.", "nd"),
        *("#value!", "#div/0!", "#ref!"),
    )
)
"""Also missing among numbers, in lower case."""
LARGEST = 1e30
"""Magnitude from which a number stands for missing data: no-data marks of instruments and
databases, such as -1.797e308."""
LONGEST_NUMBER = 24
"""Characters of a number; a longer row of digits is a text."""
_INFINITE = re.compile(r"[-+]?(?:inf|infinity|∞|[\d.]+e\+?\d{3,})", re.IGNORECASE)
"""Infinity as programs write it: an error among numbers, and no stray word."""
MOST_ODD = 0.1
"""Share of a column of numbers that may be words; they are read as missing."""

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_CODE = re.compile(r"[+-]?0\d+")
_AROUND = re.compile(
    r"([-+\u2212(]?)\s*[$€£¥₹]?\s*([-+\u2212(]?)\s*([\d.,].*?)\s*[%‰$€£¥₹]?\s*([-)]?)"
)
_UNIT = re.compile(r"[-+\u2212($€£¥₹\d.,'’ \u00a0\u202f]*\d\s*(°?[^\W\d_][^\d\s,;]{0,7})")
_UNIT_BEFORE = re.compile(
    r"[-+\u2212]?([^\W\d_]{1,4}\.?)\s*[-+\u2212]?\d[\d.,'’ \u00a0\u202f]*[.,]\d+"
)
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?")
_GAP_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:['’\u00a0\u202f ]\d{3})+(?:[.,]\d*)?")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_CLOCK = re.compile(
    r"(?:(\d+) days?,? )?(\d+):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?(?:\s*([ap])\.?m\.?)?",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    r"p?(?:(\d+)\s*d(?:ays?)?)?[ ,t]*(?:(\d+)\s*h(?:ours?|rs?)?)?[ ,]*"
    r"(?:(\d+)\s*m(?:in(?:ute)?s?)?)?[ ,]*(?:(\d+(?:\.\d+)?)\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
CLOCK = ":"
"""Unit of a column of times and durations, such as 7:45 or 2h 5m: they are seconds."""

_ONE = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_NUMBERS = re.compile(rf"\s*{_ONE}(?:[\s,;]+{_ONE})+\s*")

TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
FALSE = frozenset({"false", "f", "no", "n", "off", "0"})


@dataclass(frozen=True, slots=True)
class Style:
    """How the numbers of a column are written.

    Example:
        Style(decimal=",", groups=".").number("1.234,5")  # 1234.5
    """

    decimal: str = "."
    groups: str = ""
    """What parts thousands; nothing if they are not parted."""
    odd: tuple[str, ...] = ()
    """Words that stood among the numbers and are read as missing."""
    unit: str = ""
    """What stands beside the numbers, such as "kg"; another unit is no number. `CLOCK` where
    they are times."""
    signs: str | None = None
    """Signs of currency or percent that stood beside the numbers; None if that is not known."""

    def number(self, value: Any) -> float | int | None:
        """The number that `value` writes; None for a missing one.

        Raises:
            ValueError: it writes none.
        """
        if isinstance(value, bool):
            raise ValueError(f"{value!r} is not a number but a truth")
        if value is None:
            return None
        if isinstance(value, int | float | Decimal):
            return _finite(value)
        if not isinstance(value, str):
            if hasattr(value, "item"):  # a numpy scalar
                return self.number(value.item())
            raise ValueError(f"{value!r} is not a number")
        text = value.strip()
        if nothing(text, numbers=True) or text in self.odd:
            return None
        if self.unit == CLOCK and (time_of_day := seconds(text)) is not None:
            return time_of_day
        fault = f"{value!r} is not a number"
        other = _signs([text]) if self.signs is not None else ""
        if other.strip(self.signs or ""):
            raise ValueError(f"{fault} here: none in training had {other!r}")
        text = bare(_without(text, self.unit))
        if any(mark in text for mark in _gaps(self.groups)) and not self._grouped(text):
            marks = f"{self.groups!r} parts thousands in this column, and {self.decimal!r} decimals"
            raise ValueError(f"{fault}: {marks}")
        for mark in _gaps(self.groups):
            text = text.replace(mark, "")
        if self.decimal != "." and not self.groups and "." in text and _DOT_GROUPS.fullmatch(text):
            raise ValueError(f"{fault}: decimals follow {self.decimal!r} here")
        text = text.replace(self.decimal, ".")
        if len(text) > LONGEST_NUMBER or not _PLAIN.fullmatch(text):
            raise ValueError(fault)
        return _finite(int(text) if text.lstrip("+-").isdigit() else float(text))

    def _grouped(self, text: str) -> bool:
        """Whether marks of thousands stand in groups of three, before the decimal mark."""
        pattern = {",": _COMMA_GROUPS, ".": _DOT_GROUPS}.get(self.groups, _GAP_GROUPS)
        return pattern.fullmatch(text) is not None and text.count(self.decimal) < 2


def seconds(text: str) -> float | None:
    """What a time of day or a duration is in seconds; None if it is none."""
    text = text.strip()
    minus = text[:1] in ("-", "\u2212")
    if found := _CLOCK.fullmatch(text[minus:].lstrip()):
        days, hours, minutes, rest, half = found.groups()
        if half:
            hours = int(hours) % 12 + (12 if half in "pP" else 0)
    elif text and (found := _SPELLED.fullmatch(text[minus:].lstrip())) and any(found.groups()):
        days, hours, minutes, rest = found.groups()
    else:
        return None
    whole = 86400 * int(days or 0) + 3600 * int(hours or 0) + 60 * int(minutes or 0)
    return (whole + float((rest or "0").replace(",", "."))) * (-1 if minus else 1)


def _without(text: str, unit: str) -> str:
    if not unit:
        return text
    minus = text[:1] if text[:1] in "-+\u2212" else ""
    return minus + text.removeprefix(minus).removeprefix(unit).removesuffix(unit).strip()


def _unit_of(given: Mapping[str, int]) -> str:
    """The letters that stand beside nearly all numbers of a column, if they are the same.

    Before numbers only amounts have some ("EUR 1.50"); "P1" and "level 3" are names.
    """
    for place in (_UNIT, _UNIT_BEFORE):
        found: Counter[str] = Counter()
        for text, count in given.items():
            if ends := place.fullmatch(text):
                found[ends[1]] += count
        unit, count = (found.most_common(1) or [("", 0)])[0]
        if len(found) == 1 and count >= (1 - MOST_ODD) * sum(given.values()):
            return unit
    return ""


def _signs(texts: Iterable[str]) -> str:
    """The signs of currency and percent in texts."""
    return "".join(sorted({sign for text in texts for sign in text if sign in "%‰$€£¥₹"}))


def bare(text: str) -> str:
    """A number without what accounts put around it: currency, percent, brackets for a minus."""
    if _PLAIN.fullmatch(text) or (found := _AROUND.fullmatch(text)) is None:
        return text
    before, after_sign, body, behind = found.groups()
    signs = [sign for sign in (before, after_sign, behind) if sign]
    if signs in ([], ["+"]):
        return body
    minus = signs in (["-"], ["\u2212"], ["(", ")"], ["-", "(", ")"])
    return f"-{body}" if minus else text


def nothing(value: Any, *, numbers: bool = False) -> bool:
    """Whether `value` stands for a missing one."""
    if not isinstance(value, str):
        return value is None or (isinstance(value, float) and math.isnan(value))
    text = value.strip()
    return text in NOTHING or (numbers and text.lower() in MORE_NOTHING)


def style_of(texts: Iterable[str], hint: Style | None = None) -> Style | None:
    """How a column of texts writes numbers; None if it holds something else.

    Args:
        texts: all values of the column, missing ones too.
        hint: how other columns of the same table are written, where it can be told;
            settles what "1,234" is.
    """
    known = Counter(text.strip() for text in texts)
    given = {t: n for t, n in known.items() if not nothing(t, numbers=True)}
    if not given or any(map(_CODE.fullmatch, given)):
        return None  # codes such as 007 are names
    unit = _unit_of(given)
    if not unit and all(seconds(text) is not None for text in given):
        return Style(unit=CLOCK)
    bared = {text: bare(_without(text, unit)) for text in given}
    count = sum(given.values())
    for style in _candidates(bared.values(), hint):
        odd = [text for text in given if not _reads(style, bared[text])]
        few = len(odd) <= max(1, 0.02 * count) and len(given) - len(odd) > 8
        if not odd or (few and sum(map(given.__getitem__, odd)) <= MOST_ODD * count):
            words = tuple(sorted(text for text in odd if not _INFINITE.fullmatch(text))[:16])
            return replace(style, odd=words, unit=unit, signs=_signs(given))
    return None


def _candidates(texts: Iterable[str], hint: Style | None) -> list[Style]:
    """Ways of writing numbers that the marks in a column allow, the likeliest first."""
    commas = hint is not None and hint.decimal == ","
    marked = [text for text in texts if not _PLAIN.fullmatch(text)]
    if not marked:
        whole = all(_DOT_GROUPS.fullmatch(text) or text.isdigit() for text in texts)
        dotted = commas and whole and any("." in text for text in texts)
        return [Style(",", "."), Style()] if dotted else [Style()]
    groups = any(map(_COMMA_GROUPS.fullmatch, marked))
    dots = filter(_DOT_GROUPS.fullmatch, marked)
    gap = next(filter(_GAP_GROUPS.fullmatch, marked), None)
    ways = (
        (groups and not commas, Style(".", ",")),
        (any(map(_COMMA.fullmatch, marked)), Style(",")),
        (any("," in text or text.count(".") > 1 for text in dots), Style(",", ".")),
        (groups, Style(".", ",")),
        (gap is not None and "," in gap, Style(",", " ")),
        (gap is not None, Style(".", " ")),
        (gap is not None, Style(",", " ")),
    )
    return [*(style for possible, style in ways if possible), Style()]


def _reads(style: Style, text: str) -> bool:
    grouped = any(mark in text for mark in _gaps(style.groups))
    if not grouped and style.decimal == "," and "." in text:
        return False
    try:
        return style.number(text) is not None or _PLAIN.fullmatch(text) is not None
    except ValueError:
        return False


def _gaps(groups: str) -> tuple[str, ...]:
    return (" ", "'", "’", "\u00a0", "\u202f") if groups == " " else (groups,) if groups else ()


def _finite(value: float | Decimal) -> float | int | None:
    if isinstance(value, Decimal):
        value = int(value) if value.is_finite() and value == value.to_integral() else float(value)
    if math.isinf(value):
        raise ValueError("infinity is not a number that can be learned from")
    return None if value != value or abs(value) >= LARGEST else value


def truth(value: Any) -> bool | None:
    """What a value says in the writings of true and false; None if it is neither."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    return True if word in TRUE else False if word in FALSE else None


def plain(value: Any) -> Any:
    """A value of numpy or Arrow as Python has it."""
    return value.tolist() if hasattr(value, "tolist") else value


def tidy(value: Any) -> Any:
    """A string of several numbers becomes a list of them; all else stays.

    Spreadsheets hold series as "9 10 72"; nobody means the characters.
    """
    if isinstance(value, str) and "\n" not in value and _NUMBERS.fullmatch(value):
        parts = re.split(r"[\s,;]+", value.strip())
        return [float(p) if "." in p else int(p) for p in parts]
    return value


def json_or(text: str, otherwise: Callable[[str], Any]) -> Any:
    """What a text means as JSON, or otherwise."""
    if text.lstrip()[:1] in ("[", "{") or text.strip().lstrip("-").isdigit():
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    return otherwise(text)


def as_list(given: Any) -> list[Any]:
    """A list from whatever holds one: an array, JSON, numbers with spaces between.

    Raises:
        ValueError: there is none in it.
    """
    given = plain(given)
    if isinstance(given, str):
        given = json_or(given, tidy)
        given = [given] if isinstance(given, int | float) else given
    if not isinstance(given, list | tuple) or any(isinstance(i, list | dict) for i in given):
        raise ValueError(f"{short(given)} is not a list of single values")
    return list(given)


def plain_number(value: Any) -> float | None:
    """The number that a value is, or writes in the usual way; None for truths and codes."""
    if isinstance(value, bool) or re.match(r"[+-]?0\d", str(value)):
        return None
    try:
        return float(Style().number(value))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None


def undrawn(text: str) -> str:
    """Without spaces around it, unless it is a drawing of several lines: there they are cells."""
    drawn = "\n" in text.strip("\r\n") and text.strip()
    return text if drawn else text.strip()


def short(value: Any) -> str:
    """A value for messages."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
