"""Find mazes in free text: what cells mean, which grids are mazes, what nearly is one.

`hrm_specialists.grids` finds the grids, `legend` and `places` what the text says of
them. This file alone decides: every character has a part, there is one start and one
goal, some wall and some floor. Two readings that differ are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from pydantic import ValidationError

from hrm_puzzles.code import without_samples
from hrm_puzzles.explained import Around, with_remarks
from hrm_puzzles.maze.legend import (
    ENDS,
    FLOORS,
    ROLE,
    WALLS,
    legend_of,
    part_named,
    parts_for,
    pictured,
)
from hrm_puzzles.maze.models import FLOOR, GOAL, LARGEST, START, WALL, Cell, MazeProblem
from hrm_puzzles.maze.places import (
    HEADER,
    Places,
    ends,
    find_listed,
    header,
    is_unsure,
    places_in,
)
from hrm_puzzles.maze.said import remarks_on
from hrm_puzzles.maze.thin_walls import Irregular, ruled, thick
from hrm_puzzles.places import PAIR, order_of
from hrm_specialists.contract import Claim, NearMiss
from hrm_specialists.grids import (
    JOINERS,
    LARGE,
    MAX_TEXT,
    NESTED,
    STRIPPED,
    UNREAD,
    WRITTEN,
    Candidate,
    Grid,
    beside,
    find_grids,
    goes_on,
    plainly,
    settled,
)

FEW = 9
"""Different cells of a maze at most."""
MOST, MOST_WORDED = 300, 12
"""Grids of a text that are looked at, and of those with cells in words: time stays linear."""
COMMENTED = (
    "the # before each row may be a wall or a comment; leave it out, or write // for comments"
)
_UNKNOWN = "which signs are walls? Send rows of # for walls and . for floor, one S and one G"
_RULED = "lines stand between all cells; send rows of # for walls and . for floor, one S and one G"
_TURNED = "are the keys rows or columns? The two mazes differ; send one row a line"
_DRAWN = ("drawn", "spaced", "doubled")
_SOLID = "#█▓■⬛🧱"
"""Signs that hardly stand for anything but walls."""
_GOES_ON = "a line above or below holds a row too, and something beside it; write rows alone"
_OUTSIDE = "nothing but floor outside of a wall; write rows alone"
_TOLD = 8_000
"""Characters around mazes in which legends are looked for."""
_NAMED = "".join(map(chr, range(0xE000, 0xE000 + FEW)))
"""Characters that stand for cells written in words."""
_NAME = re.compile(r"-?[0-9]{1,3}|[^\W_]{1,14}|\S")
_NO_JOINERS = dict.fromkeys(map(ord, JOINERS))


class _Maze(NamedTuple):
    """A grid that may be a maze: one character for each cell."""

    rows: tuple[str, ...]
    names: tuple[str, ...]
    """How cells were written that are more than a character, in the order of `_NAMED`."""
    grid: Grid
    rank: int


class _Said:
    """What stands around the mazes, and what is to be known of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.legend = legend_of(PAIR.sub(" ", text))

    @cached_property
    def places(self) -> Places:
        """What is said of places; few mazes need it."""
        return places_in(self.text)


@lru_cache(maxsize=16)
def look(text: str) -> tuple[tuple[Claim[MazeProblem], ...], tuple[NearMiss, ...]]:
    """What was read, and what nearly was, in the order of their places; spans do not overlap.

    Kept for whoever asks about the same text next.
    """
    grids = find_grids(text)
    beyond = [grid for grid in grids if grid.form in (LARGE, UNREAD)]
    listed = find_listed(text) if len(text) <= MAX_TEXT else ()
    found = [maze for grid in (*grids, *listed) if (maze := _maze_of(grid))]
    if not found and not beyond:
        return (), ()
    whole = [maze for maze in found if maze.grid.form != "ragged"]
    told = _around(plainly(text), whole)[:_TOLD].translate(_NO_JOINERS)
    said = _Said(told)
    worded = 0
    candidates: list[Candidate[MazeProblem]] = []
    meant: dict[int, Mapping[str, int]] = {}
    for maze in found[:MOST]:
        worded += bool(maze.names)
        if not maze.names or worded <= MOST_WORDED:
            candidates += _read(text, maze, said, meant)
    for grid in beyond:
        if grid.form == UNREAD:
            candidates.append(Candidate(None, grid.name, grid.start, grid.end, grid.form))
        elif said.legend.asks and len(grid.rows[0]) <= FEW:
            high, wide = grid.shape
            why = f"{high} lines of {wide} characters; a maze is at most {LARGEST} by {LARGEST}"
            candidates.append(Candidate(None, why, grid.start, grid.end, grid.form))
    claims, misses = settled(candidates)
    return without_samples(text, _explained(text, claims, said, meant), misses, "a maze")


