"""Find Sudokus in free text: what cells mean, which grids are Sudokus, what nearly is one.

`hrm_specialists.grids` finds the grids. This file alone decides: 81 cells, at least 17
givens (fewer never have one solution) of at least eight digits (or two digits could be
swapped), none clashing, something left to fill. Ordinary matrices do not get past that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise

from hrm_puzzles.code import without_samples
from hrm_puzzles.explained import Around, remark, with_remarks
from hrm_puzzles.places import order_of
from hrm_puzzles.sudoku.cells import (
    PLAIN,
    ends_otherwise,
    miscounted,
    mixed,
    trimmed,
    value_of,
    values_of,
)
from hrm_puzzles.sudoku.clues import ROW, Clues, find_clues, letters_name
from hrm_puzzles.sudoku.models import SudokuProblem
from hrm_puzzles.sudoku.rules import BOXES, clashes, consistent
from hrm_puzzles.words import WORDS
from hrm_specialists.contract import Claim, NearMiss
from hrm_specialists.grids import (
    LARGE,
    MAX_TEXT,
    UNREAD,
    WRITTEN,
    Candidate,
    Grid,
    beside,
    find_grids,
    settled,
)

LEAST_GIVENS = 17
"""No Sudoku with fewer has one solution only (McGuire, Tugemann, Civario 2012)."""
LEAST_READ = 70
"""Cells that are digits or blanks, of a grid that is not called a Sudoku and miscounted."""
_OTHER_SIDES = (4, 6, 8, 10, 12, 16, 25)
"""Sides of Sudokus that are none of 9x9."""
LEAST_MEANT = 20
"""Blanks of a grid that is not called a Sudoku, to look meant as one."""

_NAMES = ("sudoku", "судоку", "数独", "數獨", "ナンプレ", "스도쿠", "سودوكو", "सुडोकू", "סודוקו")
_COLUMN = rf"(?:(?:{WORDS['column']})\w*|c(?=\d))"
_BOX = rf"(?:{WORDS['box']})"
_TOLD = tuple(
    (
        re.compile(
            rf"\b{unit}[- ](?:by|für|par|por|per)[- ]{unit}\b|\b{unit}[- ]?(?:wise|weise|major)"
            rf"|\b(?:by|as|the|its|my|in|down|nine|9|die|les?|las?|le) (?:nine |9 )?{unit}\b"
            rf"(?=[^.\n]{{0,60}}[:\n]\s*$)|\b{unit}(?: first|:)|spaltenweise|blockweise",
            re.I,
        ),
        order,
    )
    for unit, order in ((_COLUMN, "columns"), (_BOX, "boxes"))
)
"""How a text says that not rows, but columns or boxes follow each other."""
_FIRST_LETTER = re.compile(r"(?<!\w)A[\"']?\s?[:=|.)](?![^\n]*\bB\b)")
"""The label of the first of nine lines with letters."""
_HEADER = re.compile(r"(?:^(?:#[A-Z][^\n]{0,200}|\[[A-Za-z]{3,12}\])[ \t\r]{0,9}\n){1,40}\Z", re.M)
"""Lines of .sdk files and of SadMan's: #A author, [Puzzle]."""
_ROWS = re.compile(r"(?<!\S)[\d._*-]{6,12}(?:[ ,;/|]{1,3}[\d._*-]{6,12}){7,9}(?!\S)")
"""Rows that stand behind each other in one line."""
_XML = re.compile(
    r"(?:<[?/]?[a-zA-Z][^<>]{0,200}>[^<>]{0,80}){0,40}<[a-z]\w{0,20} [^<>]{0,80}=\"\Z"
)
_XML_END = re.compile(r"\"[^<>\"]{0,80}/?>(?:\s{0,9}</\w{1,20}>){0,9}")

_WORD = re.compile(r"-?\w+")
_BLANK = re.compile(rf"(?<!\w)(?P<p0>{WORDS['blank']})\w*|(?P<p00>空|blank|빈|ว่าง)")
"""Words for a blank."""

