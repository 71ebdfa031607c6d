"""The text around problems: cut into sentences, with a sign for what a reader explained.

Knows nothing of what sentences mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hrm_router.decision import FoundProblem
from hrm_router.frames import without_prompts

MOST_TOLD = 1_000
"""Stretches that readers tell of a text."""
_FIRST, _SECOND, _LAST = 0xE000, 0xE000 + MOST_TOLD, 0xE000 + 2 * MOST_TOLD
_TOLD = f"{chr(_FIRST)}-{chr(_LAST)}"
"""Signs that stand for such stretches: what agrees with the reading, and what does not."""
AGREED = re.compile(f"[{chr(_FIRST)}-{chr(_SECOND - 1)}]")
DOUBTFUL = re.compile(f"[{chr(_SECOND)}-{chr(_LAST)}]")
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
