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
from typing import Any

from hrm_router.decision import FoundProblem
from hrm_router.frames import is_frame, told_of_people, without_prompts
from hrm_router.phrases import Token, spelled_in, tokens
from hrm_router.vocabulary import Vocabulary, languages, shipped, vocabulary, words_of
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

MOST_TOLD = 1_000
"""Stretches that readers tell of a text."""
_FIRST, _SECOND, _LAST = 0xE000, 0xE000 + MOST_TOLD, 0xE000 + 2 * MOST_TOLD
_TOLD = f"{chr(_FIRST)}-{chr(_LAST)}"
"""Signs that stand for such stretches: what agrees with the reading, and what does not."""
_AGREED = re.compile(f"[{chr(_FIRST)}-{chr(_SECOND - 1)}]")
_DOUBTFUL = re.compile(f"[{chr(_SECOND)}-{chr(_LAST)}]")
_SIGNS = re.compile(f"[{_TOLD}]")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_OPENING = re.compile(
    r"(?:\A|[\n{,;])[ \t]{0,8}(?:(?:let|const|var|val|static|final|mut|auto|my)[ \t]){0,3}"
    r"(?:(?:Out|In)[ \t]?\[\d{1,4}\]|[\"']?[A-Za-z_][\w.]{0,40}[\"']?)"
    r"(?:[ \t]?:[ \t]?[&\[<]{0,3}\w{1,20}(?:(?:[\[<.]|\]?[;,] ?)\w{1,20}){0,4}[\]>]{0,4}(?= ?=))?"
    r"[ \t]?[:=]"
    r"[ \t\n]{0,8}(?:[A-Za-z_][\w.]{0,20}(?=\())?[\"'\[({]{0,4}[ \t\n]{0,8}\Z"
)
"""A name, and `:` or `=`, right before a problem: a program, or JSON. The name may have a type,
the problem may be the argument of a call."""
_STOP = re.compile(
    rf"(?<=[\w\"')\]’”»>{_TOLD}][.!?…])(?=\s(?!\s*\d))|(?<=\w\w[:;])(?=\s)"
    r"|(?<=[^\W\d_][ \u00a0\u202f][!?])(?=\s)|(?<=[。！？；：؟।])|\n"
)
_NEW_LINE = re.compile(r"[ \t]*\n[ \t\n]*(?=[^\s\w]|\d|[^\Wa-zß-öø-ÿа-яё])")
"""A line break before something that does not go on in lower case."""
_NESTED = re.compile(r"\[[^\]]*\[")
"""A phrase whose choices nest, which a vocabulary cannot hold."""
_SAYS = re.compile(rf"[^\W\d_]|{_DOUBTFUL.pattern}")
_PLACE = re.compile(r"\br\d{1,2}c\d{1,2}\b", re.IGNORECASE)
_LONE = frozenset("BCDEFGHJKLMNOPQRSTUVWXYZ")
"""Letters that are no words; where one stands alone, it names something."""
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
        self._judged_before: dict[tuple[str, frozenset[str], bool], Remainder] = {}
        self._harmless = frozenset(_key(tokens(said)) for said in harmless)
        self._more = frozenset(_key(tokens(said)) for said in more)

    def weigh(self, text: str, problems: Sequence[FoundProblem]) -> Remainder:
        """Judge what `text` says outside `problems` (ordered, apart)."""
        told = Told.of(problems)
        rest = outside(text, [one.span for one in problems if one.span is not None], told)
        beside = [_beside(text[a:b]) for one in problems for a, b in one.beside]
        if not beside and not _SAYS.search(rest):
            return NOTHING
        about = frozenset(one.task for one in problems) or frozenset(self._own)
        found = Remainder(words=True)
        suspicious = partial(self._suspicious, about=about)
        whole = _collapsed(rest)
        ends = _ends(whole, 20 * MOST_TEXT)
        kept = "\n".join(line for line in ends.split("\n") if not is_frame(line, suspicious))
        rest = _ends(kept, MOST_TEXT)
        if ends is not whole or rest is not kept:
            found = replace(found, unread=(GOES_ON,))
        if mute := tuple(said for said in beside if not _SAYS.search(said)):  # "12 =" before a row
            found = replace(found, unread=(*found.unread, *mute))
        around = ((said, False) for said in sentences(rest))
        remarks = ((said, True) for one in beside for said in sentences(one))
        for number, (sentence, is_remark) in enumerate(chain(around, remarks)):
            if number == MOST_SENTENCES:
                return replace(found, unread=(*found.unread, GOES_ON))
            if not is_frame(sentence, suspicious):
                one = self._judged(sentence, about, several=len(problems) > 1)
                if is_remark and not one.residual:  # "no 7 here" speaks of one row: a rule
                    one = replace(one, unread=(sentence,))
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
        words = tokens(sentence)
        if self._harmless or self._more:
            key = _key(words)
            if key in self._harmless:
                return Remainder(asks=True)
            if key in self._more:
                return Remainder(sentence)
        if len(words) > MOST_TOKENS or _DOUBTFUL.search(sentence):
            return Remainder(unread=(sentence,))
        best, missing, asks, asked, single = self._cover(sentence, words, about)
        question = _is_question(sentence, words, best)
        beyond = best.ordered(words, single.union(missing)) if best is not None else ()
        if missing and best is not None and self._knows_topics(best.name, about):
            missing = told_of_people(words, missing, asked, best)
        if best is not None:
            missing = tuple(sorted({*missing, *beyond, *(() if several else best.every(words))}))
        if not missing and (asks or not question or _AGREED.match(sentence)):
            return Remainder(asks=asks)
        start, end = _clauses(words, missing) if missing else (0, len(words))
        left = [words[at].text for at in missing]
        quoted = sentence[words[start].start : words[end - 1].end].strip()
        if best is None or not _wants_more(sentence, words[start:end], left, best, question):
            return Remainder(unread=(quoted,), asks=asks)
        rule = any(word in best.rule for word in left)  # "explain the way that crosses one wall"
        return Remainder(quoted, (quoted,) if rule else (), asks)

    def _cover(
        self, sentence: str, words: Sequence[Token], about: frozenset[str]
    ) -> tuple[Vocabulary | None, tuple[int, ...], bool, tuple[int, ...], frozenset[int]]:
        """The language that covers a sentence best, what it leaves, whether and where it asks.

        Last come the words that are in no phrase.
        """
        spelled = [token.text for token in words if not token.is_sign]
        best: tuple[Vocabulary | None, tuple[int, ...], bool, tuple[int, ...], frozenset[int]] = (
            None,
            tuple(at for at, token in enumerate(words) if not token.is_sign),
            False,
            (),
            frozenset(),
        )
        most = (False, False)
        told = _AGREED.search(sentence) is not None
        named = [
            at
            for at, token in enumerate(words[1:], 1)
            if (token.end - token.start == 1 and sentence[token.start] in _LONE)
            or _COMPOUND.search(sentence, max(0, token.start - 8), token.start)
        ]
        for name in self._likely(spelled, about):
            known = self._vocabulary(name, about)
            cover = known.cover(words)
            left, asks = tuple(sorted({*cover.uncovered, *named})), bool(cover.asked)
            if not asks:
                question = _is_question(sentence, words, known)
                elliptic = len(spelled) < 4 and spelled[0] not in known.question
                said = known.asking if not question else known.wanted if elliptic else known.solving
                asks = not said.isdisjoint(spelled)
            if (asks or told) and all(words[at].text in known.soft for at in left):
                left = ()  # "output only the digits", "fill in every cell", "dots are open cells"
            if best[0] is None or (not left, asks) > most:
                best = (known, left, asks, cover.asked, cover.single)
                most = (not left, asks)
            if asks and not left:
                break
        return best

    def _likely(self, spelled: Sequence[str], about: frozenset[str]) -> list[str]:
        """The languages with the most words of a sentence, if they know half of it."""
        english = self._words("en", about)
        if sum(map(english.__contains__, spelled)) >= SURELY * len(spelled):
            return ["en"]
        words = {name: self._words(name, about) for name in ("any", *shipped())}
        own = {name: sum(map(words[name].__contains__, spelled)) for name in shipped()}
        most = max(own.values())
        likely = [name for name in own if own[name] == most > 0][:TIED] or ["en"]
        return [
            name
            for name in likely
            if sum(word in words["any"] or word in words[name] for word in spelled)
            >= KNOWN * len(spelled)
        ]

    def _words(self, language: str, about: frozenset[str]) -> frozenset[str]:
        """Every word that the files of a language, or of tasks in it, have."""
        known = self._spelled.get((language, about))
        if known is None:
            own = (self._own[name].get(language, {}) for name in about)
            lines = (line for one in own for section in one.values() for line in section)
            known = words_of(language) | spelled_in(" ".join(lines))
            self._spelled[language, about] = known
        return known

    def _knows_topics(self, language: str, about: frozenset[str]) -> bool:
        """Whether all tasks list what rules of theirs speak of."""
        return all("topic" in self._own[name].get(language, {}) for name in about)

    def _vocabulary(self, name: str, about: frozenset[str]) -> Vocabulary:
        known = self._known.get((name, about))
        if known is None:
            own = (self._own[task].get(part, {}) for task in about for part in ("any", name))
            known = self._known[name, about] = vocabulary(name, *own)
        return known


