"""Rows as columns of numbers, names and texts: what learners learn from and answer.

Reads whole columns at once, exactly as the fields read single values: that is what
makes prediction of a million rows quick, and the same as serving one. Knows nothing
of learners.

Shapes: N rows, L places of a series or list, C labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from hrm_specialists.errors import TaskTooLarge
from hrm_specialists.schema.fields import END, Category, Date, Field, Number, date_parts
from hrm_specialists.schema.models import safe_names
from hrm_specialists.schema.prose import Prose
from hrm_specialists.schema.sequences import Grid, Items, Series
from hrm_specialists.schema.written import LARGEST, LONGEST_NUMBER, NOTHING

if TYPE_CHECKING:
    from hrm_specialists.schema.data_task import DataTask

Kind = Literal["number", "category", "text", "series", "symbols"]


class Column(NamedTuple):
    """One column of N rows.

    `number` float64 [N], NaN for missing; `category` int32 [N], places in `names`, -1
    for missing or unknown; `text` object [N] of str, "" for missing; `series`
    float64 [N, L], NaN beyond its end; `symbols` int32 [N, L], places in `names`, -1
    for unknown or beyond its end.
    """

    name: str
    kind: Kind
    values: NDArray[Any]
    names: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: one of some labels, a number, or something with structure."""

    kind: Literal["label", "number", "structured"]
    name: str
    names: tuple[Any, ...] = ()
    """The labels, C of them, as their owner writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a learner answers to N rows."""

    answers: NDArray[Any]
    """Labels as int64 places in `Answer.names`, or numbers as float64."""
    confidence: NDArray[np.float64]
    """Calibrated probability that each is right."""
    probabilities: NDArray[np.float64] | None = None
    """Of each label, [N, C]."""
    unfamiliar: Sequence[str] | None = None
    """Why the learner finds a row unlike training; empty text where it does not."""
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    """A 90 % interval for numbers."""


@runtime_checkable
class BatchSolver(Protocol):
    """A solver that answers many rows at once."""

    def answer_columns(self, columns: Sequence[Column]) -> Answers:
        """Answer N rows, given the columns of `Schema.columns`."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were read: values by field, and what is wrong or new about some."""

    values: Mapping[str, Sequence[Any] | NDArray[np.float64]]
    """Read values by the name of their field; numbers as float64, NaN for missing."""
    faults: Mapping[int, str]
    """Why a row is no problem of the task."""
    unfamiliar: Mapping[int, tuple[str, ...]]
    """What training did not cover, of rows where there is something."""


class Schema:
    """The columns of one task that was inferred from data."""

    def __init__(self, task: DataTask) -> None:
        self.task = task
        self.fields = task.fields["problem"]
        self._safe = safe_names(self.fields)
        asked = task.fields["solution"]
        name, field = next(iter(asked.items()))
        self._answered = safe_names(asked)[name]
        self.answer = Answer("structured", name or self._answered)
        if len(asked) == 1 and isinstance(field, Category):
            names = tuple(value for value in field.values if value is not None)
            self.answer = Answer("label", self.answer.name, names)
        elif len(asked) == 1 and isinstance(field, Number):
            self.answer = Answer("number", self.answer.name)

    def read(self, columns: Mapping[str, Sequence[Any]], count: int) -> Rows:
        """Read raw columns by the name of their field, as `Problem` reads single values.

        Args:
            columns: raw values as a file has them; one that is not there is missing.
            count: N, the number of rows.
        """
        values: dict[str, Sequence[Any] | NDArray[np.float64]] = {}
        faults: dict[int, str] = {}
        strange: dict[int, list[str]] = {}
        for name, field in self.fields.items():
            read, wrong = _read(field, columns.get(name, [None] * count))
            values[name] = _array(read) if isinstance(field, Number) else read
            called = name or "it"
            for at, why in wrong.items():
                faults.setdefault(at, f"{called}: {why}")
            for at in _suspects(field, values[name]):
                if at not in wrong and (said := field.strange(_one(values[name], at))):
                    strange.setdefault(at, []).append(f"{called} {said}")
        return Rows(values, faults, {at: tuple(said) for at, said in strange.items()})

    def columns(self, rows: Sequence[BaseModel] | Rows) -> list[Column]:
        """The columns of problems, or of rows that were read.

        A date comes as several: "when.elapsed", "when.weekday", …
        """
        if isinstance(rows, Rows):
            values = dict(rows.values)
        else:
            given = [problem.__dict__ for problem in rows]
            values = {name: [one[safe] for one in given] for name, safe in self._safe.items()}
            numbers = [name for name, field in self.fields.items() if isinstance(field, Number)]
            table = _array([values[name] for name in numbers])  # quicker than one by one
            values.update(zip(numbers, table, strict=True))
        fields = self.fields.items()
        return [one for name, f in fields for one in _columns(name or "value", f, values[name])]

    def targets(self, solutions: Sequence[BaseModel]) -> NDArray[Any]:
        """Right answers: places in `answer.names` (-1: not among them), or numbers.

        Raises:
            ValueError: the answers have structure.
        """
        if self.answer.kind == "structured":
            raise ValueError(f"the answers of {self.task.name!r} are neither labels nor numbers")
        values = [getattr(solution, self._answered) for solution in solutions]
        if self.answer.kind == "number":
            return _array(values)
        return _codes(self.answer.names, values).astype(np.int64)

    def value(self, answer: float) -> Any:
        """A place in `answer.names`, or a number, as the value that people see."""
        if self.answer.kind == "label":
            return self.answer.names[int(answer)]
        return int(answer) if float(answer).is_integer() else float(answer)

    def solution(self, answer: float) -> BaseModel:
        """The `Solution` of a place in `answer.names`, or of a number."""
        return self.task.Solution.model_construct(**{self._answered: self.value(answer)})

    def problem(self, rows: Rows, at: int) -> BaseModel:
        """One row as a `Problem`."""
        safe = self._safe
        values = {safe[name]: _one(column, at) for name, column in rows.values.items()}
        return self.task.Problem.model_construct(**values)


