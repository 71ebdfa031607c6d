"""A task that nobody wrote down: inferred from examples, kept as plain JSON.

The two models are built from fields, so that a saved specialist needs no code
of its user's. A side that is no JSON object (a grid, a list, a text, a label)
becomes a model with one field, and is still accepted bare.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, create_model, model_validator
from pydantic import Field as ModelField

from hrm_specialists.contract import Claim, Task
from hrm_specialists.errors import ConfigError, DataError, MalformedTask, TaskTooLarge
from hrm_specialists.reading import read_typed
from hrm_specialists.schema.field_codec import FieldCodec
from hrm_specialists.schema.fields import Category, Grid, Items, Leaf, Number
from hrm_specialists.schema.infer import infer_field
from hrm_specialists.schema.prose import (
    Field,
    Prose,
    field_from_config,
    field_to_config,
    leaves_of,
)

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
Fields = Mapping[str, Field]
_BARE = {"category": "label", "number": "value", "items": "items", "series": "values"}


class Plain(BaseModel):
    """Base of inferred models: closed, frozen, and taking its one field bare."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, serialize_by_alias=True, validate_by_name=True
    )
    bare: ClassVar[str | None] = None
    """The only field's name, if values came as they are rather than as objects."""

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, value: Any) -> Any:
        if cls.bare is None or isinstance(value, Mapping | BaseModel):
            return value
        return {cls.bare: value}


class DataTask(Task[Plain, Plain]):
    """A task described by data alone.

    Args:
        name: identifier of the specialist.
        problem, solution: fields by name; the name "" stands for a bare value.
        aligned, over, width: see `FieldCodec`.
        description: one sentence for tool lists.

    Raises:
        ConfigError: the name is no identifier.
    """

    def __init__(
        self,
        name: str,
        problem: Fields,
        solution: Fields,
        *,
        aligned: bool,
        over: int = 0,
        width: int = 0,
        description: str = "",
    ) -> None:
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} cannot name a specialist: lower-case letters, digits, - and _, "
                "beginning with a letter"
            )
        self.name, self.title = name, name.replace("_", " ").replace("-", " ")
        self.description = description or f"Answers problems of the task {self.title!r}."
        self.fields = {"problem": problem, "solution": solution}
        self.aligned, self.over, self.width = aligned, over, width
        self.Problem = _model("Problem", problem, answer=False)
        self.Solution = _model("Solution", solution, answer=True)

    @cached_property
    def codec(self) -> FieldCodec[Plain, Plain]:
        """Derived from the fields."""
        return FieldCodec(
            self.Problem,
            self.Solution,
            _inner(self.fields["problem"]),
            _inner(self.fields["solution"]),
            aligned=self.aligned,
            over=self.over,
            width=self.width,
        )

    def read(self, text: str) -> Iterable[Claim[Plain]]:
        """JSON that validates, bare or not; or text that is worded like the examples."""
        field = next(iter(self.fields["problem"].values()))
        if self.Problem.bare is None or not isinstance(field, Prose):
            return read_typed(self.Problem, text)
        return list(self._worded(field, text)) or read_typed(self.Problem, text)

    def _worded(self, field: Prose, text: str) -> Iterable[Claim[Plain]]:
        for start, end in field.find(text):
            problem = self.Problem.model_validate(text[start:end])
            try:
                self.codec.encode(problem)
            except (MalformedTask, TaskTooLarge):
                continue
            yield Claim(problem, (start, end), "text worded like the examples")

    def render(self, problem: Plain, solution: Plain | None = None) -> str:
        """Grids row by row, everything else as JSON."""
        shown = problem if solution is None else solution
        values = shown.model_dump()
        if shown.bare is None:
            return json.dumps(values, ensure_ascii=False)
        value = values[shown.bare]
        if isinstance(value, list) and value and isinstance(value[0], list):
            return "\n".join(" ".join(str(cell) for cell in row) for row in value)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def to_config(self) -> dict[str, Any]:
        """Plain JSON from which `from_config` rebuilds the task."""
        return {
            "inferred": {
                side: {name: field_to_config(field) for name, field in fields.items()}
                for side, fields in self.fields.items()
            },
            "aligned": self.aligned,
            "over": self.over,
            "width": self.width,
            "description": self.description,
        }

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any]) -> DataTask:
        """The task that `to_config` described."""
        sides = {
            side: {key: field_from_config(value) for key, value in fields.items()}
            for side, fields in config["inferred"].items()
        }
        return cls(
            name,
            sides["problem"],
            sides["solution"],
            aligned=config["aligned"],
            over=config.get("over", 0),
            width=config.get("width", 0),
            description=config["description"],
        )


