"""`predict` answers every row of a table, and marks what cannot be trusted."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pyarrow import parquet

from hrm_agent.testing import ScriptedSpecialist
from hrm_specialists.schema import infer_task, read_pairs


@pytest.fixture(scope="module")
def triage(tmp_path_factory):
    """A task inferred from a table, answered by a script: urgent from age 20 on."""
    file = tmp_path_factory.mktemp("triage") / "tickets.csv"
    rows = [
        f"{k % 31},{('high', 'low', 'mid')[k % 3]},{'urgent' if k % 31 >= 20 else 'later'}"
        for k in range(120)
    ]
    file.write_text("\n".join(["age,priority,queue", *rows]), "utf-8")
    pairs = read_pairs(file, label="queue")
    sides = [(pair.problem, pair.solution) for pair in pairs]
    task = infer_task("triage", sides, layout=pairs.layout)

    def answer(problem):
        late = (problem.age or 0) >= 20
        return task.Solution.model_validate("urgent" if late else "later")

    with ScriptedSpecialist(task, answer, confidence=0.97) as specialist:
        yield specialist, file


def test_rows_keep_their_order_and_bad_ones_are_marked(run, triage, tmp_path):
    specialist, _ = triage
    file = tmp_path / "new.csv"
    file.write_text(
        "priority;age;note\nhigh;25;a\nbanana;3;b\nlow;1000000;c\nlow;old;d\nmid;NaN;e\nlow;1\n",
        "utf-8",
    )
    ran = run("predict", "triage", str(file), specialists=[specialist])
    rows = list(csv.DictReader(io.StringIO(ran.out)))

    assert ran.code == 0
    assert [row["note"] for row in rows] == ["a", "b", "c", "d", "e", ""]
    assert [row["status"] for row in rows] == [
        "accepted", "unverified", "unverified", "failed", "unverified", "failed",
    ]  # fmt: skip
    assert rows[0]["prediction"] == "urgent"
    assert rows[0]["probability"] == "0.97"
    assert rows[1]["reason"] == ("priority 'banana' was not in training; known: high, low, mid")
    assert rows[2]["reason"] == "age 1000000 is outside the trained range 0 to 30"
    assert rows[3]["reason"] == "age: 'old' is not a number"
    assert rows[4]["reason"] == "age is missing; it never was in training"
    assert rows[5]["reason"] == "2 fields under a header of 3"


def test_the_file_of_training_is_answered_into_every_kind_of_table(run, triage, tmp_path):
    specialist, file = triage
    found = {}
    for kind in ("csv", "jsonl", "parquet"):
        out = tmp_path / f"out.{kind}"
        ran = run(
            "predict", "triage", str(file), "--out", str(out), "--json", specialists=[specialist]
        )
        assert ran.json == {"n": 120, "accepted": 120, "out": str(out)}
        if kind == "csv":
            found[kind] = list(csv.DictReader(out.read_text("utf-8").splitlines()))
        elif kind == "jsonl":
            found[kind] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        else:
            found[kind] = parquet.read_table(out).to_pylist()
    for rows in found.values():
        assert list(rows[0]) == [
            "age", "priority", "queue", "prediction", "probability", "status", "reason",
        ]  # fmt: skip
        assert all(row["prediction"] == row["queue"] for row in rows)


def test_nothing_half_written_stays(run, triage, tmp_path):
    specialist, _ = triage
    file = tmp_path / "new.csv"
    file.write_bytes(b"age,priority\n" + b"3,low\n" * 9000 + b"3,l\xffw\n")
    out = tmp_path / "out.csv"
    ran = run("predict", "triage", str(file), "--out", str(out), specialists=[specialist])

    assert ran.code == 2
    assert "line 9002" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv"]


def test_a_missing_column_is_named(run, triage, tmp_path):
    specialist, _ = triage
    file = tmp_path / "new.csv"
    file.write_text("age,prio\n3,low\n", "utf-8")
    ran = run("predict", "triage", str(file), specialists=[specialist])

    assert ran.code == 2
    assert "no column 'priority'; columns: age, prio" in ran.err
    assert run("predict", "triage", str(file), "--json", specialists=[specialist]).code == 2
    assert (
        run("predict", "triage", str(file), "--out", "x.xlsx", specialists=[specialist]).code == 2
    )


def test_rows_given_in_python_are_a_table_too(triage):
    specialist, _ = triage
    found = specialist.predict([{"age": 25, "priority": "low"}, [3, "high"], {"age": "?"}])

    assert found.prediction == ["urgent", "later", "later"]
    assert found.status == ["accepted", "accepted", "unverified"]
    assert found[1:].to_arrow().column_names == ["prediction", "probability", "status", "reason"]
    assert repr(found) == "Predictions(3 rows: 2 accepted, 1 unverified)"
    assert specialist.predict({"age": [1], "priority": ["low"]}).status == ["accepted"]


def test_the_file_of_training_can_be_evaluated(run, triage):
    specialist, file = triage
    scores = run("evaluate", "triage", "--data", str(file), "--json", specialists=[specialist]).json

    assert scores["n"] == 120
    assert scores["exact_accuracy"] == scores["balanced_accuracy"] == scores["auc"] == 1
    assert (scores["accepted"], scores["accepted_accuracy"]) == (1, 1)
    assert scores["ece"] == pytest.approx(0.03)


def test_a_column_of_the_answer_may_have_another_name(run, triage, tmp_path):
    specialist, _ = triage
    file = tmp_path / "renamed.csv"
    file.write_text("age,priority,team\n25,low,urgent\n3,,later\n3,low,nobody\n", "utf-8")
    scores = run(
        "evaluate", "triage", "--data", str(file), "--label", "team", "--json",
        specialists=[specialist],
    ).json  # fmt: skip

    assert (scores["n"], scores["accepted"]) == (3, pytest.approx(2 / 3))
    assert scores["exact_accuracy"] == pytest.approx(2 / 3)
