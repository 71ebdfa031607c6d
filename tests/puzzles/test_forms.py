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
        '"fast": True,\n"least": True,\n"route": True,\n"way": True,\n"short": False,',
        "----------\n==========\n----------\n==========",
    ):
        for task in (MazeTask(), SudokuTask(), ArcTask()):
            assert [*task.read(text), *task.near_misses(text)] == [], text


def spans(text):
    return [text[slice(*claim.span)] for claim in SudokuTask().read(text)]


def test_what_programs_write_around_a_list_belongs_to_it():
    flat = ", ".join(LINE)
    braces = str(ROWS).replace("[", "{").replace("]", "}")
    nils = " ".join(f"({' '.join(map(str, row))})" for row in ROWS).replace("0", "nil")
    for text in (
        f"grid = np.array({ROWS}, dtype=np.int8)",
        f"torch.tensor({ROWS}).reshape(9, 9)",
        f"m <- matrix(c({flat}),\n                  nrow = 9, byrow = TRUE)",
        f"board[9][9] = {braces}",
        f"board = new int[][] {braces}",
        f"board: list[list[int]] = {ROWS}",
        f"pd.DataFrame({ROWS}, columns=list('abcdefghi'))",
        f"(defparameter *board*\n  '({nils}))",
        "S = [" + "; ...\n     ".join(" ".join(map(str, row)) for row in ROWS) + "]",
    ):
        assert (sudokus(text), spans(text)) == ([LINE], [text]), text
    for text in (f"np.array({ROWS}).reshape(3, 27)", f"np.array({ROWS}, ndmin=6)"):
        assert spans(text) != [text], text


def test_frames_and_headers_of_tables_belong_to_them():
    names = [f"C{n}" for n in range(1, 10)]
    rule = "+" + "----+" * 9
    cells = [[str(cell or "") for cell in row] for row in ROWS]
    piped = [f"| {' | '.join(row)} |" for row in cells]
    latex = " \\\\\n".join(" & ".join(row) for row in cells)
    console = [rule, *(f"|  {' |  '.join(map(str, row))} |" for row in ROWS), rule]
    for text in (
        "\n".join([f"| {' | '.join(names)} |", "|" + "---|" * 9, *piped]),
        "\n".join(["row,a,b,c,d,e,f,g,h,i", *(f"{n},{str(r)[1:-1]}" for n, r in enumerate(ROWS))]),
        f"\\begin{{tabular}}{{|{'c|' * 9}}}\n\\hline\n{latex} \\\\\n\\hline\n\\end{{tabular}}",
        "\\begin{sudoku}\n" + "\n".join(f"|{'|'.join(c or ' ' for c in r)}|." for r in cells)
        + "\n\\end{sudoku}",
        "mysql> select * from grid;\n"
        + "\n".join([rule, f"| {' | '.join(names)} |", *console, "9 rows in set (0.01 sec)"]),
        "\n".join(f"INSERT INTO grid VALUES ({n}, {str(r)[1:-1]});" for n, r in enumerate(ROWS)),
    ):  # fmt: skip
        (claim,) = SudokuTask().read(text)
        assert claim.problem.line.replace(".", "0") == LINE, text
        assert claim.beside == () or "INSERT" in text, text
        assert claim.span == (0, len(text)) or "INSERT" in text, text
    wrong = "\n".join([*console, "12 rows in set (0.01 sec)"])
    assert "12 rows" not in spans(wrong)[0]


def test_sizes_beside_a_grid_agree_or_are_doubtful():
    for size, agrees in ((9, True), (6, False)):
        text = json.dumps({"type": "sudoku", "size": size, "grid": ROWS})
        (claim,) = SudokuTask().read(text)
        assert [bool(claim.explained), bool(claim.doubtful)] == [agrees, not agrees], text


