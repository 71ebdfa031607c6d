"""Fresh queries, made of wordings and forms that no grammar of the router was written from.

Wordings and forms are split by template: the open part is there to be looked at,
the sealed one only to be scored. Deterministic.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fresh import forms

HERE = Path(__file__).parent
TASKS = ("sudoku", "maze", "arc")


@dataclass(frozen=True, slots=True)
class Fresh:
    """One query and what should become of it."""

    text: str
    kind: str
    """solve, mixed or near-miss."""
    task: str | None
    problem: dict[str, Any] | None
    residual: str
    """What is wanted besides, in the query's words."""
    language: str
    wording: str
    form: str

    @property
    def label(self) -> str:
        """The route it should take."""
        return {"solve": self.task or "", "mixed": "hybrid"}.get(self.kind, "llm")


def queries(part: str) -> list[Fresh]:
    """All queries of a part, "open" or "sealed"."""
    which = ("open", "sealed").index(part)
    rng = random.Random(f"fresh {part}")
    made = list(_positive(which, rng))
    for text in _near_misses()[which::2]:
        made.append(Fresh(text, "near-miss", None, None, "", "", text, "as it is"))
    return made


def _positive(which: int, rng: random.Random) -> Iterator[Fresh]:
    """Every wording with two forms; then every form once more in plain words."""
    turn = dict.fromkeys(TASKS, 0)
    for number, (language, tasks, wording) in enumerate(_wordings()[which::2]):
        for again in range(2):
            task = tasks if tasks in TASKS else TASKS[(number + again) % 3]
            shapes = _forms(task)[which::2]
            if task == "maze" and re.search(r"\b[SG]\b|[SG](?:[,'、とからま在]|'de)", wording):
                shapes = [one for one in shapes if one.__name__ not in forms.OWN_MARKS]
            form = shapes[turn[task] % len(shapes)]
            turn[task] += 1
            yield _query(language, task, wording, form, rng)
    plain = {"sudoku": "Solve: {P}", "maze": "Shortest way? {P}", "arc": "Do the last one. {P}"}
    for task in TASKS:
        for form in _forms(task)[which::2]:
            yield _query("en", task, plain[task], form, rng)


def _query(language: str, task: str, wording: str, form: Any, rng: random.Random) -> Fresh:
    shown, problem = _problem(task, form, rng)
    residual = " ".join(re.findall("⟦(.*?)⟧", wording))
    text = re.sub("[⟦⟧]", "", wording).replace("{P}", shown)
    kind = "mixed" if residual else "solve"
    return Fresh(text, kind, task, problem, residual, language, wording, form.__name__)


def _wordings() -> list[tuple[str, str, str]]:
    found = []
    for line in (HERE / "wordings.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            head, _, wording = line.partition(": ")
            language, task = head.split()
            found.append((language, task, wording))
    return found


def _near_misses() -> list[str]:
    return [one.strip("\n") for one in (HERE / "near_misses.txt").read_text("utf-8").split("====")]


def _forms(task: str) -> Sequence[Callable[..., str]]:
    return {"sudoku": forms.SUDOKU, "maze": forms.MAZE, "arc": forms.ARC}[task]


def _problem(task: str, form: Any, rng: random.Random) -> tuple[str, dict[str, Any]]:
    if task == "arc":
        pairs, test = _arc(rng)
        train = [{"input": one, "output": two} for one, two in pairs]
        return form(pairs, test), {"train": train, "test": [{"input": test}]}
    rows = _sudoku(rng) if task == "sudoku" else _maze(rng)
    return form(rows), {"grid": rows}


def _sudoku(rng: random.Random) -> list[list[int]]:
    """A known grid, its digits, rows and columns shuffled, 24 to 36 cells kept."""
    digits = rng.sample(range(1, 10), 9)
    lines = [[band * 3 + at for band in rng.sample(range(3), 3) for at in rng.sample(range(3), 3)]
             for _ in range(2)]  # fmt: skip
    rows = [[digits[(3 * (r % 3) + r // 3 + c) % 9] for c in lines[1]] for r in lines[0]]
    while True:
        kept = set(rng.sample(range(81), rng.randint(24, 36)))
        shown = [[cell if 9 * r + c in kept else 0 for c, cell in enumerate(row)]
                 for r, row in enumerate(rows)]  # fmt: skip
        if len({cell for row in shown for cell in row}) == 10:
            return shown


def _maze(rng: random.Random) -> list[list[int]]:
    """Border walls, some inside, one start and one goal."""
    height, width = rng.randint(5, 12), rng.randint(6, 14)
    rows = [[int(0 < r < height - 1 and 0 < c < width - 1 and rng.random() > 0.28)
             for c in range(width)] for r in range(height)]  # fmt: skip
    inner = [(r, c) for r in range(1, height - 1) for c in range(1, width - 1)]
    for (r, c), value in zip(rng.sample(inner, 2), (2, 3), strict=True):
        rows[r][c] = value
    return rows


def _arc(rng: random.Random) -> tuple[list[tuple[Any, Any]], Any]:
    """Pairs that mirror, recolour or turn upside down, and a test grid."""
    rule = rng.choice((_mirrored, _upside_down, _recoloured))

    def grid() -> list[list[int]]:
        height, width = rng.randint(2, 6), rng.randint(2, 6)
        return [[rng.choice((0, 0, 0, 1, 2, 3, 5, 8)) for _ in range(width)] for _ in range(height)]

    pairs = [(one, rule(one)) for one in (grid() for _ in range(rng.randint(2, 4)))]
    return pairs, grid()


def _mirrored(grid: list[list[int]]) -> list[list[int]]:
    return [row[::-1] for row in grid]


def _upside_down(grid: list[list[int]]) -> list[list[int]]:
    return grid[::-1]


def _recoloured(grid: list[list[int]]) -> list[list[int]]:
    return [[(cell * 2) % 10 for cell in row] for row in grid]
