"""Can a specialist complete shift plans and load trucks, with a checker that has the last word?

    pip install 'hrm-agent[industry]'      # OR-Tools, for the solver beside it
    python examples/industry/planning.py [--quick] [--json]

Two plans that a business would recognise, each learned from 1,000 solved examples. Shifts: seven
days of three shifts for seven people; nobody works twice a day or the same shift twice a week,
and an early shift never follows one's own night. Wishes fix some cells, the rest is to be
filled. Truck: which of ten orders to load, so that their worth is highest within the load. The
checker knows the rules, and for a truck demands at least what loading by worth per weight gives.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from _report import Outcome, main
from pydantic import BaseModel, ConfigDict, Field

from hrm_agent import Specialist, Task, Verdict, train

LEARNED, QUICK = 1_000, 150
TESTED = 100
MINUTES, STEPS = 0.75, 200
"""Of training, for each of the two."""
DAYS, SHIFTS, PEOPLE = 7, 3, 7
ORDERS, HEAVIEST = 10, 20

Pair = tuple[Any, Any]
FROZEN = ConfigDict(extra="forbid", frozen=True)
Cell = Annotated[int, Field(ge=0, le=PEOPLE)]
Day = Annotated[tuple[Cell, ...], Field(min_length=SHIFTS, max_length=SHIFTS)]
Amount = Annotated[int, Field(ge=1, le=HEAVIEST)]
Flag = Annotated[int, Field(ge=0, le=1)]


CELLS = [(day, shift) for day in range(DAYS) for shift in range(SHIFTS)]


class Plan(BaseModel):
    """A week: a row for each day, and in it who works early, late and at night; 0 is open."""

    model_config = FROZEN
    grid: Annotated[tuple[Day, ...], Field(min_length=DAYS, max_length=DAYS)]


class Shifts(Task[Plan, Plan]):
    """Fill the open shifts of a week."""

    name = "week"
    description = "Fill the open shifts of a week for seven people."
    Problem = Solution = Plan
    lines: Sequence[Sequence[tuple[int, int]]] = (
        *([(day, shift) for shift in range(SHIFTS)] for day in range(DAYS)),
        *([(day, shift) for day in range(DAYS)] for shift in range(SHIFTS)),
        *([(day, SHIFTS - 1), (day + 1, 0)] for day in range(DAYS - 1)),
    )

    def groups(self) -> list[list[int]]:
        """Cells that never hold the same person."""
        cells = self.codec.cells["grid"]
        return [[cells[day][shift] for day, shift in line] for line in self.lines]

    def interchangeable(self) -> range:
        """Nobody is special."""
        return range(1, PEOPLE + 1)

    def check(self, problem: Plan, solution: Plan) -> Verdict:
        """All shifts are filled, the rules hold, and wishes are kept."""
        for line in self.lines:
            people = [solution.grid[day][shift] for day, shift in line]
            if 0 in people or len(set(people)) < len(people):
                return Verdict(False, f"the cells {line} hold {people}")
        for day, shift in CELLS:
            if problem.grid[day][shift] not in (0, solution.grid[day][shift]):
                return Verdict(False, f"the wish for day {day}, shift {shift} is not kept")
        return Verdict(True)

    def examples(self, count: int, seed: int) -> Iterator[Pair]:
        """Full weeks at random, opened while one way to fill them is left."""
        rng = random.Random(seed)
        for _ in range(count):
            full = self.fill([[0] * SHIFTS for _ in range(DAYS)], 1, rng)[0]
            wishes = [list(row) for row in full]
            for day, shift in rng.sample(CELLS, len(CELLS)):
                kept, wishes[day][shift] = wishes[day][shift], 0
                if len(self.fill([list(row) for row in wishes], 2, rng)) > 1:
                    wishes[day][shift] = kept
            yield {"grid": wishes}, {"grid": full}

    def fill(self, grid: list[list[int]], most: int, rng: random.Random) -> list[list[list[int]]]:
        """Up to `most` ways to fill a week; for making examples only."""
        taken = {cell: set[int]() for cell in CELLS}
        for line in self.lines:
            for cell in line:
                taken[cell] |= {grid[day][shift] for day, shift in line}
        open_cells = [(day, shift) for day, shift in CELLS if not grid[day][shift]]
        if not open_cells:
            return [[list(row) for row in grid]]
        day, shift = max(open_cells, key=lambda cell: (len(taken[cell]), rng.random()))
        found: list[list[list[int]]] = []
        for person in rng.sample(range(1, PEOPLE + 1), PEOPLE):
            if person not in taken[day, shift] and len(found) < most:
                grid[day][shift] = person
                found += self.fill(grid, most - len(found), rng)
                grid[day][shift] = 0
        return found


class Load(BaseModel):
    """Weight and worth of each order, the best worth per weight first, and the load."""

    model_config = FROZEN
    weights: Annotated[tuple[Amount, ...], Field(min_length=ORDERS, max_length=ORDERS)]
    worths: Annotated[tuple[Amount, ...], Field(min_length=ORDERS, max_length=ORDERS)]
    limit: Annotated[int, Field(ge=1, le=HEAVIEST * ORDERS)]


class Loaded(BaseModel):
    """1 for each order that is loaded."""

    model_config = FROZEN
    taken: Annotated[tuple[Flag, ...], Field(min_length=ORDERS, max_length=ORDERS)]


class Truck(Task[Load, Loaded]):
    """Choose orders for a truck."""

    name = "truck"
    description = "Choose which of ten orders to load, so that their worth is highest."
    Problem, Solution = Load, Loaded

    def check(self, problem: Load, solution: Loaded) -> Verdict:
        """The load is kept, and the worth is at least the greedy one."""
        weight = sum(w for w, taken in zip(problem.weights, solution.taken, strict=True) if taken)
        if weight > problem.limit:
            return Verdict(False, f"{weight} is loaded, {problem.limit} at most")
        least, worth = worth_of(problem, greedy(problem)), worth_of(problem, solution.taken)
        return Verdict(worth >= least, "" if worth >= least else f"{worth}; greedy gives {least}")

    def examples(self, count: int, seed: int) -> Iterator[Pair]:
        """Random orders with their best load, by trying all."""
        rng = np.random.default_rng(seed)
        every = np.arange(1 << ORDERS)[:, None] >> np.arange(ORDERS) & 1
        for _ in range(count):
            pairs = sorted(
                rng.integers(1, HEAVIEST + 1, (ORDERS, 2)).tolist(), key=lambda p: p[0] / p[1]
            )
            weights, worths = map(list, zip(*pairs, strict=True))
            limit = int(rng.uniform(0.25, 0.7) * sum(weights))
            worth = np.where(every @ weights <= limit, every @ worths, -1)
            best = every[int(worth.argmax())].tolist()
            yield {"weights": weights, "worths": worths, "limit": max(1, limit)}, {"taken": best}


def worth_of(load: Load, taken: Sequence[int]) -> int:
    """Sum of the worths of what is taken."""
    return sum(worth for worth, one in zip(load.worths, taken, strict=True) if one)


def greedy(load: Load) -> list[int]:
    """Take what fits, the best worth per weight first."""
    left, taken = load.limit, []
    for weight in load.weights:
        taken.append(int(weight <= left))
        left -= weight * taken[-1]
    return taken


@contextmanager
def taught(task: Any, pairs: list[Pair], seed: int, quick: bool) -> Iterator[Specialist]:
    """A specialist, trained and gone again."""
    recipe = {"steps": STEPS} if quick else None  # else as many as the minutes allow
    with tempfile.TemporaryDirectory() as folder:
        made = train(
            pairs,
            name=task.name,
            task=task,
            minutes=MINUTES,
            recipe=recipe,
            seed=seed,
            root=Path(folder),
        )
        try:
            yield made
        finally:
            made.close()


def cellwise(pairs: list[Pair], seed: int) -> Callable[[Any], list[int]]:
    """Boosting for each cell of the answer by itself."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    X = np.array([flat(problem) for problem, _ in pairs])
    Y = np.array([flat(solution) for _, solution in pairs])
    models = [
        HistGradientBoostingClassifier(max_iter=50, random_state=seed).fit(X, column)
        for column in Y.T
    ]
    return lambda problem: [int(m.predict([flat(problem)])[0]) for m in models]


