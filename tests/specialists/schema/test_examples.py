"""Examples are read as written, plain or typed, and every fault is named by its line."""

from __future__ import annotations

import gzip
import json

import pytest
from inferring import task_of

from hrm_puzzles.maze import MazeProblem, MazeTask
from hrm_puzzles.maze.models import draw
from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.errors import DataError
from hrm_specialists.installed import installed_task, task_folder
from hrm_specialists.schema.examples import Pair, contradictions, read_examples, read_pairs
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.teaching.splitting import same_json, split

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def written(file, text):
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def jsonl(path, rows):
    return written(path, "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))


def rows(n):
    return [{"problem": [k % 7, k], "solution": k % 7, "house": k // 10} for k in range(n)]


def test_lines_come_with_their_numbers_and_groups(tmp_path):
    pairs = read_pairs(jsonl(tmp_path / "a.jsonl", ["", *rows(60)]), group="house")

    assert pairs[0] == Pair([0, 0], 0, line=2, group="0")
    assert len(pairs) == 60
    asked = jsonl(tmp_path / "b.jsonl", [{"question": f"{k}?", "answer": k} for k in range(60)])
    assert read_pairs(asked)[1] == Pair("1?", 1, line=2)


def test_a_broken_line_is_named(tmp_path):
    for broken, message in (
        ("{not json", "is not JSON"),
        ('{"problem": 1}', "expected an object with 'problem' and 'solution'"),
        ("[1, 2]", "expected an object"),
        ('{"problem": null, "solution": 1}', "is null"),
        ("[" * 10_000, "is not JSON"),
        ('{"problem": [1, NaN], "solution": 1}', "NaN is no number of JSON"),
    ):
        file = jsonl(tmp_path / "a.jsonl", [*rows(60), broken])
        with pytest.raises(DataError, match=message) as caught:
            read_pairs(file)
        assert (caught.value.file, caught.value.line) == (file, 61)


def test_tables_answer_one_column(tmp_path):
    """Numbers become numbers, series lists, codes stay codes, blanks are missing."""
    codes = ["007", "0815"]
    lines = [
        f"{k},{k / 2},{codes[k % 2]},1 2 {k},{'' if k % 5 else 'x'},{'ab'[k % 2]}"
        for k in range(60)
    ]
    file = jsonl(tmp_path / "t.csv", ["id,size,code,readings,note,kind", *lines])
    task, pairs = task_of(file, label="kind", ignore=["id"])

    assert task.Problem.model_validate(pairs[1].problem).model_dump() == {
        "size": 0.5, "code": "0815", "readings": [1, 2, 1], "note": None,
    }  # fmt: skip
    assert task.Solution.model_validate(pairs[1].solution).model_dump() == {"kind": "b"}
    assert pairs[1].line == 3
    lines = [f"{'NaN' if k == 7 else k / 2},{k % 2}" for k in range(60)]
    task, pairs = task_of(jsonl(file, ["size,kind", *lines]), label="kind")
    assert task.Problem.model_validate(pairs[7].problem).size is None
    with pytest.raises(DataError, match="infinite or NaN"):
        infer_task("t", [(float("inf") if k == 7 else k / 2, k % 2) for k in range(60)])


def test_long_rows_of_digits_are_texts_and_spaces_around_a_drawing_are_cells(tmp_path):
    lines = [f"{'.' * 80}{k % 9 + 1},{str(k % 9 + 1) * 81}" for k in range(60)]
    file = jsonl(tmp_path / "t.csv", ["question,answer", *lines])
    assert read_pairs(file)[0].solution == "1" * 81
    written(file, "question,answer\n" + '"  #\nS G\n#  ", way \n' * 60)
    assert read_pairs(file)[0] == Pair("  #\nS G\n#  ", "way", line=4)


def test_parts_share_no_problem_and_no_group():
    parts = split(read_pairs([([k % 40], k % 40) for k in range(200)]), seed=1)

    seen = [{same_json(p.problem) for p in part} for part in (parts.train, parts.test)]
    assert not seen[0] & seen[1]
    assert len(parts.train) + len(parts.validation) + len(parts.test) == 200
    assert len(parts.test) >= 20
    houses = [Pair([k], k % 3, group=str(k // 20)) for k in range(200)]
    cut = split(houses, seed=1)
    assert not {p.group for p in cut.train} & {p.group for p in cut.test}
    assert split(houses, seed=1) == cut


def test_contradictions_are_told_with_their_lines_and_their_ceiling():
    clean = [([k], [k % 2, k]) for k in range(100)]
    torn = read_pairs([*clean, *[([k], [k % 2, 7]) for k in range(20)]])

    assert split(read_pairs(clean), seed=0).notes == []
    (note,) = split(torn, seed=0).notes
    assert "such as lines 1 and 101" in note
    assert "more than 84.2% of the examples" in note
    with pytest.raises(DataError, match="at least three"):
        split([Pair([1], 1, group="a")] * 60, seed=0)
    noisy = read_pairs([([k % 20], "ab"[k % 2] if k > 2 else "c") for k in range(100)])
    found = contradictions(noisy)
    assert found.ceiling == pytest.approx(0.97)
    assert (found.line, found.other) == (1, 21)
    assert contradictions(noisy[3:20]).ceiling == 1.0


def test_sides_without_a_common_kind_are_refused():
    for pairs, message in (
        ([("a", 1), ([1], 2)], "problem: the values are of different kinds: list, str"),
        ([({"a": 1}, 1), (2, 2)], "sometimes an object"),
        ([({"a": 1}, 1), ({"b": 2}, 2)], "differ in their keys: a, b"),
        ([([1], 1), ([2], 1)], "all solutions are equal"),
        ([([[1, 2], [3]], 1), ([[1]], 2)], "rows of a grid differ"),
        ([([[[1]]], 1), ([[[2]]], 2)], "is no symbol"),
        ([([{"a": 1}], 1), ([{"a": 2}], 2)], "nested lists"),
    ):
        with pytest.raises(DataError, match=message):
            infer_task("t", pairs)


def test_a_shipped_task_is_taught_from_the_examples_that_ship_with_it():
    for name, learned, count in (("sudoku", "train.csv", 5000), ("maze", "train_1k.csv", 1000)):
        task = installed_task(name)
        for file, wanted in ((learned, count), ("held_out_256.csv", 256)):
            pairs = read_pairs(task_folder(task) / file)
            assert len(pairs) == wanted
            for pair in pairs:
                problem = task.Problem.model_validate({"grid": pair.problem})
                solution = task.Solution.model_validate({"grid": pair.solution})
                assert task.check(problem, solution).passed


def test_examples_beyond_the_most_are_drawn_and_the_rest_is_told(monkeypatch, caplog):
    monkeypatch.setattr("hrm_specialists.schema.examples.MOST", 100)
    rows = [{"x": at, "y": at % 2} for at in range(250)]
    pairs = read_pairs(rows, label="y")
    assert len(pairs) == 100
    assert len({pair.line for pair in pairs}) == 100
    assert max(pair.line for pair in pairs) > 150
    assert pairs.notes[0].startswith("100 of 250 examples are used")
    assert pairs.notes[0] in caplog.text
    assert read_pairs(rows[:90], label="y").notes == ()


def test_columns_are_found_by_name_and_an_answer_may_be_missing(tmp_path):
    file = written(tmp_path / "d.csv", f"id,answer,rating,question\na,{SOLVED},3,{PUZZLE}\n")
    (example,) = read_examples(file, SudokuTask())
    assert example.problem.grid[0] == (5, 3, 0, 0, 7, 0, 0, 0, 0)
    assert example.solution.grid[8] == (3, 4, 5, 2, 8, 6, 1, 7, 9)
    for text in (f"question,answer\n{PUZZLE},\n", f"question\n{PUZZLE}\n"):
        assert read_examples(written(file, text), SudokuTask())[0].solution is None


def test_json_lines_and_compression(tmp_path):
    rows = [[int(c) if c != "." else 0 for c in PUZZLE[r : r + 9]] for r in range(0, 81, 9)]
    line = json.dumps({"problem": {"grid": rows}, "solution": {"grid": SOLVED}})
    file = written(tmp_path / "data.jsonl.gz", gzip.compress(f"{line}\n\n{line}\n".encode()))
    first, second = read_examples(file, SudokuTask())
    assert first == second
    assert first.solution.grid[0][:3] == (5, 3, 4)


def test_a_square_grid_in_one_line_is_read_with_its_spaces(tmp_path):
    rows = ["S     ", *[" ##  #"] * 4, "    G "]
    way = ["S     ", *["o##  #"] * 4, "ooooG "]
    flat, marked = "".join(rows), "".join(way)
    file = written(tmp_path / "m.csv", f"question,answer\n{flat},{marked}\n{flat[1:]},\n")
    first = read_examples(file, MazeTask(), limit=1)[0]
    assert first.problem == MazeProblem(grid="\n".join(rows))
    assert first.solution.grid[5] == (4, 4, 4, 4, 3, 1)
    with pytest.raises(DataError, match="line 3"):
        read_examples(file, MazeTask())


def test_faults_are_named_by_file_and_line(tmp_path):
    for name, text, line, said in (
        ("d.jsonl", '{"problem": {}}\nnot json\n', 1, "no problem of 'sudoku'"),
        ("d.jsonl", "\nnot json\n", 2, "is not JSON"),
        ("d.jsonl", "[" * 100_000 + "\n", 1, "is not JSON"),
        ("d.jsonl", "[1]\n", 1, "expected an object"),
        ("d.jsonl", "", None, "no examples"),
        ("d.csv", "question,answer\n", None, "no examples"),
        ("d.csv", "", None, "no rows"),
        ("d.csv", "puzzle,answer\n1,2\n", 1, "no column 'grid' or 'question'; columns: puzzle"),
        ("d.csv", f"question,answer\n{PUZZLE},{SOLVED}\n{PUZZLE[1:]},\n", 3, "80 cells"),
        ("d.csv", f"question,answer\n{PUZZLE}.,\n", 2, "82 cells"),
        ("d.csv", f"question,answer\n55{PUZZLE[2:]},\n", 2, "5"),
        ("d.csv", f"question,answer\n{PUZZLE},{SOLVED},{SOLVED}\n", 2, "3 fields"),
        ("d.csv", 'question,answer\n"open,\n', 2, "is no CSV"),
        ("d.txt", PUZZLE, None, "none of .csv, .tsv"),
        ("b.csv", b"question\n\xff\xfe\x00\n", 2, "not UTF-8"),
        ("cut.csv.gz", gzip.compress(b"question\n" * 100)[:20], None, "cannot be read"),
    ):
        file = written(tmp_path / name, text)
        with pytest.raises(DataError, match=said) as caught:
            read_examples(file, SudokuTask())
        assert (caught.value.file, caught.value.line) == (file, line)
    for read in (read_pairs, lambda file: read_examples(file, SudokuTask())):
        with pytest.raises(DataError, match="no such file"):
            read(tmp_path / "none.jsonl")


def test_rows_that_are_no_examples_are_counted_where_some_are_allowed(tmp_path):
    row = f"{PUZZLE},{SOLVED}\n"
    file = written(tmp_path / "data.csv", f"question,answer\n{row}nonsense,x\n{row}a,b,c\n{row}")
    found = read_examples(file, SudokuTask(), tolerant=True)
    assert (len(found), found.unread) == (3, 2)
    written(file, f"question,answer\n{row}nonsense,x\n")
    assert len(read_examples(file, SudokuTask(), limit=1)) == 1  # stops before the fault


def test_a_word_for_missing_is_an_answer_where_training_had_it_as_a_label(tmp_path):
    rows = [(str(at % 3), ("NA", "yes", "no")[at % 3]) for at in range(60)]
    file = jsonl(tmp_path / "data.csv", ["x,y", *(f"{x},{y}" for x, y in rows)])
    task, _ = task_of(file, label="y", types={"y": "category"})
    answers = [example.solution.model_dump()["y"] for example in read_examples(file, task)]
    assert answers == [y for _, y in rows]


def test_spaces_that_begin_a_drawing_are_kept(tmp_path):
    """Cells of a maze in one line, where a space is a floor; elsewhere they only part columns."""
    mazes = ["S   G" + "#" * 20, " S G " + "# " * 10, "#" * 20 + "S G  "]
    file = written(tmp_path / "mazes.csv", "\n".join(["id, question", *(f"a,{m}" for m in mazes)]))
    found = [draw(one.problem.grid).replace("\n", "") for one in read_examples(file, MazeTask())]
    assert found == mazes
    towns = written(tmp_path / "towns.csv", "name,city\nAnn, Paris\nBob,Rome\n" * 30)
    found = {pair.problem for pair in read_pairs(towns, label="name")}
    assert found == {"Paris", "Rome"}