_Cells = tuple[int, ...]


@lru_cache(maxsize=16)
def look(text: str) -> tuple[tuple[Claim[SudokuProblem], ...], tuple[NearMiss, ...]]:
    """What was read, and what nearly was, in the order of their places; spans do not overlap.

    Kept for whoever asks about the same text next.
    """
    low = text.casefold()
    named = any(name in low for name in _NAMES)
    found = [one for grid in find_grids(text) for one in _candidates(text, grid, named)]
    if len(text) <= MAX_TEXT:
        found += [_of_clues(clues, named) for clues in find_clues(text)]
    claims, misses = settled(found)
    if not claims:
        return (), tuple(misses) or tuple(_rows_in_one_line(text))
    whole = list(_with_metadata(text, claims))
    spans = [claim.span for claim in whole]
    if not "".join([text[a:b] for a, b in pairwise([0, *chain(*spans), len(text)])][::2]).strip():
        return without_samples(text, whole, misses, "a Sudoku")
    cells = "".join(text[start:end] for start, end in spans)
    marks = {" ", *(mark for mark in {*cells, *_WORD.findall(cells)} if value_of(mark) == 0)}
    around = Around(text, spans, _BLANK)
    signs = around.signs(dict.fromkeys(marks, frozenset({0})))
    told = [*chain.from_iterable(map(remark, signs)), *around.unknown_keys(), *around.sizes(9)]
    told += around.types()
    return without_samples(text, with_remarks(whole, told), misses, "a Sudoku")


def _rows_in_one_line(text: str) -> Iterator[NearMiss]:
    """Nine rows in one line, or nearly, one of which is too short or too long."""
    for found in _ROWS.finditer(text, 0, MAX_TEXT):
        sizes = [len(row) for row in re.split(r"[ ,;/|]+", found[0])]
        blanks = sum(map(found[0].count, "._*0-"))
        if sizes.count(9) >= 7 and blanks > 30:
            why = f"{len(sizes)} rows of {', '.join(map(str, sizes))} cells; a Sudoku has 9 of 9"
            yield NearMiss(why, found.span())


def _with_metadata(
    text: str, claims: Sequence[Claim[SudokuProblem]]
) -> Iterator[Claim[SudokuProblem]]:
    """Take in what file formats write around a grid: author, section, the tags of XML."""
    at = 0
    for claim in claims:
        start, end = claim.span
        before = text[max(at, start - 1_000) : start]
        if found := _HEADER.search(before):
            start -= len(found[0])
        elif found := _XML.search(before):
            start -= len(found[0])
            end += len((_XML_END.match(text, end) or [""])[0])
        yield replace(claim, span=(start, end))
        at = end


def _candidates(text: str, grid: Grid, named: bool) -> Iterator[Candidate[SudokuProblem]]:
    """A grid as the Sudokus that it may be, or the reason why it is none."""
    rows = grid.rows
    if grid.form == UNREAD:
        yield Candidate(None, grid.name, grid.start, grid.end, grid.form)
    elif grid.form == LARGE:
        marks = {mark for mark in rows[0] if mark not in " |,;"}
        values = {value_of(mark) for mark in marks}
        if len(values) > 8 and None not in values and 9 <= grid.shape[1] <= 40:
            why = f"{grid.shape[0]} lines without a gap; put a blank line between Sudokus"
            yield Candidate(None, why, grid.start, grid.end, grid.form)
    elif named and len(rows) == grid.width in _OTHER_SIDES and _of_digits(rows):
        why = f"a grid of {grid.width}x{grid.width}; Sudokus of 9x9 only are read"
        yield Candidate(None, why, grid.start, grid.end, grid.form)
    elif grid.width == 9 and len(rows) % 9 == 0 and len(rows) > 9:
        for at in range(0, len(rows), 9):
            start = grid.start if at == 0 else grid.spans[at][0]
            end = grid.end if at + 9 == len(rows) else grid.spans[at + 8][1]
            yield from _one(text, grid, rows[at : at + 9], start, end, named)
    elif 45 <= sum(map(len, rows)) <= 110 or (len(rows) == 1 and len(rows[0]) == 729):
        yield from _one(text, grid, rows, grid.start, grid.end, named)
    elif grid.width == 3 and LEAST_GIVENS <= len(rows) < 81:
        yield from _triples(grid)


