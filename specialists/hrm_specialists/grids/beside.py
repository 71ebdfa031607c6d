"""What stands beside the rows of a grid and is no cell: remarks, labels, whatever it says.

A label is known by its shape: it counts the rows, it is a time, a tag or a single letter,
or it is one word that stands beside every row. Whatever else has letters may be a rule
("<- all odd"), so it is handed on, to be judged as text around the grid is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hrm_specialists.grids.frames import BEFORE, BEHIND, QUERY, ROWS
from hrm_specialists.grids.grid import is_header

Span = tuple[int, int]

MOST = 60
"""Stretches beside one grid that are handed on."""
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d+")
_TAG = (
    r"</?(?:br|p|pre|li|div|code|ul|ol|t[drh]|table|tbody|thead|span|b|i|em|tt|samp|kbd|font"
    r"|center|blockquote)\b[^<>]{0,80}>"
)
_LEAD = re.compile(
    rf"(?:{_TAG}|[\s#/;%*|,\]\[)}}'\"`!<>←–—-]"
    r"|\\(?:hline|midrule|[nrt\\])|(?:class|style|align)=\"[^\"]{0,80}\""
    r"|[\[(<]?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[,T]?[ ]?(?:at )?)?\d{1,2}:\d{2}(?::\d{2})?"
    r"(?:[.,]\d{1,6})?(?:Z| ?[AaPp]\.?[Mm]\.?\b|[+-]\d\d:?\d\d)?[\])>]?)*"
)
"""What says nothing before a remark: signs, tags, line ends as escapes, a time."""
_TAIL = re.compile(rf"(?:[\s*/|\\,\[({{'\"`]|{_TAG}|\\hline)*\Z")
_BEHIND = re.compile(r"[ \t]{1,20}(?:#|//|--|<-|←|;|%|\(|/\*|!|—|–)[^\n]{1,200}")
"""A remark behind the last row, which is not inside of a grid."""
_ROMAN = re.compile(r"\W*[IVXivx]+\W*")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands on one side of a row, or on a line between rows."""

    side: str
    start: int
    end: int
    said: str

    @property
    def shape(self) -> tuple[str, str]:
        """The side, and the text without what counts."""
        return self.side, _NUMBER.sub("0", self.said.casefold())


def beside(text: str, rows: Sequence[Span], start: int, end: int, *, code: bool) -> list[Span]:
    """The stretches of `text[start:end]` outside of `rows` that are no plain labels.

    Args:
        text: what the grid was found in.
        rows: where its rows stand.
        start: where it begins.
        end: where it ends.
        code: whether rows stand in brackets or tags; then what stands before the first and
            behind the last is a name, and what stands alike between all is a key.

    Returns:
        Their places. One that ends in `:` or `>` names a speaker, before every row.
    """
    spans = sorted(set(rows))
    inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and start < b]
    parts = list(_parts(text, inside, start, end, code=code))
    if len(inside) > 2 and not code and (last := _BEHIND.match(text, end)):
        parts += filter(None, [_part(last[0], end, "behind")])
    if _name_rows(parts, len(inside)):
        parts = [one for one in parts if one.side != "before"]
    groups: dict[tuple[str, str], list[_Part]] = {}
    for part in parts:
        groups.setdefault(part.shape, []).append(part)
    usual = max(3, len(inside) - (2 if code else 1))
    named = [one for one in parts if one.side == "before" and one.said[-1] in ":>"]
    kept: list[Span] = []
    for group in groups.values():
        if _counts(group):
            continue
        everywhere = len(group) >= usual
        if everywhere and not _turned(group) and (code or len(_WORD.findall(group[0].said)) < 2):
            continue
        for one in group[:1] if everywhere else group:
            stop = one.end
            if one.side == "before" and len(named) < usual:
                stop = one.start + len(one.said.rstrip(":> \t"))
            kept.append((one.start, stop))
    return sorted(kept)[:MOST]


