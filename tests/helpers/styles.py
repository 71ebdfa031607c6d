"""Random puzzles, written in random styles: separator, frame, labels, prefix, container.

Knows nothing of the readers: each part of a style is drawn on its own, so that most
combinations were never looked at by anybody.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

Rows = Sequence[Sequence[str]]
BASE = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
PREFIXES: dict[str, Callable[[int], str]] = {
    "none": lambda n: "",
    "quote": lambda n: "> ",
    "comment": lambda n: "// ",
    "hash": lambda n: "# ",
    "dashes": lambda n: "-- ",
    "time": lambda n: f"[10:{n:02d}] ",
    "chat": lambda n: f"10:{n:02d}:07 anna: ",
    "numbers": lambda n: f"{n + 1:3d}: ",
    "rows": lambda n: f"Row {n + 1}: ",
    "spaces": lambda n: "    ",
}
AROUND = ("{}", "Please solve this:\n\n{}\n\nThanks!", "{}\n\nWhat is the solution?", "Here:\n{}\n")


RUBBISH = (
    *(
        "...",
        "…",
        "..",
        ".",
        "?",
        "??",
        "!",
        "?!",
        "-",
        "--",
        "---",
        "—",
        "*",
        "***",
        "_",
        "__",
        "~~~~",
    ),
    *("x", "xx", "XX", "xD", "o", "O", "0", "00:15", "1/3", "(1)", "(3/9)", "p. 12", "12", "- 3 -"),
    *(
        "81",
        "#2",
        "No. 7",
        "1.",
        "2)",
        "1st",
        "v2",
        "page 3",
        "Page 3 of 9",
        "etc.",
        "[...]",
        "(...)",
    ),
    *(
        ":3",
        "8)",
        "<3",
        "=)",
        "5*",
        "* 4",
        "5 stars",
        "100%",
        "+",
        "=====",
        "####",
        "# # #",
        "·",
        "。",
    ),
    *("S", "S -> G", "A-B", "end", "█", "|", "||", "+---+", "^^^^", "#.#", "...#...", "/\\/\\"),
)
"""What stands before or behind a puzzle and is none of its cells."""
JOINTS = ("", "", " ", "  ", "\n", "\n", "\n\n", "\t", " - ", ", ", "; ")


def with_rubbish(rng: random.Random, shown: str, cells: str, *, before: bool) -> str:
    """A puzzle with rubbish on one side that is not written as its `cells` are."""
    while True:
        rubbish, joint = rng.choice(RUBBISH), rng.choice(JOINTS)
        near = (rubbish + joint if before else joint + rubbish).strip(" \t\n,;).:")
        if not {near[-1:] if before else near[:1]} & {*cells, ""}:
            return rubbish + joint + shown if before else shown + joint + rubbish


def short_sudoku(
    rng: random.Random, grid: Sequence[Sequence[int]], cut: int, *, before: bool
) -> tuple[str, str]:
    """A Sudoku that lacks `cut` cells at its beginning or end, and its signs for cells."""
    blank, joint = rng.choice(".0_x*?-"), rng.choice(("", "", " ", " ", ", ", ",", ";"))
    wide = rng.choice((9, 27, 81, 81))
    cells = [str(cell) if cell else blank for row in grid for cell in row]
    first, last = (cut, 81) if before else (0, 81 - cut)
    lines = [cells[max(at, first) : min(at + wide, last)] for at in range(0, 81, wide)]
    own = "0123456789" + blank + ("–—−" if blank == "-" else "") + ("．…·" if blank == "." else "")
    return "\n".join(joint.join(line) for line in lines if line), own


def sudoku(rng: random.Random) -> list[list[int]]:
    """A grid with its digits and lines shuffled, 24 to 40 of its cells kept."""
    digits = rng.sample(range(1, 10), 9)
    lines = [
        [3 * band + at for band in rng.sample(range(3), 3) for at in rng.sample(range(3), 3)]
        for _ in range(2)
    ]
    kept = set(rng.sample(range(81), rng.randint(24, 40)))
    return [
        [
            digits[int(BASE[9 * r + c]) - 1] if 9 * i + k in kept else 0
            for k, c in enumerate(lines[1])
        ]
        for i, r in enumerate(lines[0])
    ]


def write_sudoku(rng: random.Random, grid: Sequence[Sequence[int]]) -> tuple[str, str]:
    """The grid in a style of its own, and the style's name."""
    container = rng.choice(("lines", "lines", "lines", "json", "strings", "html", "table", "box"))
    blank = rng.choice(".0_x*?-")
    rows = [[str(cell) if cell else blank for cell in row] for row in grid]
    if container == "json":
        empty = rng.choice((0, None, "", -1))
        cells = [[cell or empty for cell in row] for row in grid]
        name = rng.choice(("", "grid", "puzzle"))
        shown = json.dumps({name: cells} if name else cells, indent=rng.choice((None, 1)))
        return shown, f"json {empty!r} {name}"
    if container == "strings":
        return json.dumps(["".join(row) for row in rows]), f"strings {blank}"
    if container == "html":
        tag, cell = rng.choice((("tr", "td"), ("row", "cell")))
        lines = (
            "".join(f"<{cell}>{c if c != blank else ''}</{cell}>" for c in row) for row in rows
        )
        body = "\n".join(f"<{tag}>{line}</{tag}>" for line in lines)
        return f"<table>\n{body}\n</table>", f"html {tag}"
    if container == "table":
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        head = rng.choice((["| " + " | ".join("abcdefghi") + " |", "|---" * 9 + "|"], []))
        return "\n".join([*head, *lines]), f"table {blank} {len(head)}"
    if container == "box":
        frame = rng.choice(("+-------+-------+-------+", "-------------------------"))
        lines = [frame]
        for at, row in enumerate(rows):
            lines.append("| " + " | ".join(" ".join(row[k : k + 3]) for k in (0, 3, 6)) + " |")
            lines += [frame] if at % 3 == 2 else []
        return "\n".join(lines), f"box {blank} {frame[0]}"
    joint = rng.choice(("", " ", ",", ", ", ";", "\t", "  "))
    prefix = rng.choice(tuple(PREFIXES))
    remark = rng.choice(("", "", "", "   # a row"))
    lines = [PREFIXES[prefix](n) + joint.join(row) + remark for n, row in enumerate(rows)]
    return "\n".join(lines), f"lines {blank!r} {joint!r} {prefix} {remark!r}"


