"""What a column of a table is taken for: a number, a date, names, text, or nothing of use.

How values are *written* (decimal marks, order of dates) is told by all rows; what they
*are* (categories, ranges) by the training part, which comes first. Knows nothing of
models or tokens.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.fields import (
    Category,
    Date,
    Items,
    Number,
    date_parts,
    json_or,
    plain,
    tidy,
    undrawn,
)
from hrm_specialists.schema.prose import Field
from hrm_specialists.schema.shapes import (
    ANSWER_BINS,
    BINS,
    MAX_ANSWERS,
    MAX_LEVELS,
    infer_field,
    kind_name,
    number_of,
)
from hrm_specialists.schema.shapes import distinct as symbols
from hrm_specialists.schema.wording import are_names
from hrm_specialists.schema.written import Style, date_order, nothing, style_of, truth

MAX_CLASSES = 20
"""Different numbers up to which a table's answer is a label rather than a quantity."""
FEWEST_IDS, LONG_ID = 50, 10
"""Rows from which different values make an identifier, and digits of a long one."""
TYPES = ("number", "category", "text", "series", "date", "ignore")
"""What a column can be told to be taken as."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not learned from, and why."""

    why: str


def infer_column(
    values: Sequence[Any],
    *,
    learned: int | None = None,
    taken_as: str | None = None,
    exact: bool = False,
    alone: bool = False,
    hint: Style | None = None,
) -> Field | LeftOut:
    """The field that a column of a table holds, or why it is left out.

    Args:
        values: as the table has them: text, numbers, dates, None.
        learned: how many of them, from the first on, are training rows; None for all.
        taken_as: one of `TYPES`, if somebody says so.
        exact: whether whole numbers of few levels are kept apart as symbols.
        alone: whether the column must be used, as there is no other.
        hint: how other columns of the table write numbers.

    Raises:
        DataError: the values are not what `taken_as` says, or have no common kind.
    """
    seen = list(values[:learned])
    if taken_as == "ignore":
        return LeftOut("as told")
    if taken_as not in (None, *TYPES):
        raise DataError(f"{taken_as!r} is no type; a column is one of {', '.join(TYPES)}")
    known = [value for value in seen if not nothing(value)]
    if not known:
        return LeftOut("always empty in training")
    distinct = {repr(value.strip() if isinstance(value, str) else value) for value in known}
    if not alone and taken_as is None and len(distinct) == 1 and len(known) == len(seen):
        return LeftOut(f"always {known[0]!s:.40} in training")
    if taken_as == "date" or (taken_as is None and _dated(values)):
        return _date(values, seen)
    kinds = {kind_name(value) for value in known}
    if kinds & {"list", "rows", "nested lists"} or taken_as == "series":
        try:
            rows = [_listed(plain(value)) for value in values]
            if taken_as == "series":
                rows = [row if isinstance(row, list) else [row] for row in rows]
            return infer_field(rows, answer=False, learned=learned)
        except (DataError, TypeError, ValueError) as error:
            raise DataError(f"is no column of series: {error}") from None
    if taken_as is None and (truths := _truths(known)):
        return Category(values=symbols([*truths, *_gap(seen)]), blanks=True)
    if taken_as in (None, "number"):
        found = _quantity(values, seen, must=taken_as == "number", hint=hint)
        if found is not None:
            if taken_as is None and not alone and (why := _identifies(known, found)):
                return LeftOut(why)
            whole = {found.read(value) for value in known}
            if exact and len(whole) <= MAX_LEVELS and all(isinstance(v, int) for v in whole):
                return Category(values=symbols([*whole, *_gap(seen)]), blanks=True)
            return found
    if kinds == {"bool"}:
        return Category(values=symbols([*known, *_gap(seen)]), blanks=True)
    series = [_listed(value) for value in known]
    if taken_as is None and all(isinstance(value, list) for value in series):
        return infer_field([_listed(v) for v in values], answer=False, learned=learned)
    texts = [str(plain(value)) for value in known]
    return _named(texts, seen, taken_as, alone=alone)


def infer_answer(
    values: Sequence[Any], *, learned: int | None = None, taken_as: str | None = None
) -> Field:
    """The field of a table's answers: a label, a quantity, or a text to be written.

    Raises:
        DataError: they are neither.
    """
    seen = [plain(value) for value in values[:learned]]
    if taken_as in ("series", "date", "ignore"):
        raise DataError(f"an answer cannot be a {taken_as}: number, category or text")
    if any(isinstance(value, list | tuple | dict) for value in seen):
        return infer_field(values, answer=True, learned=learned)
    quantity = None
    if taken_as in (None, "number"):
        quantity = _quantity(values, seen, must=taken_as == "number", bins=ANSWER_BINS)
    if quantity is not None and not quantity.odd:
        numbers = [quantity.read(value) for value in seen]
        distinct = set(numbers)
        few = are_names(distinct, len(numbers), MAX_CLASSES)
        if taken_as == "number" or not (few and all(float(v).is_integer() for v in distinct)):
            return quantity
        return Category(values=tuple(sorted(distinct)), blanks=True)
    if all(isinstance(value, bool) for value in seen):
        return Category(values=symbols(seen))
    if taken_as is None and (truths := _truths(seen)):
        return Category(values=symbols(truths), blanks=True)
    texts = [undrawn(str(value)) for value in seen]
    return _label(texts, taken_as)


