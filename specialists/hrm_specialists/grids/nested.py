"""Grids in brackets: JSON, Python, numpy, R and C, rows of numbers or of strings, however deep.

Brackets are matched in one pass; what is no cell (a long word, say) closes all that is
open, so time is linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from hrm_specialists.grids.grid import NESTED, Grid

_OPEN = re.compile(
    r"[\[({](?=[\s\[({]{0,60}+(?:[\"'\d.+-]|(?:nan|nil|none|null|na|\S)[\s\])}]"
    r"|[^\s\[\](){},;:\"'=<>|]{1,24}\s{0,3}[,;:=(\[{])|,)",
    re.IGNORECASE,
)
"""Where a list of cells may begin: prose in brackets is none."""
_TOKEN = re.compile(
    r"[\[({]|[\])}]|\"(?:[^\"\\\n]|\\.){0,400}+\"|'(?:[^'\\\n]|\\.){0,400}+'"
    r"|[^\s\[\](){},;:\"'=<>|]{1,24}|[:=]|[,;]"
)
_VARIABLE = re.compile(r"\b[A-Za-z_]\w{0,40}(?:\s?\[\w{0,4}\]){0,2}\s{0,3}(?::=|=|<-|:)\s{0,3}$")
_KEY = re.compile(r"\{\s{0,9}[\"']?(\w{1,40})[\"']?\s{0,9}:\s{0,9}$")
_NAME = re.compile(r"([A-Za-z_]\w{0,40})[\"']?(?:\s?\[\w{0,4}\]){0,2}\s{0,3}(?::=|=|<-|:)\s{0,3}$")
_DIGITS = re.compile(r"[0-9]+")
_COMPACT = re.compile(r"[^\s,;|]{2,}")
LONGEST = 14
"""Characters of a cell without quotes."""
MOST_TOKENS = 120_000
"""Brackets, commas and cells of a text that are looked at."""
DEEPEST = 8
"""Brackets in brackets; bounds how often an item is looked at."""
FEWEST = 16
"""Cells of a list without rows."""
_BETWEEN = 40
"""Characters between rows that are lists of their own."""


@dataclass(slots=True)
class _List:
    """What stands in one pair of brackets."""

    start: int
    call: str = ""
    """A function's name before the bracket: `c`, `rbind`, `matrix`."""
    items: list[_Item] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    pending: str = ""
    end: int = 0
    shape: tuple[int, ...] = ()
    """Lengths at each depth, if all lists at a depth are as long and as deep; else ()."""
    breaks: list[int] = field(default_factory=list)
    """Items before each semicolon and each line's end."""
    empty: bool = True
    """Whether nothing stood behind the last comma or the bracket yet."""


@dataclass(slots=True)
class _Atom:
    text: str
    start: int
    end: int
    quoted: bool


_Item = _Atom | _List


def find_nested(text: str) -> Iterator[Grid]:
    """Every list of rows, and every list of many cells."""
    rows: list[_List] = []
    for whole in _trees(text):
        flat = list(_flat(whole))
        yield from _grids(text, whole)
        for row in flat:
            if rows and not _follows(text, rows[-1], row):
                yield from _in_turn(text, rows)
                rows = []
            rows.append(row)
    yield from _in_turn(text, rows)


def _trees(text: str) -> Iterator[_List]:
    at = tokens = 0
    while tokens < MOST_TOKENS and (opening := _OPEN.search(text, at)):
        stack: list[_List] = []
        at = opening.start()
        while token := _TOKEN.search(text, at):
            tokens += 1
            between, mark = text[at : token.start()], token[0]
            if between.strip() or len(stack) > DEEPEST:
                break
            if stack and "\n" in between:
                stack[-1].breaks.append(len(stack[-1].items))
            at = token.end()
            if mark in "[({":
                stack.append(_opened(stack, token.start(), mark, text))
            elif mark in "])}":
                closed = stack.pop()
                closed.end, closed.shape = at, _shape(closed)
                if not stack:
                    yield closed
                    break
                _add(stack[-1], closed)
            elif mark in ":=":
                if stack[-1].items and isinstance(stack[-1].items[-1], _Atom):
                    stack[-1].pending = stack[-1].items.pop().text  # type: ignore[union-attr]
            elif mark in ",;":
                _comma(stack[-1], mark, token.start())
            else:
                quoted = mark[0] in "\"'" and len(mark) > 1
                if not quoted and len(mark) > LONGEST:
                    break
                shift = int(quoted)
                body = (
                    _decoded(mark) if quoted and "\\" in mark else mark[shift : len(mark) - shift]
                )
                _add(stack[-1], _Atom(body, token.start() + shift, at - shift, quoted))
        else:
            at = len(text)
        for one in stack:  # something was no cell; lists that were closed inside still count
            yield from (item for item in one.items if isinstance(item, _List))
        at = max(at, opening.end())


