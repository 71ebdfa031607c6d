"""How dates are written in files, and in which order a column has year, month and day.

Knows nothing of files or fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hrm_specialists.schema.written import nothing

_DATE = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})"
    r"(?:(?:T|,? +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"(?:\s*([ap])\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)(Z?))?")
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? +", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[- ]{_MONTH}[-, ]+(\d{{4}})\b", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_MONTH} (\d{{1,2}}),? (\d{{4}})\b", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1)


def moment(value: Any, order: str = "ymd") -> datetime | None:
    """A date, with or without time, as UTC; None for a missing one.

    Args:
        value: a date, a datetime, or text such as "2024-03-01", "01.03.2024 14:30" or
            "2024-03-01T14:30:00+02:00".
        order: of the parts where the year does not come first: "dmy" or "mdy".

    Raises:
        ValueError: it is no date.
    """
    if nothing(value):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(value)
    text = _numbered(value.strip()) if isinstance(value, str) else ""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{value!r} is not a date such as 2024-03-01 or 2024-03-01 14:30")
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) != 4:  # the year comes last
        day, month, year = (month, year, day) if order == "mdy" else (year, month, day)
        if len(found[4]) not in (2, 4):
            raise ValueError(f"{value!r} is not a date: the year has two or four digits")
        if len(found[4]) == 2:
            year += 2000 if year < 70 else 1900
    hour, minute, second = (int(found[at] or 0) for at in (5, 6, 7))
    if found[9]:
        hour = hour % 12 + (12 if found[9] in "pP" else 0)
    micros = int((found[8] or "0")[:6].ljust(6, "0"))
    try:
        at = datetime(year, month, day, hour, minute, second, micros)
        if found[10] and found[10][0] in "+-":
            at = datetime.fromisoformat(f"{at.isoformat()}{found[10]}").astimezone(UTC)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date: {error}") from None
    return at.replace(tzinfo=None)


def _counted(value: float) -> datetime:
    """A moment as a number: 20240301, or seconds or milliseconds since 1970."""
    if float(value).is_integer() and _COMPACT.fullmatch(str(int(value))):
        return moment(str(int(value)))  # type: ignore[return-value]
    for unit in (1, 1000):
        if 1e8 <= abs(value) / unit < 1e10:
            return _EPOCH + timedelta(seconds=value / unit)
    raise ValueError(f"{value!r} is neither a date nor seconds since 1970")


def _numbered(text: str) -> str:
    """A date with the name of its month, in English, or without marks, as ISO 8601 writes it."""
    if found := _COMPACT.fullmatch(text):
        year, month, day, *clock, zone = found.groups()
        return f"{year}-{month}-{day}" + (f"T{':'.join(clock)}{zone}" if clock[0] else "")
    text = _WEEKDAY.sub("", text, count=1)
    if found := _DAY_MONTH.match(text):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.match(text):
        month, day, year = found.groups()
    else:
        return text
    return f"{year}-{_MONTHS.index(month[:3].lower()) + 1}-{day}{text[found.end() :]}"


def date_order(values: Sequence[Any]) -> str | None:
    """In which order a column writes year, month and day; None if it holds no dates."""
    given = [value for value in values if not nothing(value)]
    if not given:
        return None
    if _all_read(given, "ymd") and all(map(_year_first, given)):
        return "ymd"
    dotted = any(isinstance(v, str) and "." in v[:6] for v in given)
    orders = ("dmy", "mdy") if dotted else ("mdy", "dmy")
    return next((order for order in orders if _all_read(given, order)), None)


def days(at: datetime) -> float:
    """Days since 1970."""
    return (at - _EPOCH).total_seconds() / 86400


def _year_first(value: Any) -> bool:
    text = _numbered(value.strip()) if isinstance(value, str) else "0000-"
    return re.match(r"\d{4}\D", text) is not None


def _all_read(values: Sequence[Any], order: str) -> bool:
    try:
        return all(moment(value, order) for value in values)
    except ValueError:
        return False
