"""The codec of plain data: fields of two models laid side by side, or on top of each other.

Each leaf of a field has a *place*: the positions of its symbols. Where the
solution is one grid, list or text that has the shape of one in the problem, the
answer is written over that, position for position (*aligned*). Otherwise the
solution's fields get places of their own after the problem's. With a *width*
all places lie on one canvas of so many columns: grids keep their rows, and
everything else begins a row of its own.

Tokens: 0 padding, 1 "answer here", 2 a value never seen in training; then one
for each symbol, shared by both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hrm_specialists.codec import IGNORE, PAD, Codec, Region, in_rows
from hrm_specialists.errors import MalformedTask, TaskTooLarge
from hrm_specialists.schema.fields import END, Category, Field, Fields, Number, Symbol, leaves_of
from hrm_specialists.schema.prose import fields_from_config, fields_to_config
from hrm_specialists.schema.sequences import Grid, Items

P = TypeVar("P", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)

ANSWER, UNKNOWN, FIRST_SYMBOL = 1, 2, 3
MAX_POSITIONS = 4096
NEVER: Symbol = "\x00"
"""Stands for what no answer can hold."""


class FieldCodec(Codec[P, S]):
    """Encode two models field by field.

    Args:
        problem, solution: the models.
        problem_fields, solution_fields: how each of their fields lies, in order.
        aligned: write the answer over the problem; the solution then has one
            leaf, of the size of the problem's leaf number `over`.
        over: see `aligned`.
        width: columns of the canvas; 0 lays everything in one line.

    Raises:
        TaskTooLarge: more than `MAX_POSITIONS` positions.
        MalformedTask: aligned sides differ in size.
    """

    unknown = UNKNOWN

    def __init__(
        self,
        problem: type[P],
        solution: type[S],
        problem_fields: Fields,
        solution_fields: Fields,
        *,
        aligned: bool,
        over: int = 0,
        width: int = 0,
    ) -> None:
        self.Problem, self.Solution = problem, solution
        self.problem_fields, self.solution_fields = problem_fields, solution_fields
        self.aligned, self.over, self.width = aligned, over, width
        given, asked = leaves_of(problem_fields), leaves_of(solution_fields)
        places, self.seq_len = _places(given if aligned else [*given, *asked], width)
        if aligned:
            if len(asked) != 1 or over >= len(given) or asked[0].size != given[over].size:
                raise MalformedTask("an aligned codec needs both sides of one size")
            places.append(places[over])
        if self.seq_len > MAX_POSITIONS:
            raise TaskTooLarge(
                f"{self.seq_len} positions; at most {MAX_POSITIONS} are supported: "
                "shorten the longest examples, or leave them out"
            )
        self.given = [at for place in places[: len(given)] for at in place]
        """Positions of the problem's symbols, in order."""
        self.asked = [at for place in places[len(given) :] for at in place]
        """Positions of the solution's."""
        self.regions = _regions([*given, *asked], places, width, len(given))
        """Where values lie, as a network's `places` wants it."""
        self._variable = {
            at
            for leaf, place in zip([*given, *asked], places, strict=True)
            if not isinstance(leaf, Category | Number)
            for at in place
        }
        fields = (*problem_fields.values(), *solution_fields.values())
        every = dict.fromkeys((type(symbol), symbol) for f in fields for symbol in f.alphabet)
        self._token = {symbol: token for token, symbol in enumerate(every, FIRST_SYMBOL)}
        self.symbols = {token: symbol for (_, symbol), token in self._token.items()}
        self.vocab_size = len(every) + FIRST_SYMBOL
        self.ordered = _scales(self.symbols)
        """Tokens of quantities, from low to high, for each kind of them."""

    def encode(self, problem: P) -> list[int]:
        """Each symbol at its place; padding where a value is shorter than its field."""
        tokens = [PAD] * self.seq_len
        if not self.aligned:
            for at in self.asked:
                tokens[at] = ANSWER
        symbols: list[Symbol] = []
        for name, field in self.problem_fields.items():
            value = getattr(problem, name)
            try:
                symbols += field.spread(field.cut(value) if isinstance(field, Items) else value)
            except TaskTooLarge as error:
                raise TaskTooLarge(f"{name}: {error}") from None
        for at, symbol in zip(self.given, symbols, strict=True):
            if not (symbol == END and at in self._variable):
                tokens[at] = self._token.get((type(symbol), symbol), UNKNOWN)
        return tokens

    def target(self, problem: P, solution: S) -> list[int]:
        """Right tokens where the solution stands; see `Codec.target`.

        A symbol that no training answer had is `UNKNOWN`, which is never answered.
        """
        targets = [IGNORE] * self.seq_len
        symbols: list[Symbol] = []
        for name, field in self.solution_fields.items():
            laid = [NEVER] * field.size  # of what is longer than any in training
            with suppress(TaskTooLarge):
                laid = field.spread(getattr(solution, name))
            symbols += laid
        given = self.encode(problem) if self.aligned else []
        needed = self._needed([symbol == END for symbol in symbols])
        for at, symbol, needs in zip(self.asked, symbols, needed, strict=True):
            if self.aligned and (symbol == END) != (given[at] == PAD):
                raise MalformedTask("problem and solution differ in shape")
            if needs and not (self.aligned and symbol == END):
                targets[at] = self._token.get((type(symbol), symbol), UNKNOWN)
        return targets

    def decode(self, problem: P, tokens: Sequence[int]) -> S:
        """Symbols to fields; see `Codec.decode`."""
        given = self.encode(problem) if self.aligned else [ANSWER] * self.seq_len
        end = self._token.get((str, END))
        ends = [given[at] == PAD or tokens[at] == end for at in self.asked]
        try:
            answer = [
                self.symbols[tokens[at]] if needs and given[at] != PAD else END
                for at, needs in zip(self.asked, self._needed(ends), strict=True)
            ]
        except KeyError:
            raise MalformedTask("a position was left without an answer") from None
        left = iter(answer)
        fields = self.solution_fields.items()
        values = {name: field.gather(list(islice(left, field.size))) for name, field in fields}
        try:
            return self.Solution.model_validate(values)
        except ValidationError as error:
            raise MalformedTask(f"the answer is no solution: {error.errors()[0]['msg']}") from None

    @property
    def cells(self) -> Mapping[str, list[list[int]]]:
        """Of the problem's fields, and of the solution's; see `Codec.cells`."""
        found: dict[str, list[list[int]]] = {}
        sides = ((self.problem_fields, self.given), (self.solution_fields, self.asked))
        for fields, positions in sides:
            left = iter(positions)
            for name, field in fields.items():
                width = field.width if isinstance(field, Grid) else field.size
                found[name] = in_rows(list(islice(left, field.size)), width)
        return found

    def token_of(self, value: Any) -> int:
        """The token of a symbol of either side; see `Codec.token_of`."""
        if (type(value), value) not in self._token:
            raise MalformedTask(f"{value!r} is no symbol of this task")
        return self._token[type(value), value]

    def to_config(self) -> dict[str, Any]:
        """Plain JSON; `from_config` rebuilds the codec from it and the models."""
        return {
            "kind": "fields",
            "aligned": self.aligned,
            "over": self.over,
            "width": self.width,
            "problem": fields_to_config(self.problem_fields),
            "solution": fields_to_config(self.solution_fields),
        }

    @classmethod
    def from_config(
        cls, problem: type[P], solution: type[S], config: Mapping[str, Any]
    ) -> FieldCodec[P, S]:
        """The codec that `to_config` described."""
        return cls(
            problem,
            solution,
            fields_from_config(config["problem"]),
            fields_from_config(config["solution"]),
            aligned=config["aligned"],
            over=config.get("over", 0),
            width=config.get("width", 0),
        )

    def _needed(self, ends: Sequence[bool]) -> list[bool]:
        """Which symbols of the solution say something, given where `END` stands."""
        needed: list[bool] = []
        for leaf in leaves_of(self.solution_fields):
            part = ends[len(needed) : len(needed) + leaf.size]
            needed += _until_ended(part, leaf.width if isinstance(leaf, Grid) else leaf.size)
        return needed


