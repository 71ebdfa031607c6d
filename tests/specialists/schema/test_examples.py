"""Files of examples are read as written, and every fault is named by its line."""

from __future__ import annotations

import gzip
import json

import pytest

from hrm_puzzles.arc import ArcSolution, ArcTask
from hrm_puzzles.maze import MazeProblem, MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.errors import DataError
from hrm_specialists.schema.examples import read_examples, read_pairs
from hrm_specialists.schema.infer import infer_task

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


def test_csv_columns_are_found_by_name_and_others_ignored(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text(f"id,answer,rating,question\na,{SOLVED},3,{PUZZLE}\n", encoding="utf-8")
    (example,) = read_examples(file, SudokuTask())
    assert example.problem.grid[0] == (5, 3, 0, 0, 7, 0, 0, 0, 0)
    assert example.solution.grid[8] == (3, 4, 5, 2, 8, 6, 1, 7, 9)


def test_an_answer_may_be_missing(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text(f"question,answer\n{PUZZLE},\n", encoding="utf-8")
    assert read_examples(file, SudokuTask())[0].solution is None
    file.write_text(f"question\n{PUZZLE}\n", encoding="utf-8")
    assert read_examples(file, SudokuTask())[0].solution is None


def test_json_lines_and_compression(tmp_path):
    rows = [[int(c) if c != "." else 0 for c in PUZZLE[r : r + 9]] for r in range(0, 81, 9)]
    line = json.dumps({"problem": {"grid": rows}, "solution": {"grid": SOLVED}})
    file = tmp_path / "data.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.write(f"{line}\n\n{line}\n")
    first, second = read_examples(file, SudokuTask())
    assert first == second
    assert first.solution.grid[0][:3] == (5, 3, 4)


def test_the_limit_stops_reading_before_a_fault(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text(f"question,answer\n{PUZZLE},{SOLVED}\nnonsense,x\n", encoding="utf-8")
    assert len(read_examples(file, SudokuTask(), limit=1)) == 1


def test_a_square_grid_in_one_line_is_read_with_its_spaces(tmp_path):
    file = tmp_path / "mazes.csv"
    rows = ["S     ", *[" ##  #"] * 4, "    G "]
    way = ["S     ", *["o##  #"] * 4, "ooooG "]
    flat, marked = "".join(rows), "".join(way)
    file.write_text(f"question,answer\n{flat},{marked}\n{flat[1:]},\n", encoding="utf-8")
    first = read_examples(file, MazeTask(), limit=1)[0]
    assert first.problem == MazeProblem(grid="\n".join(rows))
    assert first.solution.grid[5] == (4, 4, 4, 4, 3, 1)
    with pytest.raises(DataError, match="line 3"):
        read_examples(file, MazeTask())


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
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
    ],
)
def test_faults_are_named_by_file_and_line(tmp_path, name, text, line, said):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        read_examples(file, SudokuTask())
    assert (caught.value.file, caught.value.line) == (file, line)


@pytest.mark.parametrize("name", ["missing.csv", "binary.csv", "cut.csv.gz"])
def test_files_that_cannot_be_read(tmp_path, name):
    (tmp_path / "binary.csv").write_bytes(b"question\n\xff\xfe\x00\n")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"question\n" * 100)[:20])
    with pytest.raises(DataError, match=name):
        read_examples(tmp_path / name, SudokuTask())


def test_arc_tasks_are_read_as_they_are_published(tmp_path):
    pair = {"input": [[1, 2]], "output": [[2, 1]]}
    one = {"train": [pair], "test": [pair]}
    open_one = {"train": [pair], "test": [{"input": [[3, 4]]}]}
    (tmp_path / "tasks.json").write_text(json.dumps({"b": open_one, "a": one}), encoding="utf-8")
    known, unknown = read_examples(tmp_path / "tasks.json", ArcTask())
    assert known.solution == ArcSolution(grids=(((2, 1),),))
    assert known.problem.test[0].input == ((1, 2),)
    assert unknown.solution is None
    (tmp_path / "one.json").write_text(json.dumps(one), encoding="utf-8")
    assert len(read_examples(tmp_path / "one.json", ArcTask())) == 1
    (tmp_path / "odd.json").write_text('{"a": {"train": 3}}', encoding="utf-8")
    with pytest.raises(DataError, match="'train' and 'test'"):
        read_examples(tmp_path / "odd.json", ArcTask())


def test_rows_that_are_no_examples_are_counted_where_some_are_allowed(tmp_path):
    file = tmp_path / "data.csv"
    row = f"{PUZZLE},{SOLVED}\n"
    file.write_text(f"question,answer\n{row}nonsense,x\n{row}a,b,c\n{row}", encoding="utf-8")
    found = read_examples(file, SudokuTask(), tolerant=True)
    assert (len(found), found.unread) == (3, 2)


def test_a_word_for_missing_is_an_answer_where_training_had_it_as_a_label(tmp_path):
    rows = [(str(at % 3), ("NA", "yes", "no")[at % 3]) for at in range(60)]
    lines = "\n".join(f"{x},{y}" for x, y in rows)
    file = tmp_path / "data.csv"
    file.write_text(f"x,y\n{lines}\n", encoding="utf-8")
    pairs = read_pairs(file, label="y", types={"y": "category"})
    task = infer_task("t", [(p.problem, p.solution) for p in pairs], layout=pairs.layout)
    answers = [example.solution.model_dump()["y"] for example in read_examples(file, task)]
    assert answers == [y for _, y in rows]


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
