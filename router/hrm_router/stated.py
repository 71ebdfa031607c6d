"""Whether a text states the problem that an LLM read from it.

Every value must occur, in order and as often as the problem has it, in one stretch of the
text: numbers by value however they are written (`3`, `2.50`, `1,000`, `drei`), blanks by any
usual sign for one, words as words, rows of signs sign by sign. Other numbers between them
are few, or it is no one stretch. That values occur somewhere in the text is never enough.
What stands between them and neither separates nor counts them is a remark: it may state a
rule, or mark a value. Knows nothing of LLMs.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel

MOST_ATOMS = 20_000
"""Numbers, words and signs of a text that are compared."""
GAP = 12
"""Words and signs that may stand between two values."""
_APART = 60
"""Characters that may stand between two rows of a drawing."""
MOST_STARTS = 400
"""Places at which the stretch may begin that are tried."""

Place = tuple[int, int]
"""Where a text states a value, or a row of them: `[start, end)`."""
_MANY = 9
"""Values from which brackets around one of them mark it."""

_FRAMES = frozenset(
    "a an and are as at by cell cells col column columns digits first second third fourth fifth "  # noqa: SIM905
    "sixth seventh eighth ninth tenth last grid has have holds in is line lines next of on reads "
    "row rows than the then to value values with st nd rd th r c "
    "zeile zeilen reihe reihen spalte und dann ligne lignes et puis fila filas línea y luego riga "
    "righe e poi linha rij en wiersz i".split()
)
"""Words that count and join values, and state nothing else of them."""
_WORD = re.compile(r"[^\W\d_]+")
_START = re.compile(r"^[ \t]*(?:(?:[>*•#|-]+[ \t]+)+|\(?\w{1,3}[).:|][ \t])", re.MULTILINE)
"""Quotes, bullets and numbers before a line."""
_VALUE = "\ufffc"
_MARK = re.compile(
    rf"(?<![\w{_VALUE}+-])[-+](?={_VALUE})|(?<!\S)[._·□○](?!\S)"
    rf"|[^\w\s{_VALUE}\u2500-\u257f、，；：,;:.&|/\\\"'`´‘’“”()\[\]{{}}=_+-]"
)
"""A sign that separates no values: one before a value, a blank, or one that lists do not have."""
_ALONE = re.compile(rf"[({{]\s*{_VALUE}\s*[)}}]")
"""Brackets around one value."""

_ATOM = re.compile(r"\d+(?:[.,'\u2019 \u00a0\u202f]\d+)*|[^\W\d_]+(?:-[^\W\d_]+)*|[._?*□·•○-]")
_BLANKS = frozenset(
    "0 . _ - ? * □ · • ○ x blank blanks empty none null nan nothing gap leer leeres vide vacío "  # noqa: SIM905
    "vacio vuoto vazio leeg puste пусто 空 空白 空格".split()
)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A number, a word or a sign of the text, and the values that it can stand for."""

    text: str
    start: int
    end: int
    values: frozenset[float]

    @property
    def is_number(self) -> bool:
        """Whether it states a number."""
        return bool(self.values)


def places_of(problem: BaseModel, text: str) -> list[Place] | None:
    """Where one stretch of `text` states the values of `problem`, or None.

    The fields may stand in any order, what one field holds may not.
    """
    fields = [(name, list(_leaves(value))) for name, value in _stated_fields(problem)]
    fields = [(name, leaves) for name, leaves in fields if leaves]
    if not fields:
        return None
    in_row = [leaf for _, leaves in fields for leaf in leaves]
    atoms = list(_atoms(text, single=all(_is_digit(leaf) for leaf in in_row)))
    found = _stretch(in_row, atoms)
    if found is not None or len(fields) == 1:
        return found
    return _any_order(fields, atoms)


def remarks_in(text: str, places: Sequence[Place], problem: BaseModel) -> tuple[Place, ...]:
    """The stretches between the values of `problem` that may say something of them."""
    known = _FRAMES.union(*(name.casefold().split("_") for name in type(problem).model_fields))
    known |= _number_words().keys()
    first = at = places[0][0]
    kept = []
    for start, end in places:
        kept += [text[at:start], _VALUE * (end - start)]
        at = end
    shown = _START.sub(lambda found: " " * len(found[0]), "".join(kept))
    said = [found.start() for found in _MARK.finditer(shown)]
    said += [one.start() for one in _WORD.finditer(shown) if one[0].casefold() not in known]
    passed = [one for one in _atoms(shown) if one.is_number]
    counted = [min(one.values) for one in passed]
    if any(b - a != 1 for a, b in itertools.pairwise(counted)):  # they do not number the rows
        said += [one.start for one in passed]
    if len(places) >= _MANY:
        said += [found.start() for found in _ALONE.finditer(shown)]
    gaps = ((start, end) for (_, start), (end, _) in itertools.pairwise(places))
    return tuple(
        (start, end) for start, end in gaps if any(start <= first + at < end for at in said)
    )