def _explained(
    text: str,
    claims: Sequence[Claim[MazeProblem]],
    said: _Said,
    meant: Mapping[int, Mapping[str, int]],
) -> list[Claim[MazeProblem]]:
    """The claims with what the text says of them; `meant` is what characters mean in each."""
    if not claims or not re.search(r"[^\W\d_]", said.text):
        return list(claims)
    spans = [claim.span for claim in claims]
    mazes = [claim.problem for claim in claims]
    meaning: dict[str, frozenset[int]] = {}
    for maze in mazes:
        for mark, part in meant[id(maze)].items():
            meaning[mark] = meaning.get(mark, frozenset()) | {part}
    headed = any(HEADER.search(text[max(0, start - 40) : start]) for start, _ in spans)
    around = Around(text, spans, ROLE)
    told = remarks_on(around, mazes, meaning, headed=headed)
    return with_remarks(claims, [*told, *around.unknown_keys(), *around.types()])


def _maze_of(grid: Grid) -> _Maze | None:
    """Small enough, of few different cells, and no matrix of many numbers."""
    ragged = grid.form == "ragged"
    if ragged:  # lines of words may be before and behind
        of_signs = tuple(row for row in grid.rows if all(len(cell) == 1 for cell in row))
        grid = replace(grid, rows=of_signs)
    order = order_of(grid)
    if order == "columns" and grid.width:
        grid = replace(grid, rows=tuple(zip(*grid.rows, strict=True)))
    high, wide = len(grid.rows), grid.width
    if ragged and high:
        wide, usual = Counter(map(len, grid.rows)).most_common(1)[0]
        wide *= 2 * usual > high
    if high < 3 or wide < 3 or len(grid.shape) > 2 or grid.form == "aligned":
        return None
    if len({*grid.rows[0], *grid.rows[1]}) > FEW:
        return None
    same = {cell for row in grid.rows for cell in row if len(cell) > 1 and not cell.isalnum()}
    if same and all(len(set(cell)) == 1 for cell in same):  # "###"
        single = [tuple(cell[:1] if cell in same else cell for cell in row) for row in grid.rows]
        grid = replace(grid, rows=tuple(single))
    counts = Counter(chain.from_iterable(grid.rows))
    kinds = list(counts)
    if len(kinds) > FEW or 2 * len(kinds) > high * wide:
        return None
    if "|" not in counts and 2 * sum(n for _, n in counts.most_common(2)) < high * wide:
        return None  # mostly neither wall nor floor, nor lines for walls
    rank = grid.rank
    if all(len(kind) <= 1 for kind in kinds):
        if sum(kind.isdigit() for kind in kinds) > 4:
            return None
        return _Maze(
            tuple("".join(cell or " " for cell in row) for row in grid.rows), (), grid, rank
        )
    if 3 * len(kinds) > high * wide or not all(map(_NAME.fullmatch, filter(None, kinds))):
        return None
    mark = {**dict(zip(kinds, _NAMED, strict=False)), "": " "}
    rows = tuple("".join(mark[cell] for cell in row) for row in grid.rows)
    return _Maze(rows, tuple(kinds), grid, rank)


def _around(text: str, found: Sequence[_Maze]) -> str:
    """What is said about the mazes: the text without them."""
    pieces, at = [], 0
    for maze in found:
        spans = maze.grid.spans
        start, end = (spans[0][0], spans[-1][1]) if spans else (maze.grid.start, maze.grid.end)
        if start >= at:
            pieces.append(text[at:start])
        at = max(at, end)
    return "\n".join([*pieces, text[at:]])


