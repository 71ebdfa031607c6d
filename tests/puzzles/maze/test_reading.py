"""A maze is found in every form people use, and only a maze."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import product

import pytest

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.maze.building.mazes import corridors, random_walls

TASK = MazeTask()
BORDERED = corridors(random.Random(1), 9, 13).problem
OPEN = random_walls(random.Random(2), 7, 10, moves=8).problem


def numbers(drawing: str) -> list[list[int]]:
    return [[int(mark == "#") for mark in row] for row in drawing.split("\n")]


def at(drawing: str, mark: str, base: int = 0) -> tuple[int, int]:
    rows = drawing.split("\n")
    row = next(r for r, line in enumerate(rows) if mark in line)
    return row + base, rows[row].index(mark) + base


def place(drawing: str, mark: str) -> str:
    return str(at(drawing, mark))


def cell(drawing: str, mark: str) -> str:
    row, column = at(drawing, mark)
    return f"{'ABCDEFGHIJKLM'[column]}{row + 1}"


def translated(drawing: str, marks: str) -> str:
    return drawing.translate(str.maketrans("# SG", marks))


FORMS: dict[str, Callable[[str], str]] = {
    "spaces": str,
    "dots": lambda d: d.replace(" ", "."),
    "start and end": lambda d: translated(d, "#.SE"),
    "a and b": lambda d: translated(d, "#.AB"),
    "letters": lambda d: translated(d, "X.SE"),
    "blocks": lambda d: translated(d, "█ SG"),
    "wide blocks": lambda d: (
        "".join(m * 2 if m in "█ " else m for m in translated(d, "█ SG"))
        .replace("S", "S ")
        .replace("G", "G ")
    ),
    "middle dots": lambda d: translated(d, "■·SG"),
    "spaced": lambda d: "\n".join(map(" ".join, translated(d, "#.SG").split("\n"))),
    "csv": lambda d: "\n".join(map(",".join, translated(d, "#.SG").split("\n"))),
    "fence": lambda d: f"```\n{d}\n```",
    "stated": lambda d: f"{translated(d, 'w-ab')}\nwalls are 'w', '-' is free, start 'a', goal 'b'",
    "stated in brackets": lambda d: (
        f"From 't' (start) to 'U' (goal)\n{translated(d, 'I7tU')}\n"
        "Legend: 'I' = Wall, '7' = Passage"
    ),
    "stated in a list": lambda d: (
        "- *: your starting point\n- #: your destination point\n"
        f"- O: an open cell\n- X: a blocked cell\n\n{translated(d, 'XO*#')}"
    ),
    "stated in German": lambda d: f"{translated(d, 'M.SZ')}\nM = Mauer, S = Start, Z = Ziel",
    "upside-down numbers": lambda d: (
        f"0 is a wall, 1 is free, 2 is the start, 3 is the goal\n{translated(d, '0123')}"
    ),
    "numbers with ends": lambda d: (
        f"0 = free, 1 = wall, 2 = start, 3 = goal\n{translated(d, '1023')}"
    ),
    "matrix": lambda d: f"{json.dumps(numbers(d))}\nStart {place(d, 'S')}, goal {place(d, 'G')}.",
    "matrix in lines": lambda d: (
        f"from {place(d, 'S')} to {place(d, 'G')}:\n"
        + "\n".join(" ".join(map(str, row)) for row in numbers(d))
    ),
    "json of strings": lambda d: json.dumps(d.split("\n")),
    "json of characters": lambda d: json.dumps([list(row) for row in d.split("\n")]),
    "json of one string": lambda d: json.dumps({"maze": d}),
    "python": lambda d: str([list(row) for row in d.split("\n")]),
    "letters named in turn": lambda d: f"Vom Pilz (p) zur Nadel (n):\n{translated(d, '#.pn')}",
    "unknown words": lambda d: f"{translated(d, '#.KQ')}\nK-tik Q-ra, eskerrik asko",
    "signs between Chinese words": lambda d: (
        f"8是墙，7是通路，2是起点，3是终点。\n{translated(d, '8723')}"
    ),
    "wide letters": lambda d: translated(d, "＃．ＳＧ"),
    "rows between slashes": lambda d: translated(d, "#.SG").replace("\n", "/"),
    "words for cells": lambda d: "\n".join(
        ",".join({"#": "wall", " ": "floor", "S": "start", "G": "exit"}[mark] for mark in row)
        for row in d.split("\n")
    ),
    "words that name no part": lambda d: (
        "Find the shortest way from fox to den; a bog cannot be crossed.\n"
        + "\n".join(
            " ".join({"#": "bog", " ": "ok", "S": "fox", "G": "den"}[mark] for mark in row)
            for row in d.split("\n")
        )
    ),
    "numbers of two digits": lambda d: (
        "-1 is a wall, 0 is free, 10 the start, 20 the goal\n"
        + "\n".join(
            " ".join({"#": "-1", " ": " 0", "S": "10", "G": "20"}[mark] for mark in row)
            for row in d.split("\n")
        )
    ),
    "in braces": lambda d: (
        "char m[][] = {"
        + ",\n".join("{" + ",".join(f"'{mark}'" for mark in row) + "}" for row in d.split("\n"))
        + "};"
    ),
    "rows of cells between bars": lambda d: (
        "Rows from the north: "
        + " | ".join(" ".join(row) for row in translated(d, "x_SG").split("\n"))
        + ". Which way is shortest?"
    ),
    "walls by their places": lambda d: (
        f"A grid of {len(d.split(chr(10)))}x{len(d.split(chr(10))[0])} cells, "
        "(row, column) from 0. Walls: "
        + ", ".join(
            str((r, c))
            for r, row in enumerate(d.split("\n"))
            for c, mark in enumerate(row)
            if mark == "#"
        )
        + f". Start {place(d, 'S')}, goal {place(d, 'G')}."
    ),
    "walls as JSON": lambda d: json.dumps(
        {
            "rows": len(d.split("\n")),
            "cols": len(d.split("\n")[0]),
            "walls": [
                [r, c]
                for r, row in enumerate(d.split("\n"))
                for c, mark in enumerate(row)
                if mark == "#"
            ],
            "start": at(d, "S"),
            "end": at(d, "G"),
        }
    ),
    "row and column in words": lambda d: (
        f"{translated(d, '#...')}\nEntrada: fila {at(d, 'S', 1)[0]}, columna {at(d, 'S', 1)[1]}. "
        f"Salida: fila {at(d, 'G', 1)[0]}, columna {at(d, 'G', 1)[1]} (contando desde 1)"
    ),
    "x and y": lambda d: (
        f"start x={at(d, 'S')[1]}, y={at(d, 'S')[0]}; target x={at(d, 'G')[1]}, y={at(d, 'G')[0]}. "
        f"Top left is x=0, y=0.\n{translated(d, '#...')}"
    ),
    "cell names": lambda d: (
        f"I stand on {cell(d, 'S')}, the door is on {cell(d, 'G')}.\n   "
        + " ".join("ABCDEFGHIJKLM"[: len(d.split("\n")[0])])
        + "".join(
            f"\n{n:2} {' '.join(row)}" for n, row in enumerate(translated(d, "#...").split("\n"), 1)
        )
    ),
}
AROUND = (
    "{}",
    "Find the shortest way through this maze, please:\n{}\nThanks.",
    "{}\n\nHow do I get from start to goal in as few steps as possible?",
    "Bitte löse dieses Labyrinth:\n\n{}\n",
)


def test_every_form_is_read_wherever_it_stands():
    for name, form in FORMS.items():
        for problem, around in product((BORDERED, OPEN), AROUND):
            text = around.format(form(TASK.render(problem)))
            assert [claim.problem for claim in TASK.read(text)] == [problem], f"{name}: {around}"
        claims = TASK.read(text.replace("\n", "\r\n"))
        assert [claim.problem for claim in claims] == [problem], name


def test_spaces_lost_at_the_ends_of_lines_are_floor():
    problem = "#S #\n#   \n# # \n  #G"
    (claim,) = TASK.read("\n".join(line.rstrip() for line in problem.split("\n")))
    assert TASK.render(claim.problem) == problem


def test_an_indented_drawing_has_no_floor_before_its_border():
    drawing = TASK.render(BORDERED)
    (claim,) = TASK.read("\n".join("    " + line for line in drawing.split("\n")))
    assert TASK.render(claim.problem) == drawing


def test_walls_drawn_as_lines_become_cells():
    text = "+---+---+\n| S |   |\n+   +   +\n|     G |\n+---+---+"
    (claim,) = TASK.read(text)
    assert TASK.render(claim.problem).split("\n") == ["#####", "#S# #", "# # #", "#  G#", "#####"]


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("Von links oben nach unten rechts, bitte den kürzesten Weg", ((0, 0), (2, 3))),
        ("de kortste weg van linksonder naar rechtsboven", ((2, 0), (0, 3))),
        ("左上から右下までの最短経路", ((0, 0), (2, 3))),
        ("from the 3rd row, 1st column to the 1st row, 4th column", ((2, 0), (0, 3))),
        ("第3行第1列から第1行第4列まで", ((2, 0), (0, 3))),
        ("shortest path from g[2][0] to g[0][3]", ((2, 0), (0, 3))),
    ],
)
def test_ends_are_where_the_text_says(said, ends):
    (claim,) = TASK.read(f"{said}:\n0 0 1 0\n0 0 0 0\n0 1 0 0")
    cells = {v: (r, c) for r, row in enumerate(claim.problem.grid) for c, v in enumerate(row)}
    assert (cells[2], cells[3]) == ends


def test_several_mazes_are_several():
    one, two = TASK.render(BORDERED), TASK.render(OPEN)
    claims = list(TASK.read(f"First:\n{one}\nSecond:\n{two}\nWhich is harder?"))
    assert [claim.problem for claim in claims] == [BORDERED, OPEN]


@pytest.mark.parametrize(
    "text",
    [
        "#######\n#     #\n# ### #\n#   # #\n#######",  # no start, no goal
        "#######\n#S S G#\n#######",
        "0 1 0\n1 0 1\n0 0 0",
        "[[0,1,0],[1,0,1],[0,0,0]]",
        "#####\n#@$.#\n#####",  # another game
        "# S\n# G\n#",
        "S...\n....\n...G",  # no wall
        "1 2 3\n4 5 6\n7 8 9\nfrom (0, 0) to (2, 2)",
        "Dear S,\n\nI went from A to B.\n\nX",
        "_ _ Q _\nQ _ _ _\n_ _ _ Q\n_ Q _ _",
        "- [x] one\n- [ ] two\n- [x] three",
        "",
        "\x00\x01" * 50,
    ],
)
def test_what_is_no_maze_is_not_claimed(text):
    assert list(TASK.read(text)) == []
    assert list(TASK.read(f"What do you make of this?\n\n{text}\n\nThanks!")) == []


def test_a_sample_of_a_contest_is_not_claimed():
    text = (
        "A robot walks on a field of free and blocked squares and wants to reach the flag. The\n"
        "field has h rows and w columns. Print the number of moves it needs, or -1 if it cannot\n"
        "get there. All fields of a test have at most a million squares together.\n\n"
        f"Input\n\n{TASK.render(BORDERED)}\n\nOutput\n\n17\n\nThe time limit is one second.\n"
    )
    assert list(TASK.read(text)) == []


def test_what_nearly_is_a_maze_gets_its_reason():
    wide = "\n".join(["#" * 41, "#S" + " " * 37 + "G#", "#" * 41])
    for text, reason in (
        (f"Solve this maze:\n{wide}", "41 cells wide and 3 high; at most 30 by 30"),
        ("SFFF\nFHFF\nFFHF\nHFFG", "F and H: say which is wall and which is floor"),
        ("Shortest way?\n######\n#S...#\n#.##.#\n######", "S: one start and one goal are needed"),
        ("Shortest way?\n######\n#....#\n#.##.#\n######", "neither start nor goal"),
        ("Way from S to G?\n+--+---+\n|S   G |\n+--+---+", "walls drawn as lines"),
    ):
        misses = TASK.near_misses(text)
        assert list(TASK.read(text)) == [], text
        assert [miss.reason for miss in misses if miss.reason.startswith(reason)], (text, misses)
        assert all(0 <= miss.span[0] < miss.span[1] <= len(text) for miss in misses)
    assert TASK.near_misses("I lost my way in the supermarket; where is the exit?") == []


def test_gaps_in_the_border_are_start_and_goal():
    text = (
        "Find the way through this maze, from the opening at the top left to the other:\n"
        "+   +---+---+\n|   |       |\n+   +   +   +\n|       |   |\n+---+---+   +"
    )
    (claim,) = TASK.read(text)
    drawn = TASK.render(claim.problem).split("\n")
    assert drawn == ["#S#####", "# #   #", "# # # #", "#   # #", "#####G#"]


def test_a_maze_without_a_way_says_so_at_once():
    (claim,) = TASK.read("#######\n#S #  #\n#  # G#\n#######")
    assert TASK.impossible(claim.problem) == "there is no way from start to goal"
    assert TASK.impossible(BORDERED) is None


INVERTED = (
    "{wall} are walls, {floor} is floor.",
    "Each {wall} is a wall; {floor}: free.",
    "{wall} sind Mauern, {floor} sind Wege.",
    "{floor} ist frei, {wall} ist eine Wand.",
    "{wall} sont des murs, {floor} sont des couloirs.",
    "{wall} son paredes y {floor} son pasillos.",
    "{wall} sono muri, {floor} sono corridoi.",
    "{wall} são paredes e {floor} são corredores.",
    "{wall} zijn muren, {floor} zijn gangen.",
    "{wall} to ściana, {floor} to korytarz.",
    "{wall} - стена, {floor} - проход.",
    "{wall}是墙，{floor}是路。",
    "{wall}は壁、{floor}は道です。",
    "Die Punkte sind Mauern, die Rauten sind Wege.",
    "Les points sont des murs, les dièses sont des couloirs.",
    "Точка - стена, решётка - проход.",
)
NAMED = (
    ("Spaces are walls and hashes are floor.", " ", "#"),
    ("Blanks are walls, each star is floor.", " ", "*"),
    ("Zeros are walls, ones are free.", "0", "1"),
    ("Ones are walls, zeros are free.", "1", "0"),
    ("Dashes are walls, underscores are floor.", "-", "_"),
    ("空格是墙，井号是路。", " ", "#"),
)


def test_what_a_text_says_of_a_character_outweighs_custom():
    drawn = ("#########", "#S  #   #", "# # # # #", "# #   #G#", "#########")
    for said, wall, floor in NAMED:
        rows = "\n".join(drawn).translate(str.maketrans("# ", wall + floor))
        edge = 1 if wall == " " else 0  # empty lines around a drawing are no part of it
        claims = TASK.read(f"```\n{rows}\n```\n{said}")
        for claim in claims:
            shown = ["".join("# SG"[cell] for cell in row) for row in claim.problem.grid]
            assert shown == list(drawn[edge : len(drawn) - edge]), said
        assert claims or edge, said
    for said in INVERTED:
        for wall, floor in (("#", "."), (".", "#"), ("o", "x"), ("0", "1")):
            if "{" not in said and wall != ".":
                continue
            rows = "\n".join(drawn).translate(str.maketrans("# ", wall + floor))
            (claim,) = TASK.read(f"{rows}\n{said.format(wall=wall, floor=floor)}")
            shown = ["".join("# SG"[cell] for cell in row) for row in claim.problem.grid]
            assert shown == list(drawn), (said, wall)


def test_places_that_may_be_x_and_y_make_no_maze_and_borders_are_not_opened():
    board = "#####\n#...#\n#.#.#\n#...#\n#####\n"
    unsure = f"{board}Find the way. Go from (1,3) to (3,1)."
    assert TASK.read(unsure) == []
    assert "(x, y)" in TASK.near_misses(unsure)[0].reason
    assert TASK.read(f"{unsure} Places are (row, column).")
    short = "#########\n#S  #\n#.#.#.#.#\n#.#...#.#\n#.#####.#\n#......G#\n#########"
    assert TASK.read(short) == []
    said = board.replace("#.#.#\n", "#.#.#  <- one-way, down only\n").replace("#...", "#S.G", 1)
    (claim,) = TASK.read(said)
    assert [said[a:b] for a, b in claim.beside] == ["one-way, down only"]


def test_a_last_row_that_shares_its_line_with_words_is_a_row():
    rows = ["#######", "#S..#G#", "#.#...#", "#######"]
    for said, told in ((" no 7 here", ["no 7 here"]), (" please", []), ("  <- 5", ["5"])):
        text = "Shortest way?\n" + "\n".join(rows) + said
        (claim,) = TASK.read(text)
        assert TASK.render(claim.problem) == "\n".join(rows).replace(".", " "), said
        assert [text[a:b] for a, b in claim.beside] == told, said


def test_an_unknown_key_of_json_or_yaml_beside_a_maze_is_doubtful():
    rows = ["#####", "#S.G#", "#.#.#", "#...#", "#####"]
    for key, doubts in (("one_way", 1), ("level", 0), ("size", 0), ("costs", 1)):
        for text in (
            json.dumps({"maze": rows, key: [[1, 1]]}),
            "\n".join(["maze: |", *(f"  {row}" for row in rows), f"{key}: [[1, 1]]"]),
        ):
            (claim,) = TASK.read(text)
            assert len(claim.doubtful) == doubts, text
