"""What is asked beside the problems that were found: nothing, surely more, or unclear.

A sentence is harmless if known phrases cover all of its words: it asks for the solution,
greets, tells where the problem is from, explains its characters or states a rule that the
checker knows. A sentence that names other work ("explain", "why", "a poem") surely asks for
more. Whatever is left is unclear: it may ask for something, and it may state a rule that
the checker does not know. So no list of rules or requests has to be complete; only what is
harmless is listed (`wordings/`, and `Task.around`). Knows nothing of routes or specialists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from hrm_router.decision import FoundProblem
from hrm_router.frames import (
    bare_numbers,
    is_frame,
    telling_signs,
    told_of_people,
    without_signature,
)
from hrm_router.phrases import Token, spelled_in, tokens
from hrm_router.sentences import (
    AGREED,
    DOUBTFUL,
    SAYS,
    Told,
    collapsed,
    ends_of,
    outside,
    sentences,
)
from hrm_router.vocabulary import (
    Vocabulary,
    beginnings_in,
    languages,
    letters_of,
    shipped,
    text_of,
    vocabulary,
    words_of,
)
from hrm_specialists.contract import Task

MOST_TEXT = 6000
"""Characters around problems that are read, half from either end; a longer text is unclear."""
GOES_ON = "… (the text goes on)"
"""What stands for text that is not read."""
MOST_SENTENCES = 40
"""Sentences that are read; a longer text is unclear."""
MOST_TOKENS = 90
"""Words and signs of one sentence that are read; a longer one is unclear."""
MOST_KEPT = 2_000
"""Sentences whose meaning is kept, so that it need not be found again."""
QUOTED = 200
"""Characters of a sentence that are shown."""
KNOWN, SURELY = 0.5, 0.75
"""Share of its words that a language must know to be taken for a sentence's own, and that
English must know for others not to be looked at."""
TIED = 3
"""Languages that are tried where several know as many words."""

_SPOKEN = "[0:00] "
"""How a chat begins a line, before the name of who speaks."""
_NESTED = re.compile(r"\[[^\]]*\[")
"""A phrase whose choices nest, which a vocabulary cannot hold."""
_PLACE = re.compile(r"\br\d{1,2}c\d{1,2}\b", re.IGNORECASE)
_LONE = frozenset("BCDEFGHJKLMNOPQRSTUVWXYZ")
"""Letters that are no words; where one stands alone, it names something."""
_RANGE = re.compile(r"\b[A-Z] ?(?:to|through|[-–]|bis|à|hasta|tot) ?[A-Z]\b")
"""Letters from one to another: "A to I"."""
_COMPOUND = re.compile(r"\b(?:one|two|three|no|non|anti|double|multi|even|odd)-\Z", re.IGNORECASE)
"""What makes a word behind it mean something of its own: one-way, non-stop."""
_LETTER = re.compile(r"[^\W\d_]")
_WANT = frozenset("want wants need needs like love hope wish ask asks asked would d".split())  # noqa: SIM905
_JOINT = frozenset(
    ", ; ， 、 ； and then also but und dann et puis luego poi en dan oraz также og och ve".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Remainder:
    """What the text around the problems amounts to."""

    residual: str = ""
    """What is surely wanted besides the solutions, in the text's own words."""
    unread: tuple[str, ...] = ()
    """Sentences that are not understood: a request, a rule, or neither."""
    asks: bool = False
    """Whether some sentence asks for the solution."""
    words: bool = False
    """Whether there are words at all."""


NOTHING = Remainder()


class _Covered(NamedTuple):
    """What a language knows of a sentence."""

    known: Vocabulary | None
    left: tuple[int, ...]
    """Places of words that it does not know."""
    asks: bool = False
    asked: tuple[int, ...] = ()
    """Where phrases begin that ask for the solution."""
    single: frozenset[int] = frozenset()
    """Places of words that are in no phrase."""
    freely: bool = False
    """Whether all of its words can only ask for the solution, in any order."""


