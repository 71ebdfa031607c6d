"""What values are: a number, a date, names, text, a list, a grid, or nothing of use.

Of a table's columns, which are text for the most part, and of plain JSON values. How values
are *written* (decimal marks, order of dates) is told by all rows; what they *are*
(categories, ranges) by the training part, which comes first. Knows nothing of models or tokens.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.dates import date_order
from hrm_specialists.schema.fields import Category, Date, Field, Number, Symbol, date_parts
from hrm_specialists.schema.sequences import Grid, Items, Series
from hrm_specialists.schema.wording import (
    MAX_NAMES,
    MAX_SYMBOLS,
    MOST_CELLS,
    are_names,
    infer_prose,
)
from hrm_specialists.schema.written import (
    Style,
    json_or,
    nothing,
    plain,
    style_of,
    tidy,
    truth,
    undrawn,
)

MAX_CLASSES = 20
"""Different numbers up to which a table's answer is a label rather than a quantity."""
MAX_LEVELS = 16
"""Different integers up to which an input is a category, where the answer is built of symbols."""
MAX_ANSWERS = 512
"""Different labels at most; whole numbers are told apart exactly up to here."""
MOST_CHARACTERS = 1024
"""Characters of a text that a network sees; longer ones are cut."""
BINS, ANSWER_BINS = 128, 32
"""Quantiles that numbers are told apart by: finely where a threshold may lie anywhere,
coarsely where a bin has to be named."""
FEWEST_IDS, LONG_ID = 50, 10
"""Rows from which different values make an identifier, and digits of a long one."""
TYPES = ("number", "category", "text", "series", "date", "ignore")
"""What a column can be told to be taken as."""

_MIXED = re.compile(r"(?=\S*\d)(?=\S*\D)\S+")
_DIGITS = re.compile(r"\d{10,24}")


def infer_column(
    values: Sequence[Any],
    *,
    learned: int | None = None,
    taken_as: str | None = None,
    exact: bool = False,
    alone: bool = False,
    hint: Style | None = None,
    lines: Sequence[int] = (),
) -> Field | str:
    """The field that a column of a table holds, or why it is left out.

    Args:
        values: as the table has them: text, numbers, dates, None.
        learned: how many of them, from the first on, are training rows; None for all.
        taken_as: one of `TYPES`, if somebody says so.
        exact: whether whole numbers of few levels are kept apart as symbols.
        alone: whether the column must be used, as there is no other.
        hint: how other columns of the table write numbers.
        lines: where each value stands in its file, if that is known.

    Raises:
        DataError: the values are not what `taken_as` says, or have no common kind.
    """
    if taken_as not in (None, *TYPES):
        raise DataError(f"{taken_as!r} is no type; a column is one of {', '.join(TYPES)}")
    seen = list(values[:learned])
    known = [value for value in seen if not nothing(value)]
    free = taken_as is None and not alone
    if taken_as == "ignore":
        return "as told"
    if not known:
        return "always empty in training"
    different = {repr(value.strip() if isinstance(value, str) else value) for value in known}
    if free and len(different) == 1 and len(known) == len(seen):
        return f"always {known[0]!s:.40} in training"
    if taken_as == "date" or (taken_as is None and _dated(values)):
        return _date(values, seen)
    kinds = {kind_name(value) for value in known}
    if kinds & {"list", "rows", "nested lists"} or taken_as == "series":
        rows = [_listed(plain(value)) for value in values]
        if taken_as == "series":
            rows = [row if isinstance(row, list) else [row] for row in rows]
        try:
            return infer_field(rows, answer=False, learned=learned)
        except (DataError, TypeError, ValueError) as error:
            raise DataError(f"is no column of series: {error}") from None
    if taken_as is None and (truths := _truths(known)):
        return _category(truths, seen)
    if taken_as in (None, "number"):
        found = _quantity(values, seen, must=taken_as == "number", hint=hint)
        if found is not None:
            if free and (why := _identifies(seen, found, lines[:learned])):
                return why
            whole = {found.read(value) for value in known}
            if exact and len(whole) <= MAX_LEVELS and all(isinstance(v, int) for v in whole):
                return _category(whole, seen)
            return found
    if kinds == {"bool"}:
        return _category(known, seen)
    series = [_listed(value) for value in known]
    if taken_as is None and all(isinstance(value, list) for value in series):
        return infer_field([_listed(v) for v in values], answer=False, learned=learned)
    texts = [undrawn(str(plain(value))) for value in known]
    if taken_as == "category" or (taken_as is None and are_names(set(texts), len(texts))):
        return _category(texts, seen)
    coded = all(_MIXED.fullmatch(t) or (_DIGITS.fullmatch(t) and len({*t}) > 4) for t in texts)
    if free and coded and len(texts) >= FEWEST_IDS and len(set(texts)) > 0.95 * len(texts):
        return "an identifier: different in each row"
    field = infer_field(texts, answer=False, names=False)
    if not isinstance(field, Items) or not field.text:
        return field
    missing = len(known) < len(seen)
    return replace(field, blanks=True, missing=missing, fixed=field.fixed and not missing)


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
        labels = set(numbers)
        few = are_names(labels, len(numbers), MAX_CLASSES)
        if taken_as == "number" or not (few and all(float(v).is_integer() for v in labels)):
            return quantity
        return Category(values=tuple(sorted(labels)), blanks=True)
    if all(isinstance(value, bool) for value in seen):
        return Category(values=distinct(seen))
    if taken_as is None and (truths := _truths(seen)):
        return Category(values=distinct(truths), blanks=True)
    texts = [undrawn(str(value)) for value in seen]
    names = set(texts)
    if taken_as != "category" and (taken_as or not are_names(names, len(texts), len(texts))):
        return infer_field(texts, answer=True)
    if len(names) > MAX_ANSWERS:
        raise DataError(
            f"{len(names)} different labels; at most {MAX_ANSWERS} can be learned: "
            "group the rare ones, or leave their rows out"
        )
    return Category(values=tuple(sorted(names)), blanks=taken_as is None)


