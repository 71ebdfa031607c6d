"""The fields of a pydantic model, read off its annotations.

`Literal`, `bool` and enums are categories; `int` with `ge` and `le` too; `float`
with `ge` and `le` is cut into even bins; `str` with `max_length` is a text; a
list or tuple with `max_length` is a list of such, and one of those a grid.
Anything else needs a codec of its own.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hrm_specialists.errors import ConfigError
from hrm_specialists.schema.field_codec import FieldCodec
from hrm_specialists.schema.fields import Category, Grid, Items, Leaf, Number, Symbol

P = TypeVar("P", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)

BINS = 64
MAX_CATEGORIES = 4096
PRINTABLE: tuple[Symbol, ...] = ("\n", *(chr(code) for code in range(32, 127)))


def codec_for(problem: type[P], solution: type[S]) -> FieldCodec[P, S]:
    """Derive a codec from two models.

    The answer is laid over the problem if each side is one grid, list or text
    of the same fixed size.

    Raises:
        ConfigError: a field's annotation does not say how large it can be.
    """
    given, asked = fields_of(problem), fields_of(solution)
    sides = [*given.values(), *asked.values()]
    aligned = (
        len(given) == len(asked) == 1
        and all(isinstance(f, Grid | Items) and f.fixed for f in sides)
        and sides[0].size == sides[1].size
        and sides[0].kind == sides[1].kind
    )
    return FieldCodec(problem, solution, given, asked, aligned=aligned)


def fields_of(model: type[BaseModel]) -> Mapping[str, Leaf]:
    """Each field of `model`, in order; see `codec_for`."""
    found: dict[str, Leaf] = {}
    for name, info in model.model_fields.items():
        try:
            found[name] = _field(info.annotation, _limits(info))
        except ValueError as error:
            where = f"{model.__name__}.{name}"
            raise ConfigError(f"{where}: {error}; or give the task a codec") from None
    return found


def _limits(info: FieldInfo) -> dict[str, Any]:
    return _bounds(info.metadata)


def _bounds(metadata: Any) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for entry in metadata:
        if isinstance(entry, FieldInfo):
            known.update(_bounds(entry.metadata))
        elif isinstance(entry, annotated_types.Len):
            known.update(min_length=entry.min_length, max_length=entry.max_length)
        else:
            for key in ("ge", "gt", "le", "lt", "min_length", "max_length"):
                if getattr(entry, key, None) is not None:
                    known[key] = getattr(entry, key)
    return known


def _field(annotation: Any, limits: Mapping[str, Any]) -> Leaf:
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return _field(inner, {**_bounds(metadata), **limits})
    if annotation is float:
        low, high = limits.get("ge"), limits.get("le")
        if low is None or high is None:
            raise ValueError("a float needs ge= and le=, between which it is cut into bins")
        width = (high - low) / BINS
        return Number(
            edges=tuple(low + width * n for n in range(1, BINS)),
            centres=tuple(low + width * (n + 0.5) for n in range(BINS)),
        )
    if annotation is str:
        if "max_length" not in limits:
            raise ValueError("a str needs max_length=")
        length, fixed = limits["max_length"], limits.get("min_length") == limits["max_length"]
        return Items(length=length, symbols=PRINTABLE, text=True, fixed=fixed)
    if get_origin(annotation) in (list, tuple):
        return _sequence(annotation, limits)
    return Category(values=_values(annotation, limits))


def _sequence(annotation: Any, limits: Mapping[str, Any]) -> Leaf:
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    length = limits.get("max_length")
    if length is None and get_origin(annotation) is tuple and Ellipsis not in get_args(annotation):
        length = len(parts)
        limits = {"min_length": length, "max_length": length}
    if length is None or len(set(map(repr, parts))) != 1:
        raise ValueError("a list or tuple needs max_length= and items of one kind")
    fixed = limits.get("min_length") == length
    item = _field(parts[0], {})
    match item:
        case Category():
            return Items(length=length, symbols=item.values, text=False, fixed=fixed)
        case Items():
            return Grid(
                height=length,
                width=item.length,
                symbols=item.symbols,
                fixed=fixed and item.fixed,
                text=item.text,
            )
        case _:
            raise ValueError("a list holds categories, small integers, or rows of them")


def _values(annotation: Any, limits: Mapping[str, Any]) -> tuple[Symbol, ...]:
    if annotation is bool:
        return (False, True)
    if annotation is NoneType:
        return (None,)
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return tuple(member.value for member in annotation)
    if annotation is int:
        low = limits.get("ge", limits["gt"] + 1 if "gt" in limits else None)
        high = limits.get("le", limits["lt"] - 1 if "lt" in limits else None)
        if low is None or high is None or high - low >= MAX_CATEGORIES:
            raise ValueError(f"an int needs ge= and le= at most {MAX_CATEGORIES} apart")
        return tuple(range(low, high + 1))
    raise ValueError(f"{annotation} is no grid, list, text, number or category")