class Asker:
    """Reads what stands around problems of some tasks.

    Args:
        tasks: their `around` and `phrases` are understood too.
        harmless: further sentences, of a user's, that ask for nothing else.
        more: further sentences that ask for more.
    """

    def __init__(
        self,
        tasks: Iterable[Task[Any, Any]] = (),
        harmless: Iterable[str] = (),
        more: Iterable[str] = (),
    ) -> None:
        self._own = {task.name: _words_around(task) for task in tasks}
        self._known: dict[tuple[str, frozenset[str]], Vocabulary] = {}
        self._spelled: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        self._begun: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
        self._judged_before: dict[tuple[str, frozenset[str], bool], Remainder] = {}
        self._harmless = frozenset(_key(tokens(said)) for said in harmless)
        self._more = frozenset(_key(tokens(said)) for said in more)

    def weigh(self, text: str, problems: Sequence[FoundProblem]) -> Remainder:
        """Judge what `text` says outside `problems` (ordered, apart)."""
        told = Told.of(problems)
        rest = outside(text, [one.span for one in problems if one.span is not None], told)
        beside = [_beside(text[a:b]) for one in problems for a, b in one.beside]
        mute = (*bare_numbers(rest), *telling_signs(rest))
        if not beside and not mute and not SAYS.search(rest):
            return NOTHING
        about = frozenset(one.task for one in problems) or frozenset(self._own)
        found = Remainder(words=True)
        suspicious = partial(self._suspicious, about=about)
        whole = collapsed(rest)
        ends = ends_of(whole, 20 * MOST_TEXT)
        kept = "\n".join(line for line in ends.split("\n") if not is_frame(line, suspicious))
        rest = without_signature(ends_of(kept, MOST_TEXT), suspicious)
        if ends is not whole or len(kept) > MOST_TEXT:
            found = replace(found, unread=(GOES_ON,))
        mute += tuple(said.strip() for said in beside if not SAYS.search(said))
        found = replace(found, unread=(*found.unread, *map(_short, mute)))
        around = ((said, False) for said in sentences(rest))
        remarks = ((said, True) for one in beside for said in sentences(one))
        for number, (sentence, is_remark) in enumerate(chain(around, remarks)):
            if number == MOST_SENTENCES:
                return replace(found, unread=(*found.unread, GOES_ON))
            if not is_frame(sentence, suspicious):
                one = self._judged(sentence, about, several=len(problems) > 1)
                if is_remark and not one.residual:  # "no 7 here" speaks of one row: a rule
                    one = replace(one, unread=(sentence.removeprefix(_SPOKEN),))
                found = Remainder(
                    _joined(found.residual, told.spelled_out(one.residual, text)),
                    (*found.unread, *(_short(told.spelled_out(said, text)) for said in one.unread)),
                    found.asks or one.asks,
                    True,
                )
        return found

    def _suspicious(self, word: str, about: frozenset[str]) -> bool:
        """Whether a word names work, asks, or may state a rule, in any language."""
        return not word.isdigit() and any(
            word in one.more or word in one.question or one.touches(word)
            for one in (self._vocabulary(name, about) for name in shipped())
        )

    def _judged(self, sentence: str, about: frozenset[str], *, several: bool) -> Remainder:
        """What one sentence amounts to beside problems of the tasks `about`.

        Most requests are worded as earlier ones, so what was found is kept.
        """
        key = (sentence, about, several)
        found = self._judged_before.get(key)
        if found is None:
            if len(self._judged_before) >= MOST_KEPT:
                self._judged_before.clear()
            found = self._judged_before[key] = self._judge(*key)
        return found

    def _judge(self, sentence: str, about: frozenset[str], several: bool) -> Remainder:
        words = self._respelled(tokens(sentence), about)
        if self._harmless or self._more:
            key = _key(words)
            if key in self._harmless:
                return Remainder(asks=True)
            if key in self._more:
                return Remainder(sentence)
        if len(words) > MOST_TOKENS or DOUBTFUL.search(sentence):
            return Remainder(unread=(sentence,))
        best, missing, asks, asked, single, freely = self._cover(sentence, words, about)
        question = _is_question(sentence, words, best)
        beyond = best.ordered(words, single.union(missing), freely) if best is not None else ()
        if missing and best is not None and self._knows_topics(best.name, about):
            missing = told_of_people(words, missing, asked, best)
        if best is not None:
            missing = tuple(sorted({*missing, *beyond, *(() if several else best.every(words))}))
        if not missing and (asks or not question or AGREED.match(sentence)):
            return Remainder(asks=asks)
        start, end = _clauses(words, missing) if missing else (0, len(words))
        left = [words[at].text for at in missing]
        quoted = sentence[words[start].start : words[end - 1].end].strip()
        listed = best is not None and start > 0 and words[start - 1].text in best.lists["and"]
        if best is None or not _wants_more(
            sentence, words[start:end], left, best, question, listed
        ):
            return Remainder(unread=(quoted,), asks=asks)
        rule = any(word in best.rule for word in left)  # "explain the way that crosses one wall"
        return Remainder(quoted, (quoted,) if rule else (), asks)

    def _cover(self, sentence: str, words: Sequence[Token], about: frozenset[str]) -> _Covered:
        """The language that covers a sentence best, and how."""
        spelled = [token.text for token in words if not token.is_sign]
        every = tuple(at for at, token in enumerate(words) if not token.is_sign)
        best = _Covered(None, every)
        told = AGREED.search(sentence) is not None
        ranged = [found.span() for found in _RANGE.finditer(sentence)]
        named = [
            at
            for at, token in enumerate(words)
            if (at and token.end - token.start == 1 and sentence[token.start] in _LONE)
            or (at and _COMPOUND.search(sentence, max(0, token.start - 8), token.start))
            or any(start <= token.start < end for start, end in ranged)
        ]
        for name in self._likely(spelled, about):
            known = self._vocabulary(name, about)
            cover = known.cover(words)
            loose = cover.single.union(cover.uncovered)
            lone = [at for at in named if at in loose]
            left, asks = tuple(sorted({*cover.uncovered, *lone})), bool(cover.asked)
            question = _is_question(sentence, words, known)
            freely = not lone and known.asks_freely(words, loose, question)
            if not asks:
                elliptic = len(spelled) < 4 and spelled[0] not in known.question
                said = known.asking if not question else known.wanted if elliptic else known.solving
                asks = freely or not said.isdisjoint(spelled)
            if freely or ((asks or told) and all(words[at].text in known.soft for at in left)):
                left = ()  # "output only the digits", "fill in every cell", "dots are open cells"
            if best.known is None or (not left, asks) > (not best.left, best.asks):
                best = _Covered(known, left, asks, cover.asked, cover.single, freely)
            if asks and not left:
                break
        return best

    def _likely(self, spelled: Sequence[str], about: frozenset[str]) -> list[str]:
        """The languages with the most words of a sentence, if they know half of it."""
        english = self._words("en", about)
        if sum(map(english.__contains__, spelled)) >= SURELY * len(spelled):
            return ["en"]
        common = self._words("any", about)
        knows = {name: self._knowing(name, about, spelled) for name in shipped()}
        most = max(map(len, knows.values()))
        likely = [name for name in knows if len(knows[name]) == most > 0][:TIED] or ["en"]
        return [
            name
            for name in likely
            if sum(at in knows[name] or word in common for at, word in enumerate(spelled))
            >= KNOWN * len(spelled)
        ]

    def _knowing(self, language: str, about: frozenset[str], spelled: Sequence[str]) -> set[int]:
        """Places of the words that a language has, whole or by their beginnings."""
        words = self._words(language, about)
        starts = self._starts(language, about)
        return {at for at, word in enumerate(spelled) if word in words or word.startswith(starts)}

    def _respelled(self, words: list[Token], about: frozenset[str]) -> list[Token]:
        """The tokens, with English words whose letters were swapped put right: "slove"."""
        english = self._words("en", about)
        spelled = [one.text for one in words if not one.is_sign]
        known = sum(map(english.__contains__, spelled))
        if known == len(spelled) or known < KNOWN * (len(spelled) - 1):
            return words
        mixed = self._vocabulary("en", about).mixed
        return [
            one
            if one.is_sign or one.text in english
            else one._replace(text=mixed.get(letters_of(one.text), one.text))
            for one in words
        ]

    def _words(self, language: str, about: frozenset[str]) -> frozenset[str]:
        """Every word that the files of a language, or of tasks in it, have."""
        known = self._spelled.get((language, about))
        if known is None:
            known = words_of(language) | spelled_in(" ".join(self._lines(language, about)))
            self._spelled[language, about] = known
        return known

    def _starts(self, language: str, about: frozenset[str]) -> tuple[str, ...]:
        """Beginnings of words (`solv~`) that the files of a language, or of tasks in it, have."""
        known = self._begun.get((language, about))
        if known is None:
            known = self._begun[language, about] = beginnings_in(
                text_of(language), *self._lines(language, about)
            )
        return known

    def _lines(self, language: str, about: frozenset[str]) -> Iterator[str]:
        own = (self._own[name].get(language, {}) for name in about)
        return (line for one in own for section in one.values() for line in section)

    def _knows_topics(self, language: str, about: frozenset[str]) -> bool:
        """Whether all tasks list what rules of theirs speak of."""
        return all("topic" in self._own[name].get(language, {}) for name in about)

    def _vocabulary(self, name: str, about: frozenset[str]) -> Vocabulary:
        known = self._known.get((name, about))
        if known is None:
            own = (self._own[task].get(part, {}) for task in about for part in ("any", name))
            known = self._known[name, about] = vocabulary(name, *own)
        return known


