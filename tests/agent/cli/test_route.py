"""`route` decides and solves nothing; a batch gives one decision a line, in order."""

from __future__ import annotations

import json


def test_a_decision_in_a_line_and_with_its_evidence(run, puzzle, sudoku):
    ran = run("route", puzzle)
    assert ran.code == 0
    assert ran.out.startswith("specialist (sudoku), confidence 0.9")
    assert len(ran.out.splitlines()) == 1
    assert "81 characters" in run("route", puzzle, "--explain").out
    assert sudoku.asked == []


def test_json_has_problems_spans_and_what_is_left(run, puzzle):
    text = f"Solve {puzzle} and write a limerick about it."
    decision = run("route", text, "--json").json
    assert (decision["route"], decision["task"]) == ("hybrid", "sudoku")
    (problem,) = decision["problems"]
    start, end = problem["span"]
    assert text[start:end] == puzzle
    assert problem["problem"]["grid"][0] == [5, 3, 0, 0, 7, 0, 0, 0, 0]
    assert "limerick" in decision["residual"]


def test_a_batch_is_decided_line_by_line_in_order(run, puzzle, tmp_path):
    file = tmp_path / "queries.jsonl"
    queries = [puzzle, "Which wine goes with mushrooms?", "", f"{puzzle} and a poem about bees"]
    lines = [json.dumps({"query": query, "id": n}) for n, query in enumerate(queries)]
    file.write_text("\n\n".join(lines), encoding="utf-8")
    ran = run("route", "--batch", str(file), "--json")
    assert ran.code == 0
    decisions = [json.loads(line) for line in ran.out.splitlines()]
    assert [decision["route"] for decision in decisions] == ["specialist", "llm", "none", "hybrid"]
    fields = [
        "route",
        "task",
        "confidence",
        "problems",
        "residual",
        "unclear",
        "suspects",
        "unread",
    ]
    assert [list(decision) for decision in decisions] == [fields] * 4
    assert list(decisions[0]["problems"][0]) == ["task", "problem", "span"]
    assert decisions[3]["residual"] == "a poem about bees"
    people = run("route", "--batch", str(file))
    assert len(people.out.splitlines()) == 4


def test_a_query_that_is_refused_keeps_its_place(run, puzzle, tmp_path):
    file = tmp_path / "queries.jsonl"
    queries = ["\0", puzzle]
    file.write_text("".join(json.dumps({"query": q}) + "\n" for q in queries), encoding="utf-8")
    ran = run("route", "--batch", str(file), "--json")
    first, second = map(json.loads, ran.out.splitlines())
    assert ran.code == 2
    assert (first["route"], first["task"], first["problems"]) == ("none", None, [])
    assert "line 1" in ran.err
    assert "NUL" in ran.err
    assert second["route"] == "specialist"
    rows = [{"question": "?"}, {"query": puzzle}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ran = run("route", "--batch", str(file), "--json")
    assert ran.code == 2
    assert [json.loads(line)["route"] for line in ran.out.splitlines()] == ["none", "specialist"]
    assert ran.err.count("line 1") == ran.err.count("has no 'query'") == 1


def test_a_batch_takes_what_a_batch_of_solve_takes(run, puzzle, tmp_path):
    """Texts, problems as data, and the name of their task."""
    file = tmp_path / "queries.jsonl"
    rows = [{"query": puzzle}, {"query": {"grid": puzzle}, "task": "sudoku"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for verb, shown in (("route", "task"), ("solve", "specialist")):
        ran = run(verb, "--batch", str(file), "--json")
        assert ran.code == 0
        assert [json.loads(line)[shown] for line in ran.out.splitlines()] == ["sudoku"] * 2
