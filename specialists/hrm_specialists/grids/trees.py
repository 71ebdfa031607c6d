"""Grids in trees: lists in lists, elements in elements, however deep.

`nested` makes trees of brackets, `markup` of tags; here both become rows of cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from hrm_specialists.grids.frames import framed
from hrm_specialists.grids.grid import NESTED, Grid, without_counters

_KEY = re.compile(r"\{\s{0,9}[\"']?(\w{1,40})[\"']?\s{0,9}:\s{0,9}$")
_INDEX = r"(?:\s?\[\w{0,4}\]){0,2}(?:: ?[\w\[\], ]{1,30})?\s{0,3}(?::=|=|<-|:)\s{0,3}$"
_VARIABLE = re.compile(rf"\b[A-Za-z_]\w{{0,40}}{_INDEX}")
_NAME = re.compile(rf"([A-Za-z_]\w{{0,40}})[\"']?{_INDEX}")
_CLOSING = re.compile(r"\s{0,9},?\s{0,9}\}")
_COMPACT = re.compile(r"[^\s,;|]{2,}")
FEWEST = 16
"""Cells of a list without rows."""
_FRAME = re.compile(r"(?:data\.?frame|tibble|\btable)\s?\(?\s{0,9}$", re.IGNORECASE)
"""Before columns that have a name each."""
_TURNED = re.compile(r"\s{0,9}\)?\.(?:T\b|transpose\(\))")


@dataclass(slots=True)
class Atom:
    """A cell, or a row that is written in one string."""

    text: str
    start: int
    end: int
    quoted: bool


@dataclass(slots=True)
class Tree:
    """What stands in one pair of brackets, or in one element."""

    start: int
    inside: int = 0
    """Where the inside of an element begins; 0 for brackets."""
    name: str = ""
    """An element's name; a function's before the bracket: `c`, `rbind`, `matrix`."""
    items: list[Atom | Tree] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    pending: str = ""
    """A key whose value comes next, or the value that an element has if it has no text."""
    end: int = 0
    shape: tuple[int, ...] = ()
    """Lengths at each depth, if all items at a depth are as long and as deep; else ()."""
    breaks: list[int] = field(default_factory=list)
    """Items before each semicolon and each line's end."""
    empty: bool = True
    """Whether nothing stood behind the last comma or the bracket yet."""

    @property
    def trees(self) -> list[Tree]:
        """The items that are no atoms."""
        return [item for item in self.items if isinstance(item, Tree)]

    def close(self, end: int) -> Tree:
        """The same when all of it was seen."""
        self.end = end
        shapes = {item.shape if isinstance(item, Tree) else None for item in self.items}
        inner = shapes.pop() if shapes else ()
        if not shapes and inner != () and len(inner or ()) < 5:
            self.shape = (len(self.items), *(inner or ()))
        return self


def grids_of(text: str, tree: Tree, form: str) -> Iterator[Grid]:
    """The grids in a tree, outermost first."""
    todo: list[tuple[Tree, str]] = [(tree, "")]
    while todo:
        one, key = todo.pop()
        trees = one.trees
        if not one.items or (trees and len(trees) < len(one.items)):
            todo += [(item, "") for item in trees]
        elif not trees:
            yield from _of_atoms(text, one, key, form)
        elif len(one.shape) > 1 and one.shape[0] > 1:
            yield from _of_rows(text, one, trees, key, form)
        elif len(trees) > 2 and all(len(row.shape) == 1 for row in trees):
            if not one.inside:  # for whoever asks why they are no grid
                cells = [tuple(atom.text for atom in _atoms(row)) for row in trees]
                spans = [(row.start, row.end) for row in trees]
                yield replace(_grid(text, cells, spans, "ragged", key, one), rank=NESTED + 1)
            elif len({len(row.items) for row in trees[1:]}) == 1:  # a head over columns
                body = Tree(one.start, one.inside, one.name, list(trees[1:])).close(one.end)
                yield from _of_rows(text, body, trees[1:], key, form)
        if trees and len(trees) == len(one.items) and (len(one.shape) != 2 or one.shape[0] == 1):
            keys = one.keys if len(one.keys) == len(trees) else [""] * len(trees)
            todo += list(zip(trees, keys, strict=True))[::-1]


