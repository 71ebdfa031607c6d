"""From examples to a task: the fields of both sides, and how they lie.

Works on the whole of a table or of pairs; `kinds` looks at one column. Alphabets,
categories, ranges, sizes and wording come from the training part alone. Knows nothing of
tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.data_task import DataTask, Shown
from hrm_specialists.schema.fields import Category, Date, Field, Fields, Number, leaves_of
from hrm_specialists.schema.kinds import infer_answer, infer_column, infer_field
from hrm_specialists.schema.models import flattened
from hrm_specialists.schema.prose import Prose
from hrm_specialists.schema.sequences import Grid, Items, Series
from hrm_specialists.schema.written import CLOCK, Style, nothing, style_of


@dataclass(frozen=True, slots=True)
class Layout:
    """How the table looked that examples come from.

    Args:
        header: names of all columns, in order.
        types: what columns are to be taken as, one of `TYPES` each.
        left_out: columns that the reader left out already, and why.
        decimal: "," where the file's separator suggests decimal commas.
        names: of problem and solution where their values come bare; None for mappings.
        lines: where each example stands in its file; empty if that is not known.
    """

    header: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    names: tuple[str | None, str | None] = (None, None)
    lines: Sequence[int] = ()


def infer_task(
    name: str,
    pairs: Sequence[tuple[Any, Any]],
    *,
    learned: int | None = None,
    layout: Layout | None = None,
    description: str = "",
) -> DataTask:
    """The task that examples show.

    Args:
        name: of the specialist to be.
        pairs: problems and solutions as plain values, the training part first.
        learned: size of that part: alphabets, categories, ranges, sizes and wording
            come from it alone. None for all.
        layout: of the table they come from, if they do.
        description: one sentence for tool lists; None writes one.

    Raises:
        DataError: a side has no common kind, or all its solutions are equal.
    """
    if not pairs:
        raise DataError("no examples")
    table = layout is not None
    layout = layout or Layout()
    of_problem, of_solution = layout.names
    problems = [{of_problem: p} if of_problem else flattened(p) for p, _ in pairs]
    solutions = [{of_solution: s} if of_solution else flattened(s) for _, s in pairs]
    if len({json.dumps(s, sort_keys=True, default=str) for s in solutions[:learned]}) == 1:
        raise DataError("all solutions are equal: there is nothing to learn")
    asked, _ = _side(solutions, "solution", learned, layout, table, answer=True)
    exact = not (len(asked) == 1 and isinstance(next(iter(asked.values())), Category | Number))
    given, left_out = _side(problems, "problem", learned, layout, table, exact=exact or not table)
    if not given:
        whys = "; ".join(f"{column}: {why}" for column, why in left_out.items())
        raise DataError(f"no column is left to answer from ({whys}); --type COLUMN=… keeps one")
    sides = list(zip(problems, solutions, strict=True))
    over = _over(given, asked, sides[:learned])
    leaves = [*leaves_of(given), *leaves_of(asked)]
    widths = [leaf.width for leaf in leaves if isinstance(leaf, Grid)]
    left_out = {**layout.left_out, **left_out}
    return DataTask(
        name,
        given,
        asked,
        aligned=over is not None,
        over=over or 0,
        width=max(widths, default=0),
        description=description,
        header=layout.header,
        left_out=left_out,
        shown=[
            *_shown(given, problems, ""),
            *_shown(asked, solutions, "answer: "),
            *(Shown(column, "left out", why, 0, "") for column, why in left_out.items()),
        ],
    )


def _side(
    values: Sequence[Any],
    which: str,
    learned: int | None,
    layout: Layout,
    table: bool,
    *,
    answer: bool = False,
    exact: bool = False,
) -> tuple[dict[str, Field], dict[str, str]]:
    """The fields of one side, and the columns that are left out of it."""
    objects = {isinstance(value, Mapping) for value in values}
    if len(objects) > 1:
        raise DataError(f"the {which} is sometimes an object and sometimes not")
    if objects == {False}:
        try:
            return {"": infer_field(values, answer=answer, learned=learned)}, {}
        except DataError as error:
            raise DataError(f"{which}: {error.message}") from None
    keys = values[0].keys()
    for value in values:
        if odd := sorted(map(str, value.keys() ^ keys)):
            raise DataError(f"{which}: objects differ in their keys: {', '.join(odd)}")
    columns = {key: [value[key] for value in values] for key in keys}
    told_of: dict[str, Any] = {"learned": learned, "exact": exact, "hint": _hint(columns, layout)}
    told_of["alone"] = len(keys) == 1 or not table
    fields: dict[str, Field] = {}
    left_out: dict[str, str] = {}
    for key, column in columns.items():
        told = layout.types.get(key)
        found: Field | str
        try:
            if answer and table:
                found = infer_answer(column, learned=learned, taken_as=told)
            elif answer:
                found = infer_field(column, answer=True, learned=learned)
            else:
                found = infer_column(column, taken_as=told, lines=layout.lines, **told_of)
        except DataError as error:
            where = f"column {key!r}" if table else f"{which}, {key!r}"
            raise DataError(f"{where}: {error.message}") from None
        if isinstance(found, str):
            left_out[key] = found
        else:
            fields[key] = found
    return fields, left_out


def _hint(columns: Mapping[str, Sequence[Any]], layout: Layout) -> Style | None:
    """How numbers are surely written in some column of the table."""
    for column in columns.values():
        if all(value is None or isinstance(value, str) for value in column):
            few = [value for value in column if value is not None][:200]
            style = style_of(few)
            # a comma before three digits may as well part thousands
            sure = any("," in t and not re.fullmatch(r"[^,]*(?:,\d{3})+\s*", t) for t in few)
            if style is not None and style.decimal == "," and sure:
                return style
    return Style(layout.decimal) if layout.decimal != "." else None


def _shown(fields: Fields, sides: Sequence[Any], before: str) -> list[Shown]:
    shown = []
    for name, part in fields.items():
        values = [side[name] if isinstance(side, Mapping) else side for side in sides]
        given = [value for value in values if not nothing(value)]
        missing = 0 if isinstance(part, Prose) else len(values) - len(given)
        if isinstance(part, Number):
            missing = sum(part.read(value) is None for value in values)
        example = next(map(str, given), "").replace("\n", " ")[:40]
        text = isinstance(part, Prose) or (isinstance(part, Items) and part.text)
        kind = before + ("text" if text else part.kind)
        told = holds(part) + _odd(part, given)
        shown.append(Shown(name or "(value)", kind, told, missing, example))
    return shown


def _odd(field: Field, given: Sequence[Any]) -> str:
    """What may be a mistake in a column of words, for people."""
    if isinstance(field, Category):
        words = [value for value in field.values if isinstance(value, str)]
        folded = {word.casefold() for word in words}
        return "; some differ in case only" if len(folded) < len(words) else ""
    if not isinstance(field, Items) or not field.text or not given:
        return ""
    share = sum(isinstance(v, str) and style_of([v]) is not None for v in given) / len(given)
    told = f"; {share:.0%} are numbers" if share >= 0.3 else ""
    return f", {len(set(given)):,} different{told}"


def holds(field: Field) -> str:
    """What a field may hold, in a few words."""
    match field:
        case Category():
            known = [str(value) for value in field.values if value is not None]
            few = ", ".join(known[:6])
            return f"{len(known)} values: {few}{', …' if len(known) > 6 else ''}"
        case Number() if field.low is not None:
            marks = f', written with "{field.decimal}"' if field.decimal != "." else ""
            marks += f', thousands "{field.groups}"' if field.groups else ""
            unit = "s (times)" if field.unit == CLOCK else field.unit
            marks = f" {unit}{marks}" if unit else marks
            marks += f"; read as missing: {', '.join(field.odd)}" if field.odd else ""
            return f"{field.low:g} to {field.high:g}{marks}"
        case Date():
            return f"as {', '.join(field.names)}"
        case Series():
            return f"{'' if field.fixed else 'up to '}{field.length} numbers"
        case Grid():
            return f"{'' if field.fixed else 'up to '}{field.height} by {field.width}"
        case Items():
            what = "words" if field.words else "characters" if field.text else "items"
            return f"up to {field.longest or field.length} {what}"
        case Prose(slots=[slot], wording=["", ""]) if isinstance(slot.field, Grid):
            return f"up to {slot.field.height} words"
        case Prose():
            count = len(field.slots)
            return f"{count} value{'s' if count > 1 else ''} in a fixed wording"
        case _:
            return ""


def _over(problem: Fields, solution: Fields, pairs: Sequence[tuple[Any, Any]]) -> int | None:
    """Which leaf of the problem has the solution's shape in every example, if one has."""
    given, asked = leaves_of(problem), leaves_of(solution)
    if len(asked) != 1 or not isinstance(asked[0], Grid | Items):
        return None
    wanted = None
    for number, leaf in enumerate(given):
        if type(leaf) is not type(asked[0]) or leaf.size != asked[0].size:
            continue
        if isinstance(leaf, Grid) and leaf.ragged:
            continue
        wanted = wanted or [_shapes(solution, s)[0] for _, s in pairs]
        if [_shapes(problem, p)[number] for p, _ in pairs] == wanted:
            return number
    return None


def _shapes(fields: Fields, value: Any) -> list[Any]:
    """How long what stands in each leaf is, row by row."""
    given = value if isinstance(value, Mapping) else {"": value}
    found: list[Any] = []
    for name, part in fields.items():
        for leaf, laid in zip(part.leaves, part.laid(part.read(given[name])), strict=True):
            if isinstance(leaf, Grid):
                found.append([len(row) for row in laid])
            elif isinstance(leaf, Items):
                found.append(len((laid or "").split() if leaf.words else laid or ""))
            else:
                found.append(None)
    return found
