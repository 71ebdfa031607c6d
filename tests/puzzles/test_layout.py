"""Labels, quotes, markup and tables are taken away, and spans stay those of the whole text."""

from __future__ import annotations

import pytest

from hrm_puzzles.layout import laid_bare
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask

LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROWS = [LINE[at : at + 9] for at in range(0, 81, 9)]
MAZE = ["#####", "#S..#", "#.#.#", "#..G#", "#####"]
SUDOKUS = {
    "labels": "\n".join(f"Row {n}: {' '.join(row)}" for n, row in enumerate(ROWS, 1)),
    "letters": "\n".join(f"{mark}) {row}" for mark, row in zip("ABCDEFGHI", ROWS, strict=True)),
    "bullets": "\n".join(f"* {row.replace('.', '0')}" for row in ROWS),
    "keycaps": "\n".join(
        "".join(f"{c}\ufe0f\u20e3" if c != "." else "⬜" for c in r) for r in ROWS
    ),
    "pre": "<pre>" + "<br>".join(ROWS) + "</pre>",
    "strings": ",\n".join(f'"{row}"' for row in ROWS),
    "boxes": "\n".join("".join(f"[{c if c != '.' else ' '}]" for c in row) for row in ROWS),
    "words": "\n".join(", ".join(c if c != "." else "blank" for c in row) for row in ROWS),
    "circled": "\n".join(
        "".join("①②③④⑤⑥⑦⑧⑨"[int(c) - 1] if c != "." else "○" for c in row) for row in ROWS
    ),
    "XML": "<grid>"
    + "".join(
        "<row>" + "".join(f"<cell>{c if c != '.' else ''}</cell>" for c in row) + "</row>"
        for row in ROWS
    )
    + "</grid>",
    "wiki": "{|\n" + "\n|-\n".join("| " + " || ".join(row) for row in ROWS) + "\n|}",
    "letter clues": ", ".join(
        f"{'ABCDEFGHI'[at // 9]}{at % 9 + 1}={c}" for at, c in enumerate(LINE) if c != "."
    ),
    "objects": str(
        [{"row": at // 9, "col": at % 9, "value": int(c)} for at, c in enumerate(LINE) if c != "."]
    ),
}
MAZES = {
    "numbers": "\n".join(f"{n:2d} {row}" for n, row in enumerate(MAZE)),
    "quoted": "\n".join(f"> {row}" for row in MAZE),
    "markdown": "| "
    + " | ".join(MAZE[0])
    + " |\n|"
    + "---|" * 5
    + "\n"
    + "\n".join("| " + " | ".join(row) + " |" for row in MAZE[1:]),
    "HTML": "<table>"
    + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in MAZE)
    + "</table>",
    "boxes": "\n".join("".join(f"[{c if c != '.' else ' '}]" for c in row) for row in MAZE),
    "YAML": "\n".join(f'  - "{row}"' for row in MAZE),
}


@pytest.mark.parametrize("form", SUDOKUS)
def test_sudokus_are_found_under_their_layout(form):
    text = f"Please: \n\n{SUDOKUS[form]}\n\nThanks a lot!"
    (claim,) = SudokuTask().read(text)
    assert claim.problem.line == LINE
    assert text[slice(*claim.span)] == SUDOKUS[form].strip()


@pytest.mark.parametrize("form", MAZES)
def test_mazes_are_found_under_their_layout(form):
    text = f"Please:\n\n{MAZES[form]}\n\nThanks a lot!"
    (claim,) = MazeTask().read(text)
    assert claim.problem == MazeTask.Problem(grid=MAZE)
    assert text[slice(*claim.span)] == MAZES[form].strip()


def test_text_without_layout_is_left_alone():
    for text in ("", "No grid here.", "1. one\n2. two", f"{LINE}\n", "\n".join(ROWS)):
        assert laid_bare(text) is None


@pytest.mark.parametrize(
    ("rules", "claimed"),
    [
        ("Both diagonals must hold 1 to 9, too.", False),
        ("This is a killer sudoku.", False),
        ("Irregular regions!", False),
        ("Which digits stand on the main diagonal?", True),
        ("Please don't solve it, I only wonder how old it is.", False),
        ("Don't solve it by hand if you have a tool.", True),
    ],
)
def test_a_sudoku_with_further_rules_is_not_claimed(rules, claimed):
    assert bool(SudokuTask().read(f"{rules}\n{LINE}")) is claimed


@pytest.mark.parametrize(
    ("rules", "claimed"),
    [
        ("Diagonal steps are fine.", False),
        ("I want the longest path.", False),
        ("Collect all three coins on the way.", False),
        ("No diagonal moves, please.", True),
        ("Diagonal moves are not allowed.", True),
        ("How many dead ends does it have?", False),
        ("Redraw my maze with thicker walls.", False),
        ("The LONGEST route that never visits a cell twice?", False),
        ("The door opens only with the key.", False),
        ("My kid runs into dead ends; which way is short?", True),
    ],
)
def test_a_maze_with_further_rules_is_not_claimed(rules, claimed):
    assert bool(MazeTask().read(rules + "\n" + "\n".join(MAZE))) is claimed


@pytest.mark.parametrize("label", ["Spalte {}:", "{}. kolom:", "col {} ="])
def test_columns_are_not_read_as_rows(label):
    columns = ["".join(row[at] for row in ROWS) for at in range(9)]
    text = "\n".join(f"{label.format(n)} {column}" for n, column in enumerate(columns, 1))
    assert SudokuTask().read(text) == []