def drawn_in(data: Any, text: str) -> list[Place] | None:
    """Where one stretch of `text` draws `data`, a list of equally long rows of signs, or None.

    Each row stands in one piece, words or line breaks between them, and no further row of
    that width right before, between or behind them: a part of a drawing is another drawing.
    A dot and a space are one sign, since both stand for nothing.
    """
    rows: Sequence[str] = next(_rows_in(data), ())
    wide = len(rows[0]) if rows else 0
    signs = set("".join(rows))
    if not wide or not any(not sign.isalnum() and sign not in " ." for sign in signs):
        return None
    some = re.escape("".join(sorted(signs - {" "} | {"."})))
    row = rf"[{some}][{some} ]{{{wide - 2}}}[{some}]"
    between = rf"(?:(?!{row}).){{0,{_APART}}}?"
    drawn = between.join("(" + re.sub(r"\\?[ .]", "[ .]", re.escape(one)) + ")" for one in rows)
    found = re.search(drawn, text, re.DOTALL)
    if found is None:
        return None
    start, end = found.span()
    beside = text[max(0, start - _APART) : start].rstrip(" "), text[end : end + _APART].lstrip(" ")
    if any(re.search(row, one) for one in beside):
        return None
    return [found.span(number) for number in range(1, len(rows) + 1)]


def _rows_in(data: Any) -> Iterator[Sequence[str]]:
    """Lists of at least two equally long strings that data holds."""
    if isinstance(data, str) and "\n" in data.strip("\n"):
        data = data.strip("\n").split("\n")
    if isinstance(data, list) and len(data) > 1 and all(isinstance(one, str) for one in data):
        if len(set(map(len, data))) == 1 and len(data[0]) > 1:
            yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _rows_in(value)


def _stated_fields(problem: BaseModel) -> Iterator[tuple[str, Any]]:
    """The fields' names and values; one that has its default need not be stated."""
    dumped, known = problem.model_dump(mode="json", by_alias=False), type(problem).model_fields
    if not known or hasattr(problem, "root"):
        yield "", dumped
        return
    for name, field in known.items():
        if name in dumped and (field.is_required() or getattr(problem, name) != field.default):
            yield name, dumped[name]


