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
from os.path import commonprefix
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
    if are_names(set(texts), len(texts)):
        return Slot(field=Category(values=tuple(sorted(set(texts)))))
    for form in (*_grids(texts), *_words(texts)):
        found = _fitted(form, texts, exact=answer)
        if found is not None:
            return found
    return _sized(Slot(field=_ITEMS, backward=_mostly_numbers(texts)), texts)


def _grids(texts: Sequence[str]) -> list[Slot]:
    """Ways to write rows that occur in most texts, the likeliest first."""
    ways = [cells for cells in CELLS if _common_in(cells, texts)]
    seen = [rows for rows in ROWS if _common_in(rows, texts)]
    return [Slot(field=_GRID, rows=rows, cells=cells) for rows in seen for cells in (*ways, "")]


def _common_in(mark: str, texts: Sequence[str]) -> bool:
    return 2 * sum(mark in text for text in texts) > len(texts)


def _words(texts: Sequence[str]) -> list[Slot]:
    """Ways to write several words: as symbols if few are known, else letter by letter."""
    cells = next((mark for mark in WORDS if _common_in(mark, texts)), None)
    if cells is None:
        return []
    row = Slot(field=_ITEMS, cells=cells)
    words = [word for text in texts for word in row.parse(text)]
    if len(set(words)) <= min(MAX_SYMBOLS, len(words) // SEEN):
        return [row]
    return [Slot(field=_RAGGED, rows=cells, backward=_mostly_numbers(words))]


def _fitted(form: Slot, texts: Sequence[str], *, exact: bool) -> Slot | None:
    """`form` with its sizes, if it can write every text."""
    for text in texts:
        value = form.parse(text)
        if isinstance(form.field, Grid):
            empty = not value or not all(value) or any("" in row for row in value)
            if empty or (not form.field.ragged and len({len(row) for row in value}) > 1):
                return None
        if exact and form.write(value) != text:
            return None
    sized = _sized(form, texts)
    symbols = len(sized.field.alphabet)
    rare = bool(form.cells) and symbols * SEEN > sum(map(len, texts))
    large = symbols > MAX_SYMBOLS or sized.field.size > MOST_CELLS
    return None if rare or large else sized


def _sized(form: Slot, texts: Sequence[str]) -> Slot:
    """`form` with the symbols and sizes of what it cuts out of the texts."""
    values = [form.parse(text) for text in texts]
    grid = isinstance(form.field, Grid)
    rows = [row for value in values for row in (value if grid else [value])]
    symbols = tuple(sorted({cell for row in rows for cell in row}))
    lengths = {len(value) for value in values}
    field: Grid | Items
    if isinstance(form.field, Grid):
        shapes = {(len(value), max(map(len, value), default=0)) for value in values}
        fixed, wide = len(shapes) == 1 and not form.field.ragged, max(w for _, w in shapes)
        size: dict[str, Any] = {"height": max(lengths), "width": wide}
        field = replace(form.field, symbols=symbols, fixed=fixed, **size)
    else:
        fixed = len(lengths) == 1 and lengths != {0}
        field = replace(_ITEMS, length=max(1, *lengths), symbols=symbols, fixed=fixed)
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
    found: set[str] = set()
    end = 0
    for start in range(len(tokens)):
        end = max(end, start)
        while end < len(tokens):
            longer = "".join(tokens[start : end + 1])
            if not all(longer in text for text in sample):
                break
            end += 1
        found.add(_cut_begin(_cut_end("".join(tokens[start:end]))))
    for stretch in sorted(found, key=lambda s: (-len(s), s)):
        if re.search(_WORD, stretch) and all(text.count(stretch) == 1 for text in texts):
            return stretch
    return ""


def _common(texts: Sequence[str], turn: Callable[[str], str]) -> str:
    """The longest common beginning."""
    return commonprefix([*map(turn, texts)])  # noqa: RUF071 (characters are meant)


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
    rest, gaps = text[len(wording[0]) : len(text) - len(wording[-1])], []
    for stretch in wording[1:-1]:
        gap, _, rest = rest.partition(stretch)
        gaps.append(gap)
    return [*gaps, rest]