def _places(leaves: Sequence[Field], width: int) -> tuple[list[list[int]], int]:
    """Where each leaf's symbols stand, and how many positions that takes."""
    places: list[list[int]] = []
    end = 0
    for leaf in leaves:
        row = width or leaf.size  # without a canvas, all in one line
        columns = leaf.width if isinstance(leaf, Grid) and leaf.width <= width else row
        places.append([end + n // columns * row + n % columns for n in range(leaf.size)])
        end += -(-leaf.size // columns) * row
    return places, end


def _until_ended(ends: Sequence[bool], width: int) -> list[bool]:
    """Row by row: what stands before and at the first end; nothing after an empty row."""
    needed: list[bool] = []
    for start in range(0, len(ends), width):
        row = ends[start : start + width]
        over = start > 0 and (ends[start - width] or not needed[start - width])
        length = row.index(True) + 1 if True in row else width
        needed += [not over and at < length for at in range(len(row))]
    return needed


def _regions(
    leaves: Sequence[Field], places: Sequence[Sequence[int]], width: int, given: int
) -> tuple[Region, ...]:
    """First position, rows, columns, row to row, and whether tokens there tell the size."""
    found: dict[int, Region] = {}
    for number, (leaf, place) in enumerate(zip(leaves, places, strict=True)):
        rows, columns, stride = 1, leaf.size, leaf.size
        if isinstance(leaf, Grid):
            rows, columns, stride = leaf.height, leaf.width, width or leaf.width
        # An answer laid over a problem is one region.
        found.setdefault(place[0], (place[0], rows, columns, stride, number < given))
    return tuple(found.values())


SCALE = 16
"""Different whole numbers above which they are taken for quantities, not names."""


def _scales(symbols: Mapping[int, Symbol]) -> list[list[int]]:
    bins = [(int(str(s)[4:]), t) for t, s in symbols.items() if str(s).startswith("bin ")]
    whole = [(s, t) for t, s in symbols.items() if type(s) is int]
    scales = [bins, whole if len(whole) > SCALE else []]
    return [[token for _, token in sorted(scale)] for scale in scales if len(scale) > 2]