def _one(values: Sequence[Any] | NDArray[np.float64], at: int) -> Any:
    if not isinstance(values, np.ndarray):
        return values[at]
    number = float(values[at])
    return None if number != number else int(number) if number.is_integer() else number


def _array(values: Any) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)  # of None it makes NaN


def _read(
    field: Field, raw: Sequence[Any]
) -> tuple[Sequence[Any] | NDArray[np.float64], dict[int, str]]:
    """Read a column; values that cannot be read become None, with the reason."""
    if isinstance(field, Number) and (numbers := _numbers(field, raw)) is not None:
        return numbers, {}
    lasting = not isinstance(field, Series | Grid)  # a list that is read may be changed
    known: dict[str, Any] = {}
    found: list[Any] = []
    wrong: dict[int, str] = {}
    for at, value in enumerate(raw):
        read = None
        try:
            if lasting and isinstance(value, str):
                if value not in known and len(known) < 100_000:
                    known[value] = field.read(value)
                read = known[value] if value in known else field.read(value)
            else:
                read = field.read(value)
        except (ValueError, TypeError) as error:
            wrong[at] = str(error)
        found.append(read)
    return found, wrong


def _numbers(field: Number, raw: Sequence[Any]) -> NDArray[np.float64] | None:
    """Numbers of a column that are plainly written, all at once; None if some are not."""
    if field.decimal != "." or field.groups:
        return None
    absent = NOTHING.union(field.odd)
    try:
        if all(type(value) is float for value in raw):
            array = np.array(raw, dtype=np.float64)
        else:
            texts = [value for value in raw if value not in absent]
            written = "".join(texts)
            if "_" in written or not written.isascii() or max(map(len, texts)) > LONGEST_NUMBER:
                return None
            array = np.array([np.nan if v in absent else float(v) for v in raw])
            if np.isnan(array).sum() != len(raw) - len(texts):
                return None  # some word says so that is none of a missing value
    except (TypeError, ValueError):
        return None
    return array if (np.abs(array[~np.isnan(array)]) < LARGEST).all() else None


def _suspects(field: Field, values: Sequence[Any] | NDArray[np.float64]) -> Sequence[int]:
    """Places of values that may be unfamiliar: few, so that only these need words."""
    if isinstance(field, Number):
        low, high = field.familiar
        array = _array(values)
        with np.errstate(invalid="ignore"):
            places: list[int] = np.flatnonzero(~((array >= low) & (array <= high))).tolist()
        return places
    if isinstance(field, Category):
        return [at for at, v in enumerate(values) if (type(v), v) not in field.places]
    return range(len(values))


def _columns(name: str, field: Field, values: Any) -> list[Column]:
    match field:
        case Number():
            return [Column(name, "number", _array(values))]
        case Category():
            names = tuple(value for value in field.values if value is not None)
            return [Column(name, "category", _codes(names, values), names)]
        case Date():
            parts = _array([date_parts(value, field.names) for value in values])
            columns = parts.reshape(-1, len(field.names)).T
            pairs = zip(field.names, columns, strict=True)
            return [Column(f"{name}.{part}", "number", column.copy()) for part, column in pairs]
        case Series():
            return [Column(name, "series", _series(field, values))]
        case Items() if field.text:
            return [_text(name, values)]
        case Prose():
            return _prose(name, field, values)
    assert isinstance(field, Items | Grid), f"{field.kind} is no kind of column"
    return [Column(name, "symbols", _symbols(field, values), field.symbols)]


def _text(name: str, values: Sequence[Any]) -> Column:
    array = np.empty(len(values), dtype=object)
    array[:] = ["" if value is None else value for value in values]
    return Column(name, "text", array)


def _codes(names: Sequence[Any], values: Sequence[Any]) -> NDArray[np.int32]:
    """Places among names; -1 for what is none of them, such as `END`."""
    places = {(type(value), value): at for at, value in enumerate(names)}
    return np.array([places.get((type(v), v), -1) for v in values], dtype=np.int32)


def _series(field: Series, values: Sequence[Any]) -> NDArray[np.float64]:
    array = np.full((len(values), field.length), np.nan)
    for at, value in enumerate(values):
        part = () if value is None else value[: field.length]
        array[at, : len(part)] = part
    return array


def _symbols(field: Items | Grid, values: Sequence[Any]) -> NDArray[np.int32]:
    symbols: list[Any] = []
    for value in values:
        spread: list[Any] = [END] * field.size
        with suppress(TaskTooLarge):
            spread = spread if value is None else field.spread(value)
        symbols += spread
    return _codes(field.symbols, symbols).reshape(len(values), field.size)


def _prose(name: str, field: Prose, values: Sequence[Any]) -> list[Column]:
    """What stands in the gaps of a wording, a column each; words of any number are a text.

    A network reads such words letter by letter; other learners find them wherever they stand.
    """
    cut = [field.cut(value or "") for value in values]
    loose = [isinstance(slot.field, Grid) and slot.field.ragged for slot in field.slots]
    made = [_text(name, values)] if any(loose) else []
    for number, slot in enumerate(field.slots):
        if not loose[number]:
            parts = [None if gaps is None else slot.parse(gaps[number]) for gaps in cut]
            made += _columns(f"{name}.{number + 1}", slot.field, parts)
    return made
