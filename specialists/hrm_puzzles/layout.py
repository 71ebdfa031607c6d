"""Text freed from how its rows are laid out: quotes, labels, bullets, HTML, tables, keycaps.

Readers look for grids in the text as it is and, where there was something to take
away, in what is left; spans are those of the original text. Knows nothing of what the
cells mean. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from pydantic import BaseModel

from hrm_specialists.contract import Claim

P = TypeVar("P", bound=BaseModel)

FEWEST = 3
"""Rows that must be marked alike before the marks are taken for labels."""

MAX_TEXT = 250_000
"""Characters beyond which a text is read as it is only, to be done within a second."""
MANY = 9
"""Cells that must be worded alike before the words are taken for marks."""
MOST_MARKS = 18
"""Different characters in a row at most: nine digits, blanks, delimiters, quotes."""

_INVISIBLE = re.compile("[\ufe0e\ufe0f\u20e3\u200b-\u200d\u2060\ufeff]+")
_QUOTE = re.compile(r"^[ \t]*>(?:[ \t]*>)*[ \t]?", re.MULTILINE)
_MARKUP = re.compile(r"<(?:t[rd]|br|pre|li|row|cell)\b", re.IGNORECASE)
_ROW_TAG = r"</?(?:tr|row|grid|table|tbody|thead|pre|p|div|ul|ol|li|code|br)\b[^<>]{0,200}>"
_TAG = re.compile(
    rf"(?P<rows>(?:\s*{_ROW_TAG})+\s*?(?:\n\s*)?)|(?P<cell>\s*<(?:t[dh]|cell)\b[^<>]{{0,200}}>)"
    r"|(?P<gone></?[a-z][^<>]{0,200}>)|(?P<space>&nbsp;|&#160;)",
    re.IGNORECASE,
)
_LATEX = re.compile(
    r"\\(?:begin|end)\{[a-z]{1,20}\*?\}(?:\{[^{}\n]{0,60}\})*"
    r"|\\\\[ \t]*(?:\\[hc]line(?:\{[^{}\n]{0,9}\})?[ \t]*)*$|\\hline",
    re.MULTILINE,
)
_WIKI = re.compile(r"^(?:\{\|.*|\|[-+}].*)\n?|(?<=\|)\|", re.MULTILINE)
_RULE = re.compile(
    r"^[ \t]*\|?(?:[ \t]*:?-{1,20}:?[ \t]*\|)+(?:[ \t]*:?-{1,20}:?)?[ \t]*\n", re.MULTILINE
)
_LABEL = re.compile(
    r"[ \t]*+(?:(?P<bullet>[-*•+–‣]|//)[ \t]+"
    r"|[\"']?(?P<word>[^\W\d_]{0,12})[ \t_.]?(?P<number>[0-9]{1,2})[ªº\"']?"
    r"(?P<mark>[ \t]?[.:)\]=|]?[ \t]?(?P<noun>[^\W\d_]{2,12})[ \t]?[:=|][ \t]*"
    r"|(?:\.|[ \t]?[:)\]=|])[ \t]*|[ \t]+(?![0-9 \t]))"
    r"|(?P<roman>[IVX]{2,5})[.:)|]?[ \t]*"
    r"|[\"']?(?P<letter>[A-Z])[\"']?(?P<after>[ \t]?[.:)=|][ \t]*))(?=\S|[ \t])"
)
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
_COLUMNS = ("col", "kol", "spalt", "sloup", "sütun", "столб", "колон", "стовп", "oszlop", "sarak")
"""How words for a column begin: what stands in columns is not to be read as rows."""
_BOXES = re.compile(r"(?:\[[^\[\]\n]\]){3,}")
_BLANK = re.compile(
    r"(?<![^\W\d_])(?:blank|empty|none|nan|leer|vide|vac[ií][oa]|vuot[oa]|vazi[oa]|leeg|tom|tyhjä|"
    r"puste|prázdné|üres|gol|boş|kosong|trống|пусто|порожньо|κενό|ריק|فارغ|खाली)(?![^\W\d_])",
    re.IGNORECASE,
)
_POINT = re.compile(r"(?<=(?<![\w.])[0-9])\.0(?![\w.])")
_KEY = re.compile(r"[\"'][A-Za-z_]{0,8}[0-9]{1,2}[\"']\s?:\s?(?=[\[\"'0-9]|null)")
_OPEN = re.compile(r"[ \t]*+[\[({\"'`]+")
_CLOSE = re.compile(r"[\])}\"'`]+[ \t]*[,;]?[ \t]*\r?$|[,;][ \t]*\r?$")
_FRAME = re.compile(r"[ \t|+=:─━═┼╪╬╫├┤╟╢╠╣┌┐└┘╔╗╚╝┬┴╤╧╦╩-]*\r?$")

_Label = tuple[tuple[str, ...], int]
Edit = tuple[int, int, str]
"""Characters `[start, end)` and what stands in their place."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What is left of a text, and where each character of it stood."""

    text: str
    places: Sequence[int]
    """Of each character; of one that was put in, where what it replaces began."""
    soft: bytes
    """1 for each character that was put in or is blank."""
    whole: str
    """The text as it was."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """`[start, end)` in the whole text, what was taken away at its ends included."""
        while start and self.soft[start - 1]:
            start -= 1
        while end < len(self.text) and self.soft[end]:
            end += 1
        first = self.places[start - 1] + 1 if start else 0
        last = self.places[end] if end < len(self.text) else len(self.whole)
        inside = self.whole[first:last]
        return first + len(inside) - len(inside.lstrip()), last - len(inside) + len(inside.rstrip())


def read_plainly(text: str, read: Callable[[str], list[Claim[P]]]) -> list[Claim[P]]:
    """What `read` claims in `text` and in what is left without its layout.

    Of two claims to the same stretch the longer one counts; if they are as long, the
    one from what is left.
    """
    claims = read(text)
    plain = laid_bare(text)
    if plain is None:
        return claims
    for claim in read(plain.text):
        span = plain.span(*claim.span)
        rivals = [one for one in claims if one.span[0] < span[1] and span[0] < one.span[1]]
        if claim.problem in [one.problem for one in rivals]:
            continue
        if all(_length(one.span) <= _length(span) for one in rivals):
            claims = [one for one in claims if one not in rivals]
            claims.append(Claim(claim.problem, span, claim.form))
    return sorted(claims, key=lambda claim: claim.span)


@lru_cache(maxsize=2)
def laid_bare(text: str) -> Plain | None:
    """`text` without its layout; None if there is nothing to take away.

    Kept for a moment, as every task reads the same text in turn.
    """
    if len(text) > MAX_TEXT:
        return None
    plain: Plain | None = None
    for edits_of in PASSES:
        edits = list(edits_of(plain.text if plain else text))
        if edits:
            plain = _applied(plain, text, edits)
    return plain


def _boxed(text: str) -> Iterator[Edit]:
    """`[5][ ][3]`: cells in brackets stand between pipes."""
    if "][" in text:
        for row in _BOXES.finditer(text):
            for cell in range(row.start(), row.end(), 3):
                yield cell, cell + 1, "|"
                yield cell + 2, cell + 3, "|" if cell + 3 == row.end() else ""


def _worded(text: str) -> Iterator[Edit]:
    """Cells that are called blank, and whole numbers with a decimal point."""
    for pattern, instead in ((_BLANK, "."), (_POINT, "")):
        found = list(pattern.finditer(text))
        if len(found) >= MANY:
            yield from ((*one.span(), instead) for one in found)
            return


def _keys(text: str) -> Iterator[Edit]:
    """`{"r1": [...], "r2": [...]}`: the numbered keys of rows or cells."""
    if text.count(":") < FEWEST or "{" not in text:
        return
    found = list(_KEY.finditer(text))
    if len(found) >= FEWEST:
        yield from ((*one.span(), "") for one in found)


def _applied(plain: Plain | None, whole: str, edits: list[Edit]) -> Plain:
    text = plain.text if plain else whole
    places = plain.places if plain else range(len(text))
    blank = plain.soft if plain else bytes(map(str.isspace, text))
    pieces: list[str] = []
    kept: list[int] = []
    soft = bytearray()
    at = 0
    for start, end, instead in edits:
        pieces += (text[at:start], instead)
        kept += places[at:start]
        kept += [places[start]] * len(instead)
        soft += blank[at:start] + b"\1" * len(instead)
        at = end
    pieces.append(text[at:])
    kept += places[at:]
    soft += blank[at:]
    return Plain("".join(pieces), kept, bytes(soft), whole)


def _invisible(text: str) -> Iterator[Edit]:
    """Selectors and joiners: a keycap is a digit."""
    if not text.isascii():
        yield from ((*found.span(), "") for found in _INVISIBLE.finditer(text))


def _typeset(text: str) -> Iterator[Edit]:
    """LaTeX: what is around the rows of a table; and spaces that do not break, as entities."""
    if "\\begin{" in text:
        yield from ((*found.span(), "") for found in _LATEX.finditer(text))
    elif "&nbsp;" in text and not _MARKUP.search(text):
        yield from ((*found.span(), " ") for found in re.finditer("&nbsp;", text))


def _markup(text: str) -> Iterator[Edit]:
    """HTML: rows become lines, cells stand between pipes."""
    if "<" not in text or not _MARKUP.search(text):
        return
    for tag in _TAG.finditer(text):
        instead = "\n" if tag["rows"] else "| " if tag["cell"] else " " if tag["space"] else ""
        yield (*tag.span(), instead)


def _quotes(text: str) -> Iterator[Edit]:
    """The `>` before the lines of a mail that is answered."""
    if ">" in text:
        found = list(_QUOTE.finditer(text))
        if len(found) >= FEWEST:
            yield from ((*one.span(), "") for one in found)


def _tables(text: str) -> Iterator[Edit]:
    """The rule below a table's first row, and what wikis put between rows."""
    if "|" not in text:
        return
    pattern = _WIKI if "{|" in text else _RULE
    yield from ((*found.span(), "") for found in pattern.finditer(text))


