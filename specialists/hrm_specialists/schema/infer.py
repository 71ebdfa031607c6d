"""What kind of field a column of plain values is, learned from the values themselves.

Alphabets and sizes come from all values given; quantiles from the first of them
only, those of the training part.
Knows nothing of models or tokens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.fields import Category, Grid, Items, Number, Series, Symbol
from hrm_specialists.schema.prose import Field
from hrm_specialists.schema.wording import infer_prose

MAX_SYMBOLS = 512
"""Different symbols of a list, grid or text cut into words."""
MAX_NAMES = 64
"""Different strings up to which a column is a category rather than a text."""
MAX_LEVELS = 16
"""Different integers up to which a column of inputs is a category rather than a number."""
MAX_ANSWERS = 512
"""The same for answers: they are told apart exactly as long as that is possible."""
BINS, ANSWER_BINS = 128, 32
"""Quantiles that numbers are told apart by: finely where a threshold may lie anywhere,
coarsely where a bin has to be named."""

_NUMBERS = re.compile(r"\s*-?\d+(?:\.\d+)?(?:[\s,;]+-?\d+(?:\.\d+)?)+\s*")


def tidy(value: Any) -> Any:
    """A string of several numbers becomes a list of them; all else stays.

    Spreadsheets hold series as "9 10 72"; nobody means the characters.
    """
    if isinstance(value, str) and "\n" not in value and _NUMBERS.fullmatch(value):
        parts = re.split(r"[\s,;]+", value.strip())
        return [float(p) if "." in p else int(p) for p in parts]
    return value


def infer_field(values: Sequence[Any], *, answer: bool, learned: int | None = None) -> Field:
    """The field that holds all `values`.

    Args:
        values: as they came from JSON, at least one.
        learned: how many of them, from the first on, numbers are told apart by;
            None for all.
        answer: whether they are to be answered, and so kept exact if possible.

    Raises:
        DataError: they have no common kind; the message says what was found.
    """
    kinds = {_kind(value) for value in values if value is not None}
    if kinds <= {"int", "number"} and kinds:
        return _numeric(values, values[:learned], answer=answer)
    if kinds == {"bool"}:
        return Category(values=_distinct(values))
    if kinds <= {"str"}:
        return _strings([v for v in values if v is not None], None in values, answer=answer)
    if None in values:
        raise DataError("some values are missing (null) among lists; leave those examples out")
    if kinds == {"list"}:
        return _lists(values, values[:learned], answer=answer)
    if kinds == {"rows"}:
        return _grid(values)
    raise DataError(f"the values are of different kinds: {', '.join(sorted(kinds))}")


def kind_of(value: Any) -> str:
    """The kind of one side of an example; sides of one kind can be learned together."""
    if isinstance(value, dict):
        return f"object of {', '.join(sorted(map(str, value)))}"
    kind = _kind(value)
    return "number" if kind == "int" else kind


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "number"
        case str():
            return "str"
        case list() if value and all(isinstance(row, list) for row in value):
            return "rows"
        case list() if any(isinstance(row, list | dict) for row in value):
            return "nested lists"
        case list():
            return "list"
        case _:
            return type(value).__name__


def _numeric(
    values: Sequence[float | None], learned: Sequence[float | None], *, answer: bool
) -> Field:
    known = [v for v in values if v is not None]
    whole = all(isinstance(v, int) for v in known)
    if whole and len(set(known)) <= (MAX_ANSWERS if answer else MAX_LEVELS):
        return Category(values=_distinct(known))
    edges, centres = quantiles([v for v in learned if v is not None] or known, _bins(answer))
    if answer and None in values:
        raise DataError("some numbers are missing (null); leave those examples out")
    return Number(edges=edges, centres=centres, missing=None in values)


def _strings(values: Sequence[str], missing: bool, *, answer: bool) -> Field:
    distinct = set(values)
    repeated = len(distinct) <= max(2, len(values) // 5)
    if missing or (len(distinct) <= MAX_NAMES and repeated) or not distinct:
        return Category(values=(*sorted(distinct), *([None] if missing else [])))
    prose = infer_prose(values, answer=answer)
    if prose is not None:
        return prose
    words = {word for value in values for word in value.split()}
    spaced = all(value == " ".join(value.split()) for value in values)
    several = sum(len(value.split()) > 1 for value in values) > len(values) / 2
    if spaced and several and len(words) <= min(MAX_SYMBOLS, len(values)):
        return _items([value.split() for value in values], text=True, words=True)
    return _items(values, text=True)


def _lists(values: Sequence[list[Any]], learned: Sequence[list[Any]], *, answer: bool) -> Field:
    flat = [item for value in values for item in value]
    kinds = {_kind(item) for item in flat}
    distinct = len(set(flat))
    if kinds and kinds <= {"int", "number"}:
        exact = kinds == {"int"} and distinct <= (MAX_ANSWERS if answer else MAX_NAMES)
        if not exact:
            seen = [item for value in learned for item in value]
            edges, centres = quantiles(seen or flat, _bins(answer))
            lengths = {len(value) for value in values}
            return Series(
                length=max(lengths), edges=edges, centres=centres, fixed=len(lengths) == 1
            )
    return _items(values, text=False)


def _items(values: Sequence[Any], *, text: bool, words: bool = False) -> Items:
    lengths = {len(value) for value in values}
    symbols = _distinct([item for value in values for item in value])
    if len(symbols) > MAX_SYMBOLS:
        raise DataError(f"{len(symbols)} different symbols; at most {MAX_SYMBOLS} can be learned")
    return Items(
        length=max(max(lengths), 1),
        symbols=symbols,
        text=text,
        words=words,
        fixed=len(lengths) == 1,
    )


def _grid(values: Sequence[list[list[Any]]]) -> Grid:
    shapes = set()
    for value in values:
        widths = {len(row) for row in value}
        if len(widths) != 1:
            raise DataError("the rows of a grid differ in length")
        shapes.add((len(value), widths.pop()))
    symbols = _distinct([cell for value in values for row in value for cell in row])
    if len(symbols) > MAX_SYMBOLS:
        raise DataError(f"{len(symbols)} different cells; at most {MAX_SYMBOLS} can be learned")
    return Grid(
        height=max(h for h, _ in shapes),
        width=max(max(w for _, w in shapes), 1),
        symbols=symbols,
        fixed=len(shapes) == 1,
    )


def _bins(answer: bool) -> int:
    return ANSWER_BINS if answer else BINS


def quantiles(
    values: Sequence[float], count: int = BINS
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Cut values into at most `count` bins of equal share.

    Returns:
        Edges between the bins, ascending, and the median of each bin.

    Raises:
        DataError: a value is NaN or infinite.
    """
    if not all(map(math.isfinite, values)):
        raise DataError("some numbers are infinite or NaN; leave those examples out")
    ordered = sorted(values)
    n = len(ordered)
    edges = sorted({ordered[n * k // count] for k in range(1, count)} - {ordered[0]})
    bins: list[list[float]] = [[] for _ in range(len(edges) + 1)]
    at = 0
    for value in ordered:
        while at < len(edges) and value >= edges[at]:
            at += 1
        bins[at].append(value)
    return tuple(edges), tuple(part[len(part) // 2] for part in bins)


def _distinct(values: Sequence[Any]) -> tuple[Symbol, ...]:
    def order(value: Any) -> tuple[str, Any]:
        return type(value).__name__, value

    for value in values:
        if not isinstance(value, str | int | bool | None):
            raise DataError(f"{value!r} is no symbol; cells are strings or whole numbers")
    unique = {(type(v), v) for v in values if v is not None}
    missing: tuple[Symbol, ...] = (None,) if any(v is None for v in values) else ()
    return (*sorted((v for _, v in unique), key=order), *missing)