def _beside(text: str) -> str:
    """What stands beside a row, as a sentence; who speaks is written as chats do."""
    return f"{_SPOKEN}{text[:-1]}:" if text[-1:] in (":", ">") else text


def _is_question(sentence: str, words: Sequence[Token], known: Vocabulary | None) -> bool:
    if sentence.endswith(("?", "？", "؟")):
        return True
    first = next((token.text for token in words if not token.is_sign), "")
    return known is not None and first in known.question


def _wants_more(
    sentence: str,
    clause: Sequence[Token],
    left: Sequence[str],
    known: Vocabulary,
    question: bool,
    listed: bool,
) -> bool:
    """Whether the uncovered words surely name other work; `listed` ones stand behind "and"."""
    if any(word in known.more for word in left):
        wished = any(word.text in _WANT for word in clause)
        told = clause[0].text in known.lists["who"]  # "my doctor recommends one a day"
        return question or listed or wished or (not told and known.begins_order(clause))
    if not question:
        return False
    if _PLACE.search(sentence):  # "which digit is in r1c3?"
        return True
    spelled = [token.text for token in clause if not token.is_sign]
    about = [word for word in left if word not in known.question]
    return (
        bool(known.pointing)
        and bool(spelled)
        and spelled[0] in known.question
        and bool(about)
        and len(spelled) > 3
        and not any(known.touches(word) or word in known.pointing for word in spelled)
    )


