"""Find mazes in free text: drawn ones, matrices, lists, with usual or stated characters.

Finders return rectangles of characters; this file alone decides what is a maze:
every character has a part, there is exactly one start and one goal, some wall
and some floor. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import islice
from typing import NamedTuple

from pydantic import ValidationError

from hrm_puzzles.code import is_about_code
from hrm_puzzles.layout import read_plainly
from hrm_puzzles.maze.models import FLOOR, GOAL, LARGEST, START, WALL, MazeProblem
from hrm_puzzles.maze.reading.blocks import FEW, NAMED, Block, find_blocks
from hrm_puzzles.maze.reading.legend import Legend, legend_of, part_named, parts_for
from hrm_puzzles.maze.reading.lists import find_lists
from hrm_puzzles.maze.reading.places import PAIR, Places, ends, places_in
from hrm_puzzles.variants import MAZE, has_other_rules
from hrm_specialists.contract import Claim

MAX_TEXT = 1_000_000
"""Characters beyond which a text is not searched."""
MOST_BLOCKS, MOST_WORDED = 300, 12
"""Rectangles of a text that are looked at, and of those with cells in words: time stays linear."""
_TOLD = 20_000
"""Characters around mazes in which legends are looked for."""


class _Said(NamedTuple):
    """What stands around the mazes, and what is to be known of it."""

    text: str
    legend: Legend
    places: Places


def read(text: str) -> list[Claim[MazeProblem]]:
    """The mazes in `text`, in order; their spans never overlap."""
    text = _narrow(text)
    claims = read_plainly(text, _mazes)
    spans = [claim.span for claim in claims]
    if claims and (is_about_code(text, spans) or has_other_rules(text, spans, MAZE)):
        return []
    return claims


def _narrow(text: str) -> str:
    """Wide letters, digits and signs as plain ones; nothing moves."""
    if text.isascii() or len(text) > MAX_TEXT:
        return text
    plain = {mark: unicodedata.normalize("NFKC", mark) for mark in set(text) if mark > "\x7f"}
    return text.translate({ord(mark): to for mark, to in plain.items() if len(to) == 1})


def _mazes(text: str) -> list[Claim[MazeProblem]]:
    blocks = _blocks(text)
    if not blocks:
        return []
    told = _around(text, blocks)[:_TOLD]
    said = _Said(told, legend_of(PAIR.sub(" ", told)), places_in(told))
    claims: list[Claim[MazeProblem]] = []
    for block in blocks[:MOST_BLOCKS]:
        if claims and block.start < claims[-1].span[1]:
            continue
        if problem := _problem(block, said):
            claims.append(Claim(problem, (block.start, block.end), block.form))
    return claims


def _blocks(text: str) -> list[Block]:
    """Rectangles that could be mazes by size and by number of characters, in order."""
    if len(text) > MAX_TEXT:
        return []
    found = [block for find in (find_blocks, find_lists) for block in find(text) if _fits(block)]
    worded = list(islice((block for block in found if block.names), MOST_WORDED))
    found = [block for block in found if not block.names] + worded
    return sorted(found, key=lambda block: (block.start, -block.end, not block.names))


def _fits(block: Block) -> bool:
    """Small enough, of few characters, and no matrix of many numbers."""
    rows = block.rows
    marks = set("".join(rows))
    sizes = 3 <= len(rows) <= LARGEST and 3 <= len(rows[0]) <= LARGEST
    return sizes and len(marks) <= FEW and len(marks & set("0123456789")) <= 4


def _around(text: str, blocks: list[Block]) -> str:
    """What is said about the mazes: the text without them."""
    pieces, at = [], 0
    for block in blocks:
        pieces.append(text[at : block.start])
        at = max(at, block.end)
    return "\n".join([*pieces, text[at:]])


def _problem(block: Block, said: _Said) -> MazeProblem | None:
    """A block as a maze, if every cell has a part in it."""
    rows, legend = block.rows, said.legend
    counts = Counter("".join(rows))
    known = {mark: part_named(mark) for mark in counts if mark > "\x7f"}
    if block.names:
        told = said.text
        for mark, name in zip(NAMED, block.names, strict=False):
            told = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f" {mark} ", told)
            known[mark] = part_named(name)
        legend = legend_of(PAIR.sub(" ", told))
    parts = parts_for(counts, legend, {m: part for m, part in known.items() if part is not None})
    if parts is None or not {WALL, FLOOR} <= set(parts.values()):
        return None
    grid = [[parts[mark] for mark in row] for row in rows]
    if not {START, GOAL} & set(parts.values()):
        places = ends(said.places, grid)
        if places is None:
            return None
        for (r, c), part in zip(places, (START, GOAL), strict=True):
            grid[r][c] = part
    try:
        return MazeProblem(grid=tuple(map(tuple, grid)))
    except ValidationError:  # no start or several, no goal or several
        return None