def infer_field(
    values: Sequence[Any], *, answer: bool, learned: int | None = None, names: bool = True
) -> Field:
    """The field that holds all `values`, which are not a table's.

    Args:
        values: as they came from JSON, at least one.
        learned: how many of them, from the first on, are training rows; None for all.
        answer: whether they are to be answered, and so kept exact if possible.
        names: whether few different strings are a category.

    Raises:
        DataError: they have no common kind; the message says what was found.
    """
    kinds = {kind_name(value) for value in values if value is not None}
    seen = values[:learned]
    if kinds <= {"int", "number"} and kinds:
        if answer and None in values:
            raise DataError("some numbers are missing (null); leave those examples out")
        return _numeric(seen, answer=answer)
    if kinds == {"bool"}:
        return Category(values=distinct(seen))
    if kinds <= {"str"}:
        texts = [[value for value in some if value is not None] for some in (seen, values)]
        return _strings(*texts, missing=None in seen, answer=answer, names=names)
    if None in values:
        raise DataError("some values are missing (null) among lists; leave those examples out")
    if kinds == {"list"}:
        return _lists(seen, values, answer=answer)
    if kinds == {"rows"}:
        return _grid(seen, values)
    raise DataError(f"the values are of different kinds: {', '.join(sorted(kinds))}")


def kind_of(value: Any) -> str:
    """The kind of one side of an example; sides of one kind can be learned together."""
    if isinstance(value, dict):
        return f"object of {', '.join(sorted(map(str, value)))}"
    kind = kind_name(value)
    return "number" if kind == "int" else kind


def kind_name(value: Any) -> str:
    """What a value is, in a word."""
    if not isinstance(value, list):
        kind = type(value)
        names = {bool: "bool", int: "int", float: "number", str: "str"}
        return next((names[base] for base in kind.__mro__ if base in names), kind.__name__)
    if value and all(isinstance(row, list) for row in value):
        return "rows"
    return "nested lists" if any(isinstance(row, list | dict) for row in value) else "list"


def _category(values: Any, seen: Sequence[Any]) -> Category:
    """A column of names, and of nothing where some are missing."""
    gap = [None] if any(map(nothing, seen)) else []
    return Category(values=distinct([*values, *gap]), blanks=True)