def _clauses(words: Sequence[Token], missing: Sequence[int]) -> tuple[int, int]:
    """From the clause with the first uncovered word to the one with the last."""
    start, end = missing[0], missing[-1] + 1
    while start > 0 and words[start - 1].text not in _JOINT:
        start -= 1
    while end < len(words) and words[end].text not in _JOINT:
        end += 1
    if words[start].text in _JOINT and start + 1 < end:
        start += 1
    return start, end


def _words_around(task: Task[Any, Any]) -> dict[str, dict[str, list[str]]]:
    """A task's vocabulary: what it declares, its name, and its phrases around `{problem}`."""
    found = {
        language: {section: list(lines) for section, lines in own.items()}
        for language, own in languages(task.around).items()
    }
    common = found.setdefault("any", {})
    common.setdefault("bare", []).append(f"= {_key(tokens(f'{task.name} {task.title}'))}")
    common.setdefault("plain", []).append(_key(tokens(task.title)) or task.name)
    asks = common.setdefault("ask", [])
    for phrase in task.phrases:
        if "{problem}" in phrase and not _NESTED.search(phrase):
            asks += [part.strip() for part in phrase.split("{problem}") if _LETTER.search(part)]
    return found


def _key(words: Iterable[Token]) -> str:
    return " ".join(token.text for token in words if not token.is_sign)


def _joined(one: str, other: str) -> str:
    return f"{one} {other}".strip()


def _short(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED]} …"
