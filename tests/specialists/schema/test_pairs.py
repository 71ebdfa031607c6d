"""Examples from files: what is wrong is named by file and line, before any training."""

from __future__ import annotations

import json

import pytest

from hrm_specialists.errors import DataError
from hrm_specialists.installed import installed_task, task_folder
from hrm_specialists.schema.examples import Pair, contradictions, read_pairs
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.teaching.splitting import same_json, split


def jsonl(path, rows):
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), "utf-8")
    return path


def rows(n):
    return [{"problem": [k % 7, k], "solution": k % 7, "house": k // 10} for k in range(n)]


def test_lines_come_with_their_numbers_and_groups(tmp_path):
    """Blank lines are skipped and still counted."""
    file = jsonl(tmp_path / "a.jsonl", ["", *rows(60)])

    pairs = read_pairs(file, group="house")

    assert pairs[0] == Pair([0, 0], 0, line=2, group="0")
    assert len(pairs) == 60


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("{not json", "is not JSON"),
        ('{"problem": 1}', "expected an object with 'problem' and 'solution'"),
        ("[1, 2]", "expected an object"),
        ('{"problem": null, "solution": 1}', "is null"),
        ("[" * 10_000, "is not JSON"),
        ('{"problem": [1, NaN], "solution": 1}', "NaN is no number of JSON"),
    ],
)
def test_a_broken_line_is_named(tmp_path, broken, message):
    """The message leads to the line that has to be mended."""
    file = jsonl(tmp_path / "a.jsonl", [*rows(60), broken])

    with pytest.raises(DataError, match=message) as caught:
        read_pairs(file)

    assert (caught.value.file, caught.value.line) == (file, 61)


def typed(pairs, at):
    """One problem and its solution as the task inferred from all of them reads it."""
    task = infer_task("t", [(p.problem, p.solution) for p in pairs], layout=pairs.layout)
    problem = task.Problem.model_validate(pairs[at].problem)
    return problem.model_dump(mode="json"), task.Solution.model_validate(pairs[at].solution)


def test_tables_answer_one_column(tmp_path):
    """Numbers become numbers, series lists, codes stay codes, blanks are missing."""
    file = tmp_path / "t.csv"
    codes = ["007", "0815"]
    lines = [
        f"{k},{k / 2},{codes[k % 2]},1 2 {k},{'' if k % 5 else 'x'},{'ab'[k % 2]}"
        for k in range(60)
    ]
    file.write_text("\n".join(["id,size,code,readings,note,kind", *lines]), "utf-8")
    pairs = read_pairs(file, label="kind", ignore=["id"])

    problem, solution = typed(pairs, 1)

    assert problem == {"size": 0.5, "code": "0815", "readings": [1, 2, 1], "note": None}
    assert solution.model_dump() == {"kind": "b"}
    assert pairs[1].line == 3


def test_nan_is_missing_and_infinity_refused(tmp_path):
    """As spreadsheets and data frames write them."""
    file = tmp_path / "t.csv"
    lines = [f"{'NaN' if k == 7 else k / 2},{k % 2}" for k in range(60)]
    file.write_text("\n".join(["size,kind", *lines]), "utf-8")

    assert typed(read_pairs(file, label="kind"), 7)[0] == {"size": None}
    with pytest.raises(DataError, match="infinite or NaN"):
        infer_task("t", [(float("inf") if k == 7 else k / 2, k % 2) for k in range(60)])


def test_long_rows_of_digits_are_texts(tmp_path):
    """A solved puzzle is no number, however many digits it has."""
    file = tmp_path / "t.csv"
    lines = [f"{'.' * 80}{k % 9 + 1},{str(k % 9 + 1) * 81}" for k in range(60)]
    file.write_text("\n".join(["question,answer", *lines]), "utf-8")

    assert read_pairs(file)[0].solution == "1" * 81


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n" + "1,2\n" * 60, {}, "which column is to be answered"),
        ("a,b\n" + "1,2\n" * 60, {"label": "c"}, "no column 'c'; columns: a, b"),
        ("a,b\n1,2,3\n", {"label": "b"}, "3 fields under a header of 2"),
        ("a,b\n" + "1,2\n" * 9, {"label": "b"}, "9 examples; at least 50"),
        ("a,b\n" + "1,\n" * 60, {"label": "b"}, "column 'b': the answer is empty in 60 row"),
        ("", {"label": "b"}, "no rows"),
        ("b\n" + "1\n" * 60, {"label": "b"}, "no column is left"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path, text, options, message):
    """Each mistake has its own sentence."""
    file = tmp_path / "t.csv"
    file.write_text(text, "utf-8")

    with pytest.raises(DataError, match=message):
        read_pairs(file, **options)


