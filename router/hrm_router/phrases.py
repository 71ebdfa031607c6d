"""Phrases as data: a small pattern language over words, and how it is matched.

    [please|] [solve|finish] [this|the puzzle]     choices; an empty one may be left out
    level %                                        % is a number
    found in [*]                                   * is one to three ordinary words
    {row|rows column|columns box|boxes}            all of these in any order, "and" between
    explain~                                       every word that begins so

All phrases are matched at once, by a finite automaton whose states are made when a sentence
first needs them. Knows nothing of what phrases mean; `vocabulary.py` and `asking.py` do.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

WILD = 3
"""Most words that a `*` stands for."""
MOST_KEPT = 50_000
"""Steps of the automaton that are kept; with more, all are made anew."""

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"
_TOKEN = re.compile(
    rf"\d+[x×]\d+|\d+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W\d_]|[\u0900-\u0963\u064b-\u0652])+|[^\w\s]|_"
)
_JOINERS = ("and", "or", "the", "each", "every", "in", "any", "3x3")
_NESTED = re.compile(r"\[[^\]]*\[")
_NAME = re.compile(r"<(\w+)>")
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


class Phrases:
    """Phrases that ask and phrases that do not, matched at once.

    Args:
        ordinary: says for what words a `*` stands.
    """

    def __init__(self, ordinary: Ordinary) -> None:
        self._ordinary = ordinary
        self._elements: list[tuple[_Element, ...]] = []
        self._asking: list[bool] = []
        self._made: dict[tuple[object, ...], _Element] = {}
        self._by_word: dict[str, list[int]] = {}
        self._by_start: dict[str, list[int]] = {}
        self._always: list[int] = []
        self._states: dict[tuple[frozenset[_Place], bool, bool], _State] = {}
        self._first: dict[str, _State | None] = {}
        self._kept = 0
        self._stepping = threading.Lock()

    def add(self, line: str, names: Mapping[str, tuple[Words, ...]], *, asks: bool) -> set[str]:
        """Add the phrase of a line, in which `<name>` stands for choices; its words."""
        if _NESTED.search(line):
            raise ValueError(f"choices do not nest: {line!r}")
        elements = tuple(self._element(piece, names) for piece in _PIECE.findall(line))
        at = len(self._elements)
        self._elements.append(elements)
        self._asking.append(asks)
        for first in _firsts(elements):
            if first in "%*":
                self._always.append(at)
            elif first.endswith("~"):
                self._by_start.setdefault(first[:-1], []).append(at)
            else:
                self._by_word.setdefault(first, []).append(at)
        return set().union(*(element.words for element in elements))

    def _element(
        self, piece: tuple[str, str, str, str], names: Mapping[str, tuple[Words, ...]]
    ) -> _Element:
        choices, bag, name, word = piece
        used = (name,) if name else _NAME.findall(choices) if "<" in choices else ()
        key = (piece, *(id(names[one]) for one in used))
        made = self._made.get(key)
        if made is None:
            some = (
                tuple(tuple(one.split("|")) for one in bag.split())
                if bag
                else names[name]
                if name
                else tuple(choices_of(word or choices, names))
            )
            made = self._made[key] = _Element(some, bool(bag))
        return made

    def ends(self, found: Sequence[Token], at: int) -> Iterator[tuple[int, bool]]:
        """Places at which phrases end that begin at `at`, and whether one of them asks."""
        state = self._begin(found[at])
        while state is not None:
            at += 1
            if state.plain or state.asks:
                yield at, state.asks
            state = self._after(state, found[at]) if at < len(found) else None

    def _begin(self, token: Token) -> _State | None:
        word = token.text
        state = self._first.get(word, _UNKNOWN)
        if state is _UNKNOWN:
            begun = {*self._by_word.get(word, ()), *self._always}
            if self._by_start:
                for size in range(2, min(len(word), 10) + 1):
                    begun.update(self._by_start.get(word[:size], ()))
            places = [place for line in begun for place in self._from(line, 0)[0]]
            with self._stepping:
                state = self._first[word] = self._step(places, token)
        return state

    def _after(self, before: _State, token: Token) -> _State | None:
        state = before.after.get(token.text, _UNKNOWN)
        if state is _UNKNOWN:
            with self._stepping:
                state = before.after[token.text] = self._step(before.places, token)
        return state

    def _step(self, places: Iterable[_Place], token: Token) -> _State | None:
        """The state behind a token; None if no phrase goes on."""
        self._kept += 1
        if self._kept > MOST_KEPT:
            self._kept = 0
            self._states.clear()
            self._first.clear()
        ahead: set[_Place] = set()
        plain = asks = False
        for place in places:
            line, at, node = place
            element = self._elements[line][at]
            dead = element.dead
            targets = element.following(node, token, self._ordinary)
            if token.is_sign and not targets and node not in element.within_wild:
                ahead.add(place)  # signs between words are passed over
            for target in targets:
                if target not in dead:
                    ahead.add((line, at, target))
                if target in element.final:
                    further, ends = self._from(line, at + 1)
                    ahead.update(further)
                    plain |= ends and not self._asking[line]
                    asks |= ends and self._asking[line]
        if not (ahead or plain or asks):
            return None
        key = (frozenset(ahead), plain, asks)
        return self._states.setdefault(key, _State(*key, {}))

    def _from(self, line: int, at: int) -> tuple[list[_Place], bool]:
        """Where a phrase can go on if its elements before `at` are done; whether it can end."""
        places = []
        for number in range(at, len(self._elements[line])):
            places.append((line, number, 0))
            if not self._elements[line][number].optional:
                return places, False
        return places, True


_Place = tuple[int, int, int]
"""A phrase, an element of it, and how far that one is matched."""


class _State(NamedTuple):
    """What may come next, and whether phrases end here."""

    places: frozenset[_Place]
    plain: bool
    asks: bool
    after: dict[str, _State | None]


_UNKNOWN = _State(frozenset(), False, False, {})
"""What stands for a state that is not made yet."""


class _Element:
    """A place in a phrase and what may stand there, as a graph; nodes are numbers, 0 the first."""

    def __init__(self, choices: tuple[Words, ...], is_set: bool) -> None:
        self.optional = () in choices
        self.choices = tuple(choice for choice in choices if choice)
        self.words = frozenset(word for choice in choices for word in choice)
        self.is_set = is_set
        self.final: set[int] = set()
        self.within_wild: set[int] = set()
        self._words: list[dict[str, int]] = []
        self._starts: dict[int, list[tuple[str, int]]] = {}
        self._wild: dict[int, tuple[int, int]] = {}

    @cached_property
    def dead(self) -> frozenset[int]:
        """Nodes that nothing follows; the graph is made when they are first asked for."""
        self._node()
        if self.is_set:
            self._add_set()
        else:
            for choice in self.choices:
                self._add(choice)
        return frozenset(
            at
            for at in range(len(self._words))
            if not (self._words[at] or at in self._starts or at in self._wild)
        )

    def following(self, node: int, token: Token, ordinary: Ordinary) -> list[int]:
        """The nodes behind a token."""
        word, words = token.text, self._words[node]
        found = [words[one] for one in ((word, "%") if word.isdigit() else (word,)) if one in words]
        found += [after for start, after in self._starts.get(node, ()) if word.startswith(start)]
        if node in self._wild and ordinary(token):
            found += self._wild[node]
        return found

    def _node(self) -> int:
        self._words.append({})
        return len(self._words) - 1

    def _add(self, choice: Words) -> None:
        at = 0
        for word in choice:
            if word == "*":
                at = self._add_wild(at)
            elif word[-1] == "~" and len(word) > 1:
                after = self._node()
                self._starts.setdefault(at, []).append((word[:-1], after))
                at = after
            else:
                known = self._words[at].get(word)
                if known is None:
                    known = self._words[at][word] = self._node()
                at = known
        self.final.add(at)

    def _add_wild(self, at: int) -> int:
        """One to `WILD` words, with no sign between them."""
        if at in self._wild:
            return self._wild[at][1]
        after = self._node()
        for _ in range(WILD):
            more = self._node()
            self.within_wild.add(more)
            self._wild[at] = (more, after)
            at = more
        return after

    def _add_set(self) -> None:
        """A node for each part of the set; a word counts for the first choice that has it."""
        size = len(self.choices)
        self._words = [{} for _ in range(2**size)]
        for node, words in enumerate(self._words[:-1]):
            for at in reversed(range(size)):
                if not node & 1 << at:
                    words.update(dict.fromkeys(self.choices[at], node | 1 << at))
            for joiner in _JOINERS:
                words.setdefault(joiner, node)
        self.final.add(2**size - 1)


def _firsts(elements: Sequence[_Element]) -> set[str]:
    """Tokens with which a phrase can begin."""
    found: set[str] = set()
    for element in elements:
        if element.is_set:
            return found.union(*element.choices)
        found.update(choice[0] for choice in element.choices)
        if not element.optional:
            break
    return found


def choices_of(spelled: str, names: Mapping[str, tuple[Words, ...]]) -> Iterator[Words]:
    """The choices of `a|b c|<name>`, as words."""
    for choice in spelled.split("|"):
        if "<" not in choice:
            yield _spelled(choice)
            continue
        sequences: list[Words] = [()]
        for at, part in enumerate(_NAME.split(choice)):
            ends = names[part] if at % 2 else (_spelled(part),)
            sequences = [(*one, *end) for one in sequences for end in ends]
        yield from sequences


def _spelled(words: str) -> Words:
    parts = words.split()
    if words.isascii() and "".join(parts).isalpha():
        return tuple(parts)
    found: list[str] = []
    for word in parts:
        if (word.isascii() and (word.isalpha() or word in ("%", "*"))) or (
            word[-1] == "~" and len(word) > 1
        ):
            found.append(word)
        else:
            found.extend(token.text for token in tokens(word))
    return tuple(found)
