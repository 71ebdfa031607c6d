"""Phrases as data: a small pattern language over words, and how it is matched.

    [please|] [solve|finish] [this|the puzzle]     choices; an empty one may be left out
    level %                                        % is a number
    found in [*]                                   * is one to three ordinary words
    {row|rows column|columns box|boxes}            all of these in any order, "and" between
    explain~                                       every word that begins so

Knows nothing of what phrases mean; `vocabulary.py` and `asking.py` do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

WILD = 3
"""Most words that a `*` stands for."""

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"
_TOKEN = re.compile(
    rf"\d+[x×]\d+|\d+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W\d_]|[\u0900-\u0963\u064b-\u0652])+|[^\w\s]|_"
)
_JOINERS = frozenset({"and", "or", "the", "each", "every", "in", "any", "3x3"})
_NESTED = re.compile(r"\[[^\]]*\[")
_PIECE = re.compile(r"\[([^\[\]]*)\]|\{([^{}]*)\}|<(\w+)>|([^\s\[\]{}<>]+)")

Words = tuple[str, ...]
Ordinary = Callable[["Token"], bool]
"""Whether a `*` may stand for a word."""


class Token(NamedTuple):
    """A word, a number or a sign, with where it stands."""

    text: str
    start: int
    end: int
    is_sign: bool
    """Whether it is neither a word nor a number."""


def tokens(text: str) -> list[Token]:
    """Words in lower case, numbers, characters of unspaced scripts, and single signs."""
    found = []
    for match in _TOKEN.finditer(text):
        said = match[0].casefold()
        found.append(Token(said, match.start(), match.end(), not said[0].isalnum()))
    return found


def spelled_in(text: str) -> frozenset[str]:
    """The texts of all tokens; other threads run meanwhile, however long the text."""
    short = len(text) < 10_000
    return frozenset(_TOKEN.findall(text.casefold()) if short else spelled(text))


def spelled(text: str) -> Iterator[str]:
    """The texts of all tokens, in order."""
    return (found[0] for found in _TOKEN.finditer(text.casefold()))


class Phrase:
    """One line, ready to be matched."""

    __slots__ = ("_needed", "asks", "elements")

    def __init__(self, line: str, names: Mapping[str, tuple[Words, ...]], *, asks: bool) -> None:
        self.elements, self.asks = _elements(line, names), asks
        self._needed = [firsts for element in self.elements if (firsts := element.needed())]
        self._needed.sort(key=len)

    def possible(self, words: frozenset[str]) -> bool:
        """Whether a sentence of these words may have it: quick, and mostly says no."""
        return not any(map(words.isdisjoint, self._needed))

    def words(self) -> Iterator[str]:
        """Every word of it."""
        for element in self.elements:
            for choice in element.choices:
                yield from choice

    def firsts(self) -> set[str]:
        """Tokens with which it can begin."""
        found: set[str] = set()
        for element in self.elements:
            if element.is_set:
                found.update(word for choice in element.choices for word in choice)
                break
            found.update(choice[0] for choice in element.choices if choice)
            if not element.optional:
                break
        return found

    def ends(self, found: Sequence[Token], at: int, ordinary: Ordinary) -> set[int]:
        """Places at which the phrase can end if it begins at `at`."""
        places = {at}
        for element in self.elements:
            after: set[int] = set(places) if element.optional else set()
            for place in places:
                if element.is_set:
                    end = _all_of(element.choices, found, place)
                    if end is not None:
                        after.add(end)
                    continue
                for choice in element.starting(found, place):
                    after |= _match(choice, found, place, ordinary)
            places = after
            if not places:
                break
        return places


class _Element:
    """A place in a phrase, and what may stand there."""

    __slots__ = ("_by_first", "_special", "choices", "is_set", "optional")

    def __init__(self, choices: Sequence[Words], is_set: bool = False) -> None:
        self.is_set, self.optional = is_set, () in choices
        self.choices = tuple(choice for choice in choices if choice)
        self._by_first: dict[str, list[Words]] = {}
        self._special: list[Words] = []
        for choice in self.choices:
            first = choice[0]
            if first in ("%", "*") or (first[-1] == "~" and len(first) > 1):
                self._special.append(choice)
            else:
                self._by_first.setdefault(first, []).append(choice)

    def needed(self) -> frozenset[str]:
        """Words of which a sentence must have one; empty if it need not have any."""
        free = self.is_set or self.optional or self._special
        return frozenset() if free else frozenset(self._by_first)

    def starting(self, found: Sequence[Token], at: int) -> Iterator[Words]:
        """The choices that can begin at `at`, signs before it skipped."""
        yield from self._special
        while at < len(found):
            yield from self._by_first.get(found[at].text, ())
            if not found[at].is_sign:
                return
            at += 1


def _match(
    choice: Words,
    found: Sequence[Token],
    at: int,
    ordinary: Ordinary,
) -> set[int]:
    places = {at}
    for wanted in choice:
        after: set[int] = set()
        for place in places:
            while place < len(found) and found[place].is_sign and found[place].text != wanted:
                place += 1
            if place == len(found):
                continue
            token = found[place]
            if wanted == "*":
                for end in range(place, min(place + WILD, len(found))):
                    if not ordinary(found[end]):
                        break
                    after.add(end + 1)
            elif (
                token.text.isdigit()
                if wanted == "%"
                else token.text.startswith(wanted[:-1])
                if wanted[-1] == "~" and len(wanted) > 1
                else token.text == wanted
            ):
                after.add(place + 1)
        places = after
        if not places:
            break
    return places


def _all_of(sets: Sequence[Words], found: Sequence[Token], at: int) -> int | None:
    left = list(sets)
    while at < len(found) and left:
        token = found[at]
        hit = next((one for one in left if token.text in one), None)
        if hit is not None:
            left.remove(hit)
        elif not token.is_sign and token.text not in _JOINERS:
            return None
        at += 1
    return None if left else at


def _elements(line: str, names: Mapping[str, tuple[Words, ...]]) -> tuple[_Element, ...]:
    made = []
    if _NESTED.search(line):
        raise ValueError(f"choices do not nest: {line!r}")
    for choices, bag, name, word in _PIECE.findall(line):
        if bag:
            made.append(_Element([tuple(one.split("|")) for one in bag.split()], is_set=True))
        elif name:
            made.append(_Element(names[name]))
        else:
            made.append(_Element(tuple(choices_of(word or choices, names))))
    return tuple(made)


def choices_of(spelled: str, names: Mapping[str, tuple[Words, ...]]) -> Iterator[Words]:
    """The choices of `a|b c|<name>`, as words."""
    for choice in spelled.split("|"):
        if "<" not in choice:
            yield _spelled(choice)
            continue
        sequences: list[Words] = [()]
        for at, part in enumerate(re.split(r"<(\w+)>", choice)):
            ends = names[part] if at % 2 else (_spelled(part),)
            sequences = [(*one, *end) for one in sequences for end in ends]
        yield from sequences


def _spelled(words: str) -> Words:
    found: list[str] = []
    for word in words.split():
        if (word.isascii() and (word.isalpha() or word in ("%", "*"))) or (
            word[-1] == "~" and len(word) > 1
        ):
            found.append(word)
        else:
            found.extend(token.text for token in tokens(word))
    return tuple(found)
