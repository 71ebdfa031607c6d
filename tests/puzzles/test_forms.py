"""Puzzles in forms that say where cells stand: by columns, in boxes, in tables, in elements."""

import json

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask

LINE = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
ROWS = [list(map(int, LINE[at : at + 9])) for at in range(0, 81, 9)]
COLUMNS = [list(column) for column in zip(*ROWS, strict=True)]
MAZE = ["########", "#S.#...#", "#..#.#.#", "#....#G#", "########"]
SIDES = ["".join(column) for column in zip(*MAZE, strict=True)]
WORDS = {"#": "wall", ".": "floor", "S": "start", "G": "goal"}


def sudokus(text):
    return [claim.problem.line.replace(".", "0") for claim in SudokuTask().read(text)]


def mazes(text):
    found = MazeTask().read(text)
    return [["".join("#.SG"[cell] for cell in row) for row in one.problem.grid] for one in found]


def test_tables_by_columns_are_turned():
    keyed = json.dumps(dict(zip("abcdefghi", COLUMNS, strict=True)))
    called = ", ".join(f"c{n} = c({str(column)[1:-1]})" for n, column in enumerate(COLUMNS, 1))
    for text in (
        f"df = pd.DataFrame({keyed})",
        f"data.frame({called})",
        json.dumps({f"col{n}": column for n, column in enumerate(COLUMNS)}),
        json.dumps({f"c{n}": "".join(map(str, one)) for n, one in enumerate(COLUMNS)}),
        json.dumps({f"c{n}": dict(enumerate(one)) for n, one in enumerate(COLUMNS)}),
        json.dumps({"columns": COLUMNS}),
        f"np.array({COLUMNS}).T",
    ):
        assert sudokus(f"Sudoku: {text}") == [LINE], text
    assert sudokus(json.dumps({f"row {n}": row for n, row in enumerate(ROWS)})) == [LINE]
    assert sudokus(f"pd.DataFrame({ROWS})") == [LINE]
    for text in (
        json.dumps({f"col{n}": list(side) for n, side in enumerate(SIDES)}),
        json.dumps({f"c{n}": side for n, side in enumerate(SIDES)}),
        "\n".join(f"column {n}: {side}" for n, side in enumerate(SIDES)),
    ):
        assert mazes(f"from S to G:\n{text}") == [MAZE], text


def test_keys_that_may_be_rows_or_columns_are_near_misses():
    for columns, task in ((COLUMNS, SudokuTask()), (SIDES, MazeTask())):
        text = json.dumps(dict(zip("ABCDEFGHI", columns, strict=False)))
        assert not task.read(text)
        assert "columns" in task.near_misses(text)[0].reason
    named = f"Letters name the columns: {json.dumps(dict(zip('ABCDEFGHI', COLUMNS, strict=False)))}"
    assert sudokus(named) == [LINE]


def boxed(rows, wide, line="+-|"):
    corner, dash, pipe = line
    rule = corner + f"{dash * wide}{corner}" * len(rows[0]) + "\n"
    return rule + "".join(
        pipe + "".join(f"{cell.center(wide)}{pipe}" for cell in row) + f"\n{rule}" for row in rows
    )


def test_lines_around_every_cell_are_no_walls():
    for text in (
        boxed([row.replace(".", " ") for row in MAZE], 3),
        boxed([row.replace(".", " ").replace("#", "X") for row in MAZE], 1),
        boxed([row.replace(".", " ") for row in MAZE], 3, "┼─│"),
        boxed([[cell * 3 if cell == "#" else cell for cell in row] for row in MAZE], 3),
        "\n".join(f"| {' | '.join(row)} |" for row in MAZE),
    ):
        assert mazes(f"The way from S to G, X is a wall:\n{text}") in ([MAZE], []), text
        assert MazeTask().read(text) or MazeTask().near_misses(text), text
    assert mazes(f"from S to G:\n{boxed(MAZE, 3)}") == [MAZE]


def test_mazes_in_tables_and_elements_are_read():
    ruled = "|" + "---|" * 8
    worded = [[WORDS[cell] for cell in row] for row in MAZE]
    named = [f"| {' | '.join(row)} |" for row in worded]
    numbered = [f"| {n} | {' | '.join(row)} |" for n, row in enumerate(MAZE, 1)]
    for text in (
        "\n".join([f"| | {' | '.join(map(str, range(1, 9)))} |", f"|---{ruled}", *numbered]),
        "\n".join(["|" + " |" * 8, ruled, *named]),
        "<table>" + "".join("<tr><td>" + "<td>".join(row) + "</tr>" for row in MAZE) + "</table>",
        "<m>" + "".join("<r>" + "".join(f"<{c}/>" for c in row) + "</r>" for row in worded),
        "<pre>\n" + "\n".join(MAZE).replace("#", "&#9608;").replace(".", "&nbsp;") + "\n</pre>",
    ):
        assert mazes(f"The shortest way from S to G:\n{text}") == [MAZE], text


def test_other_signs_stand_at_the_corners_of_thin_walls():
    drawn = "+---+---+---+\n| S     |   |\n+   +   +   +\n|   |     G |\n+---+---+---+"
    (right,) = mazes(drawn)
    for mark in "o*.":
        for quote in ("", "> "):
            text = "\n".join(quote + line for line in drawn.replace("+", mark).split("\n"))
            assert mazes(f"from S to G:\n\n{text}\n\nThanks") == [right], text


def test_what_looks_like_a_maze_and_was_not_read_is_a_near_miss():
    drawn = "\n".join(MAZE)
    for text in (
        f"How do I get out?\n\n{drawn.replace('G', '.')}",
        drawn.replace("...#\n", "..#\n", 1),
        drawn.replace(".", "%", 3).replace(".", "&"),
        "8 columns, two rows a line:\n█▀▀▀▀▀█▀█▀▀▀█\n█ ▄  ▄   ▀█ █\n█ ██ ▀ ▄ █ ▀█\n█████▄▄█▄▄███",
        "# ## #\nS # #\n## # ##\n# # G\n# # #\nfrom S to G",
    ):
        (miss,) = MazeTask().near_misses(text)
        assert (MazeTask().read(text), bool(miss.reason)) == ([], True), text
    for text in (
        "name,paid\nann,yes\nbob,no\ncid,yes\ndan,no\neva,yes",
        "1 0 0 1\n0 1 1 0\n1 1 0 0\n0 0 1 1\nthe adjacency matrix of a graph",
        "| a | yes | no | yes |\n|---|---|---|---|\n| b | no | no | yes |\n| c | yes | yes | no |",
        "----------\n==========\n----------\n==========",
    ):
        for task in (MazeTask(), SudokuTask(), ArcTask()):
            assert [*task.read(text), *task.near_misses(text)] == [], text
