"""Puzzles in ways of writing that no other test uses: programs, mark-up, chats, scans.

Written before anybody looked at what the readers make of them. `CASES` holds the task, a name,
the text, and the problem that a careful person reads in it; None for what is nearly a problem
and must not be read as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

S1 = (
    *(".241.7638", "..7.86...", "8...23.1.", ".4..7..8.", "..8.3.2.."),
    *("......74.", ".8......3", "........4", ".5......6"),
)
S2 = (
    *(".....35.2", ".7.8243.9", "....597..", "..2...9..", ".1..7.2.6"),
    *("79.4...35", "631.9....", ".49.6785.", "...2.16.."),
)
S3 = (
    *("53..7....", "6..195...", ".98....6.", "8...6...3", "4..8.3..1"),
    *("7...2...6", ".6....28.", "...419..5", "....8..79"),
)
M1 = ("#########", "#S..#...#", "#.#.#.#.#", "#.#...#G#", "#########")
M2 = ("########", "#....#G#", "#.##.#.#", "#S.#...#", "#.##.#.#", "########")
A1 = (
    ("100/020/003", "001/020/300"),
    ("405/000/060", "504/000/060"),
    ("700/080/000", None),
)
A2 = (("12/34", "34/12"), ("50/05", "05/50"), ("608/070", "070/608"), ("10/02/30", None))
WORDS = ("empty", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Case = tuple[str, str, str, Any]
CASES: list[Case] = []


def each(rows: Iterable[str], form: str | Callable[[int, str], str], between: str = "\n") -> str:
    write = form.format if isinstance(form, str) else form
    return between.join(
        write(n, row) if callable(form) else write(n=n, row=row, cells=" ".join(row))
        for n, row in enumerate(rows, 1)
    )


def split(rows: Iterable[str], joint: str, blank: str = ".", marks: str = ".") -> list[str]:
    return [joint.join(blank if mark in marks else mark for mark in row) for row in rows]


def sudoku(name: str, text: str, rows: Iterable[str] | None) -> None:
    CASES.append(("sudoku", name, text, None if rows is None else "".join(rows)))


def maze(name: str, text: str, rows: Iterable[str] | None) -> None:
    CASES.append(("maze", name, text, None if rows is None else list(rows)))


def zeros(rows: Iterable[str]) -> list[list[int]]:
    return [[int(mark) if mark.isdigit() else 0 for mark in row] for row in rows]


def given(rows: Iterable[str], form: str, between: str = ", ") -> str:
    return between.join(
        form.format(r=r, c=c, v=mark)
        for r, row in enumerate(rows, 1)
        for c, mark in enumerate(row, 1)
        if mark != "."
    )


def thirds(row: str, joint: str, bar: str) -> str:
    return bar.join(joint.join(row[at : at + 3]) for at in (0, 3, 6))


# --- Sudokus

sudoku(
    "Discord",
    "**Mia** — Today at 5:04 PM\nanyone?\n"
    + each(S1, lambda n, row: "> `" + thirds(row, " ", " | ") + "`"),
    S1,
)
sudoku(
    "WhatsApp",
    each(S2, "[29/11/2026, 12:03:{n:02d}] Bob Miller: {row}") + "\nany idea?",
    S2,
)
sudoku("IRC", each(S3, "12:0{n} <@bob_> {cells}"), S3)
sudoku(
    "reply of a reply",
    "On Tue, 3 Nov 2026 at 09:14, Ann <ann@x.org> wrote:\n> On Mon, Bob wrote:\n"
    + each(S1, ">> {cells}"),
    S1,
)
sudoku("grep -n", "$ grep -n . s.txt\n" + each(S2, "s.txt:{n}:{row}"), S2)
sudoku("a diff", "@@ -0,0 +1,9 @@\n" + each(S3, "+{row}"), S3)
sudoku("type", "C:\\puzzles>type today.txt\n" + "\n".join(S2) + "\n\nC:\\puzzles>", S2)
sudoku(
    "Kotlin",
    "val g = arrayOf(\n"
    + each(zeros(S1), lambda n, row: f"    intArrayOf({', '.join(map(str, row))})", ",\n")
    + "\n)",
    S1,
)
sudoku("Rust", f"let grid: [[u8; 9]; 9] = {zeros(S2)};", S2)
sudoku("MATLAB", "A = [" + each(zeros(S3), lambda n, r: " ".join(map(str, r)), "; ") + "];", S3)
sudoku("Haskell", "puzzle =\n  [ " + each(S1, '"{row}"', "\n  , ") + "\n  ]", S1)
sudoku("Lisp", "(" + "\n ".join(f"({row})" for row in split(S2, " ", "_")) + ")", S2)
sudoku("Prolog", "P = [" + ",\n     ".join(f"[{row}]" for row in split(S3, ",", "_")) + "].", S3)
sudoku("Clojure", "[" + "\n ".join(f"[{row}]" for row in split(S1, " ", "nil")) + "]", S1)
sudoku("TOML", "[puzzle]\n" + each(S2, 'row{n} = "{row}"'), S2)
sudoku("Ruby", "%w[\n" + "\n".join(f"  {row}" for row in S3) + "\n]", S3)
sudoku("Perl", "my @g = (\n" + each(S1, "  [qw({cells})],") + "\n);", S1)
sudoku("SQL", "INSERT INTO cell (r, c, v) VALUES " + given(S2, "({r},{c},{v})") + ";", S2)
sudoku(
    "reStructuredText",
    "+" + "---+" * 9
    + "".join("\n| " + " | ".join(row.replace(".", " ")) + " |\n+" + "---+" * 9 for row in S3),
    S3,
)  # fmt: skip
sudoku(
    "Org",
    "#+NAME: today\n"
    + each(split(S1, " | ", " "), lambda n, row: f"| {row} |" + "\n|---+---+---|" * (n in (3, 6))),
    S1,
)
sudoku("AsciiDoc", "|===\n" + "\n".join("|" + row for row in split(S2, " |", "")) + "\n|===", S2)
sudoku(
    "BBCode",
    "[table]"
    + "".join("[tr]" + "".join(f"[td]{m.strip('.')}[/td]" for m in row) + "[/tr]" for row in S3)
    + "[/table]",
    S3,
)
sudoku("attributes", "<g>" + each(S1, '<row n="{n}" cells="{cells}"/>') + "</g>", S1)
sudoku(
    "81 divs",
    '<div class="board">'
    + "".join(f'<div class="cell">{m.strip(".")}</div>' for row in S2 for m in row)
    + "</div>",
    S2,
)
sudoku(
    "a rounded frame",
    "╭───────┬───────┬───────╮\n"
    + each(
        S3,
        lambda n, row: "│ " + thirds(row.replace(".", "·"), " ", " ┊ ") + " │"
        + "\n├───────┼───────┼───────┤" * (n in (3, 6)),
    )
    + "\n╰───────┴───────┴───────╯",
    S3,
)  # fmt: skip
sudoku("double bars", "\n".join("‖".join(split(row, "|", "_")) for row in S1), S1)
sudoku(
    "a sheet", "\t" + "\t".join("ABCDEFGHI") + "\n" + each(split(S2, "\t", ""), "{n}\t{row}"), S2
)
sudoku("CSV with a head", "id,a,b,c,d,e,f,g,h,i\n" + each(split(S3, ",", ""), "{n},{row}"), S3)
sudoku("bold mathematics", "\n".join(S1).translate({49 + k: 0x1D7CF + k for k in range(9)}), S1)
sudoku(
    "Chinese numerals",
    "请解数独：\n" + "\n".join(S2).translate(str.maketrans("123456789.", "一二三四五六七八九〇")),
    S2,
)
sudoku("an address", f"https://sudoku.example/play?p={''.join(S3).replace('.', '0')}&lang=en", S3)
sudoku("labels behind", each(S1, "{cells}   (row {n})"), S1)
sudoku("words apart", each(S2, lambda n, row: thirds(row, " ", "   ") + "\n" * (n in (3, 6))), S2)
sudoku(
    "digits in words",
    each(
        S3,
        lambda n, row: f"Row {n}: " + ", ".join(WORDS[int(m.replace(".", "0"))] for m in row),
    ),
    S3,
)  # fmt: skip
sudoku("a scan", "\n".join(f"| {row}  |" for row in split(S1, "  ", "-")), S1)
sudoku("pipes for ones", "\n".join(row.replace("1", "l") for row in S2), None)
sudoku("a letter for a digit", "Sudoku:\n" + "\n".join(S3).replace("5", "S", 1), None)
sudoku("two side by side", "\n".join(f"{a}    {b}" for a, b in zip(S1, S2, strict=True)), None)
sudoku("a row with ten", "\n".join([*S1[:4], S1[4] + ".", *S1[5:]]), None)
sudoku("CSV short of a cell", "\n".join(split([*S2[:6], S2[6][:8], *S2[7:]], ",", "0")), None)
sudoku("eight rows of JSON", f"solve this sudoku: {zeros(S3[:8])}", None)
sudoku("a given twice", "\n".join([*S1[:8], S1[8][:-1] + S1[8].strip(".")[0]]), None)
sudoku("an ellipsis", f"{''.join(S3)[:78]}...", None)
sudoku("two cells in one", "\n".join(" ".join(row) for row in S2).replace("2 .", "2.", 1), None)

# --- mazes

maze("Go", "var maze = `\n" + "\n".join(M1) + "\n`\n// shortest path S to G", M1)
maze(
    "C", "char *m[] = {\n" + each(M2, '    "{row}", /* {n} */') + "\n};\nS start, G goal. Path?", M2
)
maze("a YAML block", "maze: |\n" + "\n".join("  " + row for row in M1), M1)
maze("a diff of a maze", "@@ -0,0 +1,6 @@\n" + each(M2, "+{row}"), M2)
maze("tabs", "Find the shortest path:\n" + "\n".join(split(M1, "\t")), M1)
maze("line numbers", each(M2, "{n:>4}  {row}") + "\nWhich way out, S to G?", M2)
maze("a chat", each(M1, "Zoe: {row}") + "\nZoe: shortest route from S to G?", M1)
maze("shades", "\n".join(M2).translate(str.maketrans("#.", "▓░")) + "\nShortest way, S to G", M2)
maze(
    "a dungeon",
    "You are @, the stairs are >. # rock, . floor. Shortest path?\n"
    + "\n".join(M1).translate(str.maketrans("SG", "@>")),
    M1,
)
maze(
    "JSON with ends as objects",
    '{"grid": ' + str([[int(m == "#") for m in row] for row in M2])
    + ', "start": {"row": 3, "col": 1}, "goal": {"row": 1, "col": 6}}',
    M2,
)  # fmt: skip
maze(
    "variables",
    f"grid = np.array({[[int(m == '#') for m in row] for row in M1]})\n"
    "start = (1, 1)\nend = (3, 7)\nShortest path?",
    M1,
)
maze(
    "TypeScript",
    "const maze: string[] = [\n" + each(M2, "  '{row}',") + "\n];\nhow to get from S to G?",
    M2,
)
maze(
    "classes of a table",
    "<table>"
    + "".join(
        "<tr>"
        + "".join(f"<td>{'wall' if m == '#' else 'open' if m == '.' else m}</td>" for m in row)
        + "</tr>"
        for row in M1
    )
    + "</table> path from S to G please",
    M1,
)
maze(
    "pictures",
    "🐶 to 🦴, 🌲 blocks:\n" + "\n".join(M2).translate(str.maketrans("#.SG", "🌲⬜🐶🦴")),
    M2,
)
maze("slanted quotes", each(M1, "“{row}”") + "\nShortest path from S to G", M1)
maze("bars before", each(M2, "| {row}") + "\nShortest path from S to G", M2)
maze(
    "a matrix of LaTeX",
    "\\begin{bmatrix}\n" + " \\\\\n".join(split(M1, " & ")) + "\n\\end{bmatrix} Path from S to G?",
    M1,
)
maze("strings in one line", "; ".join(f"'{row}'" for row in M2) + " - way from S to G?", M2)
maze("two starts", "Shortest way?\n" + "\n".join(M1).replace("..#", "S.#", 1), None)
maze("no goal", "Shortest way out?\n" + "\n".join(M2).replace("G", "."), None)
maze("a short row", "Way from S to G?\n" + "\n".join([*M1[:3], M1[3][:-2], M1[4]]), None)
maze("one sign too many", "Way from S to G?\n" + "\n".join(M2).replace("..", ".%", 1), None)
maze("31 wide", "Way from S to G?\n" + "\n".join([*("#" * 31,), f"#S{'.' * 27}G#", "#" * 31]), None)
maze("a rugged frame", "Way from S to G?\n+--+---+\n|S     |\n+ +--  +\n|     G|\n+---+--+", None)

# --- ARC


def lines(grid: str, joint: str = " ") -> str:
    return "\n".join(joint.join(row) for row in grid.split("/"))


def nested(grid: str) -> list[list[int]]:
    return [list(map(int, row)) for row in grid.split("/")]


def arc(name: str, text: str, task: Any) -> None:
    shown = task and [tuple(nested(grid) for grid in pair if grid) for pair in task]
    CASES.append(("arc", name, text, shown))


def pairs(task: Any, form: str, last: str, write: Callable[[str], Any] = lines) -> str:
    return "\n".join(
        (form if out else last).format(n=n, a=write(grid), b=out and write(out))
        for n, (grid, out) in enumerate(task, 1)
    )


arc("Ex", pairs(A1, "Ex {n} in:\n{a}\nEx {n} out:\n{b}\n", "Test in:\n{a}\nTest out: ?"), A1)
arc("XML", pairs(A2, "<pair><input>{a}</input><output>{b}</output></pair>",
                 "<test><input>{a}</input></test>"), A2)  # fmt: skip
arc("numpy", pairs(A1, "x{n}_in = np.array({a})\nx{n}_out = np.array({b})",
                   "test_in = np.array({a})", nested), A1)  # fmt: skip
arc("YAML", pairs(A2, "- input: {a}\n  output: {b}", "test:\n- input: {a}", nested), A2)
arc("in quotes", pairs(A1, '"{a}" becomes "{b}"', 'what does "{a}" become?', str), A1)
arc("headings", pairs(A2, "### Example {n}\n#### Input\n```\n{a}\n```\n#### Output\n```\n{b}\n```",
                      "### Test\n#### Input\n```\n{a}\n```"), A2)  # fmt: skip
arc("arrows below", pairs(A1, "{a}\n  ⇓\n{b}\n\n", "{a}\n  ⇓\n?"), A1)
arc("dense", pairs(A2, "IN {n}\n{a}\nOUT {n}\n{b}\n", "IN {n}\n{a}\n", lambda g: lines(g, "")), A2)
arc(
    "commas", pairs(A1, "Input:\n{a}\nOutput:\n{b}\n", "Input:\n{a}\n", lambda g: lines(g, ",")), A1
)
arc("quoted", "> " + pairs(A2, "Input\n{a}\nOutput\n{b}", "Input\n{a}").replace("\n", "\n> "), A2)
arc("no test", pairs(A1[:2], "Input:\n{a}\nOutput:\n{b}\n", ""), None)
arc("an output is missing", "Input:\n1 0\n0 1\nOutput:\nInput:\n2 0\n0 2\nOutput:\n", None)