def _leaves(data: Any) -> Iterator[Any]:
    """Numbers, words and blanks (None) of a value, in order."""
    if isinstance(data, Mapping):
        for value in data.values():
            yield from _leaves(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _leaves(value)
    elif isinstance(data, str):
        for atom in _atoms(data):
            yield float(min(atom.values)) if atom.text.isdigit() else atom.text
    elif isinstance(data, bool):
        yield "true" if data else "false"
    elif data is None or isinstance(data, int | float):
        yield data


def _is_digit(leaf: Any) -> bool:
    return leaf is None or (isinstance(leaf, int | float) and 0 <= leaf <= 9 and leaf == int(leaf))


def _atoms(text: str, single: bool = False) -> Iterator[_Atom]:
    """What states values in a text.

    Args:
        single: whether digits that touch are values of their own, as in `53..7`.
    """
    words = _number_words()
    for number, found in enumerate(_ATOM.finditer(text)):
        if number >= MOST_ATOMS:
            return
        word = found[0].casefold()
        if word[0].isdigit():
            sign = text[found.start() - 1 : found.start()] == "-"
            if single or not _values(word):
                for place, char in enumerate(word, start=found.start()):
                    if char.isdigit():
                        digit = frozenset({float(unicodedata.digit(char))})
                        yield _Atom(char, place, place + 1, digit)
                    elif char in _BLANKS:
                        yield _Atom(char, place, place + 1, frozenset())
            else:
                values = _values(word)
                both = values | {-value for value in values} if sign else values
                yield _Atom(word, found.start(), found.end(), frozenset(both))
        elif len(word) > 1 and _unspaced(word):
            for at, char in enumerate(word):
                place = found.start() + at
                yield _Atom(char, place, place + 1, words.get(char, frozenset()))
        else:
            values = words.get(word) or _compound(word, words)
            yield _Atom(word, found.start(), found.end(), values)


def _values(word: str) -> frozenset[float]:
    """What a numeral can mean: 1,000 is a thousand, or one with three decimals."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in word)
    parts = re.split(r"[.,'\u2019 \u00a0\u202f]", plain)
    found: set[float] = set()
    if len(parts) == 1:
        return frozenset({float(plain)})
    if len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:]):
        found.add(float("".join(parts)))
    mark = plain[-len(parts[-1]) - 1]
    if mark in ".," and (len(parts) == 2 or all(len(part) == 3 for part in parts[1:-1])):
        found.add(float(f"{''.join(parts[:-1])}.{parts[-1]}"))
    return frozenset(found)


@cache
def _number_words() -> dict[str, frozenset[float]]:
    text = (resources.files("hrm_router") / "numbers.txt").read_text("utf-8")
    found: dict[str, set[float]] = {}
    for line in text.splitlines():
        name, *words = line.split()
        if name == "#":
            continue
        for value, forms in enumerate(words):
            if name == "tens":
                word, _, number = forms.partition("/")
                found.setdefault(word.casefold(), set()).add(float(number))
            else:
                for form in forms.split("/"):
                    found.setdefault(form, set()).add(float(value))
    return {word: frozenset(values) for word, values in found.items()}


def _compound(word: str, words: Mapping[str, frozenset[float]]) -> frozenset[float]:
    """`twenty-one`, `einundzwanzig`."""
    for joint in ("-", "und"):
        one, found, other = word.partition(joint)
        if found and one in words and other in words:
            small, large = sorted((min(words[one]), min(words[other])))
            if small < 10 <= large:
                return frozenset({small + large})
    return frozenset()


def _unspaced(word: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in word)


def _matches(leaf: Any, atom: _Atom) -> bool:
    if leaf is None:
        return atom.text in _BLANKS
    if isinstance(leaf, str):
        return atom.text == leaf.casefold()
    if float(leaf) in atom.values:
        return True
    return leaf == 0 and atom.text in _BLANKS


def _counts(atoms: Sequence[_Atom], at: int) -> bool:
    """Whether an atom that is passed over would be a value: a number, or a blank in a row."""
    here = atoms[at]
    if here.is_number or here.text not in _BLANKS:
        return here.is_number
    beside = [atoms[one] for one in (at - 1, at + 1) if 0 <= one < len(atoms)]
    return any(
        (one.end == here.start or here.end == one.start)
        and (one.text.isdigit() or one.text in _BLANKS)
        for one in beside
    )


def _stretch(leaves: Sequence[Any], atoms: Sequence[_Atom]) -> list[Place] | None:
    """Where the leaves stand in the first stretch that has them in order."""
    spare = len(leaves) // 4
    tries = 0
    for first in range(len(atoms) - len(leaves) + 1):
        if not _matches(leaves[0], atoms[first]) or _touch(atoms, first):
            continue
        tries += 1
        if tries > MOST_STARTS:
            return None
        at, passed = first, 0
        places: list[Place] = []
        for leaf in leaves:
            gap = at
            while at < len(atoms) and not _matches(leaf, atoms[at]):
                passed += _counts(atoms, at)
                if passed > spare or at - gap >= GAP or (at > first and _touch(atoms, at)):
                    at = len(atoms)
                    break
                at += 1
            if at == len(atoms) or (at > gap and _touch(atoms, at)):
                break
            places.append((atoms[at].start, atoms[at].end))
            at += 1
        else:
            if not (at < len(atoms) and _touch(atoms, at)):
                return places
    return None


def _touch(atoms: Sequence[_Atom], at: int) -> bool:
    """Whether an atom and the one before it are digits of one numeral."""
    here, before = atoms[at], atoms[at - 1]
    return at > 0 and before.end == here.start and here.text.isdigit() and before.text.isdigit()


def _any_order(
    fields: Sequence[tuple[str, Sequence[Any]]], atoms: Sequence[_Atom]
) -> list[Place] | None:
    """Where a stretch has each field's values in order, the fields in any order.

    A number counts only where its field's name stands right before or behind it.
    """
    taken: set[int] = set()
    edges: list[tuple[int, int]] = []
    for name, leaves in fields:
        for first in range(len(atoms) - len(leaves) + 1):
            places = range(first, first + len(leaves))
            if taken.isdisjoint(places) and all(
                _matches(leaf, atoms[at]) for leaf, at in zip(leaves, places, strict=True)
            ):
                words = {atom.text for atom in atoms[max(0, first - 4) : first + len(leaves) + 2]}
                if isinstance(leaves[0], str) or set(name.casefold().split("_")) & words:
                    taken.update(places)
                    edges.append((atoms[first].start, atoms[places[-1]].end))
                    break
        else:
            return None
    start, end = min(one for one, _ in edges), max(other for _, other in edges)
    between = [atom for atom in atoms if start <= atom.start < end and atom.is_number]
    foreign = len(between) - sum(1 for at in taken if atoms[at].is_number)
    stated = [(atoms[at].start, atoms[at].end) for at in sorted(taken)]
    return stated if foreign <= len(taken) // 4 + 1 else None


def numbers_in(words: Iterable[str]) -> Iterator[str]:
    """Those of `words` that are numbers, in digits or in words."""
    known = _number_words()
    return (word for word in words if word.isdigit() or word in known)
