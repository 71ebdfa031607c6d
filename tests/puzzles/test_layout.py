"""Labels, quotes, markup and tables are taken away, and spans stay those of the whole text."""

from __future__ import annotations

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask

LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROWS = [LINE[at : at + 9] for at in range(0, 81, 9)]
MAZE = ["#####", "#S..#", "#.#.#", "#..G#", "#####"]
SUDOKUS = {
    "letters": "\n".join(f"{mark}) {row}" for mark, row in zip("ABCDEFGHI", ROWS, strict=True)),
    "bullets": "\n".join(f"* {row.replace('.', '0')}" for row in ROWS),
    "keycaps": "\n".join(
        "".join(f"{c}\ufe0f\u20e3" if c != "." else "⬜" for c in r) for r in ROWS
    ),
    "pre": "<pre>" + "<br>".join(ROWS) + "</pre>",
    "boxes": "\n".join("".join(f"[{c if c != '.' else ' '}]" for c in row) for row in ROWS),
    "circled": "\n".join(
        "".join("①②③④⑤⑥⑦⑧⑨"[int(c) - 1] if c != "." else "○" for c in row) for row in ROWS
    ),
    "wiki": "{|\n" + "\n|-\n".join("| " + " || ".join(row) for row in ROWS) + "\n|}",
    "letter clues": ", ".join(
        f"{'ABCDEFGHI'[at // 9]}{at % 9 + 1}={c}" for at, c in enumerate(LINE) if c != "."
    ),
    "objects": str(
        [{"row": at // 9, "col": at % 9, "value": int(c)} for at, c in enumerate(LINE) if c != "."]
    ),
}
MAZES = {
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
}


def test_sudokus_are_found_under_their_layout():
    for form, shown in SUDOKUS.items():
        hint = "Letters are rows." if form == "letter clues" else ""
        text = f"Please: {hint}\n\n{shown}\n\nThanks a lot!"
        found = [
            (claim.problem.line, text[slice(*claim.span)]) for claim in SudokuTask().read(text)
        ]
        assert found == [(LINE, shown.strip())], form


def test_mazes_are_found_under_their_layout():
    for form, shown in MAZES.items():
        text = f"Please:\n\n{shown}\n\nThanks a lot!"
        found = [(claim.problem, text[slice(*claim.span)]) for claim in MazeTask().read(text)]
        assert found == [(MazeTask.Problem(grid=MAZE), shown.strip())], form


def test_columns_are_read_as_columns():
    columns = ["".join(row[at] for row in ROWS) for at in range(9)]
    for label in ("Spalte {}:", "{}. kolom:", "col {} ="):
        text = "\n".join(f"{label.format(n)} {column}" for n, column in enumerate(columns, 1))
        (claim,) = SudokuTask().read(text)
        assert claim.problem.line == LINE, label
