"""What training did not cover is named, and never accepted, whatever the confidence."""

from __future__ import annotations

import math
import random

import pytest
from inferring import task_of

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.router import Router
from hrm_specialists.errors import DataError, MalformedTask
from hrm_specialists.schema import infer_task, read_pairs


def rows(n, seed):
    rng = random.Random(seed)
    return [
        {
            "age": rng.randrange(31),
            "size": round(rng.uniform(-1, 1), 3),
            "priority": rng.choice(["high", "low", "mid"]),
            "note": rng.choice(["call back", "wait", "no answer yet"]) + f" {rng.randrange(9)}",
            "since": f"2024-0{rng.randrange(1, 10)}-{rng.randrange(10, 29)}",
            "queue": rng.choice(["urgent", "later"]),
        }
        for _ in range(n)
    ]


@pytest.fixture(scope="module")
def triage():
    task, _ = task_of(rows(600, seed=1), name="triage", label="queue")
    solution = task.Solution.model_validate("urgent")
    with ScriptedSpecialist(task, solution, confidence=1.0) as specialist:
        yield specialist


def spoiled(row, rng):
    """A row with one value that no training row covers, and the value's column."""
    name = rng.choice(["age", "size", "priority", "since"])
    wide = {"age": (0, 30), "size": (-1, 1)}
    if name in wide:
        low, high = wide[name]
        far = 10 ** rng.uniform(0.2, 6) * (high - low)
        value = rng.choice([math.nan, high + far, low - far, None])
    elif name == "since":
        value = rng.choice(["1999-12-31", "2031-01-01", None, "NaT"])
    else:
        word = "".join(rng.choices("abcdefghij", k=6))
        value = rng.choice([word, "HIGH", " ", None, 7, f"{row['priority']}{word}"])
    return {**row, name: value}, name


def test_none_of_ten_thousand_unfamiliar_rows_is_accepted_and_ordinary_ones_are(triage):
    rng = random.Random(2)
    ordinary = [{k: v for k, v in row.items() if k != "queue"} for row in rows(10_000, seed=3)]
    strange, names = zip(*(spoiled(row, rng) for row in ordinary), strict=True)
    read = triage.task.schema.read(
        {name: [row[name] for row in strange] for name in ordinary[0]}, len(strange)
    )

    assert [n for n in range(len(strange)) if n not in {**read.unfamiliar, **read.faults}] == []
    said = {**{at: why[0] for at, why in read.unfamiliar.items()}, **read.faults}
    assert all(said[at].startswith(name) for at, name in enumerate(names))
    few = triage.predict(strange[:300])
    assert set(few.status) <= {"unverified", "failed"}
    assert set(triage.predict(ordinary[:300]).status) == {"accepted"}


def test_columns_and_single_values_are_read_alike(triage):
    rng = random.Random(4)
    task = triage.task
    given = [spoiled(row, rng)[0] for row in rows(300, seed=5)]
    names = list(task.fields["problem"])
    read = task.schema.read({name: [row[name] for row in given] for name in names}, len(given))
    for at, row in enumerate(given):
        try:
            problem = task.parse(row)
        except MalformedTask:
            assert at in read.faults
            continue
        assert tuple(task.unfamiliar(problem)) == read.unfamiliar.get(at, ())
        assert task.schema.problem(read, at).model_dump() == problem.model_dump()


def test_a_list_of_lists_is_a_fault_of_its_row_alone():
    rows = [{"tags": [k % 3, 1], "y": "ab"[k % 2]} for k in range(60)]
    task, _ = task_of(rows, label="y")
    with ScriptedSpecialist(task, task.Solution.model_validate("a"), confidence=1.0) as specialist:
        found = specialist.predict({"tags": [[2, 1], [[1], [2]], [{"a": 1}]]})
    assert found.status == ["accepted", "failed", "failed"]
    assert "is not a list of single values" in found[1].reason


def test_infinity_is_refused_and_numbers_beyond_all_measure_are_missing(triage):
    row = {k: v for k, v in rows(1, seed=6)[0].items() if k != "queue"}
    for value in (math.inf, -math.inf, "inf", "1e999"):
        with pytest.raises(MalformedTask, match=r"age: .*not a number"):
            triage.task.parse({**row, "age": value})
    assert triage.solve({**row, "age": -1.797e308}).unfamiliar == (
        "age is missing; it never was in training",
    )


def test_a_number_just_beyond_the_range_is_familiar_within_the_margin(triage):
    row = {k: v for k, v in rows(1, seed=7)[0].items() if k != "queue"}

    assert triage.solve({**row, "age": 33}).unfamiliar == ()
    assert triage.solve({**row, "age": 34}).unfamiliar == (
        "age 34 is outside the trained range 0 to 30",
    )


