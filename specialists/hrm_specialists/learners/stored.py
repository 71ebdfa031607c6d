"""What was learned as data: plain JSON, and arrays by name beside it.

Every part is a frozen dataclass of numbers, texts, arrays and other parts. It proves that its
arrays fit together when it is made, so what is read from a file proves it, too. Knows nothing
of what the parts do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


class Stored:
    """A part that can be kept; `__post_init__` raises ValueError if it cannot be right."""

    __slots__ = ()
    kinds: ClassVar[dict[str, type[Any]]] = {}

    def __init_subclass__(cls) -> None:
        Stored.kinds[cls.__name__] = cls


def pack(value: Any) -> tuple[Any, dict[str, NDArray[Any]]]:
    """A part as JSON, and its arrays; `unpack` makes it again."""
    arrays: dict[str, NDArray[Any]] = {}

    def told(value: Any, name: str) -> Any:
        if isinstance(value, np.ndarray):
            arrays[name] = value
            return {"array": name}
        if isinstance(value, Stored):
            named = {field.name: getattr(value, field.name) for field in fields(value)}  # type: ignore[arg-type]
            return {"part": type(value).__name__, **told(named, name)}
        if isinstance(value, Mapping):
            return {key: told(inner, f"{name}.{key}".strip(".")) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [told(inner, f"{name}.{at}") for at, inner in enumerate(value)]
        return value

    return told(value, ""), arrays


def unpack(told: Any, arrays: Arrays) -> Any:
    """What `pack` was given; lists come back as tuples.

    Raises:
        KeyError, TypeError, ValueError: it is no such part, or its arrays do not fit together.
    """
    if isinstance(told, Mapping):
        if "array" in told:
            return arrays[told["array"]]
        inner = {key: unpack(value, arrays) for key, value in told.items() if key != "part"}
        return Stored.kinds[told["part"]](**inner) if "part" in told else inner
    return tuple(unpack(value, arrays) for value in told) if isinstance(told, list) else told


def demand(*facts: tuple[bool | np.bool, str]) -> None:
    """Raise ValueError with the words of the first fact that does not hold."""
    for holds, otherwise in facts:
        if not holds:
            raise ValueError(otherwise)