def _read(
    text: str, maze: _Maze, said: _Said, meanings: dict[int, Mapping[str, int]]
) -> Iterator[Candidate[MazeProblem]]:
    """A maze as a problem, or the reason why it is none if it looks meant as one.

    What its characters mean is put into `meanings`, by the problem's identity.
    """
    grid, rows, rank = maze.grid, maze.rows, maze.rank
    start, end = grid.start, grid.end
    if {row[:2] for row in rows} == {"##"} and grid.form == "spaced" and rank < STRIPPED:
        yield Candidate(None, COMMENTED, start, end, grid.form, rank)  # a comment, or a wall?
        return
    meant = _looks_meant(maze, said)
    if grid.form in _DRAWN and ruled(rows):
        if meant:
            yield Candidate(None, _RULED, start, end, grid.form, rank + 2)
        return
    if grid.form == "drawn":
        try:
            lines = thick(rows)
        except Irregular:
            why = "walls drawn as lines that do not stand at one distance; draw them as # cells"
            yield Candidate(None, why, start, end, grid.form, NESTED)
            return
        if lines is not None:
            rows, rank = tuple(lines), NESTED
    parts = _parts(maze._replace(rows=rows), said)
    if grid.form == "ragged":
        widths = list(map(len, rows))
        wide = max(widths, key=widths.count)
        odd = [f"row {n} has {width} cells" for n, width in enumerate(widths, 1) if width != wide]
        if odd and meant and (parts if isinstance(parts, str) else START in parts.values()):
            yield Candidate(None, f"{odd[0]}, most have {wide}", start, end, grid.form, rank)
        return
    if isinstance(parts, str):
        named = not maze.names or any(part_named(name) is not None for name in maze.names)
        if parts or (meant and named and len({*rows}) > 2 and len(rows[0]) > 3):
            yield Candidate(None, parts or _UNKNOWN, start, end, grid.form, rank + 1)
        return
    high, wide = len(rows), len(rows[0])
    if max(high, wide) > LARGEST:
        if meant or high * wide >= 100:
            why = f"{wide} cells wide and {high} high; at most {LARGEST} by {LARGEST}"
            yield Candidate(None, why, start, end, grid.form, rank + 1)
        return
    cells = [[parts[mark] for mark in row] for row in rows]
    why = _with_ends(text, maze, cells, said, thin=rank == NESTED and grid.form == "drawn")
    if not why:
        try:
            problem = MazeProblem(grid=tuple(map(tuple, cells)))
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
        else:
            if order_of(grid) == "unsure":
                yield Candidate(None, _TURNED, start, end, grid.form, rank + 1)
                return
            cut = grid.rank >= WRITTEN and goes_on(text, grid.spans)
            if cut or _outside(cells):
                yield Candidate(
                    None, _GOES_ON if cut else _OUTSIDE, start, end, grid.form, rank + 1
                )
                return
            names = dict(zip(_NAMED, maze.names, strict=False))
            meanings[id(problem)] = {names.get(mark, mark): part for mark, part in parts.items()}
            around = beside(text, grid.spans, start, end, code=grid.rank < WRITTEN)
            yield Candidate(problem, "", start, end, grid.form, rank, tuple(around))
            return
    if meant and high * wide >= 16:
        yield Candidate(None, why, start, end, grid.form, rank + 1)


def _looks_meant(maze: _Maze, said: _Said) -> bool:
    """Whether a way is asked for, or the cells look like a maze's, with or without its ends."""
    counts = Counter(chain.from_iterable(maze.rows))
    cells = counts.total()
    if _speaks(said) and cells >= 16:
        return True
    if len(maze.rows) < 4 or cells < 20 or len(counts) < 2 or maze.names:
        return False
    if re.search(r"maze|walls?\b", maze.grid.name.casefold()):
        return True
    grounds = [mark for mark, _ in counts.most_common(2)]
    if not any(mark in WALLS + FLOORS and not mark.isalnum() for mark in grounds):
        return False
    once = {mark for mark, count in counts.items() if count == 1}
    ends = any(set(pair) <= once for pair in ENDS) or bool(pictured([*once]))
    return ends or sum(counts[mark] for mark in _SOLID) * 6 >= cells


