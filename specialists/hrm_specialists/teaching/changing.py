"""An example, moved or with symbols renamed: in its values, and the same in its tokens.

Values are what checkers see, tokens what networks see; `fits` tells whether both
changed alike. Knows nothing of checkers or networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Symmetry, Task
from hrm_specialists.errors import HrmAgentError
from hrm_specialists.symmetries import moved, positions_of

Pair = tuple[BaseModel, BaseModel]
Change = Callable[[Any], Any]


def as_model(model: type[BaseModel], value: Any) -> BaseModel:
    """A value as it is, or as the only field that a model has.

    Raises:
        ValidationError: it is none.
    """
    fields = list(model.model_fields)
    if not isinstance(value, Mapping | BaseModel) and len(fields) == 1:
        value = {fields[0]: value}
    return model.model_validate(value)


def in_tokens(task: Task[Any, Any], move: int, one: int = 0, other: int = 0) -> Symmetry:
    """A move of the grids, and two tokens trading places, as a network meets them."""
    symbols = list(range(task.codec.vocab_size))
    symbols[one], symbols[other] = other, one
    return Symmetry(positions_of(task.codec, move), tuple(symbols))


def fits(task: Task[Any, Any], pair: Pair, symmetry: Symmetry, change: Change) -> bool:
    """Whether changing the values and moving the tokens come to the same."""
    try:
        moved_pair = [changed(side, change) for side in pair]
        codec = task.codec
        before, after = codec.encode(pair[0]), codec.encode(moved_pair[0])
        wanted, found = codec.target(*pair), codec.target(*moved_pair)
    except (ValidationError, HrmAgentError):
        return False
    asked = [token != IGNORE for token in wanted]
    if symmetry.apply(before) != after or [asked[at] for at in symmetry.positions] != [
        token != IGNORE for token in found
    ]:
        return False
    filled = [max(token, 0) for token in wanted]
    return all(
        token in (IGNORE, put) for token, put in zip(found, symmetry.apply(filled), strict=True)
    )


def changed(side: BaseModel, change: Change) -> BaseModel:
    """One side of an example with its values changed.

    Raises:
        ValidationError: the outcome is no such side.
    """
    return type(side).model_validate(change(side.model_dump()))


def moving(move: int) -> Change:
    """Moves every grid in plain values."""

    def change(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: change(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple | str):
            rows = moved(value, move)
            return ["".join(row) for row in rows] if isinstance(value[0], str) else rows
        return value

    return change


def trading(one: Any, other: Any) -> Change:
    """Writes each of two symbols for the other."""

    def change(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: change(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [change(inner) for inner in value]
        for here, there in ((one, other), (other, one)):
            if type(value) is type(here) and value == here:
                return there
        return value

    return change
