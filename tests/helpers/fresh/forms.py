"""Text forms in which people hand over grids: Sudokus, mazes and ARC tasks.

Each function takes rows and returns text. The order is that of the split: forms at
even places belong to the open part, those at odd places to the sealed one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

Rows = Sequence[Sequence[int]]
Form = Callable[[Rows], str]
Pairs = Sequence[tuple[Rows, Rows]]
ArcForm = Callable[[Pairs, Rows], str]

SUDOKU: list[Form] = []
MAZE: list[Form] = []
"""0 wall, 1 floor, 2 start, 3 goal; those in `OWN_MARKS` say what their marks mean."""
ARC: list[ArcForm] = []
OWN_MARKS: set[str] = set()

_WIDE = str.maketrans("0123456789", "".join(chr(0xFF10 + n) for n in range(10)))
_ARABIC = str.maketrans("0123456789", "".join(chr(0x660 + n) for n in range(10)))


def _sudoku(form: Form) -> Form:
    SUDOKU.append(form)
    return form


def _maze(form: Form) -> Form:
    MAZE.append(form)
    return form


def _own(form: Form) -> Form:
    OWN_MARKS.add(form.__name__)
    return _maze(form)


def _arc(form: ArcForm) -> ArcForm:
    ARC.append(form)
    return form


def _marks(rows: Rows, blank: str) -> list[list[str]]:
    return [[str(cell) if cell else blank for cell in row] for row in rows]


# --- Sudokus


@_sudoku
def one_line(rows: Rows) -> str:
    return "".join("".join(row) for row in _marks(rows, "."))


@_sudoku
def line_of_zeros(rows: Rows) -> str:
    return "".join("".join(row) for row in _marks(rows, "0"))


@_sudoku
def nine_lines(rows: Rows) -> str:
    return "\n" + "\n".join("".join(row) for row in _marks(rows, "_")) + "\n"


@_sudoku
def spaced(rows: Rows) -> str:
    return "\n" + "\n".join(" ".join(row) for row in _marks(rows, ".")) + "\n"


@_sudoku
def markdown_table(rows: Rows) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in _marks(rows, " ")]
    return "\n\n" + "\n".join([lines[0], "|" + "---|" * 9, *lines[1:]]) + "\n\n"


@_sudoku
def markdown_with_heading(rows: Rows) -> str:
    lines = ["| " + " | ".join([mark, *row]) + " |"
             for mark, row in zip("ABCDEFGHI", _marks(rows, ""), strict=True)]  # fmt: skip
    head = "| | " + " | ".join("123456789") + " |"
    return "\n\n" + "\n".join([head, "|" + ":-:|" * 10, *lines]) + "\n\n"


@_sudoku
def html_table(rows: Rows) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n"
        for row in _marks(rows, "&nbsp;")
    )
    return f"\n<table class='s'>\n<tbody>\n{body}</tbody></table>\n"


@_sudoku
def html_spans(rows: Rows) -> str:
    body = "<br>\n".join(" ".join(row) for row in _marks(rows, "_"))
    return f"\n<pre>\n{body}\n</pre>\n"


@_sudoku
def csv(rows: Rows) -> str:
    return "\n" + "\n".join(",".join(row) for row in _marks(rows, "")) + "\n"


@_sudoku
def csv_quoted(rows: Rows) -> str:
    return (
        "\n" + "\n".join(",".join(f'"{cell}"' for cell in row) for row in _marks(rows, "0")) + "\n"
    )


@_sudoku
def box_drawing(rows: Rows) -> str:
    lines = ["╔═══╤═══╤═══╦═══╤═══╤═══╦═══╤═══╤═══╗"]
    for at, row in enumerate(_marks(rows, " ")):
        thirds = ("│".join(f" {cell} " for cell in row[k : k + 3]) for k in (0, 3, 6))
        lines.append("║" + "║".join(thirds) + "║")
        if at == 8:
            lines.append("╚═══╧═══╧═══╩═══╧═══╧═══╩═══╧═══╧═══╝")
        elif at % 3 == 2:
            lines.append("╠═══╪═══╪═══╬═══╪═══╪═══╬═══╪═══╪═══╣")
        else:
            lines.append("╟───┼───┼───╫───┼───┼───╫───┼───┼───╢")
    return "\n" + "\n".join(lines) + "\n"


@_sudoku
def ascii_boxes(rows: Rows) -> str:
    frame = "+---" * 9 + "+"
    lines = [frame]
    for row in _marks(rows, " "):
        lines += ["| " + " | ".join(row) + " |", frame]
    return "\n" + "\n".join(lines) + "\n"


@_sudoku
def keycaps(rows: Rows) -> str:
    return "\n" + "\n".join(
        "".join(f"{cell}\ufe0f\u20e3" if cell else "⬜" for cell in row) for row in rows
    ) + "\n"  # fmt: skip


@_sudoku
def wide_digits(rows: Rows) -> str:
    return "\n" + "\n".join("".join(row).translate(_WIDE) for row in _marks(rows, "・")) + "\n"


@_sudoku
def arabic_digits(rows: Rows) -> str:
    return "\n" + "\n".join(" ".join(row).translate(_ARABIC) for row in _marks(rows, "0")) + "\n"


@_sudoku
def nested_json(rows: Rows) -> str:
    return " " + json.dumps([[cell or None for cell in row] for row in rows]) + " "


@_sudoku
def json_of_strings(rows: Rows) -> str:
    return " " + json.dumps({"board": ["".join(row) for row in _marks(rows, ".")]}) + " "


@_sudoku
def json_of_labelled_rows(rows: Rows) -> str:
    named = {f"row{n}": " ".join(row) for n, row in enumerate(_marks(rows, "0"), 1)}
    return "\n" + json.dumps(named, indent=2) + "\n"


@_sudoku
def json_of_cells(rows: Rows) -> str:
    cells = {f"{'ABCDEFGHI'[r]}{c + 1}": cell
             for r, row in enumerate(rows) for c, cell in enumerate(row) if cell}  # fmt: skip
    return " " + json.dumps(cells) + " "


@_sudoku
def json_of_objects(rows: Rows) -> str:
    cells = [{"row": r, "col": c, "value": cell}
             for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1) if cell]  # fmt: skip
    return "\n" + json.dumps(cells) + "\n"


@_sudoku
def python_tuples(rows: Rows) -> str:
    return "\nboard = (" + ",\n         ".join(str(tuple(row)) for row in rows) + ")\n"


@_sudoku
def numpy_print(rows: Rows) -> str:
    return "\n[" + "\n ".join("[" + " ".join(map(str, row)) + "]" for row in rows) + "]\n"


@_sudoku
def matlab(rows: Rows) -> str:
    return " A = [" + "; ".join(" ".join(map(str, row)) for row in rows) + "] "


@_sudoku
def c_array(rows: Rows) -> str:
    return "\nint g[9][9] = {\n" + ",\n".join(
        "  {" + ", ".join(map(str, row)) + "}" for row in rows
    ) + "\n};\n"  # fmt: skip


@_sudoku
def fenced(rows: Rows) -> str:
    return "\n```text\n" + "\n".join(" ".join(row) for row in _marks(rows, "-")) + "\n```\n"


@_sudoku
def quoted_mail(rows: Rows) -> str:
    return "\n> " + "\n> ".join(" ".join(row) for row in _marks(rows, "x")) + "\n"


@_sudoku
def labelled_rows(rows: Rows) -> str:
    return "\n" + "\n".join(
        f"Row {n}: " + " ".join(row) for n, row in enumerate(_marks(rows, "_"), 1)
    ) + "\n"  # fmt: skip


@_sudoku
def numbered_rows(rows: Rows) -> str:
    return "\n" + "\n".join(
        f"{n}) " + "".join(row) for n, row in enumerate(_marks(rows, "."), 1)
    ) + "\n"  # fmt: skip


@_sudoku
def bullets(rows: Rows) -> str:
    return "\n" + "\n".join("- " + " ".join(row) for row in _marks(rows, "0")) + "\n"


@_sudoku
def yaml_lists(rows: Rows) -> str:
    return "\ngrid:\n" + "\n".join("  - [" + ", ".join(map(str, row)) + "]" for row in rows) + "\n"


@_sudoku
def slashes(rows: Rows) -> str:
    return " " + " / ".join("".join(row) for row in _marks(rows, "0")) + " "


@_sudoku
def run_lengths_of_words(rows: Rows) -> str:
    return "\n" + "\n".join(", ".join(row) for row in _marks(rows, "blank")) + "\n"


@_sudoku
def clues_in_words(rows: Rows) -> str:
    return "\n" + "\n".join(
        f"row {r}, column {c} is {cell}"
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row, 1)
        if cell
    ) + "\n"  # fmt: skip


@_sudoku
def clues_in_brackets(rows: Rows) -> str:
    return " " + ", ".join(
        f"({r},{c})={cell}"
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row, 1)
        if cell
    ) + " "  # fmt: skip


@_sudoku
def clues_by_letter(rows: Rows) -> str:
    return " " + " ".join(
        f"{'ABCDEFGHI'[r]}{c}={cell}"
        for r, row in enumerate(rows)
        for c, cell in enumerate(row, 1)
        if cell
    ) + " "  # fmt: skip


@_sudoku
def latex(rows: Rows) -> str:
    lines = " \\\\\n".join(" & ".join(row) for row in _marks(rows, " "))
    return "\n\\begin{array}{|c|c|c|c|c|c|c|c|c|}\n" + lines + "\n\\end{array}\n"


@_sudoku
def tabs(rows: Rows) -> str:
    return "\n" + "\n".join("\t".join(row) for row in _marks(rows, "?")) + "\n"


@_sudoku
def wiki_table(rows: Rows) -> str:
    return "\n{|\n" + "\n|-\n".join("| " + " || ".join(row) for row in _marks(rows, ".")) + "\n|}\n"


# --- mazes


def _draw(rows: Rows, marks: Sequence[str], joint: str = "") -> list[str]:
    return [joint.join(marks[cell] for cell in row) for row in rows]


@_maze
def hashes(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, "# SG")) + "\n"


@_maze
def dots(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, "#.SG")) + "\n"


@_maze
def solid(rows: Rows) -> str:
    return "\n```\n" + "\n".join(_draw(rows, "█ SG")) + "\n```\n"


@_maze
def doubled(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, ("██", "  ", "S ", "G "))) + "\n"


@_maze
def spaced_cells(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, "#.SG", " ")) + "\n"


@_maze
def comma_cells(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, "#.SG", ",")) + "\n"


@_maze
def markdown_maze(rows: Rows) -> str:
    lines = ["| " + line + " |" for line in _draw(rows, "#.SG", " | ")]
    return "\n\n" + "\n".join([lines[0], "|" + "-|" * len(rows[0]), *lines[1:]]) + "\n\n"


@_maze
def html_maze(rows: Rows) -> str:
    lines = (f"<tr><td>{line}</td></tr>" for line in _draw(rows, "#.SG", "</td><td>"))
    return "\n<table>\n" + "\n".join(lines) + "\n</table>\n"


@_maze
def list_of_strings(rows: Rows) -> str:
    return " " + json.dumps(_draw(rows, "#.SG")) + " "


@_maze
def object_of_strings(rows: Rows) -> str:
    return "\n" + json.dumps({"maze": _draw(rows, "# SG")}, indent=1) + "\n"


@_maze
def list_of_characters(rows: Rows) -> str:
    return " " + json.dumps([list(line) for line in _draw(rows, "#.SG")]) + " "


@_maze
def quoted_maze(rows: Rows) -> str:
    return "\n> " + "\n> ".join(_draw(rows, "#.SG")) + "\n"


@_maze
def numbered_maze(rows: Rows) -> str:
    return "\n" + "\n".join(f"{n:2d} {line}" for n, line in enumerate(_draw(rows, "#.SG"))) + "\n"


@_maze
def yaml_maze(rows: Rows) -> str:
    return "\nmaze:\n" + "\n".join(f'  - "{line}"' for line in _draw(rows, "#.SG")) + "\n"


@_maze
def ones_and_zeros_with_ends(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, "10SG", " ")) + "\n"


@_maze
def joined_by_breaks(rows: Rows) -> str:
    return ' "' + "\\n".join(_draw(rows, "#.SG")) + '" '


@_own
def coordinates(rows: Rows) -> str:
    start, goal = _where(rows, 2), _where(rows, 3)
    matrix = json.dumps([[int(cell == 0) for cell in row] for row in rows])
    told = f"Start at {start}, goal at {goal}, as (row, column) from 0."
    return f"\n{matrix}\n1 is a wall, 0 is free. {told}\n"


@_own
def object_with_ends(rows: Rows) -> str:
    told = {
        "grid": [[int(cell == 0) for cell in row] for row in rows],
        "start": list(_where(rows, 2)),
        "goal": list(_where(rows, 3)),
    }
    return "\n" + json.dumps(told) + "\nIn the grid 1 stands for a wall and 0 for a free cell.\n"


@_own
def animals(rows: Rows) -> str:
    return "\n" + "\n".join(_draw(rows, "🧱⬜🐭🧀")) + "\n🧱 wall, ⬜ free, 🐭 start, 🧀 goal.\n"


@_own
def squares(rows: Rows) -> str:
    return (
        "\n"
        + "\n".join(_draw(rows, "⬛⬜🟩🟥"))
        + "\n(⬛ is wall, ⬜ floor, 🟩 the start, 🟥 the end)\n"
    )


@_own
def letters(rows: Rows) -> str:
    return "\nW = wall, o = open, A = start, B = exit\n" + "\n".join(_draw(rows, "WoAB")) + "\n"


@_own
def numbers(rows: Rows) -> str:
    return (
        "\n0 = wall, 1 = path, 2 = start, 3 = finish\n"
        + "\n".join(" ".join(map(str, row)) for row in rows)
        + "\n"
    )


@_own
def german_legend(rows: Rows) -> str:
    return (
        "\nX ist Mauer, Punkt (.) ist frei, A ist der Anfang und Z das Ziel:\n"
        + "\n".join(_draw(rows, "X.AZ"))
        + "\n"
    )


@_own
def numpy_maze(rows: Rows) -> str:
    body = "\n ".join("[" + " ".join(map(str, row)) + "]" for row in rows)
    return f"\n[{body}]\nwhere 0 means wall, 1 free, 2 the entrance and 3 the exit\n"


def _where(rows: Rows, value: int) -> tuple[int, int]:
    return next((r, list(row).index(value)) for r, row in enumerate(rows) if value in row)


# --- ARC tasks


def _spaced(grid: Rows) -> str:
    return "\n".join(" ".join(map(str, row)) for row in grid)


def _dense(grid: Rows) -> str:
    return "\n".join("".join(map(str, row)) for row in grid)


def _json(pairs: Pairs, test: Rows) -> dict[str, object]:
    train = [{"input": one, "output": two} for one, two in pairs]
    return {"train": train, "test": [{"input": test}]}


@_arc
def published(pairs: Pairs, test: Rows) -> str:
    return "\n" + json.dumps(_json(pairs, test)) + "\n"


@_arc
def pretty(pairs: Pairs, test: Rows) -> str:
    return "\n```json\n" + json.dumps(_json(pairs, test), indent=1) + "\n```\n"


@_arc
def labelled(pairs: Pairs, test: Rows) -> str:
    shown = [
        f"Input {n}:\n{_spaced(a)}\nOutput {n}:\n{_spaced(b)}" for n, (a, b) in enumerate(pairs, 1)
    ]
    return "\n" + "\n\n".join([*shown, f"Test input:\n{_spaced(test)}"]) + "\n"


@_arc
def dense_labelled(pairs: Pairs, test: Rows) -> str:
    shown = [
        f"Example {n} input:\n{_dense(a)}\nExample {n} output:\n{_dense(b)}"
        for n, (a, b) in enumerate(pairs, 1)
    ]
    return "\n" + "\n".join([*shown, f"Test input:\n{_dense(test)}", "Test output: ?"]) + "\n"


@_arc
def headings(pairs: Pairs, test: Rows) -> str:
    shown = [
        f"### Pair {n}\n**Input**\n```\n{_dense(a)}\n```\n**Output**\n```\n{_dense(b)}\n```"
        for n, (a, b) in enumerate(pairs, 1)
    ]
    return "\n" + "\n\n".join([*shown, f"### Test\n**Input**\n```\n{_dense(test)}\n```"]) + "\n"


@_arc
def arrows(pairs: Pairs, test: Rows) -> str:
    return (
        "\n"
        + "\n".join(f"{json.dumps(a)} -> {json.dumps(b)}" for a, b in pairs)
        + f"\n{json.dumps(test)} -> ?\n"
    )


@_arc
def slashed(pairs: Pairs, test: Rows) -> str:
    def flat(grid: Rows) -> str:
        return "/".join("".join(map(str, row)) for row in grid)

    return "\n" + "\n".join(f"{flat(a)} => {flat(b)}" for a, b in pairs) + f"\n{flat(test)} => ?\n"


@_arc
def python_literal(pairs: Pairs, test: Rows) -> str:
    return "\ntask = " + str(_json(pairs, test)) + "\n"


@_arc
def before_after(pairs: Pairs, test: Rows) -> str:
    shown = [f"Before:\n{_spaced(a)}\nAfter:\n{_spaced(b)}" for a, b in pairs]
    return "\n" + "\n\n".join([*shown, f"Before:\n{_spaced(test)}\nAfter: ?"]) + "\n"


@_arc
def other_keys(pairs: Pairs, test: Rows) -> str:
    told = {"examples": [{"in": a, "out": b} for a, b in pairs], "test": {"in": test}}
    return "\n" + json.dumps(told) + "\n"


@_arc
def colours(pairs: Pairs, test: Rows) -> str:
    def paint(grid: Rows) -> str:
        return "\n".join("".join("⬛🟦🟥🟩🟨⬜🟪🟧🩵🟫"[cell] for cell in row) for row in grid)

    shown = [
        f"Input {n}:\n{paint(a)}\nOutput {n}:\n{paint(b)}" for n, (a, b) in enumerate(pairs, 1)
    ]
    return "\n" + "\n\n".join([*shown, f"Test input:\n{paint(test)}"]) + "\n"


@_arc
def inline_lists(pairs: Pairs, test: Rows) -> str:
    shown = [f"Input: {json.dumps(a)} Output: {json.dumps(b)}" for a, b in pairs]
    return "\n" + "\n".join([*shown, f"Input: {json.dumps(test)} Output:"]) + "\n"


@_arc
def comma_rows(pairs: Pairs, test: Rows) -> str:
    def rows(grid: Rows) -> str:
        return "\n".join(",".join(map(str, row)) for row in grid)

    shown = [f"input\n{rows(a)}\noutput\n{rows(b)}" for a, b in pairs]
    return "\n" + "\n\n".join([*shown, f"input\n{rows(test)}"]) + "\n"


@_arc
def german_labels(pairs: Pairs, test: Rows) -> str:
    shown = [
        f"Eingabe {n}:\n{_spaced(a)}\nAusgabe {n}:\n{_spaced(b)}"
        for n, (a, b) in enumerate(pairs, 1)
    ]
    return "\n" + "\n\n".join([*shown, f"Eingabe (Test):\n{_spaced(test)}"]) + "\n"


@_arc
def variables(pairs: Pairs, test: Rows) -> str:
    shown = [
        f"train_in_{n} = {json.dumps(a)}\ntrain_out_{n} = {json.dumps(b)}"
        for n, (a, b) in enumerate(pairs, 1)
    ]
    return "\n" + "\n".join([*shown, f"test_in = {json.dumps(test)}"]) + "\n"


@_arc
def chinese_labels(pairs: Pairs, test: Rows) -> str:
    shown = [f"输入{n}:\n{_spaced(a)}\n输出{n}:\n{_spaced(b)}" for n, (a, b) in enumerate(pairs, 1)]
    return "\n" + "\n\n".join([*shown, f"测试输入:\n{_spaced(test)}"]) + "\n"


@_arc
def quoted_labels(pairs: Pairs, test: Rows) -> str:
    shown = [
        f"Input {n}:\n{_spaced(a)}\nOutput {n}:\n{_spaced(b)}" for n, (a, b) in enumerate(pairs, 1)
    ]
    text = "\n\n".join([*shown, f"Test input:\n{_spaced(test)}"])
    return "\n" + "\n".join(f"> {line}".rstrip() for line in text.splitlines()) + "\n"