def _speaks(said: _Said) -> bool:
    """Whether the text asks for a way."""
    return said.legend.asks


def _parts(maze: _Maze, said: _Said) -> dict[str, int] | str:
    """A part for each character; or why there is none, empty if it is no maze at all."""
    counts = Counter("".join(maze.rows))
    known = {mark: part_named(mark) for mark in counts if mark > "\x7f"}
    legend = said.legend
    if maze.names:
        told = said.text
        for mark, name in zip(_NAMED, maze.names, strict=False):
            told = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f" {mark} ", told)
            known[mark] = part_named(name)
        legend = legend_of(PAIR.sub(" ", told))
    parts = parts_for(counts, legend, {m: part for m, part in known.items() if part is not None})
    if parts is not None and {WALL, FLOOR} <= set(parts.values()):
        return parts
    marks = set(counts)
    once = {mark for mark, count in counts.items() if count == 1}
    letters = sorted(mark for mark in marks - once if mark.isalpha() and mark not in _NAMED)
    ends_shown = {"S", "G"} <= once or {"S", "E"} <= once
    if ends_shown and 1 <= len(letters) <= 3 and marks - once == set(letters):
        signs = " and ".join(letters)
        return f"{signs}: say which is wall and which is floor"
    rest = {mark: count for mark, count in counts.items() if count > 1}
    others = parts_for(rest, legend, {}) if 0 < len(once) < 4 and said.legend.asks else None
    if others is not None and {WALL, FLOOR} <= set(others.values()):
        signs = " and ".join(sorted(once))
        return f"{signs}: one start and one goal are needed; say which they are"
    return ""


def _with_ends(text: str, maze: _Maze, cells: list[list[int]], said: _Said, *, thin: bool) -> str:
    """Put start and goal where the text or gaps in the border say; else why that cannot be."""
    shown = {START, GOAL} & {cell for row in cells for cell in row}
    if len(shown) == 2:
        return ""
    if len(shown) == 1:
        return f"no {'goal' if START in shown else 'start'} is marked"
    pair = header(text, maze.grid.start, cells)
    if pair is None and (pair := ends(said.places, cells)) is not None:
        matrix = maze.rank < WRITTEN or all(mark.isdigit() for row in maze.rows for mark in row)
        if not matrix and is_unsure(said.places, cells, pair):
            return "places may be (row, column) or (x, y); say which: the two mazes differ"
    pair = pair or _gaps(cells)
    if pair is None:
        return "neither start nor goal is marked, nor are their places told"
    if pair == _gaps(cells) and not (thin or _speaks(said)):
        return "neither start nor goal is marked"
    for (r, c), part in zip(pair, (START, GOAL), strict=True):
        cells[r][c] = part
    return ""


def _outside(cells: Sequence[Sequence[int]]) -> bool:
    """Whether a wall from edge to edge has hardly anything but floor behind it: no cells."""
    for lines in (cells, list(zip(*cells, strict=True))):
        for at, line in enumerate(lines):
            for side in (lines[:at], lines[at + 1 :]) if _mostly(WALL, line) else ():
                behind = list(chain.from_iterable(side))
                if _mostly(FLOOR, behind) and not {START, GOAL} & {*behind}:
                    return True
    return False


def _mostly(part: int, cells: Sequence[int]) -> bool:
    return 5 * cells.count(part) >= 4 * len(cells) > 0


def _gaps(cells: Sequence[Sequence[int]]) -> tuple[Cell, Cell] | None:
    """The only two gaps in the border, the upper or left one first."""
    high, wide = len(cells), len(cells[0])
    gaps = [
        (r, c)
        for r in range(high)
        for c in range(wide)
        if (r in (0, high - 1) or c in (0, wide - 1)) and cells[r][c] == FLOOR
    ]
    return (gaps[0], gaps[1]) if len(gaps) == 2 and high > 3 and wide > 3 else None
