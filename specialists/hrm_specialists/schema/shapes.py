"""What kind of field plain JSON values are: texts, lists, grids, numbers.

Works on training values alone. Knows nothing of tables, models or tokens.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.fields import Category, Grid, Items, Number, Series, Symbol
from hrm_specialists.schema.prose import Field
from hrm_specialists.schema.wording import MAX_NAMES, MAX_SYMBOLS, are_names, infer_prose

MAX_LEVELS = 16
"""Different integers up to which an input is a category, where the answer is built of symbols."""
MAX_ANSWERS = 512
"""Different labels at most; whole numbers are told apart exactly up to here."""
MOST_CHARACTERS = 1024
"""Characters of a text that a network sees; longer ones are cut."""
BINS, ANSWER_BINS = 128, 32
"""Quantiles that numbers are told apart by: finely where a threshold may lie anywhere,
coarsely where a bin has to be named."""


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
        return _strings([v for v in seen if v is not None], None in seen, answer, names)
    if None in values:
        raise DataError("some values are missing (null) among lists; leave those examples out")
    if kinds == {"list"}:
        return _as_large(_lists(seen, answer=answer), values)
    if kinds == {"rows"}:
        return _as_large(_grid(seen), values)
    raise DataError(f"the values are of different kinds: {', '.join(sorted(kinds))}")


def kind_of(value: Any) -> str:
    """The kind of one side of an example; sides of one kind can be learned together."""
    if isinstance(value, dict):
        return f"object of {', '.join(sorted(map(str, value)))}"
    kind = kind_name(value)
    return "number" if kind == "int" else kind


def kind_name(value: Any) -> str:
    """What a value is, in a word."""
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


def _numeric(values: Sequence[float | None], *, answer: bool) -> Field:
    known = [v for v in values if v is not None]
    whole = all(isinstance(v, int) for v in known)
    if whole and len(set(known)) <= (MAX_ANSWERS if answer else MAX_LEVELS):
        return Category(values=distinct(known))
    bins = ANSWER_BINS if answer else BINS
    return number_of(known, bins, missing=None in values)


def _strings(values: Sequence[str], missing: bool, answer: bool, names: bool) -> Field:
    each = set(values)
    if names and (missing or are_names(each, len(values))):
        return Category(values=(*sorted(each), *([None] if missing else [])))
    prose = infer_prose(values, answer=answer)
    if prose is not None:
        return prose
    words = {word for value in values for word in value.split()}
    spaced = all(value == " ".join(value.split()) for value in values)
    several = sum(len(value.split()) > 1 for value in values) > len(values) / 2
    if spaced and several and len(words) <= min(MAX_SYMBOLS, len(values)):
        return _items([value.split() for value in values], text=True, words=True)
    return _items(values, text=True, most=None if answer else MOST_CHARACTERS)


def _lists(values: Sequence[list[Any]], *, answer: bool) -> Field:
    flat = [item for value in values for item in value]
    kinds = {kind_name(item) for item in flat}
    different = len(set(flat)) if kinds <= {"int", "number", "str", "bool"} else 0
    if kinds and kinds <= {"int", "number"}:
        exact = kinds == {"int"} and different <= (MAX_ANSWERS if answer else MAX_NAMES)
        if not exact:
            edges, centres = quantiles(flat, ANSWER_BINS if answer else BINS)
            lengths = {len(value) for value in values}
            return Series(
                length=max(lengths),
                edges=edges,
                centres=centres,
                fixed=len(lengths) == 1,
                low=min(flat),
                high=max(flat),
            )
    return _items(values, text=False)


def _items(
    values: Sequence[Any], *, text: bool, words: bool = False, most: int | None = None
) -> Items:
    """Symbols of all values; at most `most` of each, and the commonest of many, where it is set."""
    lengths = {len(value) for value in values}
    longest = max(max(lengths), 1)
    counts = Counter((type(item), item) for value in values for item in value)
    if len(counts) > MAX_SYMBOLS and most is None:
        raise DataError(f"{len(counts)} different symbols; at most {MAX_SYMBOLS} can be learned")
    kept = [item for (_, item), _ in counts.most_common(MAX_SYMBOLS)]
    length = longest if most is None else min(longest, most)
    return Items(
        length=length,
        symbols=distinct(kept),
        text=text,
        words=words,
        fixed=len(lengths) == 1 and length == longest,
        longest=longest,
    )


def _grid(values: Sequence[list[list[Any]]]) -> Grid:
    shapes = set()
    for value in values:
        widths = {len(row) for row in value}
        if len(widths) != 1:
            raise DataError("the rows of a grid differ in length")
        shapes.add((len(value), widths.pop()))
    symbols = distinct([cell for value in values for row in value for cell in row])
    if len(symbols) > MAX_SYMBOLS:
        raise DataError(f"{len(symbols)} different cells; at most {MAX_SYMBOLS} can be learned")
    return Grid(
        height=max(h for h, _ in shapes),
        width=max(max(w for _, w in shapes), 1),
        symbols=symbols,
        fixed=len(shapes) == 1,
    )


def _as_large(field: Field, values: Sequence[list[Any]]) -> Field:
    """The field with room for all `values`, so that a longest one outside training fits too."""
    if isinstance(field, Items | Series):
        lengths = {len(value) for value in values}
        return replace(field, length=max(1, *lengths), fixed=len(lengths) == 1)
    if isinstance(field, Grid):
        shapes = {(len(value), max(map(len, value))) for value in values}
        return replace(
            field,
            height=max(height for height, _ in shapes),
            width=max(1, *(width for _, width in shapes)),
            fixed=len(shapes) == 1,
        )
    return field


def number_of(known: Sequence[float], bins: int, *, missing: bool) -> Number:
    """A quantity that was met with these values."""
    edges, centres = quantiles(known, bins)
    return Number(edges=edges, centres=centres, missing=missing, low=min(known), high=max(known))


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


def distinct(values: Sequence[Any]) -> tuple[Symbol, ...]:
    """Each value once, in order; None at the end.

    Raises:
        DataError: a value is neither text nor a whole number.
    """

    def order(value: Any) -> tuple[str, Any]:
        return type(value).__name__, value

    for value in values:
        if not isinstance(value, str | int | bool | None):
            raise DataError(f"{value!r} is no symbol; cells are strings or whole numbers")
    unique = {(type(v), v) for v in values if v is not None}
    missing: tuple[Symbol, ...] = (None,) if any(v is None for v in values) else ()
    return (*sorted((v for _, v in unique), key=order), *missing)
