"""The card of a tool: what a language model is told, and how its arguments are understood."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel

from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.answer import Answer, Part
from hrm_router.cards import (
    arguments_of,
    card_of,
    description_of,
    plain_schema,
    problem_of,
    told,
)
from hrm_specialists.contract import Task
from hrm_specialists.errors import MalformedTask

TASKS = {task.name: task for task in (SudokuTask(), MazeTask(), ArcTask())}
LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROWS = [[0 if c == "." else int(c) for c in LINE[at : at + 9]] for at in range(0, 81, 9)]
BOXES = "\n".join(" ".join(LINE[at : at + 9]) + " " for at in range(0, 81, 9))
PAIR = {"input": [[1, 0], [0, 0]], "output": [[0, 1], [0, 0]]}
ARC = {"train": [PAIR, PAIR], "test": [{"input": [[3, 0], [0, 0]]}]}
MAZE = ["#####", "#S..#", "###.#", "#G..#", "#####"]


class Ticket(BaseModel):
    """A support ticket.

    Kept as it came from the legacy system: do not reorder.
    """

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    priority: Literal["high", "mid", "low"]
    """How urgent the customer says it is."""
    age_days: Annotated[float, Field(ge=0, le=90)]
    """Days since it was opened."""
    vip: bool = False


class Queue(BaseModel):
    queue: Literal["urgent", "standard", "backlog"]


class Triage(Task[Ticket, Queue]):
    name = "triage"
    Problem, Solution = Ticket, Queue


class Row(RootModel[list[float]]):
    pass


class Readings(Task[Row, Queue]):
    name = "readings"
    Problem, Solution = Row, Queue


def test_a_card_says_what_is_predicted_from_what_and_keeps_notes_for_maintainers_back():
    with ScriptedSpecialist(Triage(), Queue(queue="urgent")) as specialist:
        card = card_of(specialist)
    assert "Predicts `queue` (urgent, standard, backlog) from `priority`" in card.description
    assert "A support ticket." in card.description
    assert "`accepted`: not checkable, but of high confidence" in card.description
    fields = card.arguments["properties"]
    assert fields["priority"]["enum"] == ["high", "mid", "low"]
    assert fields["priority"]["description"] == "How urgent the customer says it is."
    assert (fields["age_days"]["minimum"], fields["age_days"]["maximum"]) == (0, 90)
    assert card.arguments["required"] == ["priority", "age_days"]
    assert "legacy" not in json.dumps([card.description, card.arguments, card.result])


def test_every_argument_of_every_shipped_task_is_explained_and_no_note_leaks():
    for task in TASKS.values():
        schema = arguments_of(task)
        assert all(shape.get("description") for shape in schema["properties"].values()), task.name
        told = description_of(task) + json.dumps(schema)
        for note in ("whoever", "checker's to say", "refused here", "looked at"):
            assert note not in told, (task.name, note)
    assert all(
        f"{number} {what}" in json.dumps(arguments_of(TASKS["maze"]))
        for number, what in enumerate(("wall", "floor", "start", "goal"))
    )


def test_the_extraction_sees_the_same_descriptions_as_the_tools():
    for task in TASKS.values():
        strict = plain_schema(task.Arguments or task.Problem)
        for name, shape in arguments_of(task)["properties"].items():
            assert strict["properties"][name]["description"] == shape["description"]


def test_every_usual_writing_of_arguments_is_understood():
    cases = {
        "sudoku": (
            {"grid": ROWS},
            [
                {"grid": json.dumps(ROWS)},
                json.dumps({"grid": ROWS}),
                {"grid": LINE},
                {"grid": [LINE[at : at + 9] for at in range(0, 81, 9)]},
                {"grid": [" ".join(LINE[at : at + 9]) for at in range(0, 81, 9)]},
                {"grid": BOXES},
                {"grid": [json.dumps(row) for row in ROWS]},
                {"grid": [[str(cell) for cell in row] for row in ROWS]},
                {"grid": [[float(cell) for cell in row] for row in ROWS]},
                {"grid": [[cell or None for cell in row] for row in ROWS]},
                {"puzzle": ROWS},
                {"problem": {"grid": json.dumps(ROWS)}},
                {"arguments": json.dumps({"grid": ROWS})},
                f"sudoku: {LINE}",
                f"```text\n{LINE}\n```",
            ],
        ),
        "arc": (
            ARC,
            [
                {"train": json.dumps(ARC["train"]), "test": json.dumps(ARC["test"])},
                {"train": [json.dumps(PAIR)] * 2, "test": ARC["test"]},
                {
                    "train": [{"input": ["10", "00"], "output": ["01", "00"]}] * 2,
                    "test": [{"input": "3 0\n0 0"}],
                },
                {"task": ARC},
                json.dumps(ARC),
            ],
        ),
        "maze": (
            {"grid": MAZE},
            [
                {"grid": json.dumps(MAZE)},
                {"grid": "\n".join(MAZE)},
                {"grid": [list(row) for row in MAZE]},
                {"grid": [row.replace("G", "E") for row in MAZE]},
                {"maze": MAZE},
            ],
        ),
    }
    for name, (plain, writings) in cases.items():
        wanted = TASKS[name].Problem.model_validate(plain)
        for writing in writings:
            assert problem_of(TASKS[name], writing) == wanted, (name, writing)


def test_a_text_that_says_more_than_the_problem_is_refused():
    drawn = "\n".join(MAZE)
    cases = {
        "sudoku": [
            f"Sudoku X, diagonals count too: {LINE}",
            f"{LINE} (anti-knight)",
            f"killer cage r1c1+r1c2=9 {LINE}",
            f"{LINE}; 9 9 9",
            "\n".join([LINE[:9] + "  <- all odd", *(LINE[at : at + 9] for at in range(9, 81, 9))]),
        ],
        "maze": [f"no left turns\n{drawn}", f"{drawn}\ndo not cross row 3"],
    }
    for name, texts in cases.items():
        for text in texts:
            writings = ({"grid": text}, {"puzzle": text}, {"grid": text.split("\n")}, text)
            for writing in writings:
                with pytest.raises(MalformedTask):
                    problem_of(TASKS[name], writing)
            with pytest.raises(MalformedTask, match="says more than the problem"):
                TASKS[name].parse(text)


def test_a_tool_says_why_nobody_could_take_a_problem():
    part = Part(status="abstained", by="none", reason="there is no way from start to goal")
    answer = Answer(route="none", text="", parts=(part,), solve_id="")
    assert told(answer).startswith("abstained: there is no way from start to goal")


def test_fields_of_an_inferred_kind_are_read_from_text():
    wanted = Ticket(priority="high", age_days=3, vip=True)
    for writing in (
        {"priority": "high", "age_days": "3", "vip": "true"},
        {"ticket": '{"priority": "high", "age_days": 3, "vip": true}'},
        '{"priority": "high", "age_days": 3, "vip": true}',
    ):
        assert problem_of(Triage(), writing) == wanted, writing
    for writing in ([1, 2.5], {"root": [1, 2.5]}, {"root": "[1, 2.5]"}, {"values": "1, 2.5"}):
        assert problem_of(Readings(), writing).root == [1, 2.5], writing


def test_what_is_no_problem_is_refused_with_the_field_and_what_it_takes():
    cases = [
        (Triage(), {"priority": "banana", "age_days": 3}, "'high', 'mid' or 'low'"),
        (Triage(), {"priority": "high", "age_days": 300}, "Days since it was opened"),
        (Triage(), {"priority": "high", "age_days": 3, "x": 1}, "the arguments are priority"),
        (TASKS["sudoku"], {"grid": "12"}, "a string of 2 cells"),
        (TASKS["sudoku"], {"grid": "55" + "." * 79}, "clash"),
        (TASKS["maze"], {"grid": ["#S?G#"]}, "`#` wall"),
        (TASKS["arc"], {"train": "nothing", "test": []}, "Demonstrations"),
        (TASKS["sudoku"], {}, "Field required"),
    ]
    for task, given, said in cases:
        with pytest.raises(MalformedTask) as error:
            problem_of(task, given)
        assert said in str(error.value), (given, str(error.value))
