"""From pydantic models to fields, and from fields to pydantic models.

Of a model that somebody wrote, the JSON Schema tells the fields: `Literal`, `bool` and
enums are categories; `int` with `ge` and `le` too; `float` with `ge` and `le` is cut
into even bins; `str` with `max_length` is a text; a list or tuple with `max_length` is
a list of such, and one of those a grid. Anything else needs a codec of its own. Of
fields that were inferred, `model_of` makes a model that reads every writing of their
values and describes itself to tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PydanticUserError,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic import Field as ModelField

from hrm_specialists.errors import ConfigError
from hrm_specialists.schema.field_codec import FieldCodec
from hrm_specialists.schema.fields import Category, Date, Field, Fields, Number, Symbol
from hrm_specialists.schema.prose import Prose
from hrm_specialists.schema.sequences import Grid, Items, Series

P = TypeVar("P", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)

BINS = 64
MAX_CATEGORIES = 4096
MOST_LISTED = 64
"""Values of a problem's category that a JSON Schema lists."""
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
        and (sides[0].size, sides[0].kind) == (sides[1].size, sides[1].kind)
    )
    return FieldCodec(problem, solution, given, asked, aligned=aligned)


def fields_of(model: type[BaseModel]) -> Mapping[str, Field]:
    """Each field of `model`, in order; see `codec_for`."""
    try:
        schema = model.model_json_schema(by_alias=False)
    except PydanticUserError as error:
        raise ConfigError(f"{model.__name__}: {error.message}; give the task a codec") from None
    found: dict[str, Field] = {}
    for name in model.model_fields:
        try:
            found[name] = _field(schema.get("properties", {}).get(name, {}), schema)
        except ValueError as error:
            where = f"{model.__name__}.{name}"
            raise ConfigError(f"{where}: {error}; or give the task a codec") from None
    return found


def _field(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Field:
    """The field that a JSON Schema describes."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    match schema:
        case {"enum": values}:
            return Category(values=tuple(values))
        case {"const": value}:
            return Category(values=(value,))
        case {"type": "boolean" | "null" as kind}:
            return Category(values=(False, True) if kind == "boolean" else (None,))
        case {"type": "integer"}:
            if low is None or high is None or high - low >= MAX_CATEGORIES:
                raise ValueError(f"an int needs ge= and le= at most {MAX_CATEGORIES} apart")
            first, last = low + ("minimum" not in schema), high - ("maximum" not in schema)
            return Category(values=tuple(range(first, last + 1)))
        case {"type": "number"}:
            if low is None or high is None:
                raise ValueError("a float needs ge= and le=, between which it is cut into bins")
            halves = [low + (high - low) / BINS * n / 2 for n in range(1, 2 * BINS)]
            return Number(edges=tuple(halves[1::2]), centres=tuple(halves[::2]))
        case {"type": "string"}:
            if "maxLength" not in schema:
                raise ValueError("a str needs max_length=")
            length, fixed = schema["maxLength"], schema.get("minLength") == schema["maxLength"]
            return Items(length=length, symbols=PRINTABLE, text=True, fixed=fixed)
        case {"type": "array"}:
            return _sequence(schema, whole)
    raise ValueError(f"{schema.get('type', 'it')} is no grid, list, text, number or category")


def _sequence(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Field:
    parts = schema.get("prefixItems", [schema.get("items", {})])
    length = schema.get("maxItems")
    if length is None or any(part != parts[0] for part in parts) or "uniqueItems" in schema:
        raise ValueError("a list or tuple needs max_length= and items of one kind")
    fixed = schema.get("minItems") == length
    item = _field(parts[0], whole)
    if isinstance(item, Category):
        return Items(length=length, symbols=item.values, text=False, fixed=fixed)
    if not isinstance(item, Items):
        raise ValueError("a list holds categories, small integers, or rows of them")
    row: dict[str, Any] = {"width": item.length, "symbols": item.symbols, "text": item.text}
    return Grid(height=length, fixed=fixed and item.fixed, **row)


_BARE = {"category": "label", "number": "value", "series": "values"}
"""What a bare value is called; by its kind where it is not here."""


class Plain(BaseModel):
    """Base of inferred models: closed, frozen, and taking its one field bare."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, serialize_by_alias=True, validate_by_name=True
    )
    bare: ClassVar[str | None] = None
    """The only field's name, if values may come as they are rather than as objects."""
    passed_over: ClassVar[frozenset[str]] = frozenset()
    """Columns of the table that were left out in training; ignored where they come along."""

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            given = flattened(value).items()
            return {name: v for name, v in given if name not in cls.passed_over}
        return value if cls.bare is None or isinstance(value, BaseModel) else {cls.bare: value}