def infer_task(
    name: str,
    pairs: Sequence[tuple[Any, Any]],
    *,
    learned: int | None = None,
    description: str = "",
) -> DataTask:
    """The task that examples show.

    Args:
        name: of the specialist to be.
        pairs: problems and solutions as plain JSON values, the training part first.
        learned: size of that part; quantiles come from it alone. None for all.
        description: one sentence for tool lists.

    Raises:
        DataError: a side has no common kind, or all its solutions are equal.
    """
    if not pairs:
        raise DataError("no examples")
    problem = _side([p for p, _ in pairs], "problem", learned, answer=False)
    solution = _side([s for _, s in pairs], "solution", learned, answer=True)
    if len({json.dumps(s, sort_keys=True) for _, s in pairs}) == 1:
        raise DataError("all solutions are equal: there is nothing to learn")
    over = _over(problem, solution, pairs)
    leaves = [leaf for side in (problem, solution) for f in side.values() for leaf in leaves_of(f)]
    widths = [leaf.width for leaf in leaves if isinstance(leaf, Grid)]
    return DataTask(
        name,
        problem,
        solution,
        aligned=over is not None,
        over=over or 0,
        width=max(widths, default=0),
        description=description,
    )


def _side(values: Sequence[Any], which: str, learned: int | None, *, answer: bool) -> Fields:
    objects = [isinstance(value, Mapping) for value in values]
    if any(objects) and not all(objects):
        raise DataError(f"the {which} is sometimes an object and sometimes not")
    try:
        if not all(objects):
            return {"": infer_field(values, answer=answer, learned=learned)}
        keys = list(values[0])
        for value in values:
            if set(value) != set(keys):
                odd = sorted(set(value) ^ set(keys))
                raise DataError(f"objects differ in their keys: {', '.join(odd)}")
    except DataError as error:
        raise DataError(f"{which}: {error.message}") from None
    fields: dict[str, Field] = {}
    for key in keys:
        try:
            column = [value[key] for value in values]
            fields[key] = infer_field(column, answer=answer, learned=learned)
        except DataError as error:
            raise DataError(f"{which}, {key!r}: {error.message}") from None
    return fields


def _over(problem: Fields, solution: Fields, pairs: Sequence[tuple[Any, Any]]) -> int | None:
    """Which leaf of the problem has the solution's shape in every example, if one has."""
    asked = [leaf for field in solution.values() for leaf in leaves_of(field)]
    if len(asked) != 1 or not isinstance(asked[0], Grid | Items):
        return None
    given = [leaf for field in problem.values() for leaf in leaves_of(field)]
    for number, leaf in enumerate(given):
        if (
            type(leaf) is type(asked[0])
            and leaf.size == asked[0].size
            and isinstance(leaf, Grid | Items)
            and not _ragged(leaf)
            and all(
                _shape(leaf, _leaf_values(problem, p)[number])
                == _shape(asked[0], _leaf_values(solution, s)[0])
                for p, s in pairs
            )
        ):
            return number
    return None


def _leaf_values(fields: Fields, value: Any) -> list[Any]:
    """What stands in each leaf."""
    values: list[Any] = []
    for name, field in fields.items():
        part = value[name] if name else value
        values += field.values(part) if isinstance(field, Prose) else [part]
    return values


def _ragged(leaf: Leaf) -> bool:
    return isinstance(leaf, Grid) and leaf.ragged


def _shape(leaf: Grid | Items, value: Any) -> Any:
    if isinstance(leaf, Grid):
        return [len(row) for row in value]
    return len(value.split()) if leaf.words else len(value)


def _inner(fields: Fields) -> dict[str, Field]:
    return {_safe(name, field, at): field for at, (name, field) in enumerate(fields.items())}


def _safe(name: str, field: Field, at: int) -> str:
    """A name that a model's attribute can have."""
    if name == "":
        text = isinstance(field, Prose) or (isinstance(field, Items) and field.text)
        return "grid" if isinstance(field, Grid) else "text" if text else _BARE[field.kind]
    usable = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and not name.startswith("model_")
    return name if usable and not hasattr(BaseModel, name) else f"field_{at}"


def _model(title: str, fields: Fields, *, answer: bool) -> type[Plain]:
    definitions: dict[str, Any] = {}
    for at, (name, field) in enumerate(fields.items()):
        safe = _safe(name, field, at)
        alias = name if name not in ("", safe) else None
        definitions[safe] = (_annotation(field, answer=answer), ModelField(..., alias=alias))
    model = create_model(title, __base__=Plain, **definitions)
    if list(fields) == [""]:
        model.bare = next(iter(definitions))
    return model


def _annotation(field: Field, *, answer: bool) -> Any:
    """The type of a field. Problems may hold values never seen; answers may not."""
    match field:
        case Category():
            return Literal[field.values] if answer else _symbol(field.values)
        case Number():
            return float | None if field.missing else float
        case Prose():
            return str
        case Items():
            if field.text:
                return str
            return list[Literal[field.symbols] if answer else _symbol(field.symbols)]  # type: ignore[misc]
        case Grid():
            cell = Literal[field.symbols] if answer else _symbol(field.symbols)
            return list[list[cell]]  # type: ignore[valid-type]
        case _:
            return list[float]


def _symbol(values: Sequence[Any]) -> Any:
    """The common type of known symbols."""
    found: Any = None
    for kind in sorted({type(value) for value in values}, key=lambda k: k.__name__):
        found = kind if found is None else found | kind
    return found
