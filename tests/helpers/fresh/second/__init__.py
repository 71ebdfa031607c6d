"""A second round of fresh queries; `python -m fresh.second sealed` counts what is read exactly."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from hrm_puzzles.maze.models import MARKS
from hrm_router.deciding import Decider
from hrm_specialists.installed import installed_task, installed_tasks

PARTS = ("open", "sealed", "odd")


def queries(part: str) -> list[dict[str, Any]]:
    """The lines of `open`, `sealed` or `odd`."""
    with gzip.open(Path(__file__).parent / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_exactly(part: str) -> tuple[int, int]:
    """How many queries with a payload are claimed with it and nothing else, of how many."""
    decider = Decider([installed_task(name) for name in installed_tasks()])
    known = [one for one in queries(part) if one["payload"] is not None]
    right = 0
    for one in known:
        found = decider.decide(one["query"]).problems
        right += len(found) == 1 and _as_payload(found[0].problem) == one["payload"]
    return right, len(known)


def _as_payload(problem: Any) -> object:
    grid = getattr(problem, "grid", ())
    if type(problem).__name__ == "SudokuProblem":
        return "".join(str(cell or ".") for row in grid for cell in row)
    return ["".join(MARKS[cell] if cell < 4 else "?" for cell in row) for row in grid]