def test_files_that_are_not_there_or_not_text_are_named(tmp_path):
    """No traceback from the bottom of the library."""
    binary = tmp_path / "b.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(DataError, match="no such file"):
        read_pairs(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="not UTF-8"):
        read_pairs(binary)
    with pytest.raises(DataError, match=r"is none of \.csv"):
        read_pairs(tmp_path / "x.xlsx")


def test_parts_share_no_problem_and_no_group():
    """Nothing that was learned from is measured on."""
    pairs = read_pairs([([k % 40], k % 40) for k in range(200)])

    parts = split(pairs, seed=1)

    seen = [{same_json(p.problem) for p in part} for part in (parts.train, parts.test)]
    assert not seen[0] & seen[1]
    assert len(parts.train) + len(parts.validation) + len(parts.test) == 200
    assert len(parts.test) >= 20
    houses = [Pair([k], k % 3, group=str(k // 20)) for k in range(200)]
    cut = split(houses, seed=1)
    assert not {p.group for p in cut.train} & {p.group for p in cut.test}
    assert split(houses, seed=1) == cut


def test_contradictions_are_told_with_their_lines():
    clean = [([k], [k % 2, k]) for k in range(100)]
    torn = read_pairs([*clean, *[([k], [k % 2, 7]) for k in range(20)]])

    assert split(read_pairs(clean), seed=0).notes == []
    (note,) = split(torn, seed=0).notes
    assert "such as lines 1 and 101" in note
    assert "more than 84.2% of the examples" in note
    with pytest.raises(DataError, match="at least three"):
        split([Pair([1], 1, group="a")] * 60, seed=0)


def test_labels_may_be_noisy_and_their_ceiling_is_told():
    """Three rows of a hundred disagree with two like them: nobody can be right on all."""
    pairs = read_pairs([([k % 20], "ab"[k % 2] if k > 2 else "c") for k in range(100)])

    split(pairs, seed=0)
    found = contradictions(pairs)
    assert found.ceiling == pytest.approx(0.97)
    assert (found.line, found.other) == (1, 21)
    assert contradictions(pairs[3:20]).ceiling == 1.0


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", 1), ([1], 2)], "problem: the values are of different kinds: list, str"),
        ([({"a": 1}, 1), (2, 2)], "sometimes an object"),
        ([({"a": 1}, 1), ({"b": 2}, 2)], "differ in their keys: a, b"),
        ([([1], 1), ([2], 1)], "all solutions are equal"),
        ([([[1, 2], [3]], 1), ([[1]], 2)], "rows of a grid differ"),
        ([([[[1]]], 1), ([[[2]]], 2)], "is no symbol"),
        ([([{"a": 1}], 1), ([{"a": 2}], 2)], "nested lists"),
    ],
)
def test_sides_without_a_common_kind_are_refused(pairs, message):
    """The side, and what was found there, is in the message."""
    with pytest.raises(DataError, match=message):
        infer_task("t", pairs)


def test_spaces_around_a_drawing_are_cells(tmp_path):
    """Spaces around a word are not."""
    file = tmp_path / "mazes.csv"
    line = '"  #\nS G\n#  ", way \n'
    file.write_text("question,answer\n" + line * 60, "utf-8")

    assert read_pairs(file)[0] == Pair("  #\nS G\n#  ", "way", line=4)


@pytest.mark.parametrize(
    ("name", "learned", "rows"), [("sudoku", "train.csv", 4000), ("maze", "train_1k.csv", 1000)]
)
def test_a_shipped_task_is_taught_from_the_examples_that_ship_with_it(name, learned, rows):
    """What `hrm-agent train NAME` reads is valid, to the last line."""
    task = installed_task(name)
    home = task_folder(installed_task(name))

    for file, count in ((learned, rows), ("held_out_256.csv", 256)):
        pairs = read_pairs(home / file)
        assert len(pairs) == count
        for pair in pairs:
            problem = task.Problem.model_validate({"grid": pair.problem})
            solution = task.Solution.model_validate({"grid": pair.solution})
            assert task.check(problem, solution).passed