def _decoded(string: str) -> str:
    """A string of JSON without its escapes; as it is if it is none."""
    try:
        return str(json.loads(string))
    except ValueError:
        return string[1:-1]


def _comma(one: _List, mark: str, at: int) -> None:
    if mark == ";":
        one.breaks.append(len(one.items))
    elif one.empty and not one.pending:
        one.items.append(_Atom("", at, at, False))  # [5,,3]
    one.empty, one.pending = True, ""


def _opened(stack: list[_List], start: int, mark: str, text: str) -> _List:
    call = ""
    if stack and stack[-1].items and mark == "(":
        last = stack[-1].items[-1]
        if isinstance(last, _Atom) and last.end == start and not last.quoted:
            call = last.text
            stack[-1].items.pop()
    elif not stack and mark == "(":
        before = re.search(r"[A-Za-z_.]{1,12}$", text[max(0, start - 12) : start])
        call = before[0] if before else ""
    return _List(start, call)


def _add(into: _List, item: _Item) -> None:
    if into.pending and isinstance(item, _Atom) and into.call:
        into.keys.append(f"{into.pending}={item.text}")  # an option such as nrow = 9
    else:
        into.items.append(item)
        if into.pending:
            into.keys.append(into.pending)
    into.pending, into.empty = "", False


def _flat(tree: _List) -> Iterator[_List]:
    """The innermost lists of a tree that is no grid itself: rows that are objects, say."""
    todo = [tree]
    while todo:
        one = todo.pop()
        lists = [item for item in one.items if isinstance(item, _List)]
        if not lists and len(one.items) > 1:
            yield one
        elif len(lists) == 1:
            todo += lists


def _follows(text: str, one: _List, other: _List) -> bool:
    between = text[one.end : other.start]
    same = len(one.items) == len(other.items)
    return same and len(between) <= _BETWEEN and between.count("\n") <= 2


def _in_turn(text: str, rows: Sequence[_List]) -> Iterator[Grid]:
    """Rows that are lists of their own: a line of JSON each, say."""
    if len(rows) < 2:
        return
    start, label = rows[0].start, ""
    between = text[rows[0].end : rows[1].start]
    lead = between[between.rfind("\n") + 1 :] if "\n" in between else between.lstrip(" ,;")
    before = text[max(0, start - len(lead)) : start]
    if lead.strip() and _DIGITS.sub("0", before) == _DIGITS.sub("0", lead):
        start, label = start - len(lead), lead.strip(" \t\"'-{[(")
    cells = [tuple(map(_text, row.items)) for row in rows]
    spans = tuple((one.start, one.end) for one in rows)
    yield Grid(tuple(cells), start, rows[-1].end, "list", spans, label, NESTED)