def _listed(value: Any) -> Any:
    """A cell of numbers with marks between them, or of JSON, as the list that it writes."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        return json_or(value, tidy)
    return tidy(value)


def _truths(known: Sequence[Any]) -> list[Any]:
    """Of true and false in more than two writings, the commonest of each; else nothing."""
    counts = Counter(value.strip() if isinstance(value, str) else None for value in known)
    said = {text: truth(text) for text in counts}
    words = None not in counts and any(str(text).isalpha() for text in said)
    if len(said) < 3 or not words or set(said.values()) != {True, False}:
        return []
    return [max((t for t in said if said[t] is so), key=counts.__getitem__) for so in (False, True)]


def _dated(values: Sequence[Any]) -> bool:
    """Whether a column holds dates; numbers alone never do."""
    few = [value for value in values if not nothing(value)][:5]
    if any(isinstance(v, int | float) for v in few):
        return False
    return date_order(few) is not None and date_order(values) is not None


def _date(values: Sequence[Any], seen: Sequence[Any]) -> Date:
    order = date_order(values)
    if order is None:
        raise DataError("is no column of dates such as 2024-03-01 or 2024-03-01 14:30")
    blank = Date(order=order, names=(), parts=())
    moments = [blank.read(value) for value in seen]
    missing = None in moments
    names = ("elapsed", "year", "month", "day", "weekday", "hour", "minute")
    columns = zip(*(date_parts(at, names) for at in moments if at is not None), strict=True)
    kept = {
        name: Number(missing=missing, **quantiles(column, BINS))
        for name, column in zip(names, columns, strict=True)
        if len(set(column)) > 1 or name == "elapsed"
    }
    return replace(blank, names=tuple(kept), parts=tuple(kept.values()), missing=missing)


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
    if {kind_name(plain(v)) for v in given} - {"int", "number", "Decimal"}:
        return None
    words = [text for text in texts if not nothing(text, numbers=True)]
    style = style_of(words, hint) if words or not given else Style()
    if style is None and not must:
        return None
    if style is None:
        odd = next(text for text in words if style_of([text]) is None)
        raise DataError(f"is no column of numbers: {odd!r}")
    try:
        numbers = [style.number(value) for value in seen]
    except ValueError as error:  # infinity
        raise DataError(f"{error}; leave such rows out, or the cell empty") from None
    known = [number for number in numbers if number is not None]
    if not known or any(isinstance(n, int) and abs(n) >= 10**15 for n in known):
        return None  # identifiers, more exact than a number can be
    return Number(missing=None in numbers, **quantiles(known, bins), **asdict(style))


def _identifies(seen: Sequence[Any], field: Number, lines: Sequence[int]) -> str:
    """Why a column of numbers only names its rows; nothing if it says more."""
    numbers = [number for value in seen if (number := field.read(value)) is not None]
    if len(numbers) < FEWEST_IDS or not all(n == int(n) for n in numbers):
        return ""
    different = len(set(numbers))
    if different == len(numbers) and max(numbers) - min(numbers) < 2 * len(numbers):
        return "numbers its rows"
    if different == len(seen) == len(lines):
        as_filed = [number for _, number in sorted(zip(lines, numbers, strict=True))]
        if as_filed == sorted(numbers):
            return "an identifier: it only rises, different in each row"
    long = min(len(str(int(abs(n)))) for n in numbers) >= LONG_ID
    told = "an identifier: long and different in each row"
    return told if long and different > 0.9 * len(numbers) else ""


def _numeric(values: Sequence[float | None], *, answer: bool) -> Field:
    known = [v for v in values if v is not None]
    whole = all(isinstance(v, int) for v in known)
    if whole and len(set(known)) <= (MAX_ANSWERS if answer else MAX_LEVELS):
        return Category(values=distinct(known))
    return Number(missing=None in values, **quantiles(known, ANSWER_BINS if answer else BINS))


def _strings(
    seen: Sequence[str], values: Sequence[str], *, missing: bool, answer: bool, names: bool
) -> Field:
    each = set(seen)
    if names and (missing or are_names(each, len(seen))):
        return Category(values=(*sorted(each), *([None] if missing else [])))
    prose = infer_prose(seen, answer=answer)
    if prose is not None:
        return prose.holding(values, MOST_CELLS)
    cut = [value.split() for value in seen]
    words = {word for row in cut for word in row}
    spaced = all(value == " ".join(row) for value, row in zip(seen, cut, strict=True))
    several = sum(len(row) > 1 for row in cut) > len(seen) / 2
    if spaced and several and len(words) <= min(MAX_SYMBOLS, len(seen)):
        return _items(cut, [value.split() for value in values], text=True, words=True)
    return _items(seen, values, text=True, most=None if answer else MOST_CHARACTERS)


def _lists(seen: Sequence[list[Any]], values: Sequence[list[Any]], *, answer: bool) -> Field:
    flat = [item for value in seen for item in value]
    kinds = {kind_name(item) for item in flat}
    few = kinds == {"int"} and len(set(flat)) <= (MAX_ANSWERS if answer else MAX_NAMES)
    if few or not kinds or not kinds <= {"int", "number"}:
        return _items(seen, values, text=False)
    lengths = {len(value) for value in values}
    bins = quantiles(flat, ANSWER_BINS if answer else BINS)
    return Series(length=max(1, *lengths), fixed=len(lengths) == 1, **bins)


def _items(
    seen: Sequence[Any],
    values: Sequence[Any],
    *,
    text: bool,
    words: bool = False,
    most: int | None = None,
) -> Items:
    """Symbols of all that was seen; at most `most` of each, and the commonest of many, if set."""
    counts = Counter((type(item), item) for value in seen for item in value)
    if len(counts) > MAX_SYMBOLS and most is None:
        raise DataError(f"{len(counts)} different symbols; at most {MAX_SYMBOLS} can be learned")
    lengths = {len(value) for value in values}
    length = max(1, *lengths)
    return Items(
        length=min(length, most or length),
        symbols=distinct([item for (_, item), _ in counts.most_common(MAX_SYMBOLS)]),
        text=text,
        words=words,
        fixed=len(lengths) == 1 and length <= (most or length),
        longest=max(1, *map(len, seen)),
    )


def _grid(seen: Sequence[list[list[Any]]], values: Sequence[list[list[Any]]]) -> Grid:
    if any(len(set(map(len, value))) != 1 for value in seen):
        raise DataError("the rows of a grid differ in length")
    symbols = distinct([cell for value in seen for row in value for cell in row])
    if len(symbols) > MAX_SYMBOLS:
        raise DataError(f"{len(symbols)} different cells; at most {MAX_SYMBOLS} can be learned")
    heights, widths = zip(*((len(value), max(map(len, value))) for value in values), strict=True)
    fixed = len({*heights}) == len({*widths}) == 1
    return Grid(height=max(heights), width=max(1, *widths), symbols=symbols, fixed=fixed)


def quantiles(values: Sequence[float], count: int = BINS) -> dict[str, Any]:
    """What a `Binned` field knows of numbers: at most `count` bins of equal share.

    Returns:
        `edges` between the bins, ascending, the median of each as `centres`, `low` and `high`.

    Raises:
        DataError: a value is NaN or infinite.
    """
    if not all(map(math.isfinite, values)):
        raise DataError("some numbers are infinite or NaN; leave those examples out")
    ordered = sorted(values)
    n = len(ordered)
    edges = sorted({ordered[n * k // count] for k in range(1, count)} - {ordered[0]})
    bounds = [0, *(bisect_left(ordered, edge) for edge in edges), n]
    centres = tuple(ordered[a + (b - a) // 2] for a, b in pairwise(bounds))
    return {"edges": tuple(edges), "centres": centres, "low": ordered[0], "high": ordered[-1]}


def distinct(values: Sequence[Any]) -> tuple[Symbol, ...]:
    """Each value once, in order; None at the end.

    Raises:
        DataError: a value is neither text nor a whole number.
    """
    for value in values:
        if not isinstance(value, str | int | None):
            raise DataError(f"{value!r} is no symbol; cells are strings or whole numbers")
    unique = {(type(v).__name__, v) for v in values if v is not None}
    return (*(v for _, v in sorted(unique)), *([None] if None in values else []))
