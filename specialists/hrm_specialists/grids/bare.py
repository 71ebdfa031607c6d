"""Lines without what stands before and behind their cells: quotes, comments, stamps, labels.

A prefix is taken away where lines that follow each other have one of the same kind: the
same sign, a time, a name, a prompt, a label with a colon, numbers or letters that count.
Up to a few are taken, one after the other. Patterns are anchored and bounded, so time is
linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hrm_specialists.grids.rows import Line

FEWEST = 3
"""Lines that must be marked alike."""
ROUNDS = 4
"""Prefixes taken away, one after the other."""
_FAR = 80
"""Characters of a prefix at most."""

_LABEL = r"[^\n:=|<>\[\]]"
_PREFIX = re.compile(
    r"[ \t]{0,40}+(?:"
    r"(?P<quote>>(?:[ \t]?>){0,9}+[ \t]?)"
    r"|(?P<prompt>>>> |\.\.\. |In ?\[\d{1,4}\]: |\$ |[\w.-]{0,20}[>$»] )"
    r"|(?P<stamp>[\[(<]?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[,T]?[ ]?(?:at )?)?"
    r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?(?:Z| ?[AaPp]\.?[Mm]\.?|[+-]\d\d:?\d\d)?[\])>]?"
    r"[ \t]{0,4}(?:[-–|:][ \t])?)"
    r"|(?P<sign>#+|//+|--|;+|%+|[*•‣–·»-]|REM|'|!)[ \t]"
    r"|(?P<glued>//|;|#)(?=\S)"
    r"|(?P<numeral>[\[(\"']?(?P<word>[^\W\d_]{0,12})[ \t_.#-]?(?P<number>\d{1,3})"
    r"(?:st|nd|rd|th|[ªº.])?(?P<mark>[\"']?[.,:)\]=|]?[\"':\]]?"
    r"(?:[ \t]?[^\W\d_]{2,10}[ \t]?[.:)\]=|])?[ \t]{0,6}))(?=[^\s:])"
    r"|(?P<roman>[IVX]{2,5})[.:)|]?[ \t]{0,6}"
    r"|(?P<letter>[\"']?[A-Za-z][\"']?)[ \t]?(?P<after>[.:)=|]?)[ \t]{0,6}(?=\S)"
    r")"
)
_NICK = re.compile(
    r"[ \t]{0,40}+(?:<[^<>\n]{1,24}>[ \t]{1,4}"
    rf"|(?=[^\n:=]{{0,20}}[^\W\d_]{{2}}){_LABEL}{{1,36}}[:=](?!//)[ \t]{{0,6}})"
)
"""A name or a label in words, with a colon."""
_REMARK = re.compile(
    r"[ \t](?:(?:#|//|--|<-{1,9}|←|;|%|\(|/\*|!|—|–)[ \t]?[^\W\d_]{2}"
    r"|[ \t](?!NaN|None|NA\b|null|nil|blank|empty|true|false)[^\W\d_]{3})"
)
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
_COMMENT = ("#", "//", "--", ";", "%", "*", "-", "–", "•", "·", "'", "!")
_RULES = frozenset(" \t-+=|:~*_.'\\hline")

_NUMBERS = frozenset("0123456789. \t,;|")

_Key = tuple[str, str]


def without_prefixes(text: str, lines: Sequence[Line]) -> list[Line] | None:
    """The lines without prefixes and remarks; None if there are none to take away."""
    bare, changed = list(lines), False
    for _ in range(ROUNDS):
        moved = _round(text, bare)
        changed = changed or moved
        if not moved:
            break
    for at, line in enumerate(bare):
        if begin := _after_words(text, line):
            label = text[line.start : begin].strip()
            bare[at] = line = Line(begin, line.end, label, line.whole[0], line.last)
            changed = True
        if line.end - line.start > 300:
            continue
        found = _REMARK.search(text, line.start, line.end)
        if found and text[line.start : found.start()].strip():
            bare[at] = line._replace(end=found.start(), last=line.whole[1])
            changed = True
    return bare if changed else None


def _after_words(text: str, line: Line) -> int:
    """Where the cells of a row begin that stands behind words: "Input: 1 0 2"; 0 if nowhere."""
    if not 3 < line.end - line.start < 300:
        return 0
    at = max(text.rfind(mark, line.start, line.end) for mark in ":=>→⇒：") + 1
    cells = text[at : line.end].strip(" \t\r|")
    if at and len(cells) > 1 and _NUMBERS.issuperset(cells) and cells[0].isdigit():
        return at
    return 0


def _round(text: str, lines: list[Line]) -> bool:
    """Take one prefix from every run of lines that have one alike."""
    moved = False
    run: list[tuple[int, int, str]] = []  # line, where its cells begin, label
    keys: dict[_Key, int] = {}
    for at, line in enumerate(lines):
        head = text[line.start : min(line.end, line.start + _FAR)]
        if not head.strip(" \t\r") or (
            run and _RULES.issuperset(head) and head.strip(" \t")[:1] != ">"
        ):
            continue
        found = dict(_prefixes(head))
        following = {
            key: (number, length)
            for key, (number, length) in found.items()
            if key in keys and (number < 0 or number == keys[key] + 1)
        }
        if run and not following:
            moved |= _take(text, lines, run)
            run = []
        kept = following or found
        if kept:
            length = next(iter(kept.values()))[1]
            run.append((at, line.start + length, head[:length].strip(" \t\"'[(")))
        keys = {key: number for key, (number, _) in kept.items()}
    return _take(text, lines, run) or moved


def _take(text: str, lines: list[Line], run: Sequence[tuple[int, int, str]]) -> bool:
    if len(run) < FEWEST:
        return False
    sign = run[0][2]
    if _is_cell(text, lines, run, sign):
        return False
    for at, start, label in run:
        before = lines[at]
        label = f"{before.label} {label}".strip()
        lines[at] = Line(start, before.end, label, before.whole[0], before.last)
    return True


def _is_cell(text: str, lines: list[Line], run: Sequence[tuple[int, int, str]], sign: str) -> bool:
    """Whether the sign before the rows may stand in them too: then it is a cell."""
    if sign not in _COMMENT:
        return False
    rests = [text[start : lines[at].end].strip() for at, start, _ in run]
    glued = any(text[start - 1] not in " \t" for _, start, _ in run)
    return any(sign in rest for rest in rests) and (glued or any(" " in rest for rest in rests))


def _prefixes(head: str) -> Iterator[tuple[_Key, tuple[int, int]]]:
    """The ways to see what a line begins with: kind and sign; number, or -1; length."""
    found = _PREFIX.match(head)
    if found:
        length = found.end()
        if found["quote"] is not None:
            yield ("quote", ""), (-1, length)
            return
        if found["prompt"] is not None:
            yield ("prompt", ""), (-1, length)
        elif found["stamp"] is not None:
            yield ("stamp", ""), (-1, length)
            return
        elif found["sign"] is not None:
            yield ("sign", found["sign"]), (-1, length)
        elif found["glued"] is not None:
            yield ("glued", found["glued"]), (-1, length)
        elif found["number"] is not None:
            mark = re.sub(r"\s+", " ", found["mark"].strip()).casefold()
            yield ("number", found["word"].casefold() + " " + mark), (int(found["number"]), length)
        elif found["roman"] is not None or found["letter"] is not None:
            letter = (found["letter"] or "").strip("\"'")
            roman = found["roman"] or letter
            if roman in _ROMAN:
                yield ("roman", ""), (_ROMAN.index(roman), length)
            if letter:
                yield ("letter", found["after"]), (ord(letter), length)
    nick = _NICK.match(head)
    if nick:
        yield ("label", ""), (-1, nick.end())
