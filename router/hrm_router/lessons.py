"""What a router has learned about routing, in one file: lessons and the intents' model.

The file is a numpy archive without pickles: the labelled queries as JSON lines, and the
model's arrays, which are used again while the intents and lessons are the same. Knows nothing
of how they are used.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from hrm_router.deciding import LabelledQuery
from hrm_router.intent_model import IntentModel
from hrm_specialists.errors import DataError


def save(path: Path, lessons: Sequence[LabelledQuery], model: IntentModel | None) -> None:
    """Write both to a file, in one step: readers see the old file or the new one."""
    import numpy as np

    lines = "\n".join(one.model_dump_json() for one in lessons).encode()
    arrays = {} if model is None else model.arrays()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        np.savez(file, lessons=np.frombuffer(lines, dtype=np.uint8), **arrays)
    beside.replace(path)


def load(path: Path) -> tuple[tuple[LabelledQuery, ...], IntentModel | None]:
    """Read what `save` wrote.

    Raises:
        DataError: the file cannot be read, or holds something else.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as held:
            lines = bytes(held["lessons"]).decode().splitlines()
            lessons = tuple(LabelledQuery.model_validate_json(line) for line in lines)
            return lessons, IntentModel.from_arrays(held) if "weights" in held else None
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise DataError(f"no file of routing lessons: {type(error).__name__}", file=path) from error
