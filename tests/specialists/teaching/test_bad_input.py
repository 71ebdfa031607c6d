"""What is wrong with somebody's file is said with file and line, before time is spent."""

from __future__ import annotations

import json
import random

import pytest

from hrm_specialists.errors import CheckpointWriteFailed, DataError
from hrm_specialists.teaching.teach import train


def lines(n=60):
    rng = random.Random(0)
    return [{"problem": rng.sample(range(9), 3), "solution": rng.choice("ab")} for _ in range(n)]


def wrong(change):
    rows = [json.dumps(row) for row in lines()]
    change(rows)
    return rows


def replaced(at, row):
    def change(rows):
        rows[at] = row if isinstance(row, str) else json.dumps(row)

    return change


def all_equal(rows):
    rows[:] = [json.dumps({**json.loads(row), "solution": "a"}) for row in rows]


def endless(rows):
    rows[7] = json.dumps({"problem": list(range(9)) * 600, "solution": "a"})


@pytest.mark.parametrize("at", [0, 7, 48])
def test_the_longest_problem_fits_in_whichever_part_it_falls(tmp_path, at):
    rows = [(row["problem"], row["solution"]) for row in lines()]
    rows[at] = (list(range(9)), "a")
    with train(rows, name="long", root=tmp_path, device="cpu", minutes=0.02) as taught:
        assert taught.task.parse(list(range(9)))


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (replaced(9, '{"problem": [1, 2'), 10, "is not JSON"),
        (replaced(9, {"problem": [1, 2, 3]}), 10, "'problem' and 'solution'"),
        (replaced(9, {"problem": "1 2", "solution": None}), 10, "null"),
        (replaced(9, {"problem": {"a": 1}, "solution": "a"}), 10, "sometimes an object"),
        (replaced(9, {"problem": [[1], [2]], "solution": "a"}), 10, "different kinds"),
        (replaced(9, {"problem": [1, 2, 3], "solution": 4.5}), 10, "different kinds"),
        (all_equal, None, "all solutions are equal"),
        (endless, None, "at most 4096 are supported: shorten"),
        (lambda rows: rows.__delitem__(slice(40, None)), None, "40 examples; at least 50"),
    ],
)
def test_each_is_named_with_file_and_line(tmp_path, change, line, says):
    file = tmp_path / "examples.jsonl"
    file.write_text("\n".join(wrong(change)), "utf-8")

    with pytest.raises(DataError, match=says) as caught:
        train(file, name="bad", root=tmp_path / "root", device="cpu")

    assert caught.value.file == file
    assert line is None or caught.value.line == line
    assert not list((tmp_path / "root").glob("bad/v*"))


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    """The version before stays, and the new one is not there at all."""
    from hrm_specialists import storage

    recipe = {"steps": 2, "batch": 8, "compile": False, "network": {"hidden_size": 16}}
    pairs = [(row["problem"], row["solution"]) for row in lines()]
    train(pairs, name="full", root=tmp_path, recipe=recipe, device="cpu").close()

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.disk, "rename", no_space)
    with pytest.raises(CheckpointWriteFailed, match="No space left"):
        train(pairs, name="full", root=tmp_path, recipe=recipe, device="cpu")
    assert [f.name for f in (tmp_path / "full").iterdir() if f.name != ".run"] == ["v0001"]
