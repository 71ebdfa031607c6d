"""The codec of plain data: fields of two models laid side by side, or on top of each other.

Where problem and solution are one grid, list or text of the same shape, the
answer is written over the problem, position for position (*aligned*).
Otherwise the solution's fields get positions of their own after the problem's.

Tokens: 0 padding, 1 "answer here", 2 a value never seen in training; then one
for each symbol, shared by both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hrm_specialists.codec import IGNORE, PAD, Codec
from hrm_specialists.errors import MalformedTask, TaskTooLarge
from hrm_specialists.fields import (
    END,
    Field,
    Grid,
    Items,
    Series,
    Symbol,
    field_from_config,
    field_to_config,
)

P = TypeVar("P", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)

ANSWER, UNKNOWN, FIRST_SYMBOL = 1, 2, 3
MAX_POSITIONS = 4096


class FieldCodec(Codec[P, S]):
    """Encode two models field by field.

    Args:
        problem, solution: the models.
        problem_fields, solution_fields: how each of their fields lies, in order.
        aligned: write the answer over the problem; both sides then have one
            field of the same size.

    Raises:
        TaskTooLarge: more than `MAX_POSITIONS` positions.
    """

    def __init__(
        self,
        problem: type[P],
        solution: type[S],
        problem_fields: Mapping[str, Field],
        solution_fields: Mapping[str, Field],
        *,
        aligned: bool,
    ) -> None:
        self.Problem, self.Solution = problem, solution
        self.problem_fields, self.solution_fields = problem_fields, solution_fields
        self.aligned = aligned
        self.asked = sum(field.size for field in solution_fields.values())
        self.given = sum(field.size for field in problem_fields.values())
        if aligned and self.asked != self.given:
            raise MalformedTask("an aligned codec needs both sides of one size")
        self.seq_len = self.given if aligned else self.given + self.asked
        if self.seq_len > MAX_POSITIONS:
            raise TaskTooLarge(f"{self.seq_len} positions; at most {MAX_POSITIONS} are supported")
        symbols: dict[tuple[type, Symbol], int] = {}
        for field in [*problem_fields.values(), *solution_fields.values()]:
            for symbol in field.alphabet:
                symbols.setdefault((type(symbol), symbol), len(symbols) + FIRST_SYMBOL)
        self._token = symbols
        self._symbol = {token: symbol for (_, symbol), token in symbols.items()}
        self.vocab_size = len(symbols) + FIRST_SYMBOL

    def encode(self, problem: P) -> list[int]:
        """Fields one after the other; padding where a value is shorter than its field."""
        tokens: list[int] = []
        for name, field in self.problem_fields.items():
            for symbol in self._spread(name, field, getattr(problem, name)):
                ended = (
                    symbol == END
                    and type(symbol) is str
                    and isinstance(field, Items | Series | Grid)
                )
                tokens.append(PAD if ended else self._token.get((type(symbol), symbol), UNKNOWN))
        return tokens if self.aligned else tokens + [ANSWER] * self.asked

    def unknowns(self, problem: P) -> list[str]:
        """Values of `problem` that training never saw, for people: "colour 'mauve'"."""
        return [
            f"{name} {symbol!r}"
            for name, field in self.problem_fields.items()
            for symbol in self._spread(name, field, getattr(problem, name))
            if not (type(symbol) is str and symbol == END)
            and (type(symbol), symbol) not in self._token
        ]

    def target(self, problem: P, solution: S) -> list[int]:
        """Right tokens where the solution stands; see `Codec.target`."""
        tokens: list[int] = []
        for name, field in self.solution_fields.items():
            for symbol in self._spread(name, field, getattr(solution, name)):
                token = self._token.get((type(symbol), symbol))
                if token is None:
                    raise MalformedTask(f"{name}: {symbol!r} is no value of this field")
                tokens.append(token)
        if not self.aligned:
            return [IGNORE] * self.given + tokens
        inputs = self.encode(problem)
        end = self._token.get((str, END))
        if any((t == end) != (i == PAD) for t, i in zip(tokens, inputs, strict=True)):
            raise MalformedTask("problem and solution differ in shape")
        return [IGNORE if i == PAD else t for t, i in zip(tokens, inputs, strict=True)]

    def decode(self, problem: P, tokens: Sequence[int]) -> S:
        """Symbols to fields; see `Codec.decode`."""
        if self.aligned:
            inputs = self.encode(problem)
            pairs = zip(inputs, tokens, strict=True)
            answer = [END if given == PAD else self._read(token) for given, token in pairs]
        else:
            answer = [self._read(token) for token in tokens[self.given :]]
        values: dict[str, Any] = {}
        at = 0
        for name, field in self.solution_fields.items():
            values[name] = field.gather(answer[at : at + field.size])
            at += field.size
        try:
            return self.Solution.model_validate(values)
        except ValidationError as error:
            raise MalformedTask(f"the answer is no solution: {error.errors()[0]['msg']}") from None

    def to_config(self) -> dict[str, Any]:
        """Plain JSON; `codec_from_config` rebuilds the codec from it and the models."""
        return {
            "kind": "fields",
            "aligned": self.aligned,
            "problem": {n: field_to_config(f) for n, f in self.problem_fields.items()},
            "solution": {n: field_to_config(f) for n, f in self.solution_fields.items()},
        }

    @classmethod
    def from_config(
        cls, problem: type[P], solution: type[S], config: Mapping[str, Any]
    ) -> FieldCodec[P, S]:
        """The codec that `to_config` described."""
        return cls(
            problem,
            solution,
            {n: field_from_config(f) for n, f in config["problem"].items()},
            {n: field_from_config(f) for n, f in config["solution"].items()},
            aligned=config["aligned"],
        )

    def _spread(self, name: str, field: Field, value: Any) -> list[Symbol]:
        try:
            return field.spread(value)
        except TaskTooLarge as error:
            raise TaskTooLarge(f"{name}: {error}") from None

    def _read(self, token: int) -> Symbol:
        if token not in self._symbol:
            raise MalformedTask("a position was left without an answer")
        return self._symbol[token]
