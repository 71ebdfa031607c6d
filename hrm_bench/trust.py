"""Does accepted mean what it says? Noisy data drawn afresh, taught, and asked once more.

Tables, texts and grids of 300 to 1,000 rows whose labels are wrong at a known rate. Fresh
rows of the same make, as noisy, tell how many of the accepted answers are right, and how
far the probabilities are off. The makers know nothing of learners.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hrm_specialists.evaluation.reliability import expected_calibration_error

Kind = Literal["table", "text", "grid", "drawing"]
"""Of a problem; a drawing is answered by a drawing, all else by a label."""
KINDS: tuple[Kind, ...] = ("table", "text", "grid", "drawing")
Rows = list[tuple[Any, Any]]

COST = 9.0
TARGET = COST / (1 + COST)
"""Share of the accepted that must be right."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What one data set showed."""

    kind: Kind
    seed: int
    rows: int
    noise: float
    right: float
    """Of all fresh rows."""
    accepted: float
    precision: float | None
    """Of the accepted; None if nothing is."""
    calibration_error: float
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the accepted are right as often as they are said to be."""
        return self.precision is None or self.precision >= TARGET


def draw(kind: Kind, seed: int, *, minutes: float, fresh: int = 4000) -> Draw:
    """Teach one data set and ask fresh rows of it; minutes are of processor time."""
    from hrm_specialists.teaching.teach import train

    rng = np.random.default_rng([seed, KINDS.index(kind)])
    count, noise = int(rng.integers(300, 1001)), float(rng.choice([0.02, 0.05, 0.1, 0.2, 0.3]))
    make = _MAKERS[kind](rng)
    known, asked = make(count, noise), make(fresh, noise)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        taught = train(
            known,
            name="t",
            minutes=minutes,
            cost_of_wrong=COST,
            root=Path(folder),
            device="cpu",
            clock=time.process_time,
            seed=seed,
        )
        seconds = time.process_time() - began
        with taught:
            found = taught.predict([problem for problem, _ in asked])
    right = [p.prediction == answer for p, (_, answer) in zip(found, asked, strict=True)]
    sure = [hit for p, hit in zip(found, right, strict=True) if p.status == "accepted"]
    return Draw(
        kind,
        seed,
        count,
        noise,
        sum(right) / fresh,
        len(sure) / fresh,
        sum(sure) / len(sure) if sure else None,
        expected_calibration_error([p.probability or 0.0 for p in found], right),
        seconds,
    )


def to_markdown(draws: Sequence[Draw]) -> str:
    """A table with a line for each kind, and one for all."""
    lines = [
        "| kind | draws | precision ≥ target | accepted | ECE mean | ECE ≤ .05 |",
        "|---|---|---|---|---|---|",
    ]
    for kind in (*KINDS, None):
        part = [one for one in draws if kind in (one.kind, None)]
        if part:
            errors = [one.calibration_error for one in part]
            lines.append(
                f"| {kind or 'all'} | {len(part)} | {sum(one.holds for one in part)} "
                f"| {np.mean([one.accepted for one in part]):.0%} | {np.mean(errors):.3f} "
                f"| {sum(error <= 0.05 for error in errors)} |"
            )
    return "\n".join(lines)


Make = Callable[[int, float], Rows]
"""So many rows of one data set, their labels wrong at this rate."""


def _noisy(rng: Any, label: int, labels: int, noise: float) -> str:
    if rng.random() < noise:
        label = int(rng.integers(labels))
    return f"c{label}"


def _table(rng: Any) -> Make:
    """Numbers and names; the label is the largest of some random functions of them."""
    numbers, names = int(rng.integers(2, 8)), int(rng.integers(0, 4))
    labels = int(rng.integers(2, 6))
    slopes, bends = rng.normal(size=(2, labels, numbers)) * [[[1.0]], [[0.7]]]
    worth = rng.normal(size=(labels, max(1, names), 6))
    shift = rng.normal(size=labels) * 0.8

    def make(count: int, noise: float) -> Rows:
        rows: Rows = []
        for _ in range(count):
            x, n = rng.normal(size=numbers), rng.integers(0, 6, size=names)
            score = slopes @ x + bends @ np.sin(2 * x) + shift
            score = score + worth[:, range(names), n].sum(1) if names else score
            row: dict[str, Any] = {f"x{at}": round(float(v), 3) for at, v in enumerate(x)}
            row |= {f"n{at}": f"v{v}" for at, v in enumerate(n)}
            rows.append((row, _noisy(rng, int(score.argmax()), labels, noise)))
        return rows

    return make


def _text(rng: Any) -> Make:
    """Words drawn from those of a topic, or from those of all."""
    labels, own = int(rng.integers(2, 6)), float(rng.uniform(0.3, 0.9))
    letters = list("abcdefghijklmnoprstuvwz")
    words = ["".join(rng.choice(letters, size=rng.integers(3, 9))) for _ in range(400)]
    topics = [rng.choice(len(words), size=30) for _ in range(labels)]

    def make(count: int, noise: float) -> Rows:
        rows: Rows = []
        for _ in range(count):
            label, size = int(rng.integers(labels)), int(rng.integers(5, 16))
            at = np.where(
                rng.random(size) < own,
                rng.choice(topics[label], size=size),
                rng.integers(len(words), size=size),
            )
            text = " ".join(words[n] for n in at)
            rows.append(({"text": text}, _noisy(rng, label, labels, noise)))
        return rows

    return make


def _cells(rng: Any) -> tuple[Callable[[], Any], int]:
    side, colours = int(rng.integers(3, 7)), int(rng.integers(2, 6))
    return lambda: rng.integers(colours, size=(side, side)), colours


def _grid(rng: Any) -> Make:
    """The label is the commonest colour, or that of a random cell."""
    cells, colours = _cells(rng)
    place = None if rng.random() < 0.5 else tuple(rng.integers(3, size=2))

    def make(count: int, noise: float) -> Rows:
        rows: Rows = []
        for _ in range(count):
            grid = cells()
            label = int(np.bincount(grid.ravel()).argmax() if place is None else grid[place])
            rows.append(({"grid": grid.tolist()}, _noisy(rng, label, colours, noise)))
        return rows

    return make


def _drawing(rng: Any) -> Make:
    """Each cell from itself and the one beside it, by a random rule; noise spoils a cell."""
    cells, colours = _cells(rng)
    rule = rng.integers(colours, size=(colours, colours))

    def make(count: int, noise: float) -> Rows:
        rows: Rows = []
        for _ in range(count):
            grid = cells()
            answer = rule[grid, np.roll(grid, 1, axis=1)]
            if rng.random() < noise:
                answer[tuple(rng.integers(len(answer), size=2))] = rng.integers(colours)
            rows.append((grid.tolist(), answer.tolist()))
        return rows

    return make


_MAKERS: dict[Kind, Callable[[Any], Make]] = {
    "table": _table,
    "text": _text,
    "grid": _grid,
    "drawing": _drawing,
}
