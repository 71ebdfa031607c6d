"""The default reader: JSON that validates as a task's problem, anywhere in a text.

Knows nothing of any particular task. Time is linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from hrm_specialists.contract import Claim

P = TypeVar("P", bound=BaseModel)


def read_typed(problem: type[P], text: str) -> Iterator[Claim[P]]:
    """Yield the claims of every JSON object in `text` that validates."""
    raise NotImplementedError
