"""From a tool's name, description and schema alone, its calls come out right.

Each call was written down from the card as it is printed here, and from nothing else: no
source, no documentation, no example. What must arrive is the problem that was meant.
"""

from __future__ import annotations

import json
from typing import Any

from hrm_agent.testing import ScriptedSpecialist
from hrm_agent.tools import call_tool, tool_cards
from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.schema import infer_task

GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
DIGITS = [[0 if c == "." else int(c) for c in GRID[at : at + 9]] for at in range(0, 81, 9)]
PAIR = {"input": [[1, 0], [0, 0]], "output": [[0, 1], [0, 0]]}


def tickets() -> Any:
    """A task as `train` infers it from a table."""
    rows = [
        ({"priority": level, "age_days": age, "customer": who}, {"queue": queue})
        for age in range(0, 91, 3)
        for level, who, queue in (
            ("high", "pro", "urgent"),
            ("mid", "basic", "standard"),
            ("low", "basic", "backlog"),
        )
    ]
    return infer_task("tickets", rows)


WRITTEN: list[tuple[str, dict[str, Any], Any]] = [
    # sudoku: "Nine rows of nine cells, 0 for a blank; or a string of 81 cells …, or nine strings"
    ("sudoku", {"grid": DIGITS}, {"grid": DIGITS}),
    ("sudoku", {"grid": GRID}, {"grid": DIGITS}),
    ("sudoku", {"grid": GRID.replace(".", "0")}, {"grid": DIGITS}),
    ("sudoku", {"grid": [GRID[at : at + 9] for at in range(0, 81, 9)]}, {"grid": DIGITS}),
    ("sudoku", {"grid": GRID.replace(".", "_")}, {"grid": DIGITS}),
    # maze: "Rows from top to bottom, … `#` wall, `.` or space floor, `S` start, `G` goal"
    ("maze", {"grid": ["S.G"]}, {"grid": [[2, 1, 3]]}),
    ("maze", {"grid": ["S.", "#G"]}, {"grid": [[2, 1], [0, 3]]}),
    ("maze", {"grid": ["###", "S G", "###"]}, {"grid": [[0] * 3, [2, 1, 3], [0] * 3]}),
    ("maze", {"grid": ["S..", ".#.", "..G"]}, {"grid": [[2, 1, 1], [1, 0, 1], [1, 1, 3]]}),
    ("maze", {"grid": ["G", ".", "S"]}, {"grid": [[3], [1], [2]]}),
    # arc: "train: Demonstrations: pairs of an input grid and its output grid", "test: Inputs …"
    (
        "arc",
        {"train": [PAIR, PAIR], "test": [{"input": [[2, 0], [0, 0]]}]},
        {"train": [PAIR, PAIR], "test": [{"input": [[2, 0], [0, 0]]}]},
    ),
    (
        "arc",
        {"train": [PAIR], "test": [{"input": [[7]]}, {"input": [[0, 9]]}]},
        {"train": [PAIR], "test": [{"input": [[7]]}, {"input": [[0, 9]]}]},
    ),
    (
        "arc",
        {"train": [{"input": [[5, 5]], "output": [[6]]}], "test": [{"input": [[5, 5, 5]]}]},
        {"train": [{"input": [[5, 5]], "output": [[6]]}], "test": [{"input": [[5, 5, 5]]}]},
    ),
    # tickets: "Predicts `queue` (backlog, standard, urgent) from priority, age_days, customer."
    *(
        ("tickets", asked, asked)
        for asked in (
            {"priority": "high", "age_days": 3, "customer": "pro"},
            {"priority": "mid", "age_days": 0, "customer": "basic"},
            {"priority": "low", "age_days": 90, "customer": "basic"},
            {"priority": "high", "age_days": 45, "customer": "basic"},
        )
    ),
    ("tickets", {"priority": "low", "age_days": "12", "customer": "pro"}, None),
    ("tickets", json.loads('{"priority": "mid", "age_days": 30.0, "customer": "pro"}'), None),
    ("tickets", {"customer": "pro", "priority": "high", "age_days": 1}, None),
]


async def test_calls_written_from_the_card_alone_arrive_as_they_were_meant():
    tasks = [SudokuTask(), MazeTask(), ArcTask(), tickets()]
    made = {task.name: ScriptedSpecialist(task, None) for task in tasks}
    async with Router(list(made.values()), llm=None, settings=Settings()) as router:
        cards = {card.name: card for card in tool_cards(router)}
        for name, arguments, meant in WRITTEN:
            allowed = cards[name].arguments["properties"]
            assert arguments.keys() <= allowed.keys(), (name, arguments)
            await call_tool(router, name, arguments)
            wanted = made[name].task.Problem.model_validate(meant or arguments)
            assert made[name].asked[-1] == wanted, (name, arguments)
    assert len(WRITTEN) == 20
    for one in made.values():
        one.close()


async def test_a_card_tells_what_the_arguments_are_and_what_comes_back():
    with ScriptedSpecialist(tickets(), None) as one:
        async with Router([one], llm=None, settings=Settings()) as router:
            (card,) = tool_cards(router)
    assert "Predicts `queue`" in card.description
    for label in ("urgent", "standard", "backlog"):
        assert label in card.description
    fields = card.arguments["properties"]
    assert set(fields["priority"]["enum"]) == {"high", "mid", "low"}
    assert "90" in json.dumps(fields["age_days"])
    assert "accepted" in card.description
    assert set(card.result["properties"]["status"]["enum"]) > {"accepted", "unverified"}
