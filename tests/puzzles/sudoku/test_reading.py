"""A Sudoku is found in every form people use, whatever stands around it, and only a Sudoku."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrm_puzzles.sudoku import SudokuTask

TASK = SudokuTask()
PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
OTHER = "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......"


def rows(line: str) -> list[str]:
    return [line[at : at + 9] for at in range(0, 81, 9)]


def numbers(line: str) -> list[list[int]]:
    return [[int(mark.replace(".", "0")) for mark in row] for row in rows(line)]


def thirds(row: str) -> list[str]:
    return [row[at : at + 3] for at in (0, 3, 6)]


def boxes(line: str, *, blank: str, frame: str, pipe: str = " | ", outer: bool = True) -> str:
    """Bands between frames, stacks between pipes."""
    drawn = [frame] if outer else []
    for number, row in enumerate(rows(line.replace(".", blank)), 1):
        body = pipe.join(" ".join(third) for third in thirds(row))
        drawn.append(f"| {body} |" if outer else body)
        if outer or number in (3, 6):
            drawn += [frame] if number % 3 == 0 else []
    return "\n".join(drawn)


def markdown(line: str, head: str = "| a | b | c | d | e | f | g | h | i |") -> str:
    body = ["| " + " | ".join(row.replace(".", " ")) + " |" for row in rows(line)]
    return "\n".join([head, "|" + "---|" * 9, *body])


def unicode_box(line: str) -> str:
    def ruler(left: str, thick: str, thin: str, right: str, dash: str) -> str:
        return left + thick.join(thin.join([dash * 3] * 3) for _ in range(3)) + right

    drawn = [ruler("╔", "╦", "╤", "╗", "═")]
    for number, row in enumerate(rows(line.replace(".", " ")), 1):
        drawn.append("║" + "║".join("│".join(f" {m} " for m in t) for t in thirds(row)) + "║")
        if number < 9:
            dash = ("╠", "╬", "╪", "╣", "═") if number % 3 == 0 else ("╟", "╫", "┼", "╢", "─")
            drawn.append(ruler(*dash))
    return "\n".join([*drawn, ruler("╚", "╩", "╧", "╝", "═")])


def html(line: str) -> str:
    cells = ("".join(f'<td class="c">{m.strip(".")}</td>' for m in row) for row in rows(line))
    return "<table border=1>\n" + "\n".join(f"<tr>{row}</tr>" for row in cells) + "\n</table>"


def clues(line: str, form: str, between: str = "\n") -> str:
    given = [(at // 9 + 1, at % 9 + 1, mark) for at, mark in enumerate(line) if mark != "."]
    return between.join(form.format(r=r, c=c, v=v) for r, c, v in given)


ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")

FORMS: dict[str, Callable[[str], str]] = {
    "line of dots": str,
    **{f"line of {b}": (lambda s, b=b: s.replace(".", b)) for b in "0_xX*?-"},
    "nine lines": lambda s: "\n".join(rows(s)),
    **{f"nine lines of {b}": (lambda s, b=b: "\n".join(rows(s.replace(".", b)))) for b in "0_x*?-"},
    "double-spaced lines": lambda s: "\n\n".join(rows(s)),
    "bands apart": lambda s: "\n\n".join("\n".join(rows(s)[at : at + 3]) for at in (0, 3, 6)),
    "nine groups": lambda s: " ".join(rows(s)),
    "nine groups with slashes": lambda s: "/".join(rows(s.replace(".", "0"))),
    "81 cells with spaces": lambda s: " ".join(s.replace(".", "0")),
    "81 cells with commas": lambda s: ",".join(s.replace(".", "0")),
    "spaced": lambda s: "\n".join(map(" ".join, rows(s))),
    "spaced zeros": lambda s: "\n".join(map(" ".join, rows(s.replace(".", "0")))),
    "spaced underscores": lambda s: "\n".join(map(" ".join, rows(s.replace(".", "_")))),
    "thirds": lambda s: "\n".join(" ".join(thirds(row)) for row in rows(s)),
    "tabs": lambda s: "\n".join("\t".join(row.replace(".", "0")) for row in rows(s)),
    "csv": lambda s: "\n".join(
        ",".join(row.strip() for row in r.replace(".", "0")) for r in rows(s)
    ),
    "csv with holes": lambda s: "\n".join(",".join(m.strip(".") for m in row) for row in rows(s)),
    "csv with quotes": lambda s: "\n".join(
        ";".join(f'"{m.strip(".")}"' for m in row) for row in rows(s)
    ),
    "indented": lambda s: "\n".join("    " + row for row in rows(s)),
    "quoted mail": lambda s: "\n".join("> " + " ".join(row) for row in rows(s)),
    "box of dots": lambda s: boxes(s, blank=".", frame="+-------+-------+-------+"),
    "box of spaces": lambda s: boxes(s, blank=" ", frame="+-------+-------+-------+"),
    "box of dashes": lambda s: boxes(s, blank="0", frame="-------------------------"),
    "open box": lambda s: boxes(s, blank=".", frame="------+-------+------", outer=False),
    "open box of spaces, cut": lambda s: "\n".join(
        row.rstrip()
        for row in boxes(s, blank=" ", frame="------+-------+------", outer=False).split("\n")
    ),
    "tight pipes": lambda s: "\n".join("|".join(thirds(row)) for row in rows(s)),
    "tight box": lambda s: "\n".join(
        "|" + "|".join(thirds(row.replace(".", " "))) + "|" for row in rows(s)
    ),
    "unicode box": unicode_box,
    "markdown": markdown,
    "markdown with numbers": lambda s: markdown(s, "| 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |"),
    "markdown without a head": lambda s: markdown(s, "|" + "   |" * 9),
    "bold markdown": lambda s: "\n".join(
        "|" + "|".join("" if m == "." else f"**{m}**" for m in row) + "|" for row in rows(s)
    ),
    "html": html,
    "latex": lambda s: "\n".join(" & ".join(m.strip(".") for m in r) + r" \\" for r in rows(s)),
    "json": lambda s: json.dumps(numbers(s)),
    "indented json": lambda s: json.dumps(numbers(s), indent=2),
    "json with null": lambda s: json.dumps([[n or None for n in row] for row in numbers(s)]),
    "json of strings": lambda s: json.dumps(rows(s)),
    "json of characters": lambda s: json.dumps([list(row) for row in rows(s)]),
    "json of one string": lambda s: json.dumps({"grid": s}),
    "json of one list": lambda s: json.dumps([n for row in numbers(s) for n in row]),
    "json object": lambda s: json.dumps({"puzzle": numbers(s)}),
    "json string of lines": lambda s: json.dumps({"board": "\n".join(rows(s))}),
    "python with None": lambda s: "grid = " + str([[n or None for n in row] for row in numbers(s)]),
    "python tuples": lambda s: str(tuple(map(tuple, numbers(s)))),
    "numpy": lambda s: "[" + "\n ".join(str(r).replace(",", "") for r in numbers(s)) + "]",
    "c": lambda s: "{" + ",\n".join("{" + ", ".join(map(str, r)) + "}" for r in numbers(s)) + "};",
    "fullwidth digits": lambda s: "\n".join(
        rows(s.translate(str.maketrans("123456789", "１２３４５６７８９")))
    ),
    "arabic digits": lambda s: " ".join(rows(s)).translate(str.maketrans("123456789", "١٢٣٤٥٦٧٨٩")),
    "squares for blanks": lambda s: "\n".join(" ".join(row) for row in rows(s.replace(".", "□"))),
    "clues r1c3 = 7": lambda s: clues(s, "r{r}c{c} = {v}"),
    "clues R1C3: 7": lambda s: clues(s, "R{r}C{c}: {v}", ", "),
    "clues in words": lambda s: clues(s, "row {r} column {c} is {v}", ", "),
    "clues with bullets": lambda s: clues(s, "- Row {r}, Column {c}: {v}"),
    "clues in German": lambda s: clues(s, "Zeile {r}, Spalte {c}: {v}", "; "),
    "clues in Spanish": lambda s: clues(s, "fila {r} columna {c} = {v}"),
    "clues column first": lambda s: clues(s, "c{c}r{r}={v}", " "),
    "clues as in a spreadsheet": lambda s: (
        "Columns are A to I, rows 1 to 9. "
        + "; ".join(f"{'ABCDEFGHI'[n % 9]}{n // 9 + 1}={v}" for n, v in enumerate(s) if v != ".")
    ),
    "rows with a number and a word": lambda s: "\n".join(
        f"{n}. satır: {' '.join(row)}" for n, row in enumerate(rows(s.replace(".", "-")), 1)
    ),
    "middle dots of Japanese": lambda s: "\n".join(rows(s.replace(".", "・"))),
    "empty between commas": lambda s: ",".join(s.replace(".", " ")).replace(" ", ""),
    "three rows in a line": lambda s: "\n".join(
        s.replace(".", "x")[at : at + 27] for at in (0, 27, 54)
    ),
    "yaml": lambda s: "\n".join(
        f"w{n}: [{', '.join(row.replace('.', '~'))}]" for n, row in enumerate(rows(s), 1)
    ),
    "roman numbers": lambda s: "\n".join(
        f"{n:>4}. {row}" for n, row in zip(ROMAN, rows(s), strict=True)
    ),
    "the letter o": lambda s: "\n".join(rows(s.replace(".", "o"))),
    "latex table": lambda s: (
        "\\begin{tabular}{|ccc|ccc|ccc|}\n\\hline\n"
        + "\n".join(" & ".join(row).replace(".", " ") + r" \\ \hline" for row in rows(s))
        + "\n\\end{tabular}"
    ),
    "clues as json": lambda s: "{" + clues(s, '"r{r}c{c}": {v}', ", ") + "}",
}

AROUND = {
    "alone": "{}",
    "after prose": "Can you solve this sudoku for me, please?\n\n{}",
    "before prose": "{}\n\nFill in the blanks (standard rules).",
    "between prose": "Hi! My 9 year old is stuck since 2 days.\n{}\nAnswer only, as 81 digits.",
    "in a fence": "Solve:\n```text\n{}\n```\nThanks!",
    "in German": "Bitte löse dieses Sudoku:\n{}\nDanke im Voraus!",
    "in Japanese": "この数独を解いてください。\n{}\nよろしくお願いします。",
    "in Arabic": "من فضلك حل هذا اللغز:\n{}\nشكرا",
    "under a heading": "# Puzzle 17\n\n{}\n\n---\n",
}


def found(text: str) -> list[str]:
    claims = list(TASK.read(text))
    for claim in claims:
        assert 0 <= claim.span[0] < claim.span[1] <= len(text)
        assert claim.form
    for one, two in pairwise(claims):
        assert one.span[1] <= two.span[0]
    return [claim.problem.line for claim in claims]


def test_every_form_is_read_wherever_it_stands():
    for name, form in FORMS.items():
        for where, around in AROUND.items():
            text = around.format(form(PUZZLE))
            assert found(text) == [PUZZLE], f"{name}, {where}"
        assert found(text.replace("\n", "\r\n")) == [PUZZLE], name


def test_a_blank_first_or_last_row_is_a_row():
    bare = "." * 9 + PUZZLE[9:72] + "." * 9
    for name, form in FORMS.items():
        assert found("Sudoku:\n" + form(OTHER)) == [OTHER], name
        assert found("Sudoku:\n" + form(bare)) == [bare], name


def test_two_in_one_text_are_two():
    for name, form in FORMS.items():
        text = f"First:\n{form(PUZZLE)}\n\nand then this one:\n{form(OTHER)}\n"
        assert found(text) == [PUZZLE, OTHER], name


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(FORMS)))
def test_any_puzzle_is_read_in_any_form(rng, name):
    view = TASK.symmetry(rng)
    tokens = view.apply([int(mark.replace(".", "0")) + 1 for mark in PUZZLE])
    line = "".join(str(token - 1) for token in tokens).replace("0", ".")
    assert found(f"Solve: {FORMS[name](line)}" if "line of" in name else FORMS[name](line)) == [
        line
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        f"Solve {PUZZLE}, please",
        f"Solve {PUZZLE}.",
        f"Is there a solution of {PUZZLE}?",
        f"**{PUZZLE}**",
        f"`{PUZZLE}`",
        f'puzzle="{PUZZLE}"',
        f"sudoku={PUZZLE}",
        f"{numbers(PUZZLE)}.",
        f"Please solve {' '.join(PUZZLE)}.",
        f"Sudoku, one cell after the other: {', '.join(PUZZLE)}",
        "Sudoku: " + "\n".join(map(" ".join, rows(PUZZLE))),
        "Sudoku:" + "\n".join(rows(PUZZLE)),
        "\n".join(rows(PUZZLE)) + " please",
        "\n".join(map(" ".join, rows(PUZZLE))) + ".",
    ],
)
def test_a_grid_in_the_middle_of_a_sentence_is_read(sentence):
    assert found(sentence) == [PUZZLE]


def test_a_span_is_the_grid_and_what_belongs_to_it():
    box = boxes(PUZZLE, blank=".", frame="+-------+-------+-------+")
    for piece in (box, json.dumps({"grid": numbers(PUZZLE)}), html(PUZZLE), PUZZLE):
        (claim,) = TASK.read(f"Solve this:\n{piece}\nThanks")
        assert f"Solve this:\n{piece}\nThanks"[slice(*claim.span)] == piece


def test_prose_that_mentions_code_keeps_its_puzzle():
    text = f"Solve {PUZZLE} and write Python code (a function `check`) that checks the result."
    assert found(text) == [PUZZLE]


def test_a_sheet_pasted_with_tabs_keeps_its_empty_cells():

    cells = [
        [mark if mark != "." else "" for mark in PUZZLE[at : at + 9]] for at in range(0, 81, 9)
    ]
    (claim,) = TASK.read("\n".join("\t".join(row) for row in cells))
    assert claim.problem.line.replace("0", ".") == PUZZLE


LETTERED = [
    *("53..7....", "6..195...", ".98....6.", "8...6...3", "4..8.3..1"),
    *("7...2...6", ".6....28.", "...419..5", "....8..79"),
]
LETTERS_NAME_ROWS = ("Letters are rows.", "Row letter, column number.")
LETTERS_NAME_COLUMNS = (
    "Letters are columns.",
    "The numbers are rows and the letters columns.",
    "Column letter, then row number.",
    "Die Buchstaben sind die Spalten.",
    "From my spreadsheet:",
)


def test_letters_name_what_the_text_says():
    for said in (*LETTERS_NAME_ROWS, *LETTERS_NAME_COLUMNS):
        columns = said in LETTERS_NAME_COLUMNS
        clues = [
            f"{'ABCDEFGHI'[c if columns else r]}{(r if columns else c) + 1}={digit}"
            for r, row in enumerate(LETTERED)
            for c, digit in enumerate(row)
            if digit != "."
        ]

        (claim,) = TASK.read(f"{said} My sudoku: {', '.join(clues)}")

        assert _shown(claim) == LETTERED, said


def test_letters_that_name_rows_and_columns_at_once_are_no_places():
    clues = [
        f"{'ABCDEFGHI'[r]}{c + 1}={digit}"
        for r, row in enumerate(LETTERED)
        for c, digit in enumerate(row)
        if digit != "."
    ]

    for said in ("Letters are rows. Letters are columns.", "Solve this:"):
        text = f"{said} {', '.join(clues)}"
        assert TASK.read(text) == [], said
        (miss,) = TASK.near_misses(text)
        assert "rows or columns" in miss.reason


def test_a_row_is_never_padded_nor_a_mark_of_the_sentence_a_cell():
    spaced = "\n".join(map(" ".join, LETTERED))
    rows = spaced.split("\n")
    joined = "".join(LETTERED)
    for text, why in (
        ("\n".join([*rows[:4], "4 . . 8 . 3 . .", *rows[5:]]), "row 5 has 8 cells"),
        ("\n".join([*rows[:4], ". . 8 . 3 . . 1", *rows[5:]]), "row 5 has 8 cells"),
        ("\n".join([rows[0], "6 . . 1 9 5 .", *rows[2:]]), "row 2 has 7 cells"),
        ("\n".join(["5>3 . . 7 . . . .", *rows[1:]]), "row 1 has 8 cells"),
        (f"Can you solve {joined[:80]}?", "80 cells"),
        (f"Solve {joined[:80].replace('.', '0')}.", "80 cells"),
        (f"Solve {joined[:79].replace('.', '0')}..", "79 cells"),
        (spaced.replace(".", "12"), "'12'"),
        (spaced.replace(" ", ",").replace(".", "0", 40)[:-1], "an empty cell"),
        (f"{spaced[:-2]}  —", "80 cells before its last"),
        (f"* * {spaced[4:]}", "79 cells behind its first"),
        (f"{' '.join(joined[:80]).replace('.', '0')}, 9", "set apart otherwise"),
        (f"Please solve {joined[:80]}.", "may end the sentence"),
        (f"Please solve {joined[:79]}..", "may end the sentence"),
        (f"Can you do {joined[:79]}.. for me", "may end the sentence"),
        (f"{joined[:79]}.. thanks", "may end the sentence"),
    ):
        assert TASK.read(text) == [], text
        assert why in " ".join(miss.reason for miss in TASK.near_misses(text)), text


def test_a_sudoku_of_another_size_is_told_that_only_9x9_is_read():
    four = "1 . . 4\n. . 3 .\n. 2 . .\n4 . . 1"
    six = "1 . . 4 . 6\n. . 3 . . .\n. 2 . . . .\n4 . . 1 . .\n. . . . 5 .\n6 . . . . 1"
    for grid, side in ((four, 4), (six, 6), ("[[1,0,0,4],[0,0,3,0],[0,2,0,0],[4,0,0,1]]", 4)):
        text = f"Solve this Sudoku:\n{grid}"
        assert TASK.read(text) == [], text
        (miss,) = TASK.near_misses(text)
        assert f"{side}x{side}" in miss.reason, text
        assert "9x9 only" in miss.reason, text
        assert TASK.near_misses(grid) == [], text
    for other in ("S . . #\n. # . .\n. . # .\n# . . G", "1 0 0 1\n0 0 1 0\n0 1 0 0\n1 0 0 1"):
        assert TASK.near_misses(f"no Sudoku:\n{other}") == [], other


def test_what_stands_beside_a_row_is_told_unless_it_is_a_label():
    for said in ("<- all odd", "(descending)", "// sum of three is 12", "# no 7 here"):
        text = "\n".join([LETTERED[0], f"{LETTERED[1]}  {said}", *LETTERED[2:]])
        (claim,) = TASK.read(text)
        assert [text[a:b] for a, b in claim.beside] == [said.lstrip("<-/# ")], said
        text = "\n".join([*LETTERED[:8], f"{LETTERED[8]}  {said}"])
        (claim,) = TASK.read(text)
        assert [text[a:b] for a, b in claim.beside] == [said.lstrip("<-/# ")], said
    for joint in ("", " ", ","):
        shown = [joint.join(row) for row in LETTERED]
        for row, said in ((0, "no 7 here"), (4, "all odd"), (8, "no 7 here")):
            text = "\n".join([*shown[:row], f"{shown[row]} {said}", *shown[row + 1 :]])
            (claim,) = TASK.read(text)
            assert [text[a:b] for a, b in claim.beside] == [said], text
    ordinals = (
        "First",
        "Second",
        "Third",
        "Fourth",
        "Fifth",
        "Sixth",
        "Seventh",
        "Eighth",
        "Ninth",
    )
    (claim,) = TASK.read("\n".join(map("{} row: {}".format, ordinals, LETTERED)))
    assert not claim.beside
    for label in ("row {}: ", "[10:0{}] ", "{}. ", "> ", "// "):
        text = "\n".join(label.format(n) + row for n, row in enumerate(LETTERED, 1))
        (claim,) = TASK.read(text)
        assert not claim.beside, label
    upward = "\n".join(f"Row {10 - n}: {row}" for n, row in enumerate(LETTERED, 1))
    assert all(claim.beside for claim in TASK.read(upward))  # the last row stands first


def test_lines_with_letters_are_columns_if_the_text_says_so():
    columns = ["".join(row[c] for row in LETTERED) for c in range(9)]
    lines = "\n".join(
        f'"{one}": "{column}",' for one, column in zip("ABCDEFGHI", columns, strict=True)
    )

    (claim,) = TASK.read(f"sudoku = {{\n{lines}\n}}\nThe letters are columns.")

    assert _shown(claim) == LETTERED


def _shown(claim):
    return ["".join(str(cell or ".") for cell in row) for row in claim.problem.grid]


def test_two_signs_for_blanks_or_kinds_of_digits_may_tell_cells_apart():
    line = "".join(LETTERED)

    def blanks(one, other):
        return "".join(
            (one, other)[at % 2] if mark == "." else mark for at, mark in enumerate(line)
        )

    for one, other in ("0.", "._", ".-"):
        assert len(TASK.read(blanks(one, other))) == 1, (one, other)
    for one, other in ("■□", "○.", "x.", "*.", "?0", "+-", "⬜⬛"):
        text = blanks(one, other)
        assert TASK.read(text) == [], text
        assert "both stand for blanks" in TASK.near_misses(text)[0].reason, text
    given = next(mark for mark in line if mark.isdigit())
    other_kinds = "⁰¹²³⁴⁵⁶⁷⁸⁹", "⓪①②③④⑤⑥⑦⑧⑨", "٠١٢٣٤٥٦٧٨٩"
    for kind in other_kinds:
        alike = line.translate(str.maketrans("0123456789", kind))
        assert len(TASK.read(alike)) == 1, alike
        text = line.replace(given, kind[int(given)], 1)
        assert TASK.read(text) == [], text
        assert "two kinds of digits" in TASK.near_misses(text)[0].reason, text