def flat(value: Any) -> list[int]:
    """All numbers of a problem or solution, in order."""
    if isinstance(value, int):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [number for part in parts for number in flat(part)]


def by_solver(task: Any, problem: Any) -> list[int]:
    """The same by OR-Tools' CP-SAT, as a solver would be asked."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    if isinstance(task, Shifts):
        cells = [[model.new_int_var(1, PEOPLE, "") for _ in range(SHIFTS)] for _ in range(DAYS)]
        for line in task.lines:
            model.add_all_different([cells[day][shift] for day, shift in line])
        for day, row in enumerate(problem["grid"]):
            for shift, person in enumerate(row):
                if person:
                    model.add(cells[day][shift] == person)
        variables = [cell for row in cells for cell in row]
    else:
        variables = [model.new_bool_var("") for _ in range(ORDERS)]
        model.add(
            sum(w * v for w, v in zip(problem["weights"], variables, strict=True))
            <= problem["limit"]
        )
        model.maximize(sum(w * v for w, v in zip(problem["worths"], variables, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.solve(model)
    return [int(solver.value(variable)) for variable in variables]


def shaped(task: Any, numbers: list[int]) -> Any:
    """Numbers as a solution of the task."""
    if isinstance(task, Shifts):
        return Plan(grid=tuple(tuple(numbers[d * SHIFTS : (d + 1) * SHIFTS]) for d in range(DAYS)))
    return Loaded(taken=tuple(numbers))


def passes(task: Any, problem: Any, numbers: list[int]) -> bool:
    """Whether the checker takes an answer that came from elsewhere."""
    try:
        return bool(task.check(task.Problem.model_validate(problem), shaped(task, numbers)).passed)
    except ValueError:
        return False


def measure(seed: int, given: argparse.Namespace) -> Outcome:
    """Share of the plans that the checker takes, mean of both tasks."""
    import importlib.util

    learned, tested = (QUICK, 20) if given.quick else (LEARNED, TESTED)
    shares: dict[str, list[float]] = {}
    figures: dict[str, float | None] = {}
    for task in (Shifts(),) if given.quick else (Shifts(), Truck()):
        pairs = list(task.examples(learned + tested, seed))
        tests, pairs = pairs[learned:], pairs[:learned]
        with taught(task, pairs, seed, given.quick) as specialist:
            specialist.solve(tests[0][0])
            began = time.perf_counter()
            attempts = [specialist.solve(problem) for problem, _ in tests]
            spent = (time.perf_counter() - began) / len(tests)
        verified = [a.verdict is not None and a.verdict.passed for a in attempts]
        shares.setdefault("hrm-agent", []).append(float(np.mean(verified)))
        guess = cellwise(pairs, seed)
        guessed = [passes(task, problem, guess(problem)) for problem, _ in tests]
        shares.setdefault("boosting, cell by cell", []).append(float(np.mean(guessed)))
        figures[f"{task.name}: verified"] = float(np.mean(verified))
        figures[f"{task.name}: ms a plan"] = 1e3 * spent
        if isinstance(task, Truck):
            gaps = [
                1 - worth_of(load, attempt.solution.taken) / worth_of(load, best["taken"])
                for attempt, ok, (problem, best) in zip(attempts, verified, tests, strict=True)
                if ok and (load := Load.model_validate(problem))
            ]
            loads = [(Load.model_validate(problem), best["taken"]) for problem, best in tests]
            plain = [
                1 - worth_of(load, greedy(load)) / worth_of(load, best) for load, best in loads
            ]
            figures["truck: below the best, verified loads"] = (
                float(np.mean(gaps)) if gaps else None
            )
            figures["truck: below the best, greedy"] = float(np.mean(plain))
        if importlib.util.find_spec("ortools"):
            began = time.perf_counter()
            solved = [passes(task, problem, by_solver(task, problem)) for problem, _ in tests]
            figures[f"{task.name}: ms a plan, OR-Tools"] = (
                1e3 * (time.perf_counter() - began) / len(tests)
            )
            figures[f"{task.name}: verified, OR-Tools"] = float(np.mean(solved))
    mean = {name: float(np.mean(found)) for name, found in shares.items()}
    return Outcome(mean.pop("hrm-agent"), mean, figures)


if __name__ == "__main__":
    main(measure, about=__doc__ or "", metric="share of plans that the checker takes")
