"""Models whose fields are typed by hand: a misspelt name is an error that suggests a known one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError


class Spelled(BaseModel):
    """Frozen settings; an unknown name is refused with the nearest one there is."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _knows_the_names(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        wrong: list[InitErrorDetails] = [
            {
                "type": PydanticCustomError(
                    "unknown_name", "{told}", {"told": unknown(name, cls.model_fields)}
                ),
                "loc": (str(name),),
                "input": None,  # it may be a secret
            }
            for name in given
            if name not in cls.model_fields
        ]
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong, hide_input=True)
        return given


def unknown(name: object, known: Iterable[str]) -> str:
    """What is said of a name that is none: "unknown; did you mean 'deadline'?"."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f"unknown; did you mean {near[0]!r}?" if near else "unknown"
