r"""A text of fixed wording around values: the wording is dropped, the values keep their shape.

"Rotate the matrix below by 90 degrees:\n1 2\n3 4" is a number and a grid to its
reader, and so it should be to a network. A `Prose` field knows the wording and
what stands in each gap. Knows nothing of how either was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import Any, ClassVar

from hrm_specialists.errors import MalformedTask
from hrm_specialists.schema.fields import Category, Date, Field, Fields, Number, Symbol
from hrm_specialists.schema.sequences import Grid, Items, Series
from hrm_specialists.schema.written import undrawn

SPACE = " "
"""As a separator: any white space when read, one blank when written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One gap of a wording: a category, a row of symbols, or a grid of them."""

    field: Category | Items | Grid
    rows: str = ""
    """What separates the rows of a grid."""
    cells: str = ""
    """What separates symbols; nothing for characters."""
    backward: bool = False
    """Whether each row is read from its end: numbers, so that units meet units."""

    def parse(self, text: str) -> Any:
        """The value that a text writes."""
        if isinstance(self.field, Grid):
            return [self._cut(row) for row in _split(text, self.rows)]
        return self._cut(text) if isinstance(self.field, Items) else text

    def write(self, value: Any) -> str:
        """The text of a value."""
        if isinstance(self.field, Grid):
            return self.rows.join(map(self._join, value))
        return self._join(value) if isinstance(self.field, Items) else str(value)

    def holding(self, text: str, most: int) -> Slot:
        """The same with room for what a text writes, unless that takes more than `most` cells."""
        value = self.parse(text)
        field: Grid | Items
        if isinstance(self.field, Grid):
            height = max(self.field.height, len(value))
            width = max(self.field.width, *map(len, value))
            field = replace(self.field, height=height, width=width)
        elif isinstance(self.field, Items):
            field = replace(self.field, length=max(self.field.length, len(value)))
        else:
            return self
        if field.size > most or field == self.field:
            return self
        return replace(self, field=replace(field, fixed=False))

    def _cut(self, text: str) -> list[str]:
        cells = list(text) if self.cells == "" else _split(text, self.cells)
        return cells[::-1] if self.backward else cells

    def _join(self, cells: Sequence[Symbol]) -> str:
        return self.cells.join(map(str, cells[::-1] if self.backward else cells))


@dataclass(frozen=True, kw_only=True)
class Prose(Field):
    """A text: `wording[0]`, first slot, `wording[1]`, second slot, …, `wording[-1]`."""

    kind: ClassVar[str] = "prose"
    wording: tuple[str, ...]
    slots: tuple[Slot, ...]

    @property
    def leaves(self) -> tuple[Field, ...]:
        return tuple(slot.field for slot in self.slots)

    @cached_property
    def _stripped(self) -> list[str]:
        """Texts are compared without white space at their ends."""
        first, *others = self.wording
        *parts, last = first.lstrip(), *others
        return [*parts, last.rstrip()]

    @property
    def size(self) -> int:
        return sum(leaf.size for leaf in self.leaves)

    def read(self, given: Any) -> str:
        if not isinstance(given, str):
            raise ValueError(f"{given!r} is not a text")
        return undrawn(given)

    def strange(self, value: str) -> str | None:
        if self.cut(value) is None:
            return self._odd
        pairs = zip(self.leaves, self.laid(value), strict=True)
        return next(filter(None, (leaf.strange(part) for leaf, part in pairs)), None)

    @property
    def _odd(self) -> str:
        return f"is not worded like the examples: {' … '.join(self.wording)!r}"

    def cut(self, text: str) -> list[str] | None:
        """The texts in the gaps, if `text` follows the wording.

        A text that has but one gap may come without the wording.
        """
        whole = text.strip()
        spans = _scan(self._stripped, whole, 0)
        if spans is not None and spans[0][0] == 0 and spans[-1][1] == len(whole):
            return [whole[before[1] : after[0]] for before, after in pairwise(spans)]
        return [text] if len(self.slots) == 1 else None

    def holding(self, texts: Iterable[str], most: int) -> Prose:
        """The same with room for these texts where they follow the wording; see `Slot.holding`."""
        slots = self.slots
        for text in texts:
            parts = self.cut(text)
            if parts is not None:
                pairs = zip(slots, parts, strict=True)
                slots = tuple(slot.holding(part, most) for slot, part in pairs)
        return replace(self, slots=slots)

    def find(self, text: str) -> list[tuple[int, int]]:
        """Spans of `text` that follow the wording; empty where it says too little."""
        if sum(map(str.isalpha, "".join(self.wording))) < LETTERS:
            return []
        found, at, text = [], 0, text.rstrip()
        while (spans := _scan(self._stripped, text, at)) is not None:
            at = spans[-1][1]
            found.append((spans[0][0], at))
        return found

    def laid(self, value: str) -> list[Any]:
        parts = self.cut(value)
        if parts is None:
            raise MalformedTask(f"the text {self._odd}")
        return [slot.parse(part) for slot, part in zip(self.slots, parts, strict=True)]

    def gather(self, symbols: Sequence[Symbol]) -> str:
        text, left = self.wording[0], iter(symbols)
        for slot, after in zip(self.slots, self.wording[1:], strict=True):
            text += slot.write(slot.field.gather(list(islice(left, slot.field.size)))) + after
        return text


LETTERS = 12
"""Letters of a wording from which finding it in other text means something."""

_KINDS: Mapping[str, type[Any]] = {
    c.kind: c for c in (Category, Number, Date, Items, Series, Grid, Prose)
}


def fields_to_config(fields: Fields) -> dict[str, dict[str, Any]]:
    """Plain JSON of one side's fields."""
    return {name: field_to_config(field) for name, field in fields.items()}