@dataclass(frozen=True, slots=True)
class Told:
    """What readers say of the text around their problems: a sign for each such stretch."""

    stretches: tuple[tuple[int, int, str], ...] = ()

    @classmethod
    def of(cls, problems: Sequence[FoundProblem]) -> Told:
        """A sign of `_AGREED` for what agrees with a reading, of `_DOUBTFUL` for what does not."""
        doubtful = {span for one in problems for span in one.doubtful}
        agreed = {span for one in problems for span in one.explained}
        both = sorted(doubtful | agreed)[:MOST_TOLD]
        signs = (
            _FIRST + at + (MOST_TOLD if span in doubtful else 0) for at, span in enumerate(both)
        )
        return cls(tuple((*span, chr(sign)) for span, sign in zip(both, signs, strict=True)))

    def within(self, text: str, start: int, end: int) -> str:
        """`text[start:end]` with its stretches as signs."""
        kept, at = [], start
        for first, last, sign in self.stretches:
            if at <= first and last <= end:
                kept += [text[at:first], sign]
                at = last
        return "".join([*kept, text[at:end]])

    def spelled_out(self, text: str, source: str) -> str:
        """A text of `within` in the words of its source."""
        words = {sign: source[first:last] for first, last, sign in self.stretches}
        return _SIGNS.sub(lambda sign: words.get(sign[0], sign[0]), text)


