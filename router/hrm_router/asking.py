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
from typing import Any

from hrm_router.frames import is_frame, without_prompts
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
QUOTED = 200
"""Characters of a sentence that are shown."""
KNOWN, SURELY = 0.5, 0.75
"""Share of its words that a language must know to be taken for a sentence's own, and that
English must know for others not to be looked at."""
TIED = 3
"""Languages that are tried where several know as many words."""

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
    r"(?<=[\w\"')\]’”»>][.!?…])(?=\s(?!\s*\d))|(?<=\w\w[:;])(?=\s)"
    r"|(?<=[^\W\d_][ \u00a0\u202f][!?])(?=\s)|(?<=[。！？；：؟।])|\n"
)
_NEW_LINE = re.compile(r"[ \t]*\n[ \t\n]*(?=[^\s\w]|\d|[^\Wa-zß-öø-ÿа-яё])")
"""A line break before something that does not go on in lower case."""
_NESTED = re.compile(r"\[[^\]]*\[")
"""A phrase whose choices nest, which a vocabulary cannot hold."""
_PLACE = re.compile(r"\br\d{1,2}c\d{1,2}\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
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
        self._own = [_words_around(task) for task in tasks]
        self._known: dict[str, Vocabulary] = {}
        self._spelled: dict[str, frozenset[str]] = {}
        self._harmless = frozenset(map(_key, harmless))
        self._more = frozenset(map(_key, more))

    def weigh(self, text: str, spans: Sequence[tuple[int, int]]) -> Remainder:
        """Judge what `text` says outside `spans` (ordered, apart)."""
        rest = outside(text, spans)
        if not _LETTER.search(rest):
            return NOTHING
        signs = frozenset("".join(text[start:end] for start, end in spans).casefold())
        found = Remainder(words=True)
        lines = _collapsed(rest).split("\n")
        rest = "\n".join(line for line in lines if not is_frame(line, self._suspicious))
        if len(rest) > MOST_TEXT:
            found = replace(found, unread=(GOES_ON,))
            rest = f"{rest[: MOST_TEXT // 2]}\n{rest[-MOST_TEXT // 2 :]}"
        for number, sentence in enumerate(sentences(rest)):
            if number == MOST_SENTENCES:
                return replace(found, unread=(*found.unread, GOES_ON))
            if not is_frame(sentence, self._suspicious):
                found = self._with(found, sentence, signs)
        return found

    def _suspicious(self, word: str) -> bool:
        """Whether a word names work, asks, or may state a rule, in any language."""
        return not word.isdigit() and any(
            word in known.more or word in known.question or known.touches(word)
            for known in map(self._vocabulary, shipped())
        )

    def _with(self, found: Remainder, sentence: str, signs: frozenset[str]) -> Remainder:
        key = _key(sentence)
        if key in self._harmless:
            return replace(found, asks=True)
        if key in self._more:
            return replace(found, residual=_joined(found.residual, sentence))
        words = tokens(sentence)
        if len(words) > MOST_TOKENS:
            return replace(found, unread=(*found.unread, _short(sentence)))
        best, missing, asks = self._cover(sentence, words, signs)
        question = _is_question(sentence, words, best)
        if not missing and _sign_first(words) in signs and not sentence.endswith("?"):
            question = False  # "# are walls"
        found = replace(found, asks=found.asks or asks)
        if not missing and (asks or not question):
            return found
        start, end = _clauses(words, missing) if missing else (0, len(words))
        left = [words[at].text for at in missing]
        quoted = sentence[words[start].start : words[end - 1].end].strip()
        if best is None or not _wants_more(sentence, words[start:end], left, best, question):
            return replace(found, unread=(*found.unread, _short(quoted)))
        found = replace(found, residual=_joined(found.residual, quoted))
        if any(word in best.rule for word in left):  # "explain the way that crosses one wall"
            found = replace(found, unread=(*found.unread, _short(quoted)))
        return found

    def _cover(
        self, sentence: str, words: Sequence[Token], signs: frozenset[str]
    ) -> tuple[Vocabulary | None, tuple[int, ...], bool]:
        """The language that covers the sentence best, what it leaves, and whether it asks."""
        spelled = [token.text for token in words if not token.is_sign]
        best: tuple[Vocabulary | None, tuple[int, ...], bool] = (
            None,
            tuple(at for at, token in enumerate(words) if not token.is_sign),
            False,
        )
        most = (False, False)
        for name in self._likely(spelled):
            known = self._vocabulary(name)
            cover = known.cover(words, signs)
            left, asks = cover.uncovered, cover.asks
            if not asks:
                question = _is_question(sentence, words, known)
                said = known.solving if question else known.asking
                asks = not said.isdisjoint(spelled)
            if asks and all(words[at].text in known.soft for at in left):
                left = ()  # "output only the digits", "fill in every cell"
            if best[0] is None or (not left, asks) > most:
                best, most = (known, left, asks), (not left, asks)
            if asks and not left:
                break
        return best

    def _likely(self, spelled: Sequence[str]) -> list[str]:
        """The languages with the most words of a sentence, if they know half of it."""
        common = self._words("any")
        if sum(map(self._words("en").__contains__, spelled)) >= SURELY * len(spelled):
            return ["en"]
        own = {name: sum(map(self._words(name).__contains__, spelled)) for name in shipped()}
        most = max(own.values())
        likely = [name for name in own if own[name] == most > 0][:TIED] or ["en"]
        return [
            name
            for name in likely
            if sum(word in common or word in self._words(name) for word in spelled)
            >= KNOWN * len(spelled)
        ]

    def _words(self, language: str) -> frozenset[str]:
        """Every word that the files of a language, or of tasks in it, have."""
        known = self._spelled.get(language)
        if known is None:
            sections = (section for one in self._own for section in one.get(language, {}).values())
            lines = (line for section in sections for line in section)
            known = self._spelled[language] = words_of(language) | spelled_in(" ".join(lines))
        return known

    def _vocabulary(self, name: str) -> Vocabulary:
        known = self._known.get(name)
        if known is None:
            own = (one.get(language, {}) for one in self._own for language in ("any", name))
            known = self._known[name] = vocabulary(name).extended(*own)
        return known


def outside(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """`text` without the spans, code fences and names of variables; cuts stay visible."""
    kept, at = [], 0
    for start, end in spans:
        before = text[at:start]
        opening = _OPENING.search(before, max(0, len(before) - 80))
        kept.append(before[: opening.start()] if opening else before)
        at = max(at, end)
    kept.append(text[at:])
    return without_prompts(_FENCE.sub("\n", "\n\n".join(kept)))


def sentences(text: str) -> Iterator[str]:
    """Sentences with letters in them; lines that only wrap are joined again."""
    for part in _STOP.split(_NEW_LINE.sub("\n", _wrapped(_collapsed(text)))):
        if part and _LETTER.search(part):
            yield part.strip()


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


def _sign_first(words: Sequence[Token]) -> str:
    """The first token that is no quotation mark."""
    return next((token.text for token in words if token.text not in "'\"`„“«"), "")


def _wants_more(
    sentence: str,
    clause: Sequence[Token],
    left: Sequence[str],
    known: Vocabulary,
    question: bool,
) -> bool:
    """Whether the uncovered words surely name other work."""
    if any(word in known.more for word in left):
        return True
    if not question:
        return False
    if _PLACE.search(sentence):  # "which digit is in r1c3?"
        return True
    spelled = [token.text for token in clause if not token.is_sign]
    about = [word for word in left if word not in known.question]
    return (
        known.points
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
    common.setdefault("plain", []).append(f"= {_key(f'{task.name} {task.title}')}")
    asks = common.setdefault("ask", [])
    for phrase in task.phrases:
        if "{problem}" in phrase and not _NESTED.search(phrase):
            asks += [part.strip() for part in phrase.split("{problem}") if _LETTER.search(part)]
    return found


def _key(sentence: str) -> str:
    return " ".join(token.text for token in tokens(sentence) if not token.is_sign)


def _joined(one: str, other: str) -> str:
    return f"{one} {other}".strip()


def _short(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED]} …"