def maze(rng: random.Random) -> list[list[int]]:
    """Bordered, some walls inside, one start and one goal: 0 wall, 1 floor, 2, 3."""
    high, wide = rng.randint(5, 12), rng.randint(6, 14)
    inner = [(r, c) for r in range(1, high - 1) for c in range(1, wide - 1)]
    grid = [[0] * wide for _ in range(high)]
    for r, c in inner:
        grid[r][c] = int(rng.random() > 0.3)
    for (r, c), part in zip(rng.sample(inner, 2), (2, 3), strict=True):
        grid[r][c] = part
    return grid


def write_maze(rng: random.Random, grid: Sequence[Sequence[int]]) -> tuple[str, str]:
    """The maze in a style of its own, and the style's name."""
    marks = rng.choice(("# SG", "#.SE", "█ SG", "X.SE", "#_AB"))
    joint = rng.choice(("", "", "", " ", ","))
    if " " in marks and joint:
        marks = marks.replace(" ", ".")
    prefix = rng.choice(tuple(PREFIXES))
    container = rng.choice(("lines", "lines", "json", "fence"))
    if container == "json":
        return json.dumps(["".join(marks[cell] for cell in row) for row in grid]), f"json {marks}"
    lines = [
        PREFIXES[prefix](n) + joint.join(marks[cell] for cell in row) for n, row in enumerate(grid)
    ]
    shown = "\n".join(lines)
    shown = f"```\n{shown}\n```" if container == "fence" else shown
    return shown, f"{container} {marks!r} {joint!r} {prefix}"


LABELS = (
    *(("Input:", "Output:"), ("input", "output"), ("IN:", "OUT:"), ("Before:", "After:")),
    ("Example {n} input:", "Example {n} output:"),
)


def arc(rng: random.Random) -> list[list[list[int]]]:
    """Grids of random colours: two or three pairs, and an input."""
    return [
        [[rng.choice((0, 0, 0, 1, 2, 5, 8)) for _ in range(wide)] for _ in range(high)]
        for high, wide in [
            (rng.randint(2, 7), rng.randint(2, 7)) for _ in range(rng.choice((5, 7)))
        ]
    ]


def write_arc(
    rng: random.Random, grids: Sequence[Sequence[Sequence[int]]], *, rubbish: bool
) -> str:
    """The grids with labels above them or before their first rows; rubbish around one of them."""
    joint, labels = rng.choice((" ", " ", "", ",", ", ")), rng.choice(LABELS)
    after = " " if labels[0][-1] == ":" and rng.random() < 0.3 else "\n"
    shown = ["\n".join(joint.join(map(str, row)) for row in grid) for grid in grids]
    if rubbish:
        at = rng.randrange(len(shown))
        shown[at] = with_rubbish(rng, shown[at], "0123456789", before=rng.random() < 0.4)
    blocks = [labels[at % 2].format(n=at // 2 + 1) + after + grid for at, grid in enumerate(shown)]
    return rng.choice(("\n", "\n\n")).join(blocks)


def thin_maze(rng: random.Random) -> tuple[str, list[list[int]]]:
    """A maze with lines for walls, and the same with walls as cells."""
    high, wide, step = rng.randint(3, 7), rng.randint(3, 8), rng.choice((2, 4))
    cells = [[int(r % 2 and c % 2) for c in range(2 * wide + 1)] for r in range(2 * high + 1)]
    seen, todo = {(0, 0)}, [(0, 0)]
    while todo:
        r, c = todo[-1]
        near = [(r + a, c + b) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        near = [(a, b) for a, b in near if 0 <= a < high and 0 <= b < wide and (a, b) not in seen]
        if not near:
            todo.pop()
            continue
        a, b = rng.choice(near)
        seen.add((a, b))
        todo.append((a, b))
        cells[r + a + 1][c + b + 1] = 1
    places = rng.sample(sorted(seen), 2)
    for (r, c), part in zip(places, (2, 3), strict=True):
        cells[2 * r + 1][2 * c + 1] = part
    lines = []
    for r, row in enumerate(cells):
        line = ""
        for c, cell in enumerate(row):
            wall = "+" if r % 2 == c % 2 == 0 else "-" if r % 2 == 0 else "|"
            shown = wall if cell == 0 else " " if cell == 1 else " SG"[cell - 1]
            inside = (
                (shown * (step - 1) if shown == "-" else shown.center(step - 1)) if c % 2 else shown
            )
            line += inside
        lines.append(line)
    return "\n".join(lines), cells
