"""What a column of texts has in common, and what stands in the gaps.

Must see training examples only. Works on the texts alone: stretches that stand
once in every one of them are wording, the rest are values; how those are
written (rows and cells, words, digits) is tried out on all of them.
Knows nothing of tokens or models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from hrm_specialists.schema.fields import Category
from hrm_specialists.schema.prose import SPACE, Prose, Slot
from hrm_specialists.schema.sequences import Grid, Items

MAX_SLOTS = 24
MAX_NAMES = 64
"""Different texts up to which a column or a gap is a category."""
SEEN = 20
"""Times that a word should be met on average, to be learned as a whole."""
MAX_SYMBOLS = 512
"""Different symbols of a list, grid or text cut into words."""
MOST_CELLS = 900
"""Positions that words written in rows of characters may take."""
ROWS = ("],\n [", "],\n[", "], [", "],[", "]\n [", "]\n[", "\n")
CELLS = (", ", ",", SPACE)
WORDS = ("', '", '", "', ", ", " → ", ",", "; ", SPACE)

_TOKEN = re.compile(r"[^\W\d_]+|\s+|.", re.DOTALL)
_WORD = r"[^\W\d_]{2,}"
_ENDS_WELL = re.compile(_WORD + r"[\s:,;=()\[\]{}\"'`<>?!]*$")
_BEGINS_WELL = re.compile(r"^[\s:,.!?;()\[\]{}\"'`]*" + _WORD)
_OPENING = re.compile(r"[\s(\[{\"'`]*")
_CLOSING = re.compile(r"[\s)\]}\"'`]*(?:(?<=[)\]}\"'`])\.\s*)?")
_INTEGER = re.compile(r"[+-]?\d+")

_ITEMS = Items(length=1, symbols=(), text=False, fixed=False)
_GRID = Grid(height=1, width=1, symbols=(), fixed=False)
_RAGGED = replace(_GRID, ragged=True)


def are_names(distinct: Collection[Any], count: int, most: int = MAX_NAMES) -> bool:
    """Whether so few different values among so many repeat that they name kinds."""
    return len(distinct) <= min(most, max(2, count // 5))


def infer_prose(texts: Sequence[str], *, answer: bool) -> Prose | None:
    """The wording of `texts` and what stands in its gaps; None if they are plain.

    Plain is what has no wording, no rows and nothing but blanks between words.
    """
    wording = _wording(list(texts), MAX_SLOTS)
    gaps = [_between(wording, text) for text in texts]
    slots: list[Slot] = []
    kept = [wording[0]]
    for number, after in enumerate(wording[1:]):
        parts = [gap[number] for gap in gaps]
        if len(set(parts)) == 1:
            kept[-1] += parts[0] + after
            continue
        slots.append(infer_slot(parts, answer=answer))
        kept.append(after)
    plain = len(slots) == 1 and slots[0].rows == "" and slots[0].cells in ("", SPACE)
    if not slots or (plain and kept == ["", ""] and not slots[0].backward):
        return None
    return Prose(wording=tuple(kept), slots=tuple(slots))


def infer_slot(texts: Sequence[str], *, answer: bool) -> Slot:
    """What stands in one gap, from what stood there in every example."""
    distinct = set(texts)
    if are_names(distinct, len(texts)):
        return Slot(field=Category(values=tuple(sorted(distinct))))
    forms = (*_grids(texts), *_words(texts))
    for form in forms:
        found = _fitted(form, texts, exact=answer)
        if found is not None:
            return found
    plain = Slot(field=_ITEMS, backward=_mostly_numbers(texts))
    return _sized(plain, texts)


def _grids(texts: Sequence[str]) -> list[Slot]:
    """Ways to write rows that occur in most texts, the likeliest first."""
    found = []
    for rows in ROWS:
        if 2 * sum(rows in text for text in texts) > len(texts):
            for cells in (*CELLS, ""):
                if cells == "" or 2 * sum(cells in text for text in texts) > len(texts):
                    found.append(Slot(field=_GRID, rows=rows, cells=cells))
    return found


def _words(texts: Sequence[str]) -> list[Slot]:
    """Ways to write several words: as symbols if few are known, else letter by letter."""
    for cells in WORDS:
        if 2 * sum(cells in text for text in texts) > len(texts):
            row = Slot(field=_ITEMS, cells=cells)
            words = [word for text in texts for word in row.parse(text)]
            if len(set(words)) <= min(MAX_SYMBOLS, len(words) // SEEN):
                return [row]
            backward = _mostly_numbers(words)
            return [Slot(field=_RAGGED, rows=cells, backward=backward)]
    return []


def _fitted(form: Slot, texts: Sequence[str], *, exact: bool) -> Slot | None:
    """`form` with its sizes, if it can write every text."""
    for text in texts:
        value = form.parse(text)
        if isinstance(form.field, Grid):
            if not value or not all(value) or any("" in row for row in value):
                return None
            if not form.field.ragged and len({len(row) for row in value}) > 1:
                return None
        if exact and form.write(value) != text:
            return None
    sized = _sized(form, texts)
    field = sized.field
    if len(field.alphabet) > MAX_SYMBOLS or field.size > MOST_CELLS:
        return None
    if form.cells and len(field.alphabet) * SEEN > sum(len(text) for text in texts):
        return None
    return sized


def _sized(form: Slot, texts: Sequence[str]) -> Slot:
    """`form` with the symbols and sizes of what it cuts out of the texts."""
    values = [form.parse(text) for text in texts]
    if isinstance(form.field, Grid):
        shapes = {(len(value), max(map(len, value), default=0)) for value in values}
        field: Grid | Items = replace(
            form.field,
            height=max(h for h, _ in shapes),
            width=max(w for _, w in shapes),
            symbols=tuple(sorted({cell for value in values for row in value for cell in row})),
            fixed=len(shapes) == 1 and not form.field.ragged,
        )
    else:
        lengths = {len(value) for value in values}
        field = replace(
            _ITEMS,
            length=max(1, *lengths),
            symbols=tuple(sorted({cell for value in values for cell in value})),
            fixed=len(lengths) == 1 and lengths != {0},
        )
    return replace(form, field=field)


def _mostly_numbers(words: Sequence[str]) -> bool:
    """Whether words are whole numbers of different lengths, but for signs between them."""
    numbers = sum(_INTEGER.fullmatch(word) is not None for word in words)
    signs = sum(len(word) == 1 and not word.isalnum() for word in words)
    return numbers > 0 and numbers + signs >= 0.95 * len(words) and len({*map(len, words)}) > 1


def _wording(texts: list[str], most: int) -> tuple[str, ...]:
    """Stretches that stand in every text, with gaps between them."""
    first = _common(texts, lambda text: text)
    head = _cut_end(first) if min(map(len, texts)) > len(first) else ""
    rests = [text[len(head) :] for text in texts]
    last = _common(rests, lambda text: text[::-1])[::-1]
    tail = _cut_begin(last) if min(map(len, rests)) > len(last) else ""
    middles = [rest[: len(rest) - len(tail)] for rest in rests]
    return (head, *_anchors(middles, most - 1), tail)


def _anchors(texts: list[str], most: int) -> tuple[str, ...]:
    """Stretches inside, from left to right: the longest first, then on both sides of it."""
    anchor = _longest_once(texts) if most > 0 else ""
    if not anchor:
        return ()
    halves = [text.split(anchor, 1) for text in texts]
    left = _anchors([before for before, _ in halves], (most - 1) // 2)
    right = _anchors([after for _, after in halves], most - 1 - len(left))
    return (*left, anchor, *right)


def _longest_once(texts: list[str]) -> str:
    """The longest stretch with a word in it that stands exactly once in every text."""
    sample = sorted(texts, key=len)[:8] + texts[:24]
    tokens = _TOKEN.findall(sample[0])
    found: list[str] = []
    end = 0
    for start in range(len(tokens)):
        end = max(end, start)
        while end < len(tokens) and all(
            "".join(tokens[start : end + 1]) in text for text in sample
        ):
            end += 1
        stretch = _cut_begin(_cut_end("".join(tokens[start:end])))
        if re.search(_WORD, stretch):
            found.append(stretch)
    for stretch in sorted(set(found), key=lambda s: (-len(s), s)):
        if all(text.count(stretch) == 1 for text in texts):
            return stretch
    return ""


def _in_all(tokens: Sequence[str], texts: Sequence[str]) -> bool:
    return all("".join(tokens) in text for text in texts)


def _common(texts: Sequence[str], turn: Callable[[str], str]) -> str:
    """The longest common beginning."""
    low, high = min(map(turn, texts)), max(map(turn, texts))
    same = 0
    while same < min(len(low), len(high)) and low[same] == high[same]:
        same += 1
    return low[:same]


def _cut_end(stretch: str) -> str:
    """Give back what may belong to a value: all after the last words and brackets."""
    tokens = _TOKEN.findall(stretch)
    for end in range(len(tokens), 0, -1):
        kept = "".join(tokens[:end])
        before, newline, line = kept.rpartition("\n")
        if _ENDS_WELL.search(line):
            return kept
        worded = before.endswith("\n") or re.search(_WORD, before.rpartition("\n")[2])
        if (not newline or worded) and _OPENING.fullmatch(line):
            return kept
    return ""


def _cut_begin(stretch: str) -> str:
    """The same from the other side."""
    tokens = _TOKEN.findall(stretch)
    for begin in range(len(tokens)):
        kept = "".join(tokens[begin:])
        line, newline, after = kept.partition("\n")
        if _BEGINS_WELL.search(line):
            return kept
        worded = not after.strip() or re.search(_WORD, after.partition("\n")[0])
        if (newline or not after) and worded and _CLOSING.fullmatch(line):
            return kept
    return ""


def _between(wording: Sequence[str], text: str) -> list[str]:
    """The texts in the gaps; wording is known to be there."""
    at, gaps = len(wording[0]), []
    for stretch in wording[1:-1]:
        start = text.index(stretch, at)
        gaps.append(text[at:start])
        at = start + len(stretch)
    gaps.append(text[at : len(text) - len(wording[-1])])
    return gaps