def test_the_router_takes_rows_of_a_table_and_says_what_is_wrong_with_them(triage):
    header = "note,age,size,priority,since\n"
    with Router([triage], llm=None) as router:
        named, plain, odd = (
            router.solve_sync(row, task="triage")
            for row in (
                f"{header}wait 1,3,0.5,low,2024-02-11",
                "3,0.5,low,wait 1,2024-02-11",
                "3,0.5,banana,wait 1,2024-02-11",
            )
        )
        with pytest.raises(MalformedTask):
            router.solve_sync("3,0.5,low", task="triage")

    statuses = [answer.status for answer in (named, plain, odd)]
    assert statuses == ["accepted", "accepted", "unverified"]
    assert named.parts[0].problem == plain.parts[0].problem
    assert odd.parts[0].reason == "priority 'banana' was not in training; known: high, low, mid"


def test_a_row_is_taken_in_every_form(triage):
    """Mapping, JSON, a row of CSV in any dialect, a header with a row."""
    wanted = triage.task.parse(
        {"age": 3, "size": 0.5, "priority": "low", "note": "wait 1", "since": "2024-02-11"}
    )
    for text in (
        '{"age": "3", "size": 0.5, "priority": " low", "note": "wait 1", "since": "2024-02-11"}',
        "3,0.5,low,wait 1,2024-02-11",
        "3;0.5;low;wait 1;2024-02-11",
        "3; 0.5; low; wait 1; 2024-02-11; later",
        "3\t0.5\tlow\twait 1\t2024-02-11T00:00:00Z",
        "3, 0.5, low, wait 1, 2024-02-11, urgent",
        "queue,since,note,priority,size,age\nurgent,2024-02-11,wait 1,low,0.50,3.0",
    ):
        assert triage.task.parse(text) == wanted, text
    for text in ("3,0.5,low", "which queue?", '{"age": 3}', "[1, 2]"):
        with pytest.raises(MalformedTask):
            triage.task.parse(text)


def test_the_only_column_of_text_keeps_its_name_and_comes_bare():
    texts = [{"message": f"{word} order {k}", "team": word} for k in range(40) for word in
             ("return", "cancel")]  # fmt: skip
    task, _ = task_of(texts, name="mail", label="team")

    for given in ("cancel order 7", {"message": "cancel order 7"}, '{"message": "cancel order 7"}'):
        assert task.parse(given).message == "cancel order 7"
    answer = task.Solution.model_validate("cancel")
    with ScriptedSpecialist(task, answer) as specialist, Router([specialist], llm=None) as router:
        assert router.solve_sync("cancel order 7", task="mail").status == "accepted"
    assert task.Problem.model_json_schema()["properties"] == {
        "message": {"title": "Message", "type": "string"}
    }
    assert task.description == "Predicts `team` (cancel, return) from message."


def test_a_tool_sees_known_values_and_ranges(triage):
    schema = triage.task.Problem.model_json_schema()

    assert schema["properties"]["priority"]["enum"] == ["high", "low", "mid"]
    assert schema["properties"]["age"]["description"] == "Trained from 0 to 30"
    assert triage.task.description == (
        "Predicts `queue` (later, urgent) from age, size, priority, note, since."
    )
    answer = triage.task.Solution.model_json_schema()["properties"]["queue"]
    assert answer["enum"] == ["later", "urgent"]


def test_truths_are_read_in_all_writings_but_among_zeros_and_ones_a_word_is_none():
    writings = (True, "true", "TRUE", "yes", "y", 1, "1", "on", " True ")
    for yes, no in (("True", "False"), ("yes", "No"), ("Y", "n"), ("on", "off"), (1, 0)):
        rows = [{"on": (no, yes)[k % 2], "n": k % 7, "x": "ab"[k % 2]} for k in range(60)]
        task, _ = task_of(rows, label="x", types={"on": "category"} if yes == 1 else None)
        for true in (True, 1, "1") if yes == 1 else writings:
            assert task.parse({"on": true, "n": 1}).on == str(yes), true
        assert task.parse({"on": False, "n": 1}).on == str(no)
        for odd in ("maybe", *(["yes"] if yes == 1 else [])):
            assert task.unfamiliar(task.parse({"on": odd, "n": 1}))
    mixed = ["yes", "No", "YES", "no", "TRUE"]
    rows = [{"on": mixed[k % 5], "x": k % 9, "s": "ab"[k % 3 == 0]} for k in range(90)]
    task, _ = task_of(rows, label="s")
    assert len(task.fields["problem"]["on"].values) == 2
    assert not task.unfamiliar(task.parse({"on": True, "x": 3}))


def test_infinity_in_a_column_of_numbers_is_an_error_in_training_too_and_no_stray_word():
    """What prediction refuses, training refuses, however it is written."""
    for infinity in (math.inf, "inf", "-Infinity", "1e999", "∞"):
        ages = [infinity, *(str(k % 30) for k in range(99))]
        table = [{"age": age, "q": "ab"[k % 2]} for k, age in enumerate(ages)]
        pairs = read_pairs(table, label="q")
        with pytest.raises(DataError, match=r"age.* not a number"):
            infer_task("t", [(p.problem, p.solution) for p in pairs], layout=pairs.layout)
