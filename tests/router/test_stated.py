"""Whether a text states the problem that an LLM read from it."""

from __future__ import annotations

import random

from pydantic import BaseModel, ConfigDict

from hrm_router.stated import drawn_in, places_of, remarks_in


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
        assert places_of(Values(values=values), text) is not None, text


def test_order_and_number_of_values_count() -> None:
    cases = [
        ((3, 3, 3, 3), "three, one, two"),
        ((1, 3, 2), "three, one, two"),
        ((3, 1, 2, 77), "three, one, two"),
        ((1, 2, 3, 4), "no. 1, costs 2 euros; 3 people live at 94 Elm Street"),
        ((1.5,), "the value is 15"),
    ]
    for values, text in cases:
        assert places_of(Values(values=values), text) is None, (values, text)


def test_a_grid_is_stated_in_one_stretch_with_its_blanks() -> None:
    rows = [LINE[at : at + 9] for at in range(0, 81, 9)]
    numbered = "\n".join(f"row {n}: {' '.join(row)}" for n, row in enumerate(rows, start=1))
    words = ", ".join("blank" if cell == "." else cell for cell in LINE)
    for text in (LINE, "\n".join(rows), numbered, words, LINE.replace(".", "0")):
        found = places_of(PUZZLE, f"Please solve my sudoku.\n{text}\nThanks")
        assert found is not None, text
        assert found[-1][1] - found[0][0] <= len(text)


def test_a_grid_that_an_llm_made_up_is_stated_by_no_text_about_it() -> None:
    text = "Please solve my sudoku, it is no. 123456789 in the book; page 98765432123."
    rng = random.Random(5)
    blank = Grid(grid=((0,) * 9,) * 9)
    for grid in (PUZZLE, blank):
        assert places_of(grid, text) is None
    for _ in range(50):
        wrong = list(LINE)
        at = rng.choice([at for at, cell in enumerate(LINE) if cell != "."])
        wrong[at] = rng.choice([digit for digit in "123456789" if digit != LINE[at]])
        assert places_of(PUZZLE, "".join(wrong)) is None


def test_the_fields_of_a_record_may_stand_in_any_order_beside_their_names() -> None:
    ticket = Ticket(priority="high", age_days=3, customer="pro")
    assert places_of(ticket, "priority high, age_days 3, customer pro") is not None
    assert places_of(ticket, "a pro customer, age 3 days, priority: high") is not None
    assert places_of(ticket, "a pro customer, priority: high") is None
    assert places_of(ticket, "a pro customer with priority high; 3 others wait") is None


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


def test_words_and_marks_between_the_values_are_remarks() -> None:
    rows = [LINE[at : at + 9] for at in range(0, 81, 9)]
    spaced = [" ".join(row) for row in rows]
    words = {str(digit): word for digit, word in enumerate(NUMBERS)} | {".": "blank"}
    told = [" ".join(words[cell] for cell in row) for row in rows]
    harmless = [
        "\n".join(spaced),
        "\n".join(f"> row {number}: {row}" for number, row in enumerate(spaced, start=1)),
        "\n".join(f"{number}) {row}" for number, row in enumerate(spaced, start=1)),
        "first row " + "; then the next row has ".join(told),
        "\n".join(row.replace(" ", " | ") for row in spaced),
        str([list(row) for row in rows]),
    ]
    for text in harmless:
        assert _remarks(PUZZLE, text) == [], text
    marks = ["(1)", "{1}", "1!", "-1", "*1", "1 >", "1°", "1 (odd)", "1 in grey"]
    for mark in marks:
        text = "\n".join(spaced).replace("1", mark, 1)
        assert len(_remarks(PUZZLE, text)) > 0, text
    for said in ("(diagonals count too)", "no two neighbours alike", "<", "↗"):
        assert _remarks(PUZZLE, f"\n{said}\n".join(rows)) == [f"\n{said}\n"] * 8, said
        assert _remarks(PUZZLE, f"; {said}; ".join(told)) == [f"; {said}; "] * 8, said
    numbered = [f"row {number}: {row}" for number, row in enumerate(spaced, start=1)]
    upside_down = Grid(grid=PUZZLE.grid[::-1])
    assert _remarks(PUZZLE, "\n".join(numbered)) == []
    assert len(_remarks(upside_down, "\n".join(numbered[::-1]))) == 8  # row 9 stands first
    for extra in ("blank", "45", "."):  # ten cells a row are another puzzle
        text = "\n".join(f"{row} {extra}" for row in spaced)
        assert places_of(PUZZLE, text) is None or _remarks(PUZZLE, text) != [], extra
    ticket = Ticket(priority="high", age_days=3, customer="pro")
    assert _remarks(ticket, "a pro customer, age 3 days, priority: high") == []
    assert _remarks(ticket, "a pro customer, age 3 if not closed, priority: high") != []
    drawing = ["#####", "#S.G#", "#####"]
    found = drawn_in(drawing, "##### (portals at G) #S.G# #####")
    assert found is not None
    assert len(remarks_in("##### (portals at G) #S.G# #####", found, PUZZLE)) == 1


NUMBERS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


def _remarks(problem: BaseModel, text: str) -> list[str]:
    places = places_of(problem, text)
    assert places is not None, text
    return [text[start:end] for start, end in remarks_in(text, places, problem)]