def goes_on(text: str, rows: Sequence[Span], *, labelled: bool = False) -> bool:
    """Whether a line right above or right below `rows` holds as long a row with something beside.

    Then the grid has a row more, which was not understood: "#########~~".

    Args:
        text: what the grid was found in.
        rows: where its rows stand.
        labelled: whether words before a row may name another grid: "Output: 1 0 2".
    """
    if len(set(rows)) < len(rows):
        return False  # they share a line
    written = [text[start:end].strip() for start, end in rows]
    known, wide = set("".join(written)), sorted(map(len, written))[len(rows) // 2]
    known |= _DIGITS if labelled and known & _DIGITS else set()
    begun, ended = text.rfind("\n", 0, rows[0][0]), text.find("\n", rows[-1][1])
    lines = [text[text.rfind("\n", 0, begun) + 1 : begun] if begun >= 0 else ""]
    lines.append(text[ended + 1 : ended + 400].partition("\n")[0] if ended >= 0 else "")
    if labelled and (lines[0].rstrip()[-1:] == ":" or _LETTER.search(text, begun + 1, rows[0][0])):
        lines[0] = ""
    for line in lines:
        if 4 * wide <= 5 * len(line) < 2_000:
            cells = "".join(mark if mark in known else "\n" for mark in line)
            for part in re.finditer("[^\n]+", cells):
                named = labelled and line is lines[1] and _LETTER.search(line, 0, part.start())
                if 5 * len(part[0].strip()) >= 4 * wide and not named:
                    return True
    return False


def _name_rows(parts: Sequence[_Part], rows: int) -> bool:
    """Whether each row has a name of two words, another one each: "First row:"."""
    names = [_WORD.findall(one.said.casefold()) for one in parts if one.side == "before"]
    apart = len(set(map(tuple, names))) == len(names) == rows > 2
    return apart and {*map(len, names)} == {2} and bool(set.intersection(*map(set, names)))


def _counts(group: Sequence[_Part]) -> bool:
    """Whether parts that are written alike only count: "row 1:", "row 2:", "row 3:"."""
    if len(group) < 3 or len(_WORD.findall(group[0].said)) > 3:
        return False
    numbers = [found[0] for one in group if (found := _NUMBER.search(one.said))]
    counted = [int(number[:6]) for number in numbers]
    steps = {b - a for a, b in pairwise(counted)}
    return len(counted) == len(group) and len(steps) == 1 and min(steps) > 0


def _turned(group: Sequence[_Part]) -> bool:
    """Whether parts that are written alike number rows in another order: "row 9:", "row 8:"."""
    numbers = [int(found[0][:6]) for one in group if (found := _NUMBER.search(one.said))]
    apart = len(set(numbers)) == len(numbers) == len(group) > 2
    return apart and max(numbers) - min(numbers) < len(numbers) and numbers != sorted(numbers)


def _parts(text: str, rows: Sequence[Span], start: int, end: int, *, code: bool) -> Iterator[_Part]:
    if not rows:
        return
    gaps = [(a[1], b[0]) for a, b in pairwise(rows)]
    if not code:
        gaps = [(start, rows[0][0]), *gaps, (rows[-1][1], end)]
    for first, last in gaps:
        if first >= last or text[first:last].isspace():
            continue
        at = first
        lines = text[first:last].split("\n")
        for number, line in enumerate(lines):
            side = "behind" if number == 0 and first != start else "between"
            if number == len(lines) - 1 and last != end and (number or first == start):
                side = "before"
            part = _part(line, at, side)
            if part is not None:
                yield part
            at += len(line) + 1


def _part(line: str, at: int, side: str) -> _Part | None:
    """What a line says beside cells; None for nothing."""
    lead = _LEAD.match(line)
    begin = lead.end() if lead else 0
    tail = _TAIL.search(line, begin)
    said = line[begin : tail.start() if tail else len(line)]
    if any(frame.fullmatch(said.strip()) for frame in (BEFORE, BEHIND, QUERY, ROWS)):
        return None
    letters = len(_LETTER.findall(said))
    numbers = [int(number[:6]) for number in _NUMBER.findall(said)]
    if (letters < 2 and not numbers) or is_header(said) or _ROMAN.fullmatch(said):
        return None
    return _Part(side, at + begin, at + begin + len(said), said)
