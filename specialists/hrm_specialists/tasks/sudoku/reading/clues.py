"""Grids given as a list of clues: "r1c3 = 7", "row 1 column 3 is 7", "Zeile 1, Spalte 3: 7"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from hrm_specialists.tasks.sudoku.reading.found import Found

_CLUE = re.compile(
    r"(?<![^\W_])(?P<one>[^\W\d_]{1,9})\.?[ \t]?(?P<i>[1-9])[ \t]?,?[ \t]?(?:and |und |y |et |e )?"
    r"(?P<two>[^\W\d_]{1,9})\.?[ \t]?(?P<j>[1-9])[\"']?[ \t]*+"
    r"(?:=>?|:=?|->|→|\bis\b|\bist\b|\bes\b|\best\b|\bè\b|\bé\b)[ \t]*+[\"']?"
    r"(?P<digit>[1-9])(?!\w)",
    re.IGNORECASE,
)
_HINT = re.compile(r"[1-9][\"']?[ \t]*+(?:=>?|:=?|->|→|[ie]s|ist|est|è|é)[ \t]*+[\"']?[1-9]")
"""The end of a clue: cheap to look for, and rare in prose."""
_COLUMNS = ("c", "k", "sp", "st", "ст", "列", "세로", "عمود")
"""How words for a column begin; whatever stands beside one is a row."""
_LEAST = 8
"""Clues that make a list; how many make a Sudoku is not decided here."""
_GAP = 12
"""Characters between two clues: commas, bullets, quotes, line ends, "and"."""


def find_clues(text: str) -> Iterator[Found]:
    """Every list of at least eight clues that are written alike."""
    if len(_HINT.findall(text)) < _LEAST:
        return
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


def _grid(clues: list[re.Match[str]], *, across: bool) -> Found | None:
    if len(clues) < _LEAST:
        return None
    cells = [0] * 81
    for clue in clues:
        r, c = int(clue["i"]) - 1, int(clue["j"]) - 1
        r, c = (c, r) if across else (r, c)
        if cells[9 * r + c] not in (0, int(clue["digit"])):
            return None
        cells[9 * r + c] = int(clue["digit"])
    return Found(tuple(cells), clues[0].start(), clues[-1].end(), "list of clues")
