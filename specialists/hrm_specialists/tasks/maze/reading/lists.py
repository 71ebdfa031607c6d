"""Mazes as lists: JSON or Python, rows between slashes, lines of words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hrm_specialists.tasks.maze.models import MARKS
from hrm_specialists.tasks.maze.reading.blocks import Block
from hrm_specialists.tasks.maze.reading.legend import part_named

_INNER = r"\[[^\[\]{}]{3,400}+\]"
_NESTED = re.compile(rf"\[\s*+{_INNER}(?:\s*+,\s*+{_INNER})++\s*+,?\s*+\]")
_STRING = r"(?:\"[^\"\n\[\]]{2,90}\"|'[^'\n\[\]]{2,90}')"
_STRINGS = re.compile(rf"\[\s*+{_STRING}(?:\s*+,\s*+{_STRING})++\s*+,?\s*+\]")
_WORD = re.compile(r"[^\W\d_]+")
_JOINED = re.compile(r"\"((?:[^\"\n\\]{2,90}\\n)+[^\"\n\\]{2,90}(?:\\n)?)\"")
_SLASHED = re.compile(
    r"(?<![^\s\"'`])(?:[^\s/|]{3,30}+ ?(/|\|) ?){2,29}+[^\s/|]{3,30}+(?![^\s\"'`])"
)
_WORDS = re.compile(
    r"(?:^[ \t]*+[^\W\d_]{2,12}+(?:[ \t]*+[,;|\t][ \t]*+[^\W\d_]{2,12}+){2,29}+"
    r"[ \t\r]*+$\n?){3,30}+",
    re.MULTILINE,
)


def find_lists(text: str) -> Iterator[Block]:
    """Every list of equally long rows of single characters or digits."""
    if "[" in text:
        for pattern in (_NESTED, _STRINGS):
            for match in pattern.finditer(text):
                rows = _rows(match[0])
                if rows:
                    yield Block(rows, *match.span(), "list")
    for match in _SLASHED.finditer(text):
        rows = re.split(r" ?[/|] ?", match[0])
        if len(set(map(len, rows))) == 1:
            yield Block(rows, *match.span(), "rows between slashes")
    for match in _WORDS.finditer(text):
        parts = [[part_named(word) for word in _WORD.findall(row)] for row in match[0].splitlines()]
        if len(set(map(len, parts))) == 1 and all(None not in row for row in parts):
            rows = ["".join(MARKS[part] for part in row if part is not None) for row in parts]
            yield Block(rows, match.start(), match.end(), "lines of words")
    if "\\n" in text:
        for match in _JOINED.finditer(text):
            rows = match[1].removesuffix("\\n").split("\\n")
            if len(set(map(len, rows))) == 1:
                yield Block(rows, *match.span(), "string of lines")


def _rows(literal: str) -> list[str] | None:
    literal = re.sub(r",\s*\]", "]", literal)
    try:
        rows = json.loads(literal)
    except ValueError:
        try:
            rows = json.loads(literal.replace("'", '"'))
        except ValueError:
            return None
    joined = [row if isinstance(row, str) else "".join(map(_mark, row)) for row in rows]
    widths = {len(row) for row in joined} | {len(row) for row in rows}
    return joined if len(widths) == 1 else None


def _mark(cell: object) -> str:
    """One character for a cell; longer for what is none, which spoils the row."""
    return str(cell) if isinstance(cell, str | int) and not isinstance(cell, bool) else "none"