def _grids(text: str, tree: _List) -> Iterator[Grid]:
    """The grids in a tree, outermost first."""
    todo: list[tuple[_List, str]] = [(tree, "")]
    while todo:
        one, key = todo.pop()
        lists = [item for item in one.items if isinstance(item, _List)]
        if not one.items or (lists and len(lists) < len(one.items)):
            todo += [(item, "") for item in lists]
            continue
        if not lists:
            yield from _of_atoms(text, one, key)
            continue
        shape = one.shape
        if shape and len(shape) > 1 and shape[0] > 1:
            leaves = [_atoms(item) for item in lists]
            cells = [tuple(atom.text.strip() for atom in row) for row in leaves]
            spans = [(item.start, item.end) for item in lists]
            across = one.call == "cbind"
            if len(shape) == 2 and across:
                cells = list(zip(*cells, strict=True))
                spans = []
            yield replace(_grid(text, cells, spans, "list", key, one.start, one.end), shape=shape)
            if len(shape) == 2 and shape[-1] == 1:
                yield from _of_strings(text, one, [row[0] for row in leaves], key)
        if not shape or len(shape) > 2 or next(iter(shape)) == 1:
            keys = one.keys if len(one.keys) == len(lists) else [""] * len(lists)
            todo += list(zip(lists, keys, strict=True))[::-1]


def _of_atoms(text: str, one: _List, name: str) -> Iterator[Grid]:
    """A list of strings is rows; a list of many cells is to be cut into rows."""
    atoms = [item for item in one.items if isinstance(item, _Atom)]
    yield from _of_strings(text, one, atoms, name)
    if any(_COMPACT.fullmatch(atom.text) and atom.quoted for atom in atoms):
        return
    cells = [atom.text.strip() for atom in atoms]
    breaks = sorted({0, *one.breaks, len(cells)})
    rows = [tuple(cells[a:b]) for a, b in pairwise(breaks)]
    if len(rows) > 1 and len(set(map(len, rows))) == 1 and len(rows[0]) > 1:
        spans = [(atoms[a].start, atoms[b - 1].end) for a, b in pairwise(breaks)]
        yield _grid(text, rows, spans, "list", name, one.start, one.end)
    elif len(cells) >= FEWEST:
        if one.call == "c" and text[max(0, one.start - 12) : one.start - 1].strip().endswith(
            "matrix("
        ):
            options = re.sub(r"\s", "", text[one.end : one.end + 80])
            name = name if re.search(r"byrow=T", options) else "columns"
        yield _grid(text, [tuple(cells)], [(one.start, one.end)], "run", name, one.start, one.end)


def _of_strings(text: str, one: _List, atoms: Sequence[_Atom], name: str) -> Iterator[Grid]:
    if len(atoms) < 2 or not all(atom.quoted for atom in atoms):
        return
    for cells in (
        [tuple(re.split(r"[,;|\t ]+", atom.text.strip(" ,;|"))) for atom in atoms],
        [tuple(atom.text) for atom in atoms],
    ):
        if len(set(map(len, cells))) == 1 and len(cells[0]) > 1:
            spans = [(atom.start, atom.end) for atom in atoms]
            yield _grid(text, cells, spans, "strings", name, one.start, one.end)


def _shape(tree: _List) -> tuple[int, ...]:
    shapes = {item.shape if isinstance(item, _List) else None for item in tree.items}
    inner = shapes.pop() if shapes else ()
    if shapes or inner == () or (inner and len(inner) > 4):
        return ()
    return (len(tree.items), *(inner or ()))


def _atoms(tree: _Item) -> list[_Atom]:
    if isinstance(tree, _Atom):
        return [tree]
    return [atom for item in tree.items for atom in _atoms(item)]


def _text(item: _Item) -> str:
    return item.text.strip() if isinstance(item, _Atom) else ""


def _grid(
    text: str,
    cells: Sequence[tuple[str, ...]],
    spans: Sequence[tuple[int, int]],
    form: str,
    name: str,
    start: int,
    end: int,
) -> Grid:
    """With `{"grid": ... }` or `grid =` around it taken in: it names the grid and no more."""
    before = text[max(0, start - 64) : start]
    if not name and (found := _NAME.search(before)):
        name = found[1]
    if key := _KEY.search(before):
        closing = re.compile(r"\s{0,9},?\s{0,9}\}").match(text, end)
        if closing:
            start, end, name = start - len(key[0]), closing.end(), name or key[1]
    elif variable := _VARIABLE.search(before):
        start -= len(variable[0])
    return Grid(tuple(cells), start, end, form, tuple(spans), name, NESTED)