def _of_digits(rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells are digits, letters and blanks as those of a Sudoku, and no walls."""
    marks = {mark for row in rows for mark in row}
    filled = {mark for mark in marks if value_of(mark) != 0}
    return len(filled) > 2 and all(map(str.isalnum, filled))


def _one(
    text: str, grid: Grid, rows: Sequence[Sequence[str]], start: int, end: int, named: bool
) -> Iterator[Candidate[SudokuProblem]]:
    marks = [cell for row in rows for cell in row]
    run = len(rows) == 1
    if run:
        marks, start, end = trimmed(text, grid, marks)
    if reason := miscounted(rows, aligned=grid.form == "aligned") or ends_otherwise(
        text, grid, marks, run=run
    ):
        if named or sum(value_of(mark) is not None for mark in marks) >= LEAST_READ:
            yield Candidate(None, reason, start, end, grid.form, grid.rank + 1)
        return
    cells, strange = values_of(marks, alone=not (run and grid.rank >= WRITTEN))
    form, rank = (
        f"{len(marks)} characters" if run and grid.rank >= WRITTEN else grid.form,
        grid.rank,
    )
    if cells is None:
        if reason := _not_understood(rows, marks, strange, named):
            yield Candidate(None, reason, start, end, form, rank + 1)
        return
    square = run or len(marks) != 81 or (len(rows), grid.width) in ((9, 9), (3, 27), (27, 3))
    order = _order(text, grid) if len(marks) == 81 else ""
    readings = [_ordered(cells, order)]
    if len(grid.shape) > 2 and len(cells) == 81 and not order:
        readings = [cells, _ordered(cells, "boxes")]
        agree = [one for one in readings if consistent(_nine(one))]
        readings = agree[:1] if len(agree) == 1 else readings
        square = True
    if not square:
        return
    for one in readings:
        reason = _complaint(one) or (mixed(marks) if {*marks} - PLAIN else "")
        if not reason and order != "unsure":
            problem = _problem(one)
            around = beside(text, grid.spans, start, end, code=grid.rank < WRITTEN)
            yield Candidate(problem, "", start, end, form, rank, tuple(around))
        elif not reason:
            reason = "rows, columns or boxes? Say 'row by row', or label each"
            yield Candidate(None, reason, start, end, form, rank + 1)
        elif named or _looks_meant(one):
            yield Candidate(None, reason, start, end, form, rank + 1)


def _order(text: str, grid: Grid) -> str:
    """Say "columns" or "boxes" if the text does, "unsure" if it may, else "" for rows."""
    if order := order_of(grid):
        told = letters_name(text) if order == "unsure" else set()
        return order if len(told) != 1 else "" if "rows" in told else "columns"
    if _FIRST_LETTER.search(text, max(0, grid.start - 8), grid.start + 30):
        lettered = letters_name(text)
        if "columns" in lettered:
            return "columns" if len(lettered) == 1 else "unsure"
    before = text[max(0, grid.start - 160) : grid.start]
    said = [order for pattern, order in _TOLD if pattern.search(before)]
    if not said or (
        ROW.search(before) and not re.search(r"-by-| by |wise|weise|major|first", before)
    ):
        return ""
    return said[0] if len(said) == 1 else "unsure"


def _ordered(cells: _Cells, order: str) -> _Cells:
    if order == "columns":
        return tuple(cells[9 * c + r] for r in range(9) for c in range(9))
    if order == "boxes":
        laid = {
            place: cells[9 * b + at] for b, box in enumerate(BOXES) for at, place in enumerate(box)
        }
        return tuple(laid[r, c] for r in range(9) for c in range(9))
    return cells


def _triples(grid: Grid) -> Iterator[Candidate[SudokuProblem]]:
    """Rows of three numbers: row, column, digit; counted from 0 where a 0 occurs."""
    numbers = [
        [int(cell) if cell.isdecimal() and len(cell) == 1 else -1 for cell in row]
        for row in grid.rows
    ]
    if numbers[0] == [-1] * 3:
        numbers = numbers[1:]
    base = 0 if any(0 in row[:2] for row in numbers) else 1
    across = grid.rows[0][0].casefold()[:1] in ("c", "x", "s", "k")
    cells = [0] * 81
    for a, b, value in numbers:
        r, c = (b - base, a - base) if across else (a - base, b - base)
        if not (0 <= r < 9 and 0 <= c < 9 and 1 <= value <= 9) or cells[9 * r + c]:
            return
        cells[9 * r + c] = value
    if not _complaint(tuple(cells)):
        problem = _problem(cells)
        yield Candidate(problem, "", grid.start, grid.end, "row, column and digit", grid.rank)


def _of_clues(clues: Clues, named: bool) -> Candidate[SudokuProblem]:
    reason = _complaint(clues.cells)
    problem = None if reason or clues.unsure else _problem(clues.cells)
    if reason and not named:
        reason = ""
    elif not reason and clues.unsure:
        reason = "letters may name rows or columns; say which: the two Sudokus differ"
    return Candidate(problem, reason, clues.start, clues.end, "list of clues", WRITTEN)


def _nine(cells: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(cells[at : at + 9]) for at in range(0, len(cells), 9))


def _problem(cells: Sequence[int]) -> SudokuProblem:
    """The Sudoku of cells that nothing is to be complained of: it need not be validated again."""
    return SudokuProblem.model_construct(grid=_nine(cells))


def _complaint(cells: _Cells) -> str:
    if len(cells) != 81:
        return f"a grid of {len(cells)} cells; a Sudoku has 81"
    givens = 81 - cells.count(0)
    if givens == 81:
        return "a full grid; nothing is left to fill in"
    if givens < LEAST_GIVENS:
        return f"only {givens} givens; a Sudoku with one solution has at least {LEAST_GIVENS}"
    grid = _nine(cells)
    if not consistent(grid):
        return f"the givens clash: {next(clashes(grid))}"
    if len(set(cells) - {0}) < 8:
        return "fewer than eight digits among the givens; two could be swapped in any solution"
    return ""


def _not_understood(
    rows: Sequence[Sequence[str]], marks: Sequence[str], strange: Sequence[str], named: bool
) -> str:
    """Why cells that are no digits and no blanks make no Sudoku, if they look meant as one."""
    digits = sum(bool(value_of(mark)) for mark in marks)
    groups = [mark for mark in strange if mark.isdigit() and list(mark) == sorted(set(mark))]
    if len(rows) == 9 and len(marks) == 81 and len(groups) == len(strange) and len(groups) > 9:
        return "a grid of candidates; send the givens alone, with a dot for every open cell"
    if len(marks) == 81 and digits >= LEAST_GIVENS and len(rows) in (1, 9):
        counted = Counter(mark for mark in marks if mark in strange)
        signs = " and ".join(f"'{mark}'" for mark, _ in counted.most_common(2))
        return f"{signs}: neither a digit nor a known sign for a blank; use a dot"
    if named and len(marks) == 729 and len(rows) == 1:
        return "a grid of 729 candidates; send the 81 givens, with a dot for every open cell"
    return ""


def _looks_meant(cells: _Cells) -> bool:
    """As far as the cells alone can tell, in a text that does not speak of Sudoku."""
    blanks = cells.count(0)
    return 78 <= len(cells) <= 84 and blanks >= LEAST_MEANT and len(set(cells)) > 8
