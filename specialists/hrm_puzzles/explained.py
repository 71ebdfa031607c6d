"""What a text says of the characters of its problems, and whether that agrees with the reading.

"# is a wall", "blank = dot", "from S to G": a character that stands beside a word for a part
is explained if the reading gives it that part. Whoever asks what else the text says leaves
out what is explained; a legend that contradicts the reading stays, and so costs trust.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from hrm_puzzles.words import SIGN_NAMES, WORDS, by_letter, small
from hrm_specialists.contract import Claim
from hrm_specialists.grids import typed

P = TypeVar("P", bound=BaseModel)

Span = tuple[int, int]
Meaning = Mapping[str, frozenset[int]]
"""What the cells that are written so stand for; more than one where problems differ."""

MOST_TOLD = 6_000
"""Characters around problems in which legends are looked for."""
MOST_SIGNS = 60
"""Mentions of characters that are looked at; a legend has few."""
_FAR = 32
"""Characters between a character and the word that says what it is."""
ARTICLE = rf"(?:(?:{WORDS['article']})\s|l['’]\s?)"
_ALIKE = {".": "·", "-": "–", "*": "★"}
"""Other characters that go by the same name."""
_NAMES = {mark: re.compile(names) for mark, names in SIGN_NAMES.items()}
SCRIPTS = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of scripts that put no space between words."""
_WORD = rf"[^\W{SCRIPTS}]"
SIGN = re.compile(
    rf"(?<!{_WORD})(?:(?<!\w)['\"`´‘“„「『«](?P<quoted>['\"`]|[^'\"`\n]{{1,14}})['\"`´’”“」』»]"
    rf"|(?P<name>{by_letter('|'.join(SIGN_NAMES.values()))})(?!{_WORD})"
    rf"|(?<![)\]'’-])(?P<bare>-?\d{{1,2}}|(?<!\d)(?![{SCRIPTS}])[^\W\d_](?!{_WORD})"
    r"|[^\s\w,;:()\[\]'\"])(?!\d))"
)
"""A character that is mentioned, in small letters; see `written`."""
BREAK = re.compile(r"[,;\n、。]|\.\s")
LINK = re.compile(
    r"[=:(→>]|\b(?:is|are|means?|marks?|ist|sind|es|son|est|sont|sono|são)\b|[はが为]"
)
IS = rf"(?:{WORDS['is']})\b|[はが为是]|表示|代表"
"""What is said of a character, in many languages."""
_COPULA = re.compile(rf"[)»」』]?\s?(?:[=→]|:(?=[ \t]*[^\s\d])|{IS})")
"""What makes a statement of the character before it."""
_NEVER = re.compile(
    r"\b(?:not|n't|no|never|nicht|kein|pas|non|não|niet|geen|nie|не|inte|ikke|ei)\b"
)


_KEY = re.compile(
    r"(?:\"(?P<quoted>[^\"\n]{1,40})\"[ \t\n]{0,4}:[ \t\n]{0,4}(?=[\[{\d-]|true|false|null)"
    r"|^[ \t]{0,8}(?P<bare>[a-zA-Z][\w-]{0,39}):[ \t]{1,4}(?=[\[{]|true|false))",
    re.MULTILINE,
)
"""A key of JSON or YAML whose value is no text; texts are judged by what they say."""
_SIZE = re.compile(
    r"(?:\"|'|\b)(?:size|width|height|side|n?rows?|n?cols?|columns|dim(?:ension)?|order|n)[\"']?"
    r"\s?[:=]\s?(\d{1,3})\b(?!\s?[x*.])"
)
_HARMLESS = frozenset(
    "sudoku maze grid board puzzle problem task input data cells map layout rows row cols col"  # noqa: SIM905
    " columns column width height size w h start goal end exit finish source target from to s g"
    " entrance destination begin stop wall walls floor path open free blank empty legend id index"
    " number level difficulty seed version solution answer givens clues rating max tokens stream"
    " temperature args arguments params x y r c".split()
)


class Remark(NamedTuple):
    """A stretch that speaks of a character, a place or a size, and whether the reading agrees."""

    start: int
    end: int
    agrees: bool


class Sign(NamedTuple):
    """A character that a text mentions."""

    start: int
    end: int
    read: frozenset[int] | None
    """What it was read as; None if no problem has it."""
    word: tuple[int, int, int] | None
    """The part, and the stretch, of the word that says most of it."""
    stated: bool
    """Whether it is said to be something, as in "# is"."""
    meant: bool
    """Whether it is a letter, or in quotes, and so surely no punctuation."""


