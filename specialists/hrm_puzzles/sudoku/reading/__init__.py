"""Find Sudokus in free text, in any of the ways in which people write them.

Each form has a finder that returns what has the outward shape of a grid, also
when the number of cells is off; this file alone decides what is a Sudoku: 81
cells, at least 17 givens (fewer never have one solution) of at least eight
digits (or two digits could be swapped), none clashing, something left to fill.
Ordinary matrices do not get past that. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from hrm_puzzles.code import is_about_code
from hrm_puzzles.layout import read_plainly
from hrm_puzzles.sudoku.models import SudokuProblem
from hrm_puzzles.sudoku.reading.clues import find_clues
from hrm_puzzles.sudoku.reading.found import Found, plain
from hrm_puzzles.sudoku.reading.lines import find_lines
from hrm_puzzles.sudoku.reading.lists import find_lists
from hrm_puzzles.sudoku.reading.markup import find_tables
from hrm_puzzles.sudoku.reading.runs import find_runs
from hrm_puzzles.sudoku.rules import clashes, consistent
from hrm_puzzles.variants import SUDOKU, has_other_rules
from hrm_specialists.contract import Claim, NearMiss

MAX_TEXT = 1_000_000
"""Characters beyond which a text is not searched."""

LEAST_GIVENS = 17
"""No Sudoku with fewer has one solution only (McGuire, Tugemann, Civario 2012)."""

_WORDLESS = re.compile(r"[^A-WYZa-wyz]{30}")
"""Cheap to look for, and in every grid that is written in lines: a row of cells or three."""
LEAST_MEANT = 8
"""Digits in a text that does not speak of Sudokus, to look for one that was meant."""
_NAMES = ("sudoku", "судоку", "数独", "數獨", "ナンプレ", "스도쿠", "سودوكو", "सुडोकू", "סודוקו")


def read(text: str) -> list[Claim[SudokuProblem]]:
    """The Sudokus in `text`, in order; their spans never overlap."""
    claims = read_plainly(text, _sudokus)
    spans = [claim.span for claim in claims]
    if claims and (is_about_code(text, spans) or has_other_rules(text, spans, SUDOKU)):
        return []
    return claims


def near_misses(text: str) -> list[NearMiss]:
    """Why grids that look meant as Sudokus were not read as such, in words.

    To be asked when `read` found nothing.
    """
    if len(text) > MAX_TEXT:
        said = f"a text of {len(text)} characters; at most {MAX_TEXT} are searched"
        return [NearMiss(said, (0, len(text)))]
    if claims := _sudokus(text):
        said = (
            "a Sudoku in source code or in a programming statement is taken for a sample, "
            "and one with further rules (diagonals, cages) for a puzzle of another kind"
        )
        return [NearMiss(said, claim.span) for claim in claims]
    named = any(name in text.casefold() for name in _NAMES)
    if not named and _givens_in(text) < LEAST_MEANT:
        return []
    seen: dict[str, NearMiss] = {}
    for found in _search(text):
        if named or _looks_meant(found):
            why = _complaint(found)
            seen.setdefault(why, NearMiss(why, (found.start, found.end)))
    return list(seen.values())


def _sudokus(text: str) -> list[Claim[SudokuProblem]]:
    claims: list[Claim[SudokuProblem]] = []
    if _givens_in(text) < LEAST_GIVENS:
        return []
    good = (found for found in _search(text) if not _complaint(found))
    for found in sorted(good, key=lambda found: (found.start, -found.end)):
        if not claims or found.start >= claims[-1].span[1]:
            problem = SudokuProblem(grid=found.grid)
            claims.append(Claim(problem, (found.start, found.end), found.form))
    return claims


def _givens_in(text: str) -> int:
    return 0 if len(text) > MAX_TEXT else sum(map(plain(text).count, "123456789"))


@lru_cache(maxsize=4)
def _search(text: str) -> tuple[Found, ...]:
    """All that has the shape of a grid; kept for whoever asks about the same text next."""
    return tuple(_finds(plain(text)))


def _finds(text: str) -> Iterator[Found]:
    if "\\n" in text or _WORDLESS.search(text):
        yield from find_runs(text)
        yield from find_lines(text)
    for find in (find_lists, find_tables, find_clues):
        yield from find(text)


def _complaint(found: Found) -> str:
    cells = found.cells
    if len(cells) != 81:
        return f"a grid of {len(cells)} cells; a Sudoku has 81"
    if not consistent(found.grid):
        return f"the givens clash: {next(clashes(found.grid))}"
    givens = 81 - cells.count(0)
    if givens < LEAST_GIVENS:
        return f"only {givens} givens; a Sudoku with one solution has at least {LEAST_GIVENS}"
    if givens == 81:
        return "a full grid; nothing is left to fill in"
    if len(set(cells) - {0}) < 8:
        return "fewer than eight digits among the givens; two could be swapped in any solution"
    return ""


def _looks_meant(found: Found) -> bool:
    """As far as the cells alone can tell, in a text that does not speak of Sudoku."""
    blanks = found.cells.count(0)
    return 78 <= len(found.cells) <= 84 and blanks >= 20 and len(set(found.cells)) > 8
