"""A task that nobody wrote down: inferred from examples, kept as plain JSON.

The two models are built from fields, so that a saved specialist needs no code
of its user's. A side that is no JSON object (a grid, a list, a text, a label)
becomes a model with one field, and is still accepted bare; columns of a table keep
their names.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_specialists.contract import Claim, Task
from hrm_specialists.errors import ConfigError, MalformedTask, TaskTooLarge
from hrm_specialists.reading import parse_model, read_typed
from hrm_specialists.schema.field_codec import FieldCodec
from hrm_specialists.schema.fields import Category, Fields, Number
from hrm_specialists.schema.models import Plain, model_of, safe_names
from hrm_specialists.schema.prose import Prose, fields_from_config, fields_to_config
from hrm_specialists.schema.text import SEPARATORS

if TYPE_CHECKING:
    from hrm_specialists.schema.columns import Schema

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
MOST_NAMED = 12
"""Labels, and columns, that a description lists."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One column as people see it before training."""

    name: str
    taken_as: str
    """A kind of field, "answer: …" or "left out"."""
    holds: str
    """Range, known values, or why it is left out."""
    missing: int
    example: str


class DataTask(Task[Plain, Plain]):
    """A task described by data alone.

    Args:
        name: identifier of the specialist.
        problem, solution: fields by name; the name "" stands for a bare value.
        aligned, over, width: see `FieldCodec`.
        description: one sentence for tool lists; None writes one.
        header: names of all columns of the table it was taught from, in order.
        left_out: columns of it that are not learned from, and why.
        shown: what people see of the columns before training; not kept in files.

    Raises:
        ConfigError: the name is no identifier.
    """

    reads_at_once = True

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
        header: Sequence[str] = (),
        left_out: Mapping[str, str] | None = None,
        shown: Sequence[Shown] = (),
    ) -> None:
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} cannot name a specialist: lower-case letters, digits, - and _, "
                "beginning with a letter"
            )
        self.name, self.title = name, name.replace("_", " ").replace("-", " ")
        self.description = description or _described(self.title, problem, solution)
        self.fields = {"problem": problem, "solution": solution}
        self.aligned, self.over, self.width = aligned, over, width
        self.header, self.left_out = tuple(header), dict(left_out or {})
        self.shown = tuple(shown)
        passed_over = frozenset({*self.left_out, *self.header} - set(problem))
        named = [column for column in problem if column]
        about = f"The values of {_listed(named)}." if named else ""
        self.Problem = model_of("Problem", problem, about=about, passed_over=passed_over)
        self.Solution = model_of("Solution", solution)

    @cached_property
    def codec(self) -> FieldCodec[Plain, Plain]:
        """Derived from the fields."""
        sides = self.fields.values()
        return FieldCodec(
            self.Problem,
            self.Solution,
            *({safe: side[name] for name, safe in safe_names(side).items()} for side in sides),
            aligned=self.aligned,
            over=self.over,
            width=self.width,
        )

    @cached_property
    def schema(self) -> Schema:
        """Columns of numbers and names for learners; see `columns`."""
        from hrm_specialists.schema.columns import Schema

        return Schema(self)

    @cached_property
    def _safe(self) -> dict[str, str]:
        return safe_names(self.fields["problem"])

    def unfamiliar(self, problem: Plain) -> list[str]:
        """Values outside of what training covered, each with what is known."""
        return [
            f"{name or 'it'} {said}"
            for name, safe in self._safe.items()
            if (said := self.fields["problem"][name].strange(getattr(problem, safe)))
        ]

    def parse(self, given: str | Mapping[str, Any] | BaseModel | Sequence[Any]) -> Plain:
        """A mapping, JSON, a row as a CSV file has it, or the value of the only field.

        A row has the values in the order of the columns; its header may stand above it.
        """
        fields = self.fields["problem"]
        if not isinstance(given, str) or _is_object(given):
            return parse_model(self, given)  # type: ignore[no-any-return]
        found: list[Plain] = []
        fault: MalformedTask | None = None
        bare = len(fields) == 1 and not (self.header and "\n" in given.strip())
        for row in () if bare else self._rows(given):
            try:
                found.append(parse_model(self, row))
            except MalformedTask as error:
                fault = fault or error
        if found:  # the separator by which most values are familiar
            return min(found, key=lambda problem: len(self.unfamiliar(problem)))
        if len(fields) == 1:
            only = next(iter(fields)) or str(self.Problem.bare)
            return parse_model(self, {only: given})  # type: ignore[no-any-return]
        raise fault or MalformedTask(f"no problem of {self.name!r}: {self._wanted(given)}")

    def _wanted(self, text: str) -> str:
        """What a text lacks to be a row, by the separator that cuts it into most values."""
        names = list(self.fields["problem"])
        wanted = (
            f"expected the values of {', '.join(names)}, as JSON or as a row of CSV in this order"
        )
        lines = text.strip().splitlines()
        cut = max((next(csv.reader(lines[-1:], delimiter=s), []) for s in SEPARATORS), key=len)
        if len(lines) != 1 or len(cut) < 2 or len(cut) == len(names):
            return wanted
        lacking = ", ".join(map(repr, names[len(cut) :]))
        last = f"; {lacking} would be missing" if lacking else ""
        return f"{len(cut)} values came for {len(names)} columns{last}; {wanted}"

    def _rows(self, text: str) -> Iterator[dict[str, str]]:
        """The values of one row of CSV by column, for each separator that fits."""
        fields = list(self.fields["problem"])
        for separator in SEPARATORS:
            cut = csv.reader(text.strip().splitlines(), delimiter=separator)
            lines = [[value.strip() for value in line] for line in cut if any(map(str.strip, line))]
            orders = [fields, list(self.header)] if len(lines) == 1 and len(fields) > 1 else []
            if len(lines) == 2 and set(fields) <= set(lines[0]):
                orders = [lines[0]]
            order = next((order for order in orders if len(order) == len(lines[-1])), None)
            if order is not None:
                row = dict(zip(order, lines[-1], strict=True))
                yield {name: row[name] for name in fields}

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
        value: Any = shown.model_dump()
        value = value if shown.bare is None else value[shown.bare]
        if isinstance(value, list) and value and isinstance(value[0], list):
            return "\n".join(" ".join(map(str, row)) for row in value)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def to_config(self) -> dict[str, Any]:
        """Plain JSON from which `from_config` rebuilds the task."""
        return {
            "inferred": {side: fields_to_config(fields) for side, fields in self.fields.items()},
            "aligned": self.aligned,
            "over": self.over,
            "width": self.width,
            "description": self.description,
            "header": list(self.header),
            "left_out": self.left_out,
        }

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any]) -> DataTask:
        """The task that `to_config` described."""
        sides = config["inferred"]
        named = ("aligned", "over", "width", "description", "header", "left_out")
        return cls(
            name,
            fields_from_config(sides["problem"]),
            fields_from_config(sides["solution"]),
            **{key: config[key] for key in named if key in config},
        )


def _is_object(text: str) -> bool:
    """Whether a text is a JSON object rather than a value that begins like one."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _described(title: str, problem: Fields, solution: Fields) -> str:
    """A sentence for tools: what is predicted, and from what."""
    names = [name for name in problem if name]
    name, field = next(iter(solution.items()))
    if len(solution) != 1 or not name or not names:
        return f"Answers problems of the task {title!r}."
    what = f" ({_listed([*map(str, field.values)])})" if isinstance(field, Category) else ""
    if isinstance(field, Number) and field.low is not None:
        what = f" (a number, trained from {field.low:g} to {field.high:g})"
    return f"Predicts `{name}`{what} from {_listed(names)}."


def _listed(words: Sequence[str]) -> str:
    few = ", ".join(words[:MOST_NAMED])
    return few if len(words) <= MOST_NAMED else f"{few} and {len(words) - MOST_NAMED} more"
