"""An LLM solves mini-Sudokus, a checker judges it, and what was right becomes a specialist.

One answer in ten of this LLM is wrong. The router checks every answer, asks once more if it
must, and records both with the checker's verdict; the specialist learns only from what the
checker passed. Once it answers, it is checked as well. The LLM is a script, so that the
example runs offline.

    python examples/11_grow_checked.py
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hrm_agent import Gate, Grow, Policy, Router, Task, Traffic, Verdict, distil
from hrm_agent.growing import find_family
from hrm_agent.testing import ScriptedLLM
from hrm_router.settings import Settings

SIDE = range(4)
BOXES = [[(r, c) for r in SIDE for c in SIDE if r // 2 == a and c // 2 == b]
         for a in (0, 1) for b in (0, 1)]  # fmt: skip
LINES = [[(r, c) for c in SIDE] for r in SIDE] + [[(r, c) for r in SIDE] for c in SIDE] + BOXES
WRONG = 0.1
"""Share of the LLM's answers that are wrong."""
Digits = Annotated[tuple[Annotated[int, Field(ge=0, le=4)], ...], Field(min_length=4, max_length=4)]


class Grid(BaseModel):
    """Four rows of four digits from 1 to 4; 0 is a blank."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grid: Annotated[tuple[Digits, ...], Field(min_length=4, max_length=4)]


class MiniSudoku(Task[Grid, Grid]):
    """Fill the blanks so that each row, column and box of 2 by 2 holds 1 to 4."""

    name = "mini-sudoku"
    Problem = Solution = Grid

    def check(self, problem: Grid, solution: Grid) -> Verdict:
        """Every line holds four digits, and the given ones are kept."""
        for line in LINES:
            if {solution.grid[r][c] for r, c in line} != {1, 2, 3, 4}:
                return Verdict(False, f"{line} does not hold 1 to 4")
        same = all(problem.grid[r][c] in (0, solution.grid[r][c]) for r in SIDE for c in SIDE)
        return Verdict(same, "" if same else "a given digit was changed")

    def groups(self) -> list[list[int]]:
        """For the network: positions whose digits differ."""
        cells = self.codec.cells["grid"]
        return [[cells[r][c] for r, c in line] for line in LINES]

    def interchangeable(self) -> range:
        """And no digit is special."""
        return range(1, 5)


def puzzle(rng: random.Random) -> tuple[Grid, Grid]:
    """A puzzle with seven blanks, and a solution."""
    rows = [r for pair in rng.sample([(0, 1), (2, 3)], 2) for r in rng.sample(pair, 2)]
    columns = [c for pair in rng.sample([(0, 1), (2, 3)], 2) for c in rng.sample(pair, 2)]
    digits = rng.sample(range(1, 5), 4)
    full = [[digits[(2 * (r % 2) + r // 2 + c) % 4] for c in columns] for r in rows]
    blank = set(rng.sample([(r, c) for r in SIDE for c in SIDE], 7))
    given = [[0 if (r, c) in blank else full[r][c] for c in SIDE] for r in SIDE]
    return Grid(grid=given), Grid(grid=full)


def llm_for(rng: random.Random, known: dict[str, Grid]) -> ScriptedLLM:
    """An LLM that knows the solutions, and gets one in ten wrong."""

    def reply(request: Any) -> str:
        asked = " ".join(str(one["content"]) for one in request.messages)
        grid = next(full for given, full in known.items() if given in asked).model_dump()["grid"]
        if rng.random() < WRONG:
            grid = (*grid[:3], grid[2])
        return json.dumps({"grid": grid})

    return ScriptedLLM(reply)


async def ask(
    router: Router, rng: random.Random, known: dict[str, Grid], calls: int
) -> tuple[int, int]:
    """Ask puzzles; returns the calls of the LLM, and how many answers are verified."""
    llm_calls = verified = 0
    for _ in range(calls):
        given, full = puzzle(rng)
        known.clear()
        known[json.dumps(given.model_dump(mode="json")["grid"], separators=(",", ":"))] = full
        answer = await router.solve(given)
        llm_calls += answer.usage.llm_calls
        verified += answer.status == "verified"
    return llm_calls, verified


async def main() -> None:
    """Record, distil, try, promote, and count."""
    rng, home = random.Random(0), Path(tempfile.mkdtemp())
    known: dict[str, Grid] = {}
    traffic = Traffic(f"sqlite:///{home / 'traffic.db'}")
    root, gate = home / "specialists", Gate(accuracy=0.8, trials=60)
    async with Router(
        [MiniSudoku()],
        llm=llm_for(rng, known),
        settings=Settings(),
        policy=Policy(deadline=20.0),
        record=traffic,
        grow=Grow(gate=gate, shadow=1.0, auto=True, root=root, seed=0),
    ) as router:
        bill = [("recording", 300, *await ask(router, rng, known, 300))]
        traffic.flush()
        family = find_family(traffic.store.rows(), "mini-sudoku")
        print(f"recorded: {family.verdicts}")
        made = await asyncio.to_thread(
            distil, family, task=MiniSudoku(), trust="judged", minutes=0.4, root=root
        )
        task = MiniSudoku()
        wrong = sum(
            not task.check(task.parse(one.problem), Grid(**one.answer)).passed
            for one in made.curated.examples
        )
        print(f"learned from {len(made.curated.examples)} examples, {wrong} of them wrong")
        for period in ("trying", "answering"):
            calls = verified = 0
            for _ in range(10):
                more = await ask(router, rng, known, 15)
                calls, verified = calls + more[0], verified + more[1]
                # A scripted LLM answers at once; a real one leaves the candidate time to try.
                await asyncio.to_thread(router.growth.flush)
            bill.append((period, 150, calls, verified))
        for shown in router.growth.shown:
            print(f"{shown.specialist} {shown.version} is {shown.state}: {shown.standing}")

    print(f"\n{'':10}  {'puzzles':>7}  {'LLM calls':>9}  {'verified':>8}")
    for period, puzzles, llm_calls, verified in bill:
        print(f"{period:10}  {puzzles:7}  {llm_calls:9}  {verified:8}")
    told = {"wrong_examples": wrong, "llm_calls": bill[-1][2], "verified": bill[-1][3]}
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
