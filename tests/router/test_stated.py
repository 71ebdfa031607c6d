"""Whether a text states the problem that an LLM read from it."""

from __future__ import annotations

import random

from pydantic import BaseModel, ConfigDict

from hrm_router.stated import drawn_in, span_of


class Values(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    values: tuple[float, ...]


class Grid(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    grid: tuple[tuple[int, ...], ...]


class Ticket(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    priority: str
    age_days: int
    customer: str


LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
PUZZLE = Grid(
    grid=tuple(
        tuple(int(cell) if cell.isdigit() else 0 for cell in LINE[at : at + 9])
        for at in range(0, 81, 9)
    )
)


def test_numbers_are_compared_by_value_however_they_are_written() -> None:
    cases = [
        ((3, 1, 2), "sort three, one, two"),
        ((3, 1, 2), "sortiere drei, eins und zwei bitte"),
        ((3, 1, 2), "отсортируй три, один, два"),
        ((3, 1, 2), "把三一二排序"),
        ((2.5, 1000), "order 2.50 and 1,000"),
        ((2.5, 1000), "ordne 2,5 und 1.000"),
        ((12, 7), "twelve, then seven"),
        ((21, 34), "twenty-one and thirty-four"),
        ((21, 34), "einundzwanzig und vierunddreißig"),
        ((-4, 2), "put -4 before 2"),
    ]
    for values, text in cases:
        assert span_of(Values(values=values), text) is not None, text


def test_order_and_number_of_values_count() -> None:
    cases = [
        ((3, 3, 3, 3), "three, one, two"),
        ((1, 3, 2), "three, one, two"),
        ((3, 1, 2, 77), "three, one, two"),
        ((1, 2, 3, 4), "no. 1, costs 2 euros; 3 people live at 94 Elm Street"),
        ((1.5,), "the value is 15"),
    ]
    for values, text in cases:
        assert span_of(Values(values=values), text) is None, (values, text)


def test_a_grid_is_stated_in_one_stretch_with_its_blanks() -> None:
    rows = [LINE[at : at + 9] for at in range(0, 81, 9)]
    numbered = "\n".join(f"row {n}: {' '.join(row)}" for n, row in enumerate(rows, start=1))
    words = ", ".join("blank" if cell == "." else cell for cell in LINE)
    for text in (LINE, "\n".join(rows), numbered, words, LINE.replace(".", "0")):
        found = span_of(PUZZLE, f"Please solve my sudoku.\n{text}\nThanks")
        assert found is not None, text
        assert found[1] - found[0] <= len(text)


def test_a_grid_that_an_llm_made_up_is_stated_by_no_text_about_it() -> None:
    text = "Please solve my sudoku, it is no. 123456789 in the book; page 98765432123."
    rng = random.Random(5)
    blank = Grid(grid=((0,) * 9,) * 9)
    for grid in (PUZZLE, blank):
        assert span_of(grid, text) is None
    for _ in range(50):
        wrong = list(LINE)
        at = rng.choice([at for at, cell in enumerate(LINE) if cell != "."])
        wrong[at] = rng.choice([digit for digit in "123456789" if digit != LINE[at]])
        assert span_of(PUZZLE, "".join(wrong)) is None


def test_the_fields_of_a_record_may_stand_in_any_order_beside_their_names() -> None:
    ticket = Ticket(priority="high", age_days=3, customer="pro")
    assert span_of(ticket, "priority high, age_days 3, customer pro") is not None
    assert span_of(ticket, "a pro customer, age 3 days, priority: high") is not None
    assert span_of(ticket, "a pro customer, priority: high") is None
    assert span_of(ticket, "a pro customer with priority high; 3 others wait") is None


def test_a_drawing_is_stated_by_all_its_rows_in_one_stretch() -> None:
    rows = ["#####", "#S.G#", "#.#.#", "#####"]
    stated = [
        "\n".join(rows),
        "row one is #####, row two is #S G#, then #.#.# and at last ##### - that's it",
        "a) #####; b) #S.G#; c) #.#.#; d) #####",
    ]
    for text in stated:
        assert drawn_in({"grid": rows}, f"Which way? {text}") is not None, text
        assert drawn_in({"grid": "\n".join(rows)}, text) is not None, text
        for at in range(4):  # another cell, a row less, another order: nothing of that is stated
            wrong = [row.replace(".", "#", 1) if n == at else row for n, row in enumerate(rows)]
            assert wrong == rows or drawn_in({"grid": wrong}, text) is None, (text, wrong)
        assert drawn_in({"grid": rows[:3]}, text) is None, text
        assert drawn_in({"grid": rows[1:]}, text) is None, text
        assert drawn_in({"grid": rows[::-1]}, text) is None, text
    assert drawn_in({"grid": rows}, "~~~~~ ~S.G~ ~.~.~ ~~~~~ where ~ is a wall") is None
    assert drawn_in({"grid": ["ab", "cd"]}, "ab cd") is None
