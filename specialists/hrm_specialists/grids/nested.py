"""Trees of brackets: JSON, Python, numpy, R and C, rows of numbers or of strings, however deep.

Brackets are matched in one pass; what is no cell (a long word, say) closes all that is
open, so time is linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hrm_specialists.grids.grid import NESTED, Grid, without_counters
from hrm_specialists.grids.trees import Atom, Tree, grids_of

_OPEN = re.compile(
    r"[\[({](?=[\s\[({]{0,60}+(?:[\"'\d.+-]|(?:nan|nil|none|null|na|\S)[\s\])}]"
    r"|[^\s\[\](){},;:\"'=<>|]{1,24}\s{0,3}[,;:=(\[{])|,)",
    re.IGNORECASE,
)
"""Where a list of cells may begin: prose in brackets is none."""
_TOKEN = re.compile(
    r"(?<=;)[ \t]?\.\.\.(?=[ \t\r]*\n)|/\*[^\n]{0,200}?\*/|//[^\n]{0,200}|[\[({]|[\])}]"
    r"|\"(?:[^\"\\\n]|\\.){0,400}+\"|'(?:[^'\\\n]|\\.){0,400}+'"
    r"|[^\s\[\](){},;:\"'=<>|]{1,24}|[:=]|[,;]"
)
_INTO = re.compile(
    r"\binto\s{1,3}(?!(?:sudoku|maze|grid|board|puzzle|cell|row)s?\b)", re.IGNORECASE
)
"""Before the name of a table that may say more than what it holds."""
_DIGITS = re.compile(r"[0-9]+")
LONGEST = 14
"""Characters of a cell without quotes."""
MOST_TOKENS = 120_000
"""Brackets, commas and cells of a text that are looked at."""
DEEPEST = 8
"""Brackets in brackets; bounds how often an item is looked at."""
_BETWEEN = 40
"""Characters between rows that are lists of their own."""


def find_nested(text: str) -> Iterator[Grid]:
    """Every list of rows, and every list of many cells."""
    rows: list[Tree] = []
    for whole in _trees(text):
        flat = list(_flat(whole))
        yield from grids_of(text, whole, "list")
        if text[whole.end : whole.end + 8].strip().casefold() == "values":
            continue  # names of columns: INSERT INTO maze (y, line) VALUES (0, '#####')
        for row in flat:
            if rows and not _follows(text, rows[-1], row):
                yield from _in_turn(text, rows)
                rows = []
            rows.append(row)
    yield from _in_turn(text, rows)


def _trees(text: str) -> Iterator[Tree]:
    at = tokens = 0
    while tokens < MOST_TOKENS and (opening := _OPEN.search(text, at)):
        stack: list[Tree] = []
        at = opening.start()
        for token in _TOKEN.finditer(text, at):
            tokens += 1
            (begin, end), mark = token.span(), token[0]
            between = text[at:begin]
            if (between and not between.isspace()) or len(stack) > DEEPEST:
                break
            if stack and "\n" in between:
                stack[-1].breaks.append(len(stack[-1].items))
            at = end
            if mark[:2] in ("/*", "//") or mark.endswith("..."):
                continue
            if mark in "[({":
                stack.append(_opened(stack, begin, mark, text))
            elif mark in "])}":
                closed = stack.pop()
                closed.close(at)
                if not stack:
                    yield closed
                    break
                _add(stack[-1], closed)
            elif mark in ":=":
                if stack[-1].items and isinstance(stack[-1].items[-1], Atom):
                    stack[-1].pending = stack[-1].items.pop().text  # type: ignore[union-attr]
            elif mark in ",;":
                _comma(stack[-1], mark, begin)
            elif mark[:2] == "0b":
                _add(stack[-1], Atom(mark[2:], begin + 2, at, True))  # a row of bits
            else:
                quoted = mark[0] in "\"'" and len(mark) > 1
                if not quoted and len(mark) > LONGEST:
                    break
                shift = int(quoted)
                body = (
                    _decoded(mark) if quoted and "\\" in mark else mark[shift : len(mark) - shift]
                )
                _add(stack[-1], Atom(body, begin + shift, at - shift, quoted))
        else:
            at = len(text)
        for one in stack:  # something was no cell; lists that were closed inside still count
            yield from one.trees
        at = max(at, opening.end())


def _decoded(string: str) -> str:
    """A string of JSON without its escapes; as it is if it is none."""
    try:
        return str(json.loads(string))
    except ValueError:
        return string[1:-1]


def _comma(one: Tree, mark: str, at: int) -> None:
    if mark == ";":
        one.breaks.append(len(one.items))
    elif one.empty and not one.pending:
        one.items.append(Atom("", at, at, False))  # [5,,3]
    one.empty, one.pending = True, ""


def _opened(stack: list[Tree], start: int, mark: str, text: str) -> Tree:
    call = ""
    if stack and stack[-1].items and mark == "(":
        last = stack[-1].items[-1]
        if isinstance(last, Atom) and last.end == start and not last.quoted:
            call = last.text
            stack[-1].items.pop()
    elif not stack and mark == "(":
        before = re.search(r"[A-Za-z_.]{1,12}$", text[max(0, start - 12) : start])
        call = before[0] if before else ""
    return Tree(start, name=call)


def _add(into: Tree, item: Atom | Tree) -> None:
    if into.pending and isinstance(item, Atom) and into.name:
        into.keys.append(f"{into.pending}={item.text}")  # an option such as nrow = 9
    else:
        into.items.append(item)
        if into.pending:
            into.keys.append(into.pending)
    into.pending, into.empty = "", False


def _flat(tree: Tree) -> Iterator[Tree]:
    """The innermost lists of a tree that is no grid itself: rows that are objects, say."""
    todo = [tree]
    while todo:
        one = todo.pop()
        if not (trees := one.trees) and len(one.items) > 1:
            yield one
        elif len(trees) == 1:
            todo += trees


def _follows(text: str, one: Tree, other: Tree) -> bool:
    between = text[one.end : other.start]
    same = len(one.items) == len(other.items)
    return same and len(between) <= _BETWEEN and between.count("\n") <= 2


def _in_turn(text: str, rows: Sequence[Tree]) -> Iterator[Grid]:
    """Rows that are lists of their own: a line of JSON each, say."""
    if len(rows) < 2:
        return
    start, label = rows[0].start, ""
    between = text[rows[0].end : rows[1].start]
    lead = between[between.rfind("\n") + 1 :] if "\n" in between else between.lstrip(" ,;")
    before = text[max(0, start - len(lead)) : start]
    told = _INTO.search(lead)
    if lead.strip() and not told and _DIGITS.sub("0", before) == _DIGITS.sub("0", lead):
        start, label = start - len(lead), lead.strip(" \t\"'-{[(")
    cells = [
        tuple(item.text.strip() if isinstance(item, Atom) else "" for item in row.items)
        for row in rows
    ]
    spans = tuple((one.start, one.end) for one in rows)
    yield (found := Grid(tuple(cells), start, rows[-1].end, "list", spans, label, NESTED))
    for bare in without_counters(found):
        drawn = tuple(tuple(row[0]) for row in bare.rows) if bare.width == 1 else bare.rows
        yield replace(bare, rows=drawn)
