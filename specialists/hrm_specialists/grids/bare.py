"""Lines without what stands before and behind their cells: quotes, comments, stamps, labels.

A prefix is taken away where lines that follow each other have one of the same kind: the
same sign, a time, a name, a prompt, a label with a colon, numbers or letters that count.
Up to a few are taken, one after the other. Patterns are anchored and bounded, so time is
linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hrm_specialists.grids.rows import Line, Row

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
    r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,6})?(?:Z| ?[AaPp]\.?[Mm]\.?|[+-]\d\d:?\d\d)?"
    r"(?:[\])>][ \t]{0,4}|[ \t]{1,4}))"
    r"|(?P<sign>#+|//+|--|;+|%+|[*•‣–·»-]|REM|'|!)[ \t]"
    r"|(?P<glued>//|;|#|\+)(?=\S)"
    r"|(?P<numeral>[\[(\"']?(?P<word>[^\W\d_]{0,12})[ \t_.#-]?(?P<number>\d{1,3})"
    r"(?:st|nd|rd|th|[ªº.])?(?P<mark>[\"']?[.,:)\]=|]?[\"':\]]?"
    r"(?:[ \t](?:[^\W\d_]{2,10}[ \t]?)?[:)\]=|])?[ \t]{0,6}))(?=[^\s:])"
    r"|(?P<roman>[IVX]{2,5})[.:)|]?[ \t]{0,6}"
    r"|(?P<letter>[\"']?[A-Za-z][\"']?)(?!\w)[ \t]?(?P<after>[.:)=|]?)[ \t]{0,6}(?=\S)"
    r")"
)
_NICK = re.compile(
    r"[ \t]{0,40}+(?:<[^<>\n]{1,24}>[ \t]{1,4}"
    rf"|(?=[^\n:=]{{0,20}}[^\W\d_]{{2}}){_LABEL}{{1,36}}[:=](?!//)[ \t]{{0,6}})"
)
"""A name or a label in words, with a colon."""
_REMARK = re.compile(
    r"[ \t](?:(?:#|//|--|<-{1,9}|←|;|%|\(|/\*|!|—|–)[ \t]?(?:[^\W\d_] )?[^\W\d_]{2}"
    r"|[ \t](?!NaN|None|NA\b|null|nil|blank|empty|true|false)[^\W\d_]{3})"
)
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
_RULES = frozenset(" \t-+=|:~*_.'\\hline")

_AFTER_WORDS = re.compile(r"[^\n]{1,290}[:=>→⇒：][ \t]*(?=\d[0-9. \t,;|]*[0-9.,;][0-9. \t,;|\r]*$)")
"""What stands before the cells of a row: "Input: 1 0 2"."""

_QUOTES = " \t\"'[("

_Key = tuple[str, str]


class _Marked(NamedTuple):
    """A line and the ways to see what it begins with: kind and sign, number, length."""

    at: int
    found: dict[_Key, tuple[int, int]]


def without_prefixes(text: str, rows: Sequence[Row | None]) -> dict[int, Line]:
    """The lines of rows that lose prefixes and remarks, by their numbers."""
    short = [at for at, row in enumerate(rows) if row is not None and row.kind != "blank"]
    if len(short) < FEWEST:
        return {}
    before = {at: row.line for at, row in enumerate(rows) if row is not None}
    bare = dict(before)
    moved: Sequence[int] = short
    for _ in range(ROUNDS):
        moved = _round(text, bare, moved)
    for at in short:
        line = bare[at]
        if after := _AFTER_WORDS.match(text, line.start, line.end):
            begin = after.end()
            label = text[line.start : begin].strip()
            bare[at] = line = Line(begin, line.end, label, line.whole[0], line.last)
        if line.end - line.start > 300:
            continue
        found = _REMARK.search(text, line.start, line.end)
        if found and text[line.start : found.start()].strip():
            bare[at] = line._replace(end=found.start(), last=line.whole[1])
    return {at: line for at, line in bare.items() if line is not before[at]}


def _round(text: str, lines: dict[int, Line], short: Sequence[int]) -> list[int]:
    """Take one prefix from every run of lines that have one alike; those are returned."""
    moved: list[int] = []
    run: list[_Marked] = []
    for at in short:
        line = lines[at]
        if run and at - run[-1].at > 3:
            moved += _take(text, lines, run)
            run = []
        head = text[line.start : min(line.end, line.start + _FAR)]
        bare = head.strip(" \t\r")
        if not bare or (run and _RULES.issuperset(bare) and bare[0] != ">"):
            continue
        found = dict(_prefixes(head))
        before = run[-1].found if run else {}
        following = {
            key: (number, length)
            for key, (number, length) in found.items()
            if key in before and (number < 0 or number == before[key][0] + 1)
        }
        if run and not following:
            moved += _take(text, lines, run)
            run = []
        if following or found:
            run.append(_Marked(at, following or found))
    return moved + _take(text, lines, run)


def _take(text: str, lines: dict[int, Line], run: Sequence[_Marked]) -> list[int]:
    if len(run) < FEWEST:
        return []
    key = next(iter(run[-1].found))
    ends = [(one.at, lines[one.at].start + one.found[key][1]) for one in run]
    if key[0] in ("sign", "glued") and _is_cell(text, lines, ends, key[1][0]):
        return []
    for at, start in ends:
        before = lines[at]
        label = f"{before.label} {text[before.start : start].strip(_QUOTES)}".strip()
        lines[at] = Line(start, before.end, label, before.whole[0], before.last)
    return [at for at, _ in ends]


def _is_cell(text: str, lines: dict[int, Line], ends: Sequence[tuple[int, int]], sign: str) -> bool:
    """Whether the sign before the rows may stand in them too: then it is a cell."""
    rests = [_REMARK.split(text[start : lines[at].end], 1)[0].strip() for at, start in ends]
    beside = [lines[at] for at in (ends[0][0] - 1, ends[-1][0] + 1) if at in lines]
    if any(text[one.start : one.end].lstrip().startswith(sign) for one in beside):
        return True  # it would stand before that line too
    glued = any(text[start - 1] not in " \t" for _, start in ends)
    return any(sign in rest for rest in rests) and (
        glued or any(len(rest.split()) > 1 for rest in rests)
    )


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
