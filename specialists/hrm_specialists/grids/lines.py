"""Grids in lines: bare, spaced, delimited, in frames, in tables, aligned, drawn.

Lines are spans of the text. What stands before the rows of a grid alike (quotes,
comments, time stamps, names, prompts, numbers) and what remarks stand behind them is
taken away by moving the spans; see `bare`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from hrm_specialists.grids.drawings import TALLEST, apart, drawings, stretches
from hrm_specialists.grids.grid import STRIPPED, WRITTEN, Grid
from hrm_specialists.grids.plain import characters
from hrm_specialists.grids.rows import FEW, LETTERS, Row, made

_RULE = re.compile(r"\|?(?:[ \t]{0,9}:?-{1,40}:?[ \t]{0,9}\|)++(?:[ \t]{0,9}:?-{1,40}:?)?")
_CLOSERS = " \t\r,;"
_DELIMITERS = ("][", *"|\t;,&")


_Way = tuple[str, int, int]
WORDY = 4
"""Different words of a line from which on it may be prose."""
_WORDS = re.compile(r"[^\W\d_]{3,}")
_WORD = re.compile(r"(?!nan|none|null|nil)[^\W\d_]{3}", re.IGNORECASE)


def find_drawn(text: str, rows: Iterable[Row | None], *, stripped: bool = False) -> Iterator[Grid]:
    """Every grid in lines that follow each other, and every way to cut it into cells."""
    rank = STRIPPED if stripped else WRITTEN
    block: list[Row] = []
    for row in (*rows, None):
        if row is None or row.kind == "words" or (not row.text and block and not block[-1].text):
            for part in _without_prose(block) if block else ():
                if not stripped or any(max(one.line.first, one.line.last) >= 0 for one in part):
                    yield from _block(text, part, rank)
            block = []
        elif block or row.kind != "blank":
            block.append(row)


def _without_prose(block: list[Row]) -> Iterator[list[Row]]:
    """The stretches between rows of words, without those that are mostly words themselves.

    Words that stand in one row only are no cells, nor are those of one row or two.
    """
    part: list[Row] = []
    if len(block) < 5 and sum(row.kind != "blank" for row in block) < 3:
        part = [row for row in block if not _WORDS.search(row.text)]
        if any(row.kind != "blank" for row in part):
            yield part
        return
    shown = "\n".join([row.text for row in block])
    if len(set(shown)) <= LETTERS or not _WORDS.search(shown):
        yield block
        return
    words = [frozenset(_WORDS.findall(row.text)) for row in block]
    rows = Counter(word for some in words for word in some)
    part, prose = [], 0
    for row, some in zip((*block, None), (*words, frozenset()), strict=True):
        once = [word for word in some if rows[word] == 1]
        if row and len(set(row.text)) <= FEW:
            once = []  # a row of a drawing in letters
        if row is None or (len(some) >= WORDY and 2 * len(once) > len(some)):
            if part and 2 * prose <= len(part):
                yield part
            part, prose = [], 0
        elif part or row.kind != "blank":
            part.append(row)
            prose += 2 * sum(map(len, once)) > len(row.text) - row.text.count(" ")


def _block(text: str, block: list[Row], rank: int) -> Iterator[Grid]:
    while block and block[-1].kind == "blank":
        block.pop()
    if not block:
        return
    pieces = [
        list(rows) for blank, rows in groupby(block, lambda row: row.kind == "blank") if not blank
    ]
    solid = any(row.kind == "blank" and len(row.raw) > 1 for row in block)
    for piece in pieces:
        _without_false_frames(piece)
        if len(piece) > 3 * TALLEST:
            continue
        if len(piece) > 1 and not solid:
            yield from drawings(text, piece, rank)
        yield from _cut(text, piece, rank, joined=False)
    if len(block) > 3 * TALLEST:
        return
    if solid or (len(pieces) > 1 and any(" " in row.text for row in block)):
        yield from drawings(text, block, rank)  # a line without walls is blank
    if len(pieces) > 1:
        whole = [row for row in block if row.kind != "blank"]
        yield from _cut(text, whole, rank + 1, joined=True)


# --- cut into cells


def _cut(text: str, piece: list[Row], rank: int, *, joined: bool) -> Iterator[Grid]:
    """Rows that are cut alike and have as many cells follow each other; frames are between.

    What looks like a frame may be a row of blanks, so rows are looked for among all
    lines too.
    """
    cells = [row for row in piece if row.kind == "cells"]
    ruled = _is_ruled(piece)
    if ruled:
        piece[1].kind = "frame"
        cells = [row for row in piece if row.kind == "cells"]
    framed = len(cells) < len(piece) and not ruled
    if framed and len({_way(row.text) for row in piece}) == 1:
        rank += 1  # they are no frames, more likely
        same = [replace(row, kind="cells") for row in piece]
        yield from _cut(text, same, rank - 1, joined=joined)
    for rows in (cells, piece) if framed else (cells,):
        ways = [_way(row.text) for row in rows]
        words = [
            n for n, way in enumerate(ways) if way[:2] == ("", 1) and _WORDS.search(rows[n].text)
        ]
        if words and len(words) < len(rows):
            marks = {mark for n, row in enumerate(rows) if n not in words for mark in row.text}
            for n in words:
                if marks.isdisjoint(rows[n].text):
                    ways[n] = ("", 1, -n)  # a label is no row, though it may be as long as one
        runs = stretches(ways)
        for at, end in runs:
            kinds = {row.kind for row in rows[at:end]}
            if rows is piece and len(kinds) == 1:
                continue
            if end - at < 3 and any(_WORDS.search(row.text) for row in rows[at:end]):
                continue
            mark, count, _ = ways[at]
            if mark in ("", ",") and not apart([row.text for row in rows], at, end):
                continue
            if mark == "" and count == 1 and ways[at][2]:
                same = rows[at:end]
                cut = [tuple(characters(_bare(row.text))) for row in same]
                yield from made(text, same, cut, "drawn", rank, piece)
            elif count > 1:
                yield from _table(text, rows[at:end], mark, rank, piece)
        if len(runs) > 1 and len(rows) > 2:
            yield from _aligned(text, rows, rank)
            if not joined and rows is cells:
                yield _ragged(text, cells, ways, rank)


def _without_false_frames(piece: list[Row]) -> None:
    """A row of blanks such as `| - - - | - - - |` is no frame between rows."""
    frames = [row for row in piece if row.kind == "frame"]
    if not frames or _is_ruled(piece):
        return
    counts = Counter(len(_tokens(row)) for row in piece if row.kind == "cells")
    usual = max(counts, key=counts.__getitem__, default=0)
    for row in frames:
        if len(tokens := _tokens(row)) == usual > 2 and max(map(len, tokens)) == 1:
            row.kind = "cells"


def _tokens(row: Row) -> list[str]:
    return row.text.replace("|", " ").split()


def _is_ruled(piece: Sequence[Row]) -> bool:
    """Whether the second line is the rule of a Markdown table, and no row of dashes."""
    if len(piece) < 3 or not _RULE.fullmatch(piece[1].text.strip()) or "|" not in piece[0].text:
        return False
    return "---" in piece[1].text or not any("-" in row.text for row in piece[2:])


def _way(row: str) -> _Way:
    """What stands between the cells of a row, how many there are, and its length if one.

    Of several without a delimiter, whether there are words: prose ends a grid.
    """
    for mark in _DELIMITERS:
        count = row.count(mark)
        if count > 1 or (count and not (mark in ",;" and row.rstrip().endswith(mark))):
            return mark, count + 1, 0
    count = len(row.split())
    if count == 1:
        bare = _bare(row)
        return "", 1, len(bare) if bare.isascii() else len(characters(bare))
    return "", count, -bool(_WORD.search(row))


def _bare(row: str) -> str:
    """Without quotes, brackets and commas around it."""
    bare = row.strip(_CLOSERS)
    while len(bare) > 2 and bare[0] + bare[-1] in ('""', "''", "``", "[]", "()", "{}"):
        inner = bare[1:-1].strip(_CLOSERS)
        if bare[0] in inner or bare[-1] in inner:
            break
        bare = inner
    return bare


def _table(text: str, rows: list[Row], mark: str, rank: int, piece: list[Row]) -> Iterator[Grid]:
    if len(rows) > TALLEST:
        return
    split = [_fields(row.text, mark) for row in rows]
    if len(set(map(len, split))) > 1:
        return
    split = _without_edges(rows, split, mark)
    width = len(split[0])
    if mark == "|" and width and any(len(cell.strip()) > 1 for row in split for cell in row):
        parts = [_subcells([row[at] for row in split], few=width < 5) for at in range(width)]
        if all(part is not None for part in parts):
            inner = [tuple(cell for part in parts for cell in part[at]) for at in range(len(rows))]  # type: ignore[index]
            if len(inner[0]) > width:
                yield from made(text, rows, inner, "table", rank, piece)
    if width < 2:
        return
    dressed = any(mark in row.text for row in rows for mark in "\"'`*_")
    cells = [tuple(map(_field if dressed else str.strip, row)) for row in split]
    form = {"": "spaced", "|": "table", "][": "table"}.get(mark, "delimited")
    yield from made(text, rows, cells, form, rank, piece)
    ended = form == "table" and split[0][-1] == "." and rows[0].text.lstrip()[:1] == "|"
    if width > 2 and (
        (form == "delimited" and not any(row[-1] for row in cells))
        or (ended and all(row[-1] == "." for row in cells))
    ):
        yield from made(text, rows, [row[:-1] for row in cells], form, rank + 1, piece)
    if mark == "" and any(len(cell) > 1 for cell in cells[0]) and width < 12:
        inner = [tuple("".join(row)) for row in split]
        if len({len(cell) for row in split for cell in row}) == 1:
            yield from made(text, rows, inner, "groups", rank + 1)
    if mark == "" and len(rows) > 2:
        yield from _aligned(text, rows, rank)


def _field(cell: str) -> str:
    cell = cell.strip()
    if len(cell) < 2:
        return cell
    bare = cell.strip(" \"'`")
    while len(bare) > 2 and bare[0] == bare[-1] and bare[0] in "*_":  # emphasis
        bare = bare[1:-1]
    return bare


def _fields(row: str, mark: str) -> list[str]:
    if not mark:
        return row.split()
    if mark == "][":
        return row.strip()[1:-1].split(mark)
    if mark == "&":
        row = row.partition("\\\\")[0]
    elif mark != "|":
        row = _bare(row) if row.lstrip()[:1] in "[({" else row
    return row.split(mark)


def _without_edges(rows: list[Row], split: list[list[str]], mark: str) -> list[list[str]]:
    """Without what is outside of the outermost pipes, and between double ones."""
    if mark != "|":
        return split
    if all(row.text.lstrip().startswith("|") for row in rows):
        split = [row[1:] for row in split]
    if all(row.text.endswith("|") for row in rows):
        split = [row[:-1] for row in split]
    doubled = {at for at in range(len(split[0])) if not any(row[at] for row in split)}
    return [[cell for at, cell in enumerate(row) if at not in doubled] for row in split]


def _subcells(column: list[str], *, few: bool) -> list[list[str]] | None:
    """The cells that stand between the same two pipes in every row; spaces may be blanks."""
    wide = max(map(len, column))
    by_place = any(p[:1] + p[2:] != "  " for p in column) and any(p[1:2] != " " for p in column)
    if few and {len(part) for part in column} == {3} and by_place:
        return [[mark.strip() for mark in part] for part in column]
    split = [part.split() for part in column]
    if len(set(map(len, split))) == 1 and split[0]:
        if (
            len(split[0]) == 1
            and len({len(part[0]) for part in split}) == 1
            and (any(len(set(part[0])) > 1 for part in split))
        ):
            return [list(part[0]) for part in split]
        return split
    runs = _occupied(column, wide)
    return None if runs is None else [[part[a:b].strip() for a, b in runs] for part in column]


def _occupied(rows: Sequence[str], wide: int) -> list[tuple[int, int]] | None:
    """Columns of characters that hold the cells; gaps at a steady pitch are filled up."""
    used = sorted({at for row in rows for at, mark in enumerate(row) if mark != " "})
    if not used:
        return None
    runs: list[tuple[int, int]] = []
    for at in used:
        if runs and runs[-1][1] == at:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    steps = [b[0] - a[0] for a, b in pairwise(runs)]
    if not steps:
        return runs
    step = min(steps)
    filled = runs[:1]
    for (a, b), more in zip(runs[1:], steps, strict=True):
        if more > step and more % step == 0 and step > 1:
            filled += [(a - more + k * step, b - more + k * step) for k in range(1, more // step)]
        filled.append((a, b))
    return filled


def _aligned(text: str, rows: list[Row], rank: int) -> Iterator[Grid]:
    """Cells in columns of fixed width, where spaces may stand for blanks."""
    if len(rows) > TALLEST or any("\t" in row.text for row in rows):
        return
    bodies = [row.text for row in rows]
    wide = max(map(len, bodies))
    runs = _occupied(bodies, wide)
    if runs is None or not 2 < len(runs) <= 40:
        return
    cells = [tuple(body[a:b].strip() for a, b in runs) for body in bodies]
    if any(not cell for row in cells for cell in row):
        yield from made(text, rows, cells, "aligned", rank + 1)


def _ragged(text: str, rows: list[Row], ways: Sequence[_Way], rank: int) -> Grid:
    """Rows that are not equally long, for whoever asks why they are no grid."""
    cells = [
        tuple(characters(_bare(row.text)) if way[:2] == ("", 1) else
              [_field(cell) for cell in _fields(row.text, way[0])])
        for row, way in zip(rows, ways, strict=True)
    ]  # fmt: skip
    found = next(made(text, rows, cells, "ragged", rank))
    return replace(found, rank=rank + 1)
