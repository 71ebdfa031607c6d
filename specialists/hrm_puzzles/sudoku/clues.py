"""Grids given as a list of clues: "r1c3 = 7", "Zeile 1, Spalte 3: 7", "C1=7", {"row": 1, ...}."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from hrm_puzzles.places import Place, find_places, in_turn
from hrm_puzzles.words import WORDS

_IS = r"(?:=>?|:=?|->|→|\b(?:is|ist|es|est)\b|[èé](?!\w))[ \t]*+[\"']?"
_HINT = re.compile(rf"[0-9\"'][\"')\]]{{0,3}}[ \t]*+{_IS}[1-9](?!\w)")
"""The end of a clue: cheap to look for, and rare in prose."""
_VALUE = re.compile(
    r"[\"')\]]{0,2}[ \t]*+(?:,\s{0,9}[\"']?[a-z]\w{0,12}[\"']?\s?)?"
    rf"{_IS}(?P<digit>[1-9])[\"']?(?!\w)",
    re.IGNORECASE,
)
_LETTERED = re.compile(
    rf"(?:\b(?:{WORDS['column']})\w*|列|열)\W{{1,4}}(?:\w{{1,8}} )?(?:\w{{1,5}} )?[\"'(]?A(?!\w)",
    re.IGNORECASE,
)
"""Where the letters are said to name the columns, as in a spreadsheet."""
_CLAUSE = re.compile(r"[.,;:!?()\n、。，；：]|\b(?:and|und|et|y|e|en|i|og|och|и)\b", re.IGNORECASE)
_LETTER = re.compile(rf"\b(?:{WORDS['letter']})|字母|文字", re.IGNORECASE)
_COLUMN = re.compile(rf"\b(?:{WORDS['column']})|列|열", re.IGNORECASE)
ROW = re.compile(rf"\b(?:{WORDS['row']})|行|행", re.IGNORECASE)
_SHEET = re.compile(
    r"\b(?:excel|spreadsheet|google sheets|libreoffice|openoffice|tabellenkalkulation|tableur)\b"
    r"|hoja de cálculo|foglio di calcolo|таблиц|表格",
    re.IGNORECASE,
)
"""Programs in which letters name the columns."""
_LEAST = 8
"""Clues that make a list; how many make a Sudoku is not decided here."""
_MOST = 4_000
"""Clues of a text that are looked at."""
_GAP = 14
"""Characters between two clues: commas, bullets, quotes, brackets, line ends, "and"."""
_MOST_TOLD = 6_000
"""Characters in which a text may say what the letters of cells name."""


@dataclass(frozen=True, slots=True)
class Clues:
    """A list of clues at `[start, end)`, put in their cells; 0 for a blank."""

    cells: tuple[int, ...]
    start: int
    end: int
    unsure: bool = False
    """Whether nothing says if the letters of cells name rows or columns."""


def find_clues(text: str) -> Iterator[Clues]:
    """Every list of at least eight clues that are written alike."""
    if len(_HINT.findall(text)) < _LEAST:
        return
    digits: dict[int, int] = {}
    clues: list[Place] = []
    for one in islice(find_places(text, "words", "pair", "bare", "letter"), _MOST):
        if (value := _VALUE.match(text, one.end)) and (one.how != "letter" or one.column < 9):
            clues.append(one._replace(end=value.end()))
            digits[value.end()] = int(value["digit"])
    for run in in_turn(clues, text, _GAP):
        if len(run) >= _LEAST and (found := _grid(text, run, digits)):
            yield _with_brackets(text, found)


def letters_name(text: str) -> set[str]:
    """What a text says that letters name: "columns", "rows", both, or nothing."""
    said: set[str] = set()
    for clause in _CLAUSE.split(text[:_MOST_TOLD]):
        if _LETTER.search(clause):
            said |= {"columns"} if _COLUMN.search(clause) else set()
            said |= {"rows"} if ROW.search(clause) else set()
    return said


def _grid(text: str, clues: list[Place], digits: dict[int, int]) -> Clues | None:
    """Counted from 0 where a 0 occurs, else from 1; letters name what the text says."""
    lettered = clues[0].how == "letter"
    said = letters_name(text) | ({"columns"} if _LETTERED.search(text) else set())
    if lettered and not said and _SHEET.search(text):
        said = {"columns"}
    first = min(min(one.row, 9 if lettered else one.column) for one in clues)
    base = min(first, 1)
    cells = [0] * 81
    for one in clues:
        r, c = one.row - base, one.column - (0 if lettered else base)
        if lettered and said != {"columns"}:
            r, c = c, r
        digit = digits[one.end]
        if not (0 <= r < 9 and 0 <= c < 9) or cells[9 * r + c] not in (0, digit):
            return None
        cells[9 * r + c] = digit
    return Clues(tuple(cells), clues[0].start, clues[-1].end, lettered and len(said) != 1)


def _with_brackets(text: str, found: Clues) -> Clues:
    """Take in the brackets around each clue, and around the whole list."""
    for _ in range(2):
        before = text[: found.start].rstrip(" \t\r\n\"'")
        after = text[found.end : found.end + _GAP]
        closed = after.lstrip(" \t\r\n,\"'")
        if before[-1:] in ("{", "[", "(") and closed[:1] in ("}", "]", ")"):
            end = found.end + after.index(closed[0]) + 1
            found = replace(found, start=len(before) - 1, end=end)
    return found