def _listed(value: Any) -> Any:
    """A cell of numbers with marks between them, or of JSON, as the list that it writes."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        return json_or(value, tidy)
    return tidy(value)


def _truths(known: Sequence[Any]) -> list[Any]:
    """Of true and false in more than two writings, the commonest of each; else nothing."""
    if not all(isinstance(value, str) for value in known):
        return []
    counts = Counter(value.strip() for value in known)
    said = {text: truth(text) for text in counts}
    words = any(map(str.isalpha, said))
    if len(said) < 3 or not words or set(said.values()) != {True, False}:
        return []
    return [max((t for t in said if said[t] is so), key=counts.__getitem__) for so in (False, True)]


def _label(texts: Sequence[str], taken_as: str | None) -> Field:
    distinct = set(texts)
    if taken_as == "category" or (taken_as is None and are_names(distinct, len(texts), len(texts))):
        if len(distinct) > MAX_ANSWERS:
            raise DataError(
                f"{len(distinct)} different labels; at most {MAX_ANSWERS} can be learned: "
                "group the rare ones, or leave their rows out"
            )
        return Category(values=tuple(sorted(distinct)), blanks=taken_as is None)
    return infer_field(texts, answer=True)


def _dated(values: Sequence[Any]) -> bool:
    """Whether a column holds dates; numbers alone never do."""
    few = [value for value in values if not nothing(value)][:5]
    return (
        not any(isinstance(v, int | float) for v in few)
        and date_order(few) is not None
        and (date_order(values) is not None)
    )


def _date(values: Sequence[Any], seen: Sequence[Any]) -> Date:
    order = date_order(values)
    if order is None:
        raise DataError("is no column of dates such as 2024-03-01 or 2024-03-01 14:30")
    blank = Date(order=order, names=(), parts=())
    moments = [blank.read(value) for value in seen]
    names = ("elapsed", "year", "month", "day", "weekday", "hour", "minute")
    columns = zip(*(date_parts(at, names) for at in moments if at is not None), strict=True)
    kept: dict[str, Number] = {}
    for name, column in zip(names, columns, strict=True):
        if len(set(column)) > 1 or name == "elapsed":
            kept[name] = number_of([v for v in column if v is not None], BINS, missing=False)
    missing = None in moments
    parts = tuple(replace(part, missing=missing) for part in kept.values())
    return Date(order=order, names=tuple(kept), parts=parts, missing=missing)


def _quantity(
    values: Sequence[Any],
    seen: Sequence[Any],
    *,
    must: bool,
    bins: int = BINS,
    hint: Style | None = None,
) -> Number | None:
    texts = [value for value in values if isinstance(value, str)]
    given = [v for v in values if not isinstance(v, str) and not nothing(v)]
    if any(
        isinstance(v, bool) or kind_name(plain(v)) not in ("int", "number", "Decimal")
        for v in given
    ):
        return None
    style = style_of(texts, hint) if texts else Style()
    if style is None and texts and given and all(nothing(t, numbers=True) for t in texts):
        style = Style()
    if style is None:
        if not must:
            return None
        odd = next(t for t in texts if style_of([t]) is None and not nothing(t, numbers=True))
        raise DataError(f"is no column of numbers: {odd!r}")
    numbers = [style.number(value) for value in seen]
    known = [number for number in numbers if number is not None]
    if not known or any(isinstance(n, int) and abs(n) >= 10**15 for n in known):
        return None  # identifiers, more exact than a number can be
    found = number_of(known, bins, missing=None in numbers)
    return replace(found, **asdict(style))


def _gap(seen: Sequence[Any]) -> list[None]:
    return [None] if any(map(nothing, seen)) else []


def _identifies(known: Sequence[Any], field: Number) -> str:
    """Why a column of numbers only names its rows; nothing if it says more."""
    numbers = [field.read(value) for value in known]
    if len(numbers) < FEWEST_IDS or not all(n == int(n) for n in numbers):
        return ""
    distinct = set(numbers)
    if len(distinct) == len(numbers) and max(numbers) - min(numbers) < 2 * len(numbers):
        return "numbers its rows"
    long = min(len(str(int(abs(n)))) for n in numbers) >= LONG_ID
    return (
        "an identifier: long and different in each row"
        if (long and len(distinct) > 0.9 * len(numbers))
        else ""
    )


_MIXED = re.compile(r"(?=\S*\d)(?=\S*\D)\S+")
_DIGITS = re.compile(r"\d{10,24}")


def _named(
    texts: Sequence[str], seen: Sequence[Any], taken_as: str | None, *, alone: bool
) -> Field | LeftOut:
    """Names of few kinds, free text, or an identifier."""
    missing = any(map(nothing, seen))
    texts = [undrawn(text) for text in texts]
    distinct = set(texts)
    if taken_as == "category" or (taken_as is None and are_names(distinct, len(texts))):
        values = (*sorted(distinct), *([None] if missing else []))
        return Category(values=values, blanks=True)
    if (
        taken_as is None
        and not alone
        and len(texts) >= FEWEST_IDS
        and len(distinct) > 0.95 * len(texts)
        and all(_MIXED.fullmatch(t) or (_DIGITS.fullmatch(t) and len({*t}) > 4) for t in texts)
    ):
        return LeftOut("an identifier: different in each row")
    found = infer_field(texts, answer=False, names=False)
    if isinstance(found, Items) and found.text:
        return replace(found, blanks=True, missing=missing, fixed=found.fixed and not missing)
    return found
