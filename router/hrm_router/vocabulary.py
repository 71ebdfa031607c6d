"""A vocabulary: which words of a sentence its phrases cover.

A vocabulary is a text file of phrases (`phrases.py`) in sections. `[ask]` asks for the solution,
`[plain]` asks for nothing, `[names]` holds `name = choice|choice` for use as `<name>`; the words of
the names `solve`, `give` and `solution` are what people ask for solutions with. `= hello hi hey`
lists single words. All other sections list words:

- `[more]` names other work, `[verb]` those of them that order it; `[question]` asks;
- `[rule]` states rules, `[part]` names parts of problems, `[soft]` parts that are harmless where
  nothing but the solution is asked for; `[pointing]` points at parts, `[every]` asks for more than
  one solution;
- `[who]`, `[whence]`, `[opens]`, `[topic]`, `[about]` and `[small]` are for stories around a
  problem: people, origins, how else a story begins, what rules speak of, words for the problem,
  and words of rules that are harmless in stories; `frames.py` says what `[joint]`, `[copula]`,
  `[lead]` and the others are;
- `Vocabulary.ordered` says what `[bare]`, `[object]` and `[adjunct]` are, `Vocabulary.asks_freely`
  what `[head]`, `[free]`, `[closed]` and `[and]` are.

Knows nothing of queries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from hrm_router.phrases import Phrases, Token, Words, choices_of, spelled_in, tokens

Sections = dict[str, list[str]]
"""The lines of a vocabulary by section."""

_LISTS = (
    *("more", "question", "pointing", "rule", "part", "soft"),
    *("who", "whence", "small", "topic", "about", "opens"),
    *(
        "joint",
        "copula",
        "lead",
        "count",
        "named",
        "helping",
        "these",
        "past",
        "subject",
        "makes",
        "article",
        "of",
        "bare",
        "object",
        "adjunct",
        "every",
        "head",
        "free",
        "closed",
        "and",
        "verb",
    ),
)
_BEGINNING = re.compile(r"([^\W\d_]{2,})~")
_SKIPPED = 1_000
"""What a word costs that nothing covers; one that is harmless by itself costs 1."""
_POLITE = frozenset("please pls plz kindly just then also now and next finally first".split())  # noqa: SIM905
_NO_ORDER = ("bare", "who", "lead", "whence", "opens", "copula", "named", "helping", "question")
"""Lists whose words begin no order, whatever follows."""
_ASKING = ("give", "solution")
"""Names whose choices ask for a solution wherever they stand, but in a question."""


@dataclass(frozen=True, slots=True)
class Cover:
    """How well phrases cover a sentence."""

    uncovered: tuple[int, ...]
    """Places of the tokens that no phrase covers."""
    asked: tuple[int, ...]
    """Places at which phrases begin that ask for the solution."""
    single: frozenset[int]
    """Places of words that are harmless by themselves, in no phrase."""


class Vocabulary:
    """The phrases of one language, by section."""

    def __init__(self, name: str, *parts: Sections) -> None:
        self.name = name
        self.solving: set[str] = set()
        self.asking: set[str] = set()
        self.wanted: set[str] = set()
        self.orders: set[str] = set()
        self._single: set[str] = set()
        self._seen: set[str] = set()
        self._phrases = Phrases(self._ordinary)
        self._names: dict[str, tuple[Words, ...]] = {}
        self._requests: dict[str, list[Words]] = {}
        self.lists = {
            section: WordList(line for part in parts for line in part.get(section, ()))
            for section in _LISTS
        }
        for section in ("head", "free"):
            self.lists[section].add_without_accents()
        self.more, self.question, self.pointing, self.rule, self.part, self.soft = (
            self.lists[section] for section in _LISTS[:6]
        )
        for part in parts:
            self._add_all(part)

    def asks_freely(self, found: Sequence[Token], loose: Iterable[int], question: bool) -> bool:
        """Whether a sentence, in any order of its words, can only ask for the solution.

        A word says that it does (`[head]`); those in no phrase go with it (`[free]`), or are
        harmless by themselves. "Is this the solution?" asks something else.
        """
        said = [token.text for token in found if not token.is_sign]
        opening = said[0] if said else ""
        closed = self.lists["closed"]
        asked = question or any(word in self.question and word not in closed for word in said)
        if question and opening in closed:
            return False
        if not asked and any(word in self.lists["copula"] for word in said):
            return False  # it tells something
        also: Container[str] = self._single
        if asked:  # "what is the kettle on the way?"
            also = {word for word in said if word in self.lists["bare"] and not self.touches(word)}
        return (
            any(word in self.lists["head"] for word in said)
            and not self._lists_more(found, loose)
            and all(self.goes_along(found[at].text) or found[at].text in also for at in loose)
        )

    def goes_along(self, word: str) -> bool:
        """Whether a word goes with words that ask for the solution."""
        return word in self.lists["free"] or word in self.lists["head"]

    def _lists_more(self, found: Sequence[Token], loose: Iterable[int]) -> bool:
        """Whether an "and" is not followed by a verb that asks: "and its length"."""
        return any(
            found[at].text in self.lists["and"]
            and not (
                at + 1 < len(found) and (found[at + 1].is_sign or found[at + 1].text in self.orders)
            )
            for at in loose
        )

    @cached_property
    def mixed(self) -> dict[tuple[str, str], str]:
        """Harmless words, and those that ask, by their first letter and all of their letters."""
        known = {*self._single, *self.lists["head"].whole, *self.lists["free"].whole}
        return {letters_of(word): word for word in sorted(known) if len(word) > 2}

    def touches(self, word: str) -> bool:
        """Whether a rule may be stated with this word."""
        return word in self.soft or word in self.rule or word in self.part

    def cover(self, found: Sequence[Token]) -> Cover:
        """Cover as many tokens of one sentence as possible."""
        size = len(found)
        best: list[_Step | None] = [None] * (size + 1)
        best[0] = _Step(0, True, 0, False, False, False)
        for at in range(size):
            here = best[at]
            if here is None:
                continue
            cost, dull = here.cost, here.dull
            token = found[at]
            skip = not (token.is_sign or token.text in self._single)
            alone = not (token.is_sign or skip)
            price = cost + (_SKIPPED if skip else alone)
            _better(best, at + 1, _Step(price, dull, at, skip, False, alone))
            for end, asks in self._phrases.ends(found, at):
                _better(best, end, _Step(cost, dull and not asks, at, False, asks, False))
        left, asked, single, at = [], [], set(), size
        while at > 0:
            step = best[at]
            assert step is not None, "every token can be left uncovered"
            if step.skip:
                left.append(at - 1)
            if step.alone:
                single.add(at - 1)
            at = step.origin
            if step.asks:
                asked.append(at)
        return Cover(tuple(reversed(left)), tuple(reversed(asked)), frozenset(single))

    def every(self, found: Sequence[Token]) -> tuple[int, ...]:
        """Words that ask for more than one solution of one problem: "all solutions"."""
        return tuple(
            at
            for at, one in enumerate(found)
            if (
                one.text in self.lists["every"]
                or (one.text == "only" and at and found[at - 1].text == "the")
            )
            and not self.wanted.isdisjoint(after.text for after in found[at + 1 : at + 3])
        )

    def ordered(
        self, found: Sequence[Token], loose: Container[int], freely: bool = False
    ) -> tuple[int, ...]:
        """Words of orders that are not about the solution, as in "and mail it to my boss".

        Harmless words make no harmless order: "find a hotel" has none that names other work.
        So a clause that begins with an order ("find", "forward the", "I want") may hold, besides
        phrases, only words of `[bare]`, up to where it says when, why or for whom. A language
        without such a list is read as before.

        Args:
            found: one sentence.
            loose: places of words that are in no phrase.
            freely: whether it asks for the solution in any order of words.
        """
        if not self.lists["object"]:
            return ()
        left, start, ordering = [], 0, False
        ends = [at for at, one in enumerate(found) if one.text in self.lists["joint"]]
        for end in (*ends, len(found)):
            at = self._order(found, start, end)
            if at == end and ordering and start and found[start - 1].text in self.lists["and"]:
                people = start < end and found[start].text in self.lists["who"]
                at = end if people else start  # "and the way you found it"
            if any(one.text not in _POLITE for one in found[start:end]):
                ordering = at < end or any(
                    one.text in self.lists["head"] for one in found[start:end]
                )
            at += at < end and found[at].text in self.orders
            while at < end and not self._adjoins(found, at):
                word = found[at].text
                dull = word.isdigit() or word in self.lists["bare"]
                if at in loose and not dull and not (freely and self.goes_along(word)):
                    left.append(at)
                at += 1
            start = end + 1
        return tuple(left)

    def _adjoins(self, found: Sequence[Token], at: int) -> bool:
        """Whether here begins why, when or for whom, or where the problem stands."""
        here, after = found[at].text, found[at + 1].text if at + 1 < len(found) else ""
        near = here in ("in", "from", "on") and after in ("this", "that", "these")
        return near or here in self.lists["adjunct"]

    def begins_order(self, clause: Sequence[Token]) -> bool:
        """Whether a clause begins with an order, or soon with other work: "after that, explain"."""
        at = self._order(clause, 0, len(clause))
        if at < len(clause):
            return True
        verbs = self.lists["verb"] or self.more
        said = [one.text for one in clause if not one.is_sign and one.text not in _POLITE][:3]
        where = next((at for at, word in enumerate(said) if word in verbs), None)
        before = said[: where or 0]
        people, named = self.lists["who"], self.lists["article"]
        return where is not None and not any(word in people or word in named for word in before)

    def _order(self, found: Sequence[Token], start: int, end: int) -> int:
        """Where in a clause an order begins; its end if it holds none."""
        at = start
        while at < end:
            opening = max(
                (
                    len(one)
                    for one in self._requests.get(found[at].text, ())
                    if at + len(one) <= end
                    and all(one[by] == found[at + by].text for by in range(len(one)))
                ),
                default=0,
            )
            if opening:
                at += opening
            elif found[at].text in _POLITE or found[at].is_sign:
                at += 1
            else:
                break
        ahead = [token.text for token in found[at : at + 3]]
        if ahead[:1] in (["i"], ["we"]) and not {"want", "need", "like", "love"}.isdisjoint(ahead):
            return at + 1
        if at == end or ahead[0] in self.orders:
            return at
        told = len(ahead) > 1 and ahead[1] in self.lists["object"]
        return at if told and not any(ahead[0] in self.lists[name] for name in _NO_ORDER) else end

    def _ordinary(self, token: Token) -> bool:
        word = token.text
        plain = not (token.is_sign or word.isdigit() or word in self.lists["head"])
        return plain and word not in self.more and not self.touches(word)

    def _stands_alone(self, word: str) -> bool:
        """Whether a word of a phrase is harmless in any company.

        Words that can state a rule, name other work or ask at all are so only in a
        phrase as a whole.
        """
        return not (
            word[0] in "%*"
            or word[-1] == "~"
            or word.isdigit()
            or (len(word) == 1 and word.isascii())
            or self.touches(word)
            or word in self.more
            or word in self.question
            or (word,) in self._names.get("text", ())
        )

    def _add_all(self, sections: Sections) -> None:
        for section in ("names", "ask", "plain", "bare"):
            for line in sections.get(section, ()):
                self._add(line, asks=section == "ask")

    def _add(self, line: str, *, asks: bool) -> None:
        if line.startswith("= "):
            if asks:
                raise ValueError(f"single words never ask: {line!r}")
            listed = [one.text for word in line[2:].split() for one in tokens(word)]
            lists = (self.more, self.rule, self.part, self.soft)
            warned = set().union(*(one.whole for one in lists))
            self._single.update(word for word in listed if word not in warned)
            return
        name, is_name, choices = line.partition(" = ")
        if is_name and name.isidentifier():
            self._names[name] = tuple(choices_of(choices, self._names))
            if name == "request":
                for words in self._names[name]:
                    self._requests.setdefault(words[0], []).append(words)
            if name in ("solution", "way"):
                self.wanted.update(words[0] for words in self._names[name] if words)
            if name == "solve" or name in _ASKING:
                firsts = {words[0] for words in self._names[name] if words}
                self.asking |= firsts
                self.solving |= firsts if name == "solve" else set()
                self.orders |= firsts if name != "solution" else set()
            return
        found = self._phrases.add(line, self._names, asks=asks) - self._seen
        self._seen |= found
        self._single.update(filter(self._stands_alone, found))


def letters_of(word: str) -> tuple[str, str]:
    """What stays of a word when letters behind its first are swapped."""
    return word[:1], "".join(sorted(word))


class _Step(NamedTuple):
    """The best way to cover what stands before a place."""

    cost: int
    """Words that are left, then words outside of phrases."""
    dull: bool
    """Whether nothing so far asks; smaller is better."""
    origin: int
    skip: bool
    asks: bool
    alone: bool


def _better(best: list[_Step | None], at: int, step: _Step) -> None:
    known = best[at]
    if known is None or step[:2] < known[:2]:
        best[at] = step


class WordList:
    """Words and beginnings of words."""

    def __init__(self, lines: Iterable[str]) -> None:
        listed = [word for line in lines for word in line.split()]
        self.whole = frozenset(word for word in listed if word[-1] != "~")
        self._starts = tuple(word[:-1] for word in listed if word[-1] == "~")

    def __bool__(self) -> bool:
        return bool(self.whole or self._starts)

    def add_without_accents(self) -> None:
        """Add every word as it is typed without accents: "solucion"."""
        self.whole |= {_plain(word) for word in self.whole if not word.isascii()}
        self._starts += tuple(_plain(word) for word in self._starts if not word.isascii())

    def __contains__(self, word: str) -> bool:
        return word in self.whole or (bool(self._starts) and word.startswith(self._starts))


def _plain(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return "".join(one for one in parts if not "\u0300" <= one <= "\u036f")


def languages(text: str) -> dict[str, Sections]:
    """Read a vocabulary file; `[language xx]` begins another language's sections.

    What stands before the first such line belongs to "any" language.
    """
    found: dict[str, Sections] = {"any": {}}
    here = found["any"]
    now = here.setdefault("plain", [])
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[language ") and line.endswith("]"):
            here = found.setdefault(line[10:-1], {})
            now = here.setdefault("plain", [])
        elif line.startswith("[") and line.endswith("]") and line[1:-1].isidentifier():
            now = here.setdefault(line[1:-1], [])
        elif line and not line.startswith("# "):
            now.append(line)
    return found


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """Languages with a vocabulary in `wordings/`, English first."""
    names = sorted(one.name[:-4] for one in _folder().iterdir() if one.name.endswith(".txt"))
    return ("en", *(name for name in names if name not in ("en", "any")))


@lru_cache(maxsize=32)
def words_of(language: str) -> frozenset[str]:
    """Every word in a language's file: far quicker to have than its vocabulary."""
    lines = (line for line in text_of(language).splitlines() if not line.startswith("# "))
    return spelled_in("\n".join(lines))


@lru_cache(maxsize=32)
def text_of(language: str) -> str:
    """A language's file."""
    return str((_folder() / f"{language}.txt").read_text("utf-8"))


def beginnings_in(*texts: str) -> tuple[str, ...]:
    """What stands before `~` in texts: beginnings of words."""
    return tuple({start for text in texts for start in _BEGINNING.findall(text)})


def vocabulary(language: str, *own: Sections) -> Vocabulary:
    """The vocabulary of one language, with the words that hold for all of them, and tasks' own."""
    common = languages(text_of("any"))["any"]
    usual = languages(text_of(language))["any"]
    return Vocabulary(language, common, usual, *own)


def _folder() -> Any:
    return resources.files("hrm_router") / "wordings"
