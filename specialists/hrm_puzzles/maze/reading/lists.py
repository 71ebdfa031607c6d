"""Mazes as lists: JSON, Python or C, rows in one line, cells in words, walls by their places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from hrm_puzzles.maze.models import LARGEST, WALL
from hrm_puzzles.maze.reading.blocks import NAMED, Block
from hrm_puzzles.maze.reading.legend import ROLE
from hrm_puzzles.maze.reading.places import PAIR, counts_from_one

_INNER = r"\[[^\[\]{}]{3,400}+\]"
_NESTED = re.compile(rf"\[\s*+{_INNER}(?:\s*+,\s*+{_INNER})++\s*+,?\s*+\]")
_STRING = r"(?:\"[^\"\n\[\]]{2,90}\"|'[^'\n\[\]]{2,90}')"
_STRINGS = re.compile(rf"\[\s*+{_STRING}(?:\s*+,\s*+{_STRING})++\s*+,?\s*+\]")
_BRACES = re.compile(r"\{\s*[{\"']")
_JOINED = re.compile(r"\"((?:[^\"\n\\]{2,90}\\n)+[^\"\n\\]{2,90}(?:\\n)?)\"")
_BETWEEN = "/|;"
"""What stands between rows in one line."""
_SPACED = re.compile(r"\S(?: \S)+")
_DELIMITERS = ("\t", ";", ",", "|", None)
_NAME = re.compile(r"-?[0-9]{1,3}|[^\W_]{1,14}|\S")
_PLACES = re.compile(rf"(?:{PAIR.pattern}[\s,;]{{0,3}}(?:and |und |y |et |e |og |och |en )?){{3,}}")
MOST_LISTS = 5
"""Lists of walls that are looked at in a text."""
_SIZE = re.compile(r"(?<!\d)([0-9]{1,2}) ?(?:x|×|by|mal|por|par|per|op|на|na) ?([0-9]{1,2})(?!\d)")
_HIGH = re.compile(
    r"[\"']?(?:rows|height|h|filas|lignes|righe|linhas|zeilen|rijen)[\"']?\s?[:=]\s?([0-9]{1,2})"
    r"|([0-9]{1,2}) (?:rows|filas|lignes|righe|linhas|Zeilen|rijen|rader|wierszy|строк|рядів)"
)
_WIDE = re.compile(
    r"[\"']?(?:cols|columns|width|w|columnas|colonnes|colonne|colunas|spalten|kolommen)[\"']?"
    r"\s?[:=]\s?([0-9]{1,2})"
    r"|([0-9]{1,2}) (?:col(?:umn|onne|umna|una)s?|colonne|Spalten|kolommen|kolumn|столбц|стовпц)"
)


def find_lists(text: str) -> Iterator[Block]:
    """Every list of equally long rows of cells."""
    if "[" in text:
        yield from _bracketed(text)
    if _BRACES.search(text):
        yield from _bracketed(text.translate({ord("{"): "[", ord("}"): "]"}))
    if "\\n" in text:
        for match in _JOINED.finditer(text):
            rows = match[1].removesuffix("\\n").split("\\n")
            if len(set(map(len, rows))) == 1:
                yield Block(rows, *match.span(), "string of lines")
    yield from _in_one_line(text)
    yield from _worded(text)
    yield from _walls(text)


def _bracketed(text: str) -> Iterator[Block]:
    for pattern in (_NESTED, _STRINGS):
        for match in pattern.finditer(text):
            rows = _rows(match[0])
            if rows:
                yield Block(rows, *match.span(), "list")


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


def _in_one_line(text: str) -> Iterator[Block]:
    """Rows of one length with slashes, bars or semicolons between; prose may touch the ends."""
    start = 0
    for line in text.split("\n"):
        for mark in _BETWEEN:
            if line.count(mark) < 2:
                continue
            parts = line.split(mark)
            begin, at = start, 0
            while at < len(parts) - 2:
                wide = len(parts[at + 1].strip())
                end = at + 2
                while end < len(parts) - 1 and len(parts[end].strip()) == wide:
                    end += 1
                if 3 <= wide <= 2 * LARGEST and end - at < LARGEST:
                    yield from _row_parts(parts[at : end + 1], wide, begin)
                begin += sum(map(len, parts[at : end - 1])) + end - 1 - at
                at = end - 1
        start += len(line) + 1


def _row_parts(parts: Sequence[str], wide: int, start: int) -> Iterator[Block]:
    """Parts of one width between two that may be longer, the first of them at `start`."""
    first, last = parts[0].rstrip(), parts[-1].lstrip()
    before, after = first[:-wide], last[wide:]
    if min(len(first), len(last)) < wide or before[-1:].isalnum() or after[:1].isalnum():
        return
    rows = [first[-wide:], *(part.strip() for part in parts[1:-1]), last[:wide]]
    if all(_SPACED.fullmatch(row) for row in rows):
        rows = [row[::2] for row in rows]
    if not any(" " in row.strip() for row in rows):
        end = start + sum(map(len, parts)) + len(parts) - 1 - len(after)
        yield Block(rows, start + len(before), end, "rows in one line")


def _worded(text: str) -> Iterator[Block]:
    """Lines of words, or of numbers of several digits, that recur: one for each cell."""
    start = 0
    run: list[tuple[int, int, list[str]]] = []
    for line in text.split("\n"):
        cells = _cells(line)
        if run and (not cells or len(cells) != len(run[0][2])):
            yield from _named(run)
            run = []
        if cells:
            run.append((start, start + len(line.rstrip()), cells))
        start += len(line) + 1
    yield from _named(run)


def _cells(line: str) -> list[str]:
    for delimiter in _DELIMITERS:
        if delimiter is None or line.count(delimiter) >= 2:
            cells = [cell.strip(" '\"\r") for cell in line.strip(" |").split(delimiter)]
            few = 3 <= len(cells) <= LARGEST and len({*cells}) <= len(NAMED)
            return cells if few and all(map(_NAME.fullmatch, cells)) else []
    return []


def _named(run: Sequence[tuple[int, int, list[str]]]) -> Iterator[Block]:
    """As a block, if few names stand for many cells and some of them are no characters."""
    cells = [cell for _, _, row in run for cell in row]
    names = tuple(dict.fromkeys(cells))
    if len(run) < 3 or len(names) > len(NAMED) or 3 * len(names) > len(cells):
        return
    if max(map(len, names)) > 1:
        mark = dict(zip(names, NAMED, strict=False))
        rows = ["".join(mark[cell] for cell in row) for _, _, row in run]
        yield Block(rows, run[0][0], run[-1][1], "cells in words", names)


def _walls(text: str) -> Iterator[Block]:
    """A grid of stated size whose walls are listed by their places."""
    lists = list(islice(filter(partial(_lists_walls, text), _PLACES.finditer(text)), MOST_LISTS))
    size = _size(text) if lists else None
    if size is None:
        return
    high, wide = size
    one_based = counts_from_one(text)
    for match in lists:
        places = [(int(a), int(b)) for a, b in PAIR.findall(match[0])]
        base = int(one_based or any(r == high or c == wide for r, c in places))
        walls = {(r - base, c - base) for r, c in places}
        if all(0 <= r < high and 0 <= c < wide for r, c in walls):
            rows = ["".join(".#"[(r, c) in walls] for c in range(wide)) for r in range(high)]
            yield Block(
                rows, match.start(), match.start() + len(match[0].rstrip()), "list of walls"
            )


def _lists_walls(text: str, match: re.Match[str]) -> bool:
    """Whether the last word for a part before a list of places means walls."""
    words = list(ROLE.finditer(text, max(0, match.start() - 60), match.start()))
    return bool(words) and words[-1][f"p{WALL}"] is not None


def _size(text: str) -> tuple[int, int] | None:
    high, wide = _HIGH.search(text), _WIDE.search(text)
    if high and wide:
        return int(high[1] or high[2]), int(wide[1] or wide[2])
    found = _SIZE.search(text)
    return (int(found[1]), int(found[2])) if found else None
