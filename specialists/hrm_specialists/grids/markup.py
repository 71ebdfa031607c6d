"""Trees of tags: elements whose children are rows, whose children are cells, in HTML, XML, BBCode.

Names of elements matter little: what has only elements without elements in it is a row.
Cells may be closed in themselves, or left open as HTML allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from hrm_specialists.grids.grid import Grid
from hrm_specialists.grids.trees import Atom, Tree, grids_of

_TAG = re.compile(
    r"<(/?)([A-Za-z][\w:-]{0,30})((?:\s[^<>]{0,300}?)?)(/?)>|\[(/?)(table|t[rdh])()()\]", re.I
)
_VALUE = re.compile(
    r"\b(?:value|val|v|digit|d|data|text|content|cells?|row|line)\s?=\s?(?:\"([^\"]*)\"|'([^']*)'|(\S+))",
    re.I,
)
_INLINE = frozenset(
    "b i u em strong span small sup code tt a font input br hr img meta col".split()  # noqa: SIM905
)
_CELLS = frozenset(("td", "th", "c", "cell", "value", "v", "entry"))
"""Elements that say nothing where they are empty; others are what they are called: `<wall/>`."""
_LEFT_OPEN = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr")}
"""Elements that end where another begins."""
DEEPEST = 40


def find_markup(text: str) -> Iterator[Grid]:
    """Every element that holds rows of cells, rows without cells, or many cells."""
    for tree in _trees(text):
        yield from grids_of(text, tree, "markup")


def _trees(text: str) -> Iterator[Tree]:
    stack: list[Tree] = []
    for tag in _TAG.finditer(text):
        closing, name, attributes, itself = tag.groups()[:4] if tag[2] else tag.groups()[4:]
        name = name.lower()
        value = _VALUE.search(attributes)
        given = next(filter(None, value.groups()), "").strip() if value else ""
        if name in _INLINE:
            if stack and value:
                stack[-1].pending = given
            continue
        ends, ended = (name,) if closing else _LEFT_OPEN.get(name, ()), None
        for one in reversed(stack[-8:]) if closing else reversed(stack[-4:]):
            ended = one if one.name in ends else ended
            if ended if closing else one.name == "table":
                break
        while ended and any(one is ended for one in stack):
            own = closing and stack[-1] is ended
            yield from _closed(text, stack, tag.start(), tag.end() if own else tag.start())
        if not closing and len(stack) < DEEPEST:
            named = itself and not given and not attributes and name not in _CELLS
            stack.append(Tree(tag.start(), tag.end(), name, pending=name if named else given))
            if itself:
                yield from _closed(text, stack, tag.end(), tag.end())
    while stack:
        yield from _closed(text, stack, len(text), len(text))


def _closed(text: str, stack: list[Tree], until: int, end: int) -> Iterator[Tree]:
    """Close the innermost element: with elements in it a tree, else a cell."""
    one = stack.pop()
    one.items = list(one.trees) or one.items
    if one.items and not stack:
        yield one.close(end)
    elif one.items:
        stack[-1].items.append(one.close(end))
    elif stack:
        body = text[one.inside : until] if until - one.inside <= 400 else ""
        cell = unescape(re.sub(r"<[^<>]{0,200}>", "", body)).strip(" \t\r\n*\u00a0") or one.pending
        stack[-1].items.append(Atom(cell, one.start, end, True))