def _labels(text: str) -> Iterator[Edit]:
    """What numbers rows or stands before each of them."""
    run: list[Edit] = []
    before: list[_Label] = []
    for start, line in _lines(text):
        found = _LABEL.match(line)
        labels = _labels_of(found) if found and _is_cells(line[found.end() :]) else []
        if found is None or not labels:
            if not _FRAME.match(line):
                yield from _enough(run)
                run, before = [], []
            continue
        following = [label for label in labels if any(_follows(one, label) for one in before)]
        if before and not following:
            yield from _enough(run)
            run = []
        run.append((start, start + found.end(), ""))
        before = following or labels
    yield from _enough(run)


def _labels_of(found: re.Match[str]) -> list[_Label]:
    """How a row may be labelled, and its number; -1 for a bullet. Empty if it is no row's."""
    labels: list[_Label] = []
    if found["bullet"]:
        return [(("bullet", found["bullet"]), -1)]
    if found["letter"] or found["roman"]:
        roman = found["roman"] or found["letter"]
        if roman in _ROMAN:
            labels.append((("roman",), _ROMAN.index(roman)))
        if found["letter"]:
            labels.append((("letter", found["after"].strip()), ord(found["letter"])))
        return labels
    mark = found["mark"].strip().casefold()
    nouns = (found["word"], found["noun"] or "")
    if not any(noun.casefold().startswith(_COLUMNS) for noun in nouns):
        labels.append((("number", found["word"].casefold(), mark), int(found["number"])))
    return labels


