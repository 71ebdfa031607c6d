"""What only looks like a Sudoku is not read as one, and what nearly is gets its reason."""

from __future__ import annotations

import hashlib
import random

import pytest

from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.grids import MAX_TEXT

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
TASK = SudokuTask()
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
PI = "314159265358979323846264338327950288419716939937510582097494459230781640628620899"


def lines(line: str) -> str:
    return "\n".join(line[at : at + 9] for at in range(0, 81, 9))


def lists(line: str) -> list[list[str]]:
    return [list(line[at : at + 9]) for at in range(0, 81, 9)]


def matrix(cell: object) -> str:
    return "\n".join(" ".join(str(cell(r, c)) for c in range(9)) for r in range(9))


SAMPLE = (
    "A puzzle fan wants a program that completes grids. A grid is given as nine lines of nine\n"
    "characters, a dot for an empty square. It is guaranteed that exactly one completion exists.\n"
    "There are at most fifty grids in a file, and the program may take two seconds for each.\n\n"
    f"Sample Input\n\n{lines(PUZZLE)}\n\nSample Output\n\n{lines(SOLVED)}\n\n"
    "Note that the lines must end without spaces.\n"
)
STATEMENT = (
    "Write a program to complete a grid so that each digit occurs once in each row, column and\n"
    "box of nine. The board is modified in place. You may assume that there is one solution.\n\n"
    f"Example 1:\n\nInput: board = {lists(PUZZLE)}\nOutput: {lists(SOLVED)}\n\n"
    "Constraints:\n\nboard.length == 9\nboard[i].length == 9\n"
)
QUESTION = (
    "Why does this return False?\n\ndef free(board, r, v):\n    for cell in board[r]:\n"
    "        if cell == v:\n            return False\n    return True\n\n"
    f"board = {[[int(m.replace('.', '0')) for m in row] for row in lists(PUZZLE)]}\n"
    "print(free(board, 0, 5))\n"
)

ORDINARY = {
    "0/1 matrix": matrix(lambda r, c: (r * c + r) % 2),
    "identity": str([[int(r == c) for c in range(9)] for r in range(9)]),
    "multiplication table": matrix(lambda r, c: (r + 1) * (c + 1)),
    "residues": matrix(lambda r, c: r * c % 10),
    "latin square": matrix(lambda r, c: (r + c) % 9 + 1),
    "latin square with holes": matrix(lambda r, c: (r + c) % 9 + 1 if r * c % 4 else "."),
    "counting": "1 2 3 4 5 6 7 8 9\n" * 9,
    "one row of counting": "1 2 3 4 5 6 7 8 9",
    "csv of numbers": matrix(lambda r, c: random.Random(9 * r + c).randrange(100)),
    "csv of digits": matrix(lambda r, c: random.Random(9 * r + c).randrange(10)),
    "phone numbers": "\n".join(f"555-12{n}9" for n in range(10, 25)),
    "dates": "\n".join(f"2024-01-{n}" for n in range(10, 19)),
    "account numbers": "\n".join(str(random.Random(n).randrange(10**8, 10**9)) for n in range(9)),
    "digits of pi": PI,
    "hash": hashlib.sha512(b"a").hexdigest()[:81],
    "a longer run of digits": PUZZLE + PUZZLE,
    "poem": "In nine by nine the numbers sleep,\n1 and 2 and 3 they keep,\n4 5 6 in boxes tight,\n",
    "mine field": "1 1 . . 1 2 2 1 .\n2 * 1 . 1 * * 1 .\n* 2 1 . 1 2 2 1 .\n" * 3,
    "coloured grid": matrix(lambda r, c: "003050000"[(r + c) % 9]),
    "sparse grid": matrix(lambda r, c: {(1, 2): 3, (4, 4): 5, (8, 0): 7}.get((r, c), 0)),
    "cells of a spreadsheet": "\n".join(
        f"r{r}c{c} = {c}" for r in range(1, 5) for c in range(1, 6)
    ),
    "killer cages": "Killer sudoku. A1-B1 = 9, A2-A3 = 12, C1-C2-C3 = 7, D1-E1 = 5, r1c2 = 4",
    "6x6": "Sudoku:\n_ 2 _ 4 _ _\n4 _ 6 _ 2 _\n_ 3 _ 5 _ 4\n5 _ 4 _ 3 _\n_ 1 _ 6 _ 5\n6 _ 5 _ 1 _",
    "sample of a contest": SAMPLE,
    "programming exercise": STATEMENT,
    "code question": QUESTION,
    "solved grid": lines(SOLVED),
    "empty text": "",
    "binary": "\x00\xff" * 300,
}


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_text_is_not_claimed(text):
    assert list(TASK.read(text)) == []
    assert list(TASK.read(f"What can you tell me about this?\n\n{text}\n\nThanks!")) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PUZZLE[:-1], "a grid of 80 cells; a Sudoku has 81"),
        (" ".join(lines(PUZZLE).split())[:-1], "9 rows of 9, 9, 9, 9, 9, 9, 9, 9, 8 cells"),
        (f"Solve: {PUZZLE}4", "a grid of 82 cells; a Sudoku has 81"),
        (PUZZLE + ".", "a grid of 82 cells; a Sudoku has 81"),
        (lines(PUZZLE)[:-1], "a grid of 80 cells; a Sudoku has 81"),
        (lines(PUZZLE) + "4", "a grid of 82 cells; a Sudoku has 81"),
        ("sudoku\n" + lines(PUZZLE)[:49], "a grid of 45 cells; a Sudoku has 81"),
        (str(lists(PUZZLE)[:8]) + " is my sudoku", "a grid of 72 cells; a Sudoku has 81"),
        ("5" + PUZZLE[:1] + PUZZLE[2:], "the givens clash: row 1 holds 5 twice, at r1c1 and r1c2"),
        ("Sudoku: " + "." * 81, "only 0 givens; a Sudoku with one solution has at least 17"),
        (f"Sudoku: {SOLVED}", "a full grid; nothing is left to fill in"),
        ("x" * (MAX_TEXT + 1), f"a text of {MAX_TEXT + 1} characters"),
        (QUESTION, "a Sudoku in source code"),
    ],
)
def test_what_nearly_is_a_sudoku_gets_its_reason(text, reason):
    assert TASK.read(text) == []
    assert any(said.reason.startswith(reason) for said in TASK.near_misses(text))


def test_plain_prose_is_no_near_miss():
    assert TASK.near_misses("How many clues does a sudoku need? I heard 17.") == []
    assert TASK.near_misses("Call 555-123-4567 between 9 and 5, or write to a@b.org.") == []
