"""What programs write around cells: types and calls with options, environments, consoles.

It belongs to the grid, unless a number in it gives the grid another size.
"""

from __future__ import annotations

import re

_CALL = re.compile(
    r"(?:(?:\b[A-Za-z]{1,6}\.)?\b(?:array|asarray|as\.matrix|matrix|tensor|constant|logical|list|tuple"
    r"|dataframe|of|asList|vector|rbind|cbind|Matrix|DataFrame|data\.frame)\s?\(\s{0,9}"
    r"|\(\s?(?:def\w{1,12}|setq|define)\s{1,3}\*?(?:sudoku|maze|grid|board|puzzle)\*?\s{1,9}"
    r"|(?:\bnew|'|\bvec!)\s{0,3}|\bnew\s\w{1,8}(?:\[\d{0,2}\]){1,2}\s{0,3})$"
)
"""What opens right before the list: a call of no meaning but to hold it."""
_OPTIONS = re.compile(
    r"(?:\s{0,9},\s{0,40}(?:\w{1,12}\s?=\s?)?[\w.\"'*-]{1,24}(?:\([^()\n]{0,60}\))?){0,4}\s{0,9}\)"
)
"""Options up to the bracket that closes the call."""
_SHAPED = re.compile(
    r"(?:\.(?:reshape\(\(?\s?-?\d{1,2},\s?-?\d{1,2}\)?\)|astype\([\w.]{1,12}\)|tolist\(\)|T\b"
    r"|transpose\(\)))+"
)
_NUMBER = re.compile(r"(?<![\w.-])\d{1,3}(?!\w)")
_TYPES = re.compile(
    r"(?:\b(?:static|const(?:expr)?|final|public|private|protected|unsigned|signed|let|var|val|mut"
    r"|auto|u?int\d{0,2}(?:_t)?|[ui](?:8|16|32|64)|char|byte|short|long|bool(?:ean)?|[Ss]tring|double"
    r"|float|std::\w{1,8}|Integer)\b[\[\]<>, *&:;\d]{0,12})+$"
)

_LATEX = r"\{(?:tabular[x*]?|array|[bpvBV]?matrix|sudoku|table|center|verbatim|lstlisting)\*?\}"
BEFORE = re.compile(
    rf"(?:(?:<[^<>\n]{{1,80}}>|\\begin{_LATEX}(?:[\[{{][^\[\]{{}}\n]{{0,80}}[\]}}]){{0,2}}"
    r"|\\(?:hline|left[\[(|]))\s{0,3}){1,5}$"
)
BEHIND = re.compile(
    rf"(?:\s{{0,3}}(?:</[^<>\n]{{1,40}}>|\\end{_LATEX}|\\hline|\\\\|\\right[\])|])){{1,5}}"
)
QUERY = re.compile(
    r"(?:^|(?<=\n))[\w [\]()=-]{0,20}[>#] ?(?:select|SELECT) [\w*, ]{1,60} (?:from|FROM)"
    r" (?:sudoku|maze|grid|board|puzzle)s?;\s{0,3}$"
)
ROWS = re.compile(r"\s{0,3}\(?(\d{1,3}) rows?(?: in set)?(?: \([\d.]{1,6} sec\))?\)?")
"""What consoles of databases write before and behind a table."""


def framed(text: str, start: int, end: int, rows: int, wide: int) -> tuple[int, int]:
    """The stretch of a list of `rows` by `wide` cells with the calls around it."""
    sizes = {rows, wide, round((rows * wide) ** 0.5)}
    while call := _CALL.search(text, max(0, start - 48), start):
        behind = _OPTIONS.match(text, end) if "(" in call[0] else None
        if "(" in call[0] and not behind:
            break
        if behind and not sizes.issuperset(map(int, _NUMBER.findall(behind[0]))):
            break
        start, end = call.start(), behind.end() if behind else end
    if shaped := _SHAPED.match(text, end):
        end = shaped.end() if sizes.issuperset(map(int, _NUMBER.findall(shaped[0]))) else end
    return start, end


def typed(text: str, start: int) -> int:
    """Where the types before a variable at `start` begin."""
    types = _TYPES.search(text, max(0, start - 48), start)
    return types.start() if types else start