def _follows(before: _Label, label: _Label) -> bool:
    return before[0] == label[0] and (label[1] < 0 or label[1] == before[1] + 1)


def _wrappers(text: str) -> Iterator[Edit]:
    """Brackets and quotes around each of several rows."""
    run: list[Edit] = []
    rows = 0
    for start, line in _lines(text):
        opened = _OPEN.match(line)
        closed = _CLOSE.search(line) if opened else None
        if opened and closed and closed.start() >= opened.end() and _is_cells(line):
            rows += 1
            run.append((start, start + opened.end(), ""))
            run.append((start + closed.start(), start + closed.end(), ""))
            continue
        if rows >= FEWEST:
            yield from run
        run, rows = [], 0
    if rows >= FEWEST:
        yield from run


def _is_cells(row: str) -> bool:
    """Whether so few characters recur that it may be a row of cells; prose has more."""
    return len(row) <= MOST_MARKS or len(set(row)) <= MOST_MARKS


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _enough(run: Sequence[Edit]) -> Iterable[Edit]:
    return run if len(run) >= FEWEST else ()


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


PASSES = (
    _invisible,
    _typeset,
    _markup,
    _quotes,
    _tables,
    _labels,
    _boxed,
    _keys,
    _worded,
    _wrappers,
)
"""What is taken away, one kind after the other."""
