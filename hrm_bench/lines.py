"""Results as JSON Lines, one a line, so that a long run can be taken up again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

R = TypeVar("R")


def recorded(file: Path, kind: type[R]) -> list[R]:
    """Results written earlier; none if there is no file yet."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [kind(**json.loads(line)) for line in lines]


def record(file: Path, result: Any) -> None:
    """Add a result, a dataclass."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(result)) + "\n")
