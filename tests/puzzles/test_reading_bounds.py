"""Readers take time that grows with the length of a text alone, and say what is beyond bounds."""

from __future__ import annotations

import random
import sys
import time

import pytest

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask

TASKS = (SudokuTask(), MazeTask(), ArcTask())
PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
PIECES = (
    " ", "\t", "\xa0", "\u2028", "\n", "\r\n", " \n", ".", ",", ";", "_", "=", "\\", "/", "1",
    "0", "a", "'", '"', "'[", '"##",', "[", "[[", "]]", "[],", "[1,2],\n", "[[1,2],[3,4]]\n", "{",
    "{}", "(", "{ a = ", '{"a":1},', "(1,2) ", "start (0,0) ", "a::::", ": ", "a: ", "r1c1=5 ",
    "r1c1", "1-", "|", "| |", "|-|-|\n", "+--", "+--\n", "│", "─", "┌", "█", "⬛", "😀", "#", "# ",
    "#\n", "<", "<a>", "<tr>", "<tr ", "</td>", "<table", "&nbsp;", "> ", "- ", "-\n", "* a\n",
    "1. ", "word ", "word\n", "x\n\n", "row 1: ", "12:03 ", "```\n", "\\n", "S.G\n", "1\n",
    "12345\n", "0 1 ", "#S #\n#  G\n\n", "wall 'a' ", "wall,", "wall,floor,exit\n", "#.#/",
    "1,2,3,4,5,6,7,8,9\n", "5.......\n\n", "5" + "." * 58 + " ", PUZZLE, PUZZLE + "\n\n",
)  # fmt: skip


def seconds(task, piece: str, size: int, end: str = "") -> float:
    """Processor time; `end` differs where a text is read again, since readings are kept."""
    text = (piece * (size // len(piece) + 1))[: size - len(end)] + end
    began = time.process_time()
    task.read(text)
    task.near_misses(text)
    return time.process_time() - began


def test_time_grows_with_the_text_alone():
    for piece in PIECES:
        for task in TASKS:
            short, long = (seconds(task, piece, size) for size in (2_000, 20_000))
            if long > 30 * max(short, 0.003):  # linear: 10 times; quadratic: 100
                long = seconds(task, piece, 20_000, "!")  # another program may have disturbed it
            assert long <= 30 * max(short, 0.003), (task.name, piece, short, long)


def calls(text: str) -> int:
    """Calls, of Python and of C, that the readers of all tasks take: the same on any machine."""
    count = 0
    for task in TASKS:
        task.read(f"{text} ")  # what is kept of characters is known

    def counted(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        for task in TASKS:
            task.read(text)
            task.near_misses(text)
    finally:
        sys.setprofile(None)
    return count


def test_reading_takes_few_calls():
    rows = "\n".join(PUZZLE[at : at + 9] for at in range(0, 81, 9))
    drawn = "#########\n#S..#...#\n#.#.#.#.#\n#.#...#G#\n#########"
    said = "the quiet report says that a wall of text is no maze and has no row of cells in it"
    words = said.split()
    rng = random.Random(8)
    prose = "\n\n".join(" ".join(rng.choices(words, k=75)) for _ in range(12))[:4_000]
    table = "\n".join(
        f"| {rng.choice(words)} {rng.choice(words)} | {rng.random():.3f} | {rng.randint(1, 99)} % |"
        for _ in range(30)
    )
    code = "\n".join(
        f"    {rng.choice(words)}[{n}] = call({rng.choice(words)!r}, size={n}, shape=(3, {n}))"
        for n in range(25)
    )
    page = f"# Records\n\n{prose[:1_200]}\n\n{table}\n\n```python\n{code}\n```\n"
    for text, most in (
        (PUZZLE + "\n", 800),
        (f"Solve this Sudoku: {PUZZLE}", 450),
        (f"Please solve this:\n{rows}\nThanks!", 2_800),
        (f"Find the shortest way from S to G:\n{drawn}", 2_400),
        ("What is the capital of France?", 170),
        (prose, 640),
        (page, 18_000),
        (f"{prose[:3_000]}\nSolve this Sudoku: {PUZZLE}\n{prose[3_000:3_800]}", 1_600),
        (f"{prose[:3_000]}\nThe way from S to G:\n{drawn}\n{prose[3_000:3_800]}", 5_500),
    ):
        assert (count := calls(text)) <= most, (text[:60], count)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_million_characters_take_a_second_at_most():
    for piece in PIECES[::4]:  # of all others the test above says that time grows with length
        for task in TASKS:
            spent = seconds(task, piece, 1_000_000)
            if spent > 1:
                spent = min(spent, seconds(task, piece, 1_000_000, "!"))
            assert spent <= 4, (task.name, piece, spent)  # a second where nothing else runs


def maze(high: int, wide: int) -> list[list[str]]:
    rng = random.Random(1)
    rows = [["#" if rng.random() < 0.3 else "." for _ in range(wide)] for _ in range(high)]
    rows[0][0], rows[-1][-1] = "S", "G"
    return rows


def test_mazes_of_any_size_beyond_bounds_are_near_misses():
    for high, wide in ((31, 31), (150, 150), (130, 20), (20, 600)):
        rows = maze(high, wide)
        for shown in ("\n".join(map("".join, rows)), "\n".join(map(" ".join, rows)), str(rows)):
            text = f"Find the shortest way from S to G:\n{shown}"
            assert MazeTask().read(text) == []
            assert any("at most 30 by 30" in one.reason for one in MazeTask().near_misses(text)), (
                shown[:50]
            )


def test_what_is_not_searched_is_a_near_miss_of_every_task():
    square = "\n".join(PUZZLE[at : at + 9] for at in range(0, 81, 9)) + "\n"
    late = "word\n" * 20_001 + square
    many = (PUZZLE + "\n") * 2_500
    for text, said in (("a" * 1_000_001, "at most 1000000"), (late, "20000 lines"), (many, "2000")):
        for task in TASKS:
            claims, misses = task.read(text), task.near_misses(text)
            last = max([claim.span[1] for claim in claims], default=0)
            assert any(said in one.reason and one.span[0] >= last for one in misses), task.name
            assert misses[-1].span[1] == len(text)
    assert "put a blank line" in SudokuTask().near_misses(square * 50)[0].reason
    colours = "\n".join("0 1 2 3 4 5 6 7" for _ in range(150))
    pair = f"Input:\n{colours}\nOutput:\n{colours}\nInput:\n{colours}"
    assert "at most 30 by 30" in ArcTask().near_misses(pair)[0].reason