def flattened(value: Any) -> Any:
    """Objects in an object as values of their own: {"a": {"b": 1}} becomes {"a.b": 1}."""
    if not isinstance(value, Mapping):
        return value
    found: dict[str, Any] = {}
    for name, part in value.items():
        if isinstance(part, Mapping) and part:
            found.update({f"{name}.{key}": inner for key, inner in flattened(part).items()})
        else:
            found[str(name)] = part
    return found


def safe_names(fields: Fields) -> dict[str, str]:
    """A name that a model's attribute can have, for each field."""
    return {name: _safe(name, field, at) for at, (name, field) in enumerate(fields.items())}


def model_of(
    title: str, fields: Fields, *, about: str = "", passed_over: frozenset[str] = frozenset()
) -> type[Plain]:
    """The model of one side of inferred examples, its title "Problem" or "Solution".

    `about` tells tools what the object is; of `passed_over`, see `Plain`.
    """
    answer = title == "Solution"
    definitions: dict[str, Any] = {}
    for name, safe in safe_names(fields).items():
        field = fields[name]
        alias = name if name not in ("", safe) else None
        schema = json_schema(field, answer=answer)
        kind = Annotated[Any, BeforeValidator(field.read), WithJsonSchema(schema)]
        default: Any = None if getattr(field, "missing", False) and not answer else ...
        description = schema.get("description")
        definitions[safe] = (kind, ModelField(default, alias=alias, description=description))
    model = create_model(title, __base__=Plain, __doc__=about or None, **definitions)
    if len(fields) == 1:
        model.bare = next(iter(definitions))
    model.passed_over = passed_over
    return model


def json_schema(field: Field, *, answer: bool) -> dict[str, Any]:
    """How a field's values look to a tool: type, known values, range."""
    match field:
        case Category():
            known = [value for value in field.values if value is not None]
            values = [*known, None] if field.missing and not answer else known
            schema: dict[str, Any] = {"type": _types(values)}
            if answer or len(known) <= MOST_LISTED:
                schema["enum"] = values
            else:
                schema["description"] = f"One of {len(known)} known values, such as {known[0]}"
        case Number():
            schema = {"type": ["number", "null"] if field.missing and not answer else "number"}
            if field.low is not None and field.high is not None and not answer:
                schema["description"] = f"Trained from {field.low:g} to {field.high:g}"
        case Date():
            schema = {"type": ["string", "null"] if field.missing else "string"}
            schema["description"] = "Date, or date and time: 2024-03-01 or 2024-03-01T14:30:00"
        case Series():
            schema = {"type": "array", "items": {"type": "number"}}
            if field.fixed:
                schema |= {"minItems": field.length, "maxItems": field.length}
        case Grid() if field.text:
            schema = {"type": "array", "items": {"type": "string"}}
        case Grid():
            schema = {"type": "array", "items": {"type": "array", "items": _cells(field)}}
        case Items() if not field.text:
            schema = {"type": "array", "items": _cells(field)}
        case _:
            schema = {"type": "string"}
    return schema


def _cells(field: Items | Grid) -> dict[str, Any]:
    few = len(field.symbols) <= MOST_LISTED
    return {"type": _types(field.symbols), **({"enum": list(field.symbols)} if few else {})}


def _types(values: Iterable[Any]) -> str | list[str]:
    """The types of values in JSON; text of none."""
    known = {bool: "boolean", int: "integer", float: "number", NoneType: "null"}
    kinds = sorted({known.get(type(value), "string") for value in values}) or ["string"]
    return kinds[0] if len(kinds) == 1 else kinds


def _safe(name: str, field: Field, at: int) -> str:
    if name == "":
        text = isinstance(field, Prose) or (isinstance(field, Items) and field.text)
        return "text" if text else _BARE.get(field.kind, field.kind)
    usable = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and not name.startswith("model_")
    taken = hasattr(Plain, name) or name in ("bare", "passed_over")
    return name if usable and not taken else f"field_{at}"
