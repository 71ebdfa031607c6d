"""The text around problems: cut into sentences, with a sign for what a reader explained.

Knows nothing of what sentences mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hrm_router.decision import FoundProblem
from hrm_router.frames import without_prompts

MOST_TOLD = 1_000
"""Stretches that readers tell of a text."""
MOST_MARKUP = 20_000
"""Characters of a problem in which elements are looked for."""
_FIRST, _SECOND, _LAST = 0xE000, 0xE000 + MOST_TOLD, 0xE000 + 2 * MOST_TOLD
_TOLD = f"{chr(_FIRST)}-{chr(_LAST)}"
"""Signs that stand for such stretches: what agrees with the reading, and what does not."""
AGREED = re.compile(f"[{chr(_FIRST)}-{chr(_SECOND - 1)}]")
DOUBTFUL = re.compile(f"[{chr(_SECOND)}-{chr(_LAST)}]")
_SIGNS = re.compile(f"[{_TOLD}]")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)([^\n]*)$", re.MULTILINE)
_OPENING = re.compile(
    r"(?:\A|[\n{,;])[ \t]{0,8}(?:(?:let|const|var|val|static|final|mut|auto|my)[ \t]){0,3}"
    r"(?:(?:Out|In)[ \t]?\[\d{1,4}\]|[\"']?(?P<name>[A-Za-z_][\w.]{0,40})[\"']?)"
    r"(?:[ \t]?:[ \t]?[&\[<]{0,3}\w{1,20}(?:(?:[\[<.]|\]?[;,] ?)\w{1,20}){0,4}[\]>]{0,4}(?= ?=))?"
    r"[ \t]?[:=]"
    r"[ \t\n]{0,8}(?:[A-Za-z_][\w.]{0,20}(?=\())?[\"'\[({]{0,4}[ \t\n]{0,8}\Z"
)
"""A name, and `:` or `=`, right before a problem: a program, or JSON. The name may have a type,
the problem may be the argument of a call."""
_NAMED = re.compile(
    r"\s{0,9}\{?\s{0,9}[\"']?(?P<name>[A-Za-z_][\w .-]{0,40})[\"']?(?:\s?\[\w{0,4}\]){0,2}"
    r"\s{0,3}(?::=|=|<-|:)\s{0,3}(?=(?:[A-Za-z_][\w.]{0,20}\()?[\[({\"'])"
)
"""A name at the beginning of a problem: `{"grid": [[`, `board = np.array([`."""
_TAG = re.compile(r"<(?P<element>[a-z]\w*)\s[^<>]{1,400}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(?:data-(?P<kind>[\w-]{1,40})|(?P<look>class|id)|title|alt|name|summary|type|aria-label)"
    r"\s?=\s?(?:\"(?P<one>[^\"]{0,200})\"|'(?P<other>[^']{0,200})'|(?P<bare>[\w-]{1,60}))",
    re.IGNORECASE,
)
"""What names an element."""
_INNER = frozenset("td th tr tbody thead tfoot col colgroup span b i em strong p br".split())  # noqa: SIM905
"""Elements whose `class` and `id` are for looks."""
_NAME_WORD = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+|[^\W\d_A-Za-z]+")
"""What names are made of: `antiKnight`, `anti_knight`."""
_STOP = re.compile(
    rf"(?<=[\w\"')\]’”»>{_TOLD}][.!?…])(?=\s(?!\s*\d))|(?<=\w\w[:;])(?=\s)"
    r"|(?<=[^\W\d_][ \u00a0\u202f][!?])(?=\s)|(?<=[。！？；：؟।])|\n"
)
_NEW_LINE = re.compile(r"[ \t]*\n[ \t\n]*(?=[^\s\w]|\d|[^\Wa-zß-öø-ÿа-яё])")
"""A line break before something that does not go on in lower case."""
SAYS = re.compile(rf"[^\W\d_]|{DOUBTFUL.pattern}")


@dataclass(frozen=True, slots=True)
class Told:
    """What readers say of the text around their problems: a sign for each such stretch."""

    stretches: tuple[tuple[int, int, str], ...] = ()

    @classmethod
    def of(cls, problems: Sequence[FoundProblem]) -> Told:
        """A sign of `AGREED` for what agrees with a reading, of `DOUBTFUL` for what does not."""
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
    """`text` without the spans, and without usual names of variables, keys, elements and fences.

    Cuts stay visible. Names that may say more ("antiKnightGrid") are lines of their own.
    """
    told = told or Told()
    kept, at = [], 0
    for start, end in spans:
        before = told.within(text, at, start)
        opening = _OPENING.search(before, max(0, len(before) - 80))
        kept.append(before[: opening.start()] if opening else before)
        names = [opening["name"] or ""] if opening else []
        kept += map(_unusual, dict.fromkeys([*names, *_names(text[start:end])]))
        at = max(at, end)
    kept.append(told.within(text, at, len(text)))
    rest = _FENCE.sub(lambda found: f"\n{_unusual(found[1])}\n", "\n\n".join(filter(None, kept)))
    return without_prompts(rest)


def _names(problem: str) -> Iterator[str]:
    """What a problem is called in its own text: by a variable, a key, or an element."""
    if named := _NAMED.match(problem):
        yield named["name"]
    for tag in _TAG.finditer(problem, 0, MOST_MARKUP):
        for found in _ATTRIBUTE.finditer(tag[0]):
            if not (found["look"] and tag["element"].casefold() in _INNER):
                yield found["kind"] or ""
                yield found["one"] or found["other"] or found["bare"] or ""


def _unusual(name: str) -> str:
    """The words of a name that may say something of what it names."""
    words, usual = _NAME_WORD.findall(name), _usual_names()
    if len(words) == 1 == len(words[0]) or all(one.casefold() in usual for one in words):
        return ""
    return " ".join(one for one in words if len(one) == 1 or one.casefold() not in usual)


@cache
def _usual_names() -> frozenset[str]:
    text = (resources.files("hrm_router") / "names.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if line[:1] != "#" for word in line.split())


def sentences(text: str) -> Iterator[str]:
    """Sentences with letters in them; lines that only wrap are joined again."""
    for part in _STOP.split(_NEW_LINE.sub("\n", _wrapped(collapsed(text)))):
        if part and SAYS.search(part):
            yield part.strip()


def ends_of(text: str, most: int) -> str:
    """`text`, or both its ends if it has more characters than `most`."""
    return text if len(text) <= most else f"{text[: most // 2]}\n{text[-most // 2 :]}"


def collapsed(text: str) -> str:
    """Without runs of white space; of empty lines, one stays."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _wrapped(text: str) -> str:
    """A single line break before lower case is a space."""
    return re.sub(r"\n(?=[a-zß-öø-ÿа-яё])", " ", text)