class Around:
    """What stands around the problems of a text.

    Args:
        text: the whole text.
        problems: where they stand in it.
        parts: words for parts, in small letters; the group `p3` is a word for part 3.
    """

    def __init__(self, text: str, problems: Sequence[Span], parts: re.Pattern[str]) -> None:
        self.text, self.low, self.gaps = text, small(text), _outside(text, problems)
        self._parts = parts

    @cached_property
    def words(self) -> list[tuple[int, int, int]]:
        """Words for parts: the part, and where the word stands."""
        found = (self._parts.finditer(self.low, *gap) for gap in self.gaps)
        return [(part_of(word), *word.span()) for word in chain.from_iterable(found)]

    def find(self, pattern: re.Pattern[str], *, small: bool = True) -> Iterator[re.Match[str]]:
        """Where a pattern matches, in small letters or in the text as it is."""
        for start, end in self.gaps:
            yield from pattern.finditer(self.low if small else self.text, start, end)

    def signs(self, meaning: Meaning) -> Iterator[Sign]:
        """Every mention of a character, if it was read as something or is said to be something."""
        text, low, words = self.text, self.low, None
        for sign in chain.from_iterable(
            islice(SIGN.finditer(low, *gap), MOST_SIGNS) for gap in self.gaps
        ):
            mark, copula = written(text, sign), _COPULA.match(low, sign.end())
            read = meaning.get(mark) or meaning.get(_ALIKE.get(mark, mark))
            if read is None and copula is None:
                continue
            stated = copula is not None and (
                read is not None or (len(mark) == 1 and not (mark.isdigit() and ":" in copula[0]))
            )
            if sign["bare"] and (mark in ("a", "I") or text.startswith(mark, sign.end())):
                continue
            if _ends_sentence(text, sign) or (read is None and sign["name"] and mark == "1"):
                continue  # "the empty ones are"
            words = self.words if words is None else words
            at = bisect_left(words, sign.start(), key=lambda word: word[1])
            known = [
                (cost, word)
                for word in words[max(0, at - 2) : at + 2]
                if (cost := _cost(low, word, sign.span())) is not None
            ]
            fit = [(cost, word) for cost, word in known if read == frozenset({word[0]})]
            word, agrees = min(fit or known)[1] if known else None, bool(fit)
            if sign["bare"] and not (stated or agrees) and _bullet(text, sign.start()):
                continue
            meant = bool(sign["quoted"] or (mark.isalpha() and sign["bare"]))
            yield Sign(*sign.span(), read, word, stated, meant)

    def types(self) -> Iterator[Remark]:
        """What a program writes before the names of problems: `static int`."""
        for _, end in self.gaps:
            if (start := typed(self.text, end)) < end:
                yield Remark(start, end, True)

    def sizes(self, *sides: int) -> Iterator[Remark]:
        """Sizes that the text gives by name: `"size": 9`, `width = 9`."""
        for size in self.find(_SIZE):
            yield Remark(*size.span(), int(size[1]) in sides)

    def unknown_keys(self) -> Iterator[Remark]:
        """Keys of JSON or YAML that may state a rule: `"one_way": [[1, 1]]`."""
        for key in islice(self.find(_KEY, small=False), MOST_SIGNS):
            known = set(re.split(r"[\W_]+", (key["quoted"] or key["bare"]).casefold())) <= _HARMLESS
            if not known and not any(key.end() == end for _, end in self.gaps):
                yield Remark(key.start(), key.end(), False)


def remark(sign: Sign) -> Iterator[Remark]:
    """A character and the word for its part, if that says anything.

    What a character is said to be in words for no part is left to whoever reads sentences.
    """
    if sign.word is not None and sign.read == frozenset({sign.word[0]}):
        yield Remark(sign.start, sign.end, True)
        yield Remark(sign.word[1], sign.word[2], True)
    elif (sign.word or not sign.read) if sign.stated else sign.read and (sign.word or sign.meant):
        yield Remark(sign.start, sign.end, False)


def _ends_sentence(text: str, sign: re.Match[str]) -> bool:
    """Whether it is a mark behind a word and before a space: scripts without spaces use it too."""
    before, after = text[sign.start() - 1 : sign.start()], text[sign.end() : sign.end() + 1]
    return sign["bare"] in (".", "?", "!") and before.isalpha() and not after.strip()


def _bullet(text: str, at: int) -> bool:
    """Whether a list's mark stands there."""
    begun = text.rfind("\n", 0, at) + 1
    return (
        not text[max(begun, at - 20) : at].strip()
        and text[at] in "-*•+#>"
        and text[at + 1 : at + 2].isspace()
    )


def with_remarks(claims: Sequence[Claim[P]], found: Iterable[Remark]) -> list[Claim[P]]:
    """Claims with what the text says of them."""
    if not claims:
        return []
    said = set(found)
    agreed = sorted((one.start, one.end) for one in said if one.agrees)
    other = [
        (one.start, one.end)
        for one in sorted(said)
        if not one.agrees and not any(a < one.end and one.start < b for a, b in agreed)
    ]
    return [replace(claim, explained=tuple(agreed), doubtful=tuple(other)) for claim in claims]


def _outside(text: str, problems: Sequence[Span]) -> list[Span]:
    """The stretches between problems, as far as they are read."""
    gaps, at = [], 0
    for start, end in (*problems, (len(text), len(text))):
        if at < start:
            gaps.append((at, start))
        at = max(at, end)
    half = MOST_TOLD // 2
    return [
        part
        for start, end in gaps
        for part in (
            [(start, end)]
            if end - start <= MOST_TOLD
            else [(start, start + half), (end - half, end)]
        )
    ]


def part_of(word: re.Match[str]) -> int:
    """The part that a word for one means."""
    return int((word.lastgroup or "")[1:])


def written(text: str, sign: re.Match[str]) -> str:
    """The character, or the cell, that is meant where a `SIGN` stands in `text`."""
    if name := sign["name"]:
        return next(mark for mark, names in _NAMES.items() if names.fullmatch(name))
    mark = text[slice(*sign.span(sign.lastgroup or 0))]
    return mark.strip() or mark


def _cost(text: str, word: tuple[int, int, int], sign: Span) -> int | None:
    """How little a word says of a sign; None if it stands too far away or denies it."""
    _, first, last = word
    between = text[sign[1] : first] if first >= sign[1] else text[last : sign[0]]
    apart = first - sign[1] if first >= sign[1] else sign[0] - last
    if not 0 <= apart < _FAR or BREAK.search(between) or _NEVER.search(between):
        return None
    return len(between) - 8 * bool(LINK.search(between)) - (first >= sign[1])
