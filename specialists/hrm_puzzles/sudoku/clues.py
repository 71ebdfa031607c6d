"""Grids given as a list of clues: "r1c3 = 7", "Zeile 1, Spalte 3: 7", "C1=7", {"row": 1, ...}."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from hrm_puzzles.words import WORDS

_CLUE = re.compile(
    r"(?<![^\W_])(?P<one>[^\W\d_]{1,9})\.?[ \t]?(?P<i>[1-9])[ \t]?,?[ \t]?(?:and |und |y |et |e )?"
    r"(?P<two>[^\W\d_]{1,9})\.?[ \t]?(?P<j>[1-9])[\"']?[ \t]*+"
    r"(?:=>?|:=?|->|→|\bis\b|\bist\b|\bes\b|\best\b|\bè\b|\bé\b)[ \t]*+[\"']?"
    r"(?P<digit>[1-9])(?!\w)",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"[0-9\"'][\"')\]]{0,3}[ \t]*+(?:=>?|:=?|->|→|[ie]s|ist|est|è|é)[ \t]*+[\"']?[1-9]"
)
"""The end of a clue: cheap to look for, and rare in prose."""
_SHORT = re.compile(
    r"(?<!\w)[\"'(\[]{0,2}(?:(?P<letter>[A-Ia-i])|(?P<i>[0-9])[ \t]?[,;][ \t]?)(?P<j>[0-9])"
    r"[\"')\]]{0,2}[ \t]*+(?:=>?|:=?|->|→|\bis\b)[ \t]*+[\"']?(?P<digit>[1-9])[\"']?(?!\w)"
)
"""A cell as in "C1", its row a letter, or as in "(3, 1)", row before column."""
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
_OBJECT = re.compile(
    r"\{\s{0,9}[\"']?(?P<one>[a-z]\w{0,9})[\"']?\s?:\s?(?P<i>[0-9])\s?,\s{0,9}"
    r"[\"']?(?P<two>[a-z]\w{0,9})[\"']?\s?:\s?(?P<j>[0-9])\s?,\s{0,9}"
    r"[\"']?[a-z]\w{0,9}[\"']?\s?:\s?[\"']?(?P<digit>[1-9])[\"']?\s{0,9}\}",
    re.IGNORECASE,
)
_COLUMNS = ("c", "k", "sp", "st", "ст", "列", "세로", "عمود")
"""How words for a column begin; whatever stands beside one is a row."""
_LEAST = 8
"""Clues that make a list; how many make a Sudoku is not decided here."""
_GAP = 12
"""Characters between two clues: commas, bullets, quotes, line ends, "and"."""
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
    yield from _in_words(text)
    lettered = _letters_name_columns(text)
    for pattern in (_SHORT, _OBJECT):
        for clues in _near(pattern.finditer(text)):
            found = _numbered(clues, lettered) if len(clues) >= _LEAST else None
            if found:
                yield _with_brackets(text, found)


def _in_words(text: str) -> Iterator[Clues]:
    last = number = 0

    def group(clue: re.Match[str]) -> tuple[int, str, str]:
        nonlocal last, number
        number += clue.start() - last > _GAP
        last = clue.end()
        return number, clue["one"].casefold(), clue["two"].casefold()

    for (_, one, two), clues in groupby(_CLUE.finditer(text), key=group):
        if one.startswith(_COLUMNS) != two.startswith(_COLUMNS):
            found = _grid(list(clues), across=one.startswith(_COLUMNS))
            if found:
                yield found


def _near(clues: Iterator[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Clues that follow each other."""
    run: list[re.Match[str]] = []
    for clue in clues:
        if run and clue.start() - run[-1].end() > _GAP:
            yield run
            run = []
        run.append(clue)
    if run:
        yield run


def letters_name(text: str) -> set[str]:
    """What a text says that letters name: "columns", "rows", both, or nothing."""
    said: set[str] = set()
    for clause in _CLAUSE.split(text[:_MOST_TOLD]):
        if _LETTER.search(clause):
            said |= {"columns"} if _COLUMN.search(clause) else set()
            said |= {"rows"} if ROW.search(clause) else set()
    return said


def _letters_name_columns(text: str) -> bool | None:
    """Whether letters of cells name columns; None if a text says that and the opposite.

    Also None without a word about it, unless the cells come from a spreadsheet.
    """
    said = letters_name(text) | ({"columns"} if _LETTERED.search(text) else set())
    if not said:
        return True if _SHEET.search(text) else None
    return None if len(said) == 2 else said == {"columns"}


def _numbered(clues: list[re.Match[str]], lettered: bool | None) -> Clues | None:
    """Counted from 0 where a 0 occurs, else from 1; columns come first where they are named so."""
    groups = clues[0].re.groupindex
    letters = "letter" in groups and clues[0]["letter"] is not None
    places = [
        (ord(one["letter"].upper()) - ord("A") + 1 if letters else int(one["i"]), int(one["j"]))
        for one in clues
        if not letters or one["letter"]
    ]
    if len(places) < len(clues):
        return None
    across = "one" in groups and clues[0]["one"].casefold().startswith((*_COLUMNS, "x"))
    base = [0 if any(0 in (i, j) for i, j in places) else 1] * 2
    if letters:
        across = bool(lettered)
        base = [1, 0 if any(j == 0 for _, j in places) else 1]
    cells = [0] * 81
    for (i, j), clue in zip(places, clues, strict=True):
        r, c = (i - base[0], j - base[1])
        r, c = (c, r) if across else (r, c)
        if not (0 <= r < 9 and 0 <= c < 9) or cells[9 * r + c] not in (0, int(clue["digit"])):
            return None
        cells[9 * r + c] = int(clue["digit"])
    unsure = letters and lettered is None
    return Clues(tuple(cells), clues[0].start(), clues[-1].end(), unsure)


def _with_brackets(text: str, found: Clues) -> Clues:
    """Take in the brackets around the whole list."""
    before, after = text[: found.start].rstrip(), text[found.end : found.end + _GAP]
    closed = after.lstrip(" \t\r\n,")
    if before[-1:] in ("{", "[", "(") and closed[:1] in ("}", "]", ")"):
        end = found.end + after.index(closed[0]) + 1
        return replace(found, start=len(before) - 1, end=end)
    return found


def _grid(clues: list[re.Match[str]], *, across: bool) -> Clues | None:
    if len(clues) < _LEAST:
        return None
    cells = [0] * 81
    for clue in clues:
        r, c = int(clue["i"]) - 1, int(clue["j"]) - 1
        r, c = (c, r) if across else (r, c)
        if cells[9 * r + c] not in (0, int(clue["digit"])):
            return None
        cells[9 * r + c] = int(clue["digit"])
    return Clues(tuple(cells), clues[0].start(), clues[-1].end())