def _of_rows(text: str, one: Tree, rows: list[Tree], key: str, form: str) -> Iterator[Grid]:
    leaves = [_atoms(row) for row in rows]
    cells = [tuple(atom.text.strip() for atom in row) for row in leaves]
    spans = [(row.start, row.end) for row in rows]
    if len(one.shape) == 2 and one.name == "cbind":
        cells, spans = list(zip(*cells, strict=True)), []
    if one.shape[-1] > 1 or form == "list":
        yield (grid := _grid(text, cells, spans, form, key, one, one.shape))
        if one.inside:
            yield from without_counters(grid)
    if one.shape[1:] == (1,):
        yield from _of_strings(text, one, [row[0] for row in leaves], key, form)


def _of_atoms(text: str, one: Tree, key: str, form: str) -> Iterator[Grid]:
    """A list of strings is rows; a list of many cells is to be cut into rows."""
    atoms = [item for item in one.items if isinstance(item, Atom)]
    yield from _of_strings(text, one, atoms, key, form)
    if any(atom.quoted and _COMPACT.fullmatch(atom.text) for atom in atoms):
        return
    cells = [atom.text.strip() for atom in atoms]
    breaks = sorted({0, *one.breaks, len(cells)})
    rows = [tuple(cells[a:b]) for a, b in pairwise(breaks)]
    if len(rows) > 1 and len(set(map(len, rows))) == 1 and len(rows[0]) > 1:
        spans = [(atoms[a].start, atoms[b - 1].end) for a, b in pairwise(breaks)]
        yield _grid(text, rows, spans, form, key, one)
    elif len(cells) >= FEWEST:
        before = text[max(0, one.start - 12) : one.start - 1]
        if one.name == "c" and before.strip().endswith("matrix("):
            options = re.sub(r"\s", "", text[one.end : one.end + 80])
            key = key if re.search(r"byrow=T", options) else "columns"
        yield _grid(text, [tuple(cells)], [(one.start, one.end)], "run", key, one)


def _of_strings(text: str, one: Tree, atoms: Sequence[Atom], key: str, form: str) -> Iterator[Grid]:
    """Rows that are written in one string each."""
    if len(atoms) < 2 or not all(atom.quoted for atom in atoms):
        return
    for cells in (
        [tuple(re.split(r"[,;|\s]+", atom.text.strip(" ,;|"))) for atom in atoms],
        [tuple(atom.text) for atom in atoms],
    ):
        if len(set(map(len, cells))) == 1 and len(cells[0]) > 1:
            spans = [(atom.start, atom.end) for atom in atoms]
            yield _grid(text, cells, spans, "strings" if form == "list" else form, key, one)


def _atoms(tree: Atom | Tree) -> list[Atom]:
    if isinstance(tree, Atom):
        return [tree]
    return [atom for item in tree.items for atom in _atoms(item)]


def _grid(
    text: str,
    cells: Sequence[tuple[str, ...]],
    spans: Sequence[tuple[int, int]],
    form: str,
    key: str,
    one: Tree,
    shape: tuple[int, ...] = (),
) -> Grid:
    """With `{"grid": ... }` or `grid =` around it taken in: it names the grid and no more."""
    start, end = one.start, one.end
    if one.inside:
        return Grid(tuple(cells), start, end, form, tuple(spans), key or one.name, NESTED, shape)
    before = text[max(0, start - 64) : start]
    keyed, turned = len(one.keys) == len(one.items) > 1, bool(_TURNED.match(text, end))
    called = re.compile(r"\b(?:c|rbind|cbind|data\.frame)$").search(before) if one.name else None
    start -= len(called[0]) if called else 0
    start, end = framed(text, start, end, len(cells), len(cells[0]))
    beyond, before = before, text[max(0, start - 64) : start]
    if not key and (found := _NAME.search(before)):
        key = found[1]
    if around := _KEY.search(before):
        if closing := _CLOSING.match(text, end):
            start, end, key = start - len(around[0]), closing.end(), key or around[1]
    elif variable := _VARIABLE.search(before):
        start -= len(variable[0])
    if keyed or turned:
        columns = keyed and _FRAME.search(beyond)
        key = " ".join((key, *one.keys[:1]))
        key = "columns" if bool(columns) != turned else "rows" if turned else key
    return Grid(tuple(cells), start, end, form, tuple(spans), key, NESTED, shape)