def test_rows_of_bits_and_strings_in_inserts_are_mazes():
    bits = [row.translate(str.maketrans("#.SG", "1000")) for row in MAZE]
    text = f"maze, 1 is wall, start (1,1), goal (3,6)\n[{', '.join('0b' + row for row in bits)}]"
    assert mazes(text) == [MAZE]
    told = "\n".join(
        f"INSERT INTO maze(y, line) VALUES ({n}, '{row}');" for n, row in enumerate(MAZE)
    )
    assert mazes(f"from S to G:\n{told}") == [MAZE]


def test_arc_tasks_are_read_in_any_frame():
    pairs = [([[1, 0], [0, 0], [2, 0]], [[0, 1], [0, 0], [0, 2]]), ([[3, 3]] * 2, [[3, 3]] * 2)]
    tests = [[[5, 0], [0, 6]]]
    shown = {
        "YAML": lambda grid: "\n".join(f"      - {row}" for row in grid),
        "frames": lambda grid: (
            "+---+\n" + "\n".join(f"|{' '.join(map(str, row))}|" for row in grid) + "\n+---+"
        ),
        "dots": lambda grid: "\n".join(" ".join(map(str, row)) for row in grid).replace("0", "."),
    }
    texts = [
        "\n\n".join(
            [f"input:\n{show(one)}\noutput:\n{show(two)}" for one, two in pairs]
            + [f"{last}\n{show(tests[0])}"]
        )
        for show in shown.values()
        for last in ("test input:", "Now solve this one:")
    ]
    for text in (
        *texts,
        f"train = {pairs}\ntest = {tests}",
        f"train_pairs = {pairs}\ntest: {tests}",
    ):
        (claim,) = ArcTask().read(text)
        found = claim.problem.model_dump(mode="json")
        assert [[one["input"], one["output"]] for one in found["train"]] == json.loads(
            json.dumps(pairs)
        ), text
        assert [one["input"] for one in found["test"]] == tests, text


def test_grids_of_letters_are_a_near_miss_of_an_arc_task():
    grids = ["KKK\nKAK\nKKK", "KAK\nAAA\nKAK", "KKK\nKKB\nKKK", "KKB\nBBB\nKKB", "CKK\nKKK"]
    text = "\n\nbecomes\n\n".join(grids)
    (miss,) = ArcTask().near_misses(text)
    assert "letters" in miss.reason
    assert not ArcTask().read(text)


def test_types_before_a_name_say_nothing_and_the_name_begins_the_problem():
    braces = str(ROWS).replace("[", "{").replace("]", "}")
    for types, named in (("static int ", "windoku[9][9] = "), ("final int[][] ", "windoku = ")):
        text = f"{types}{named}{braces};"
        (claim,) = SudokuTask().read(text)
        assert claim.span[0] == len(types), text
        assert claim.explained == ((0, len(types)),), text
    told = "\n".join(
        f"INSERT INTO windoku VALUES ({n}, {str(row)[1:-1]});" for n, row in enumerate(ROWS)
    )
    (claim,) = SudokuTask().read(told)
    assert claim.span[0] == told.index("(")


def test_squares_and_their_numbers_agree_or_are_doubtful():
    task = "input\n🟦⬛\n⬛🟦\noutput\n🟥⬛\n⬛🟥\ninput\n⬛🟦\n🟦⬛"
    for legend, agrees in (("⬛0 🟦1 🟥2", 3), ("⬛=0, 🟦=2, 🟥=1", 1)):
        (claim,) = ArcTask().read(f"{legend}\n\n{task}")
        assert (len(claim.explained), len(claim.doubtful)) == (agrees, 3 - agrees), legend


def test_names_that_begin_like_columns_turn_nothing():
    for name in ("Colin", "Boxer", "colors", "collected"):
        told = "\n".join(f"{name}: {row}" for row in MAZE)
        assert mazes(f"from S to G\n{told}") == [MAZE], name
        assert sudokus("\n".join(f"{name}: {str(row)[1:-1]}" for row in ROWS)) == [LINE], name
        assert sudokus(f"{name} = {ROWS}") == [LINE], name
