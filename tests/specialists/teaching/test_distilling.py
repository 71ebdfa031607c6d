"""Mixed rows: what they are made of, who labels them, and when there are any."""

from __future__ import annotations

import random

import pytest

from hrm_specialists.codec import IGNORE
from hrm_specialists.errors import ConfigError
from hrm_specialists.schema.examples import Example
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.teaching import distilling
from hrm_specialists.teaching.distilling import ROWS_OF_EACH, can_distil, distilled
from hrm_specialists.teaching.teach import train
from hrm_specialists.training.data import encode

rng = random.Random(0)
QUICK = {"steps": 3, "compile": False}
ROWS = [{"a": rng.random(), "b": rng.random(), "c": rng.random()} for _ in range(120)]
MIXED = ROWS_OF_EACH * len(ROWS)
PAIRS = [(row, "high" if row["a"] > 0.4 else "low") for row in ROWS]


def table(pairs=PAIRS):
    task = infer_task("table", pairs)
    models = [(task.Problem.model_validate(p), task.Solution.model_validate(s)) for p, s in pairs]
    return task, [Example(*pair) for pair in models], encode(task, models)


def test_half_are_the_examples_and_half_are_mixed_of_them_column_by_column():
    task, examples, tokens = table()

    more = distilled(task, examples, tokens, seed=0)

    assert len(more) == 2 * MIXED
    assert more.inputs[: len(tokens)].equal(tokens.inputs)
    assert more.targets[: len(tokens)].equal(tokens.targets)
    mixed = more.inputs[MIXED:]
    for column in range(tokens.inputs.shape[1]):
        assert set(mixed[:, column].tolist()) <= set(tokens.inputs[:, column].tolist())
    known = set(map(tuple, tokens.inputs.tolist()))
    assert sum(tuple(row) not in known for row in mixed[:500].tolist()) > 100


def test_the_forest_labels_them_by_what_decides():
    task, examples, tokens = table()
    more = distilled(task, examples, tokens, seed=0)
    asked = task.codec.asked[0]
    sure = next(e for e in examples if e.solution.label == "high")
    high = task.codec.target(sure.problem, sure.solution)[asked]
    bins = task.codec.problem_fields["a"].edges
    above = {
        task.codec.encode(e.problem)[task.codec.given[0]]
        for e in examples
        if e.problem.a > 0.4
    }  # fmt: skip
    mixed = slice(MIXED, None)
    said = more.targets[mixed, asked] == high
    right = [token in above for token in more.inputs[mixed, task.codec.given[0]].tolist()]

    assert len(bins) > 50
    assert sum(a == b for a, b in zip(said.tolist(), right, strict=True)) > 0.95 * MIXED
    assert (
        more.targets[mixed].sum(1)
        == more.targets[mixed, asked] + IGNORE * (more.targets.shape[1] - 1)
    ).all()


def test_no_example_is_left_out_however_few_rows_are_mixed(monkeypatch):
    monkeypatch.setattr(distilling, "MOST_POSITIONS", 200)
    task, examples, tokens = table()

    more = distilled(task, examples, tokens, seed=0)

    assert len(more) == len(tokens) + 200 // task.codec.seq_len
    assert more.inputs[: len(tokens)].equal(tokens.inputs)


def test_the_same_seed_makes_the_same_rows():
    task, examples, tokens = table()
    one, two, other = (distilled(task, examples, tokens, seed=seed) for seed in (1, 1, 2))
    assert one.inputs.equal(two.inputs)
    assert one.targets.equal(two.targets)
    assert not one.inputs.equal(other.inputs)


def test_only_labels_of_columns_can_be_distilled():
    task, examples, _ = table()
    assert can_distil(task, examples)
    assert not can_distil(task, examples * 400)  # enough of them need no teacher
    task, examples, _ = table([(f"{'x' * (n % 5 + 1)}{n % 7}", "ab"[n % 2]) for n in range(60)])
    assert not can_distil(task, examples)
    task, examples, _ = table([([n % 7, n % 5], [n % 5, n % 7]) for n in range(60)])
    assert not can_distil(task, examples)


def test_asking_for_it_where_it_cannot_be_says_so(tmp_path):
    pairs = [([n % 7, n % 5, n // 7 % 9], [n % 5, n % 7, n // 7 % 9]) for n in range(60)]
    with pytest.raises(ConfigError, match="answered by one label"):
        train(pairs, name="swap", recipe={"distil": True, **QUICK}, root=tmp_path)


def test_the_card_says_that_it_was_done(tmp_path):
    train(PAIRS, name="table", recipe={"distil": True, **QUICK}, root=tmp_path)
    train(PAIRS, name="table", recipe={"distil": False, **QUICK}, root=tmp_path)

    one, two = (tmp_path / "table" / v / "README.md" for v in ("v0001", "v0002"))
    assert "labelled by a random forest" in one.read_text("utf-8")
    assert "labelled by a random forest" not in two.read_text("utf-8")