def outside(text: str, spans: Sequence[tuple[int, int]], told: Told | None = None) -> str:
    """`text` without the spans, code fences and names of variables; cuts stay visible."""
    told = told or Told()
    kept, at = [], 0
    for start, end in spans:
        before = told.within(text, at, start)
        opening = _OPENING.search(before, max(0, len(before) - 80))
        kept.append(before[: opening.start()] if opening else before)
        at = max(at, end)
    kept.append(told.within(text, at, len(text)))
    return without_prompts(_FENCE.sub("\n", "\n\n".join(kept)))


def _beside(text: str) -> str:
    """What stands beside a row, as a sentence; who speaks is written as chats do."""
    return f"[0:00] {text[:-1]}:" if text[-1:] in (":", ">") else text


def sentences(text: str) -> Iterator[str]:
    """Sentences with letters in them; lines that only wrap are joined again."""
    for part in _STOP.split(_NEW_LINE.sub("\n", _wrapped(_collapsed(text)))):
        if part and _SAYS.search(part):
            yield part.strip()


def _ends(text: str, most: int) -> str:
    """`text`, or both its ends if it has more characters than `most`."""
    return text if len(text) <= most else f"{text[: most // 2]}\n{text[-most // 2 :]}"


def _collapsed(text: str) -> str:
    """Without runs of white space; of empty lines, one stays."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _wrapped(text: str) -> str:
    """A single line break before lower case is a space."""
    return re.sub(r"\n(?=[a-zß-öø-ÿа-яё])", " ", text)


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
) -> bool:
    """Whether the uncovered words surely name other work."""
    if any(word in known.more for word in left):
        told = clause[0].text in known.lists["who"]  # "my doctor recommends one a day"
        return question or not told or any(word.text in _WANT for word in clause)
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