def fields_from_config(config: Mapping[str, Any]) -> Fields:
    """The fields that `fields_to_config` described; raises as `field_from_config` does."""
    return {name: field_from_config(values) for name, values in config.items()}


def field_to_config(field: Field) -> dict[str, Any]:
    """Plain JSON."""
    values = asdict(field)
    if isinstance(field, Date):
        values["parts"] = [field_to_config(part) for part in field.parts]
    if isinstance(field, Prose):
        values["slots"] = [asdict(s) | {"field": field_to_config(s.field)} for s in field.slots]
    if not values.get("unit"):  # configurations from before there were units stay the same
        values.pop("unit", None)
    return {"kind": field.kind, **values}


def field_from_config(config: Mapping[str, Any]) -> Any:
    """The field that `field_to_config` described.

    Raises:
        MalformedTask: it describes none.
    """
    try:
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in config.items()
        }
        if "parts" in values:
            values["parts"] = tuple(map(field_from_config, values["parts"]))
        if "slots" in values:
            values["slots"] = tuple(
                Slot(**slot | {"field": field_from_config(slot["field"])})
                for slot in values["slots"]
            )
        return _KINDS[str(values.pop("kind", None))](**values)
    except (KeyError, TypeError) as error:
        raise MalformedTask(f"no field is described by {dict(config)!r}") from error


def _split(text: str, separator: str) -> list[str]:
    if separator == SPACE:
        return text.split()
    return text.split(separator) if text else []


@lru_cache(maxsize=256)
def _stretch(words: str) -> re.Pattern[str]:
    """Matches a stretch of wording, with any white space where it has some."""
    return re.compile(r"\s++".join(map(re.escape, re.split(r"\s+", words))))


def _scan(wording: Sequence[str], text: str, at: int) -> list[tuple[int, int]] | None:
    """Spans of the stretches, each the first after the one before; linear in the text."""
    spans = []
    for number, words in enumerate(wording):
        if words == "" and number == len(wording) - 1:
            spans.append((len(text), len(text)))
            break
        found = _stretch(words).search(text, at)
        if found is None:
            return None
        spans.append(found.span())
        at = found.end()
    return spans
