"""What a text says of mazes that were read, and whether it agrees with the reading.

Characters and their parts, the way from start to goal, corners, coordinates and sizes.
Knows nothing of how mazes are read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import product

from hrm_puzzles.explained import Around, Meaning, Remark, Sign, remark
from hrm_puzzles.maze.legend import ARROW
from hrm_puzzles.maze.models import GOAL, START, Cell, MazeProblem
from hrm_puzzles.maze.places import CORNER, HEADER, HIGH, SIZE, WIDE, corner_of
from hrm_puzzles.places import DIGIT, find_places
from hrm_puzzles.words import WORDS

_FROM = re.compile(rf"(?:\b(?:{WORDS['from']})\s+|[从從]\s*)(?:[^\W\d_]+ ){{0,2}}['\"`(]?$")
_TO = re.compile(rf"(?:\b(?:{WORDS['to']})\s+|(?:{ARROW}|到)\s*)(?:[^\W\d_]+ ){{0,3}}['\"`(]?$")
_BEGUN = re.compile(r"\b(?:start|begin)\w* (?:at|from|in|on) ['\"`(]?\Z")
"""What makes the place behind it the start, whatever else it is called."""
_ARTICLE = re.compile(rf"(?:{WORDS['article']})\b")
_LEADS = re.compile(rf"['\"`)]?\s*{ARROW}[^.!?\n]{{0,16}}$")
_TOGETHER = re.compile(r"['\"`)]?[\s,/&~+-]*(?:[^\W\d_]{1,3}\s)?\s*['\"`(]?")
"""What may stand between two ends that are named together, the one as well as the other."""
_NO_END = re.compile(r"(?:me|we|i|robot|player|игрок|begin|salida)\b")
"""People, a verb, and a word for a start as well as for an exit."""
_LEFT = re.compile(r"['’]?(?:[dt][ea]n\b|から|에서|부터)")
_REACHED = re.compile(r"['’]?(?:[yn]?[ea]\b|まで|へ|까지)")
"""Endings that say where from, and where to."""
_SENTENCE = re.compile(r"[.!?;\n](?=\s|$)|[。！？]")
_HAND = re.compile(
    r"[- ]?(?:hand )?(?:side |most )?(?:corner|cell|square|ecke|coin|esquina)\b", re.I
)
_ENDS = (frozenset({START}), frozenset({GOAL}))
_NEAR, _BESIDE = 24, 12
_HEADING = re.compile(
    r"(?:\b(?:first|second|third|next|then|1st|2nd|3rd|lines?|is|are|the|and|of|in|size|width|height"
    r"|rows?|col(?:umn)?s?|start|end|goal|exit|coordinates|[xyrcwh])\b[\s,:;.=()]*){5,}",
    re.IGNORECASE,
)
"""What says which numbers stand above the rows."""
_MEASURE = re.compile(
    r"\b(?:in|by) (?:\w+ )?(?:time|seconds|minutes|hours|costs?|energy|fuel|weights?|turns)\b"
    r"(?! (?:for|to)\b)"
)
_LEAST = re.compile(rf"(?:{WORDS['aim']})\w*[^.!?\n]{{0,40}}\Z")
"""What is to be least, if it is not moves."""
_MEASURES = re.compile(r"^[ \t]*([0-9]{1,2})[ ,]{1,3}([0-9]{1,2})(?=[ \t\r]*$)", re.MULTILINE)
"""The size alone on a line, as programs read it."""
_BASE = re.compile(r"\b[01]-(?:based|indexed)\b", re.IGNORECASE)


def remarks_on(
    around: Around, mazes: Sequence[MazeProblem], meaning: Meaning, *, headed: bool
) -> Iterator[Remark]:
    """Stretches around mazes that say what they were read as, or something else.

    Args:
        around: what stands around them.
        mazes: what was read.
        meaning: what their characters were read as.
        headed: whether lines of numbers above one told its ends.
    """
    yield from _signs(around, meaning)
    yield from _turned(around)
    for one in around.find(_MEASURE):
        if least := _LEAST.search(around.low, max(0, one.start() - 60), one.start()):
            yield Remark(least.start(), one.end(), False)
    starts, goals = ({_place(maze, part) for maze in mazes} for part in (START, GOAL))
    shapes = {(len(maze.grid), len(maze.grid[0])) for maze in mazes}
    if len(starts) != 1 or len(goals) != 1 or len(shapes) != 1:
        return
    ((high, wide),), ends = shapes, {START: starts.pop(), GOAL: goals.pop()}
    yield from _corners(around, ends, high, wide)
    if any(DIGIT.search(around.text, *gap) for gap in around.gaps):
        yield from _sizes(around, high, wide)
        yield from _coordinates(around, ends)
    if headed:
        yield from (Remark(*one.span(), True) for one in around.find(_HEADING))
        yield from _headings(around, ends)


def _signs(around: Around, meaning: Meaning) -> Iterator[Remark]:
    """Characters beside words for what they are, and ends in the order of the way."""
    text, low, signs = around.text, around.low, list(around.signs(meaning))
    ends = [sign for sign in signs if sign.read in _ENDS]
    at = 0
    """Which of the ends comes next."""
    taken: set[tuple[int, int, int] | None] = set()
    """Words that said what an earlier character is."""
    for sign in signs:
        free = sign.word not in taken or sign.stated
        told = sign.word[0] if sign.word is not None and free else None
        fits = told is not None and sign.read == frozenset({told})
        if fits:
            taken.add(sign.word)
        if sign.read not in _ENDS:
            yield from remark(sign)
            continue
        before, after = ends[at - 1] if at else None, ends[at + 1 : at + 2]
        at += 1
        if fits and not (told == GOAL and _BEGUN.search(low, max(0, sign.start - 24), sign.start)):
            yield from remark(sign)
            continue
        leads = bool(after) and _LEADS.fullmatch(low, sign.end, after[0].start)
        way = START if leads else _way(low, sign.start, sign.end, before.end if before else 0)
        if way is not None:
            yield Remark(sign.start, sign.end, sign.read == frozenset({way}))
        elif told is not None and (sign.stated or (told in (START, GOAL) and _near(sign))):
            yield Remark(sign.start, sign.end, False)
        elif not sign.stated:
            turned = sign.read == _ENDS[0] and before is not None and before.read == _ENDS[1]
            apart = before is None or _SENTENCE.search(text, before.end, sign.start)
            both = before and _TOGETHER.fullmatch(low, before.end, sign.start)
            yield Remark(sign.start, sign.end, bool(not turned or apart or both))


def _near(sign: Sign) -> bool:
    """Whether the word stands next to it, but for a few words: "the exit is at S"."""
    _, first, last = sign.word or (0, 0, 0)
    return max(first - sign.end, sign.start - last) <= _BESIDE


def _turned(around: Around) -> Iterator[Remark]:
    """From the goal, to the start: not what mazes are read as."""
    for part, start, end in around.words:
        if part in (START, GOAL) and not _NO_END.match(around.low, start):
            way = _way(around.low, start, end)
            if way is not None and way != part:
                yield Remark(start, end, False)


def _way(text: str, start: int, end: int, since: int = 0) -> int | None:
    """Whether the words at a place say that the way begins, or ends, there."""
    before = text[max(since, start - _NEAR) : start]
    left, reached = _FROM.search(before), _TO.search(before)
    while reached and (article := _ARTICLE.match(before, reached.start())):
        if not left and not before[article.end() :].strip("'\"`( "):
            break  # "la S": to it, in some languages
        reached = _TO.search(before, article.end())
    if left and reached and left.start() == reached.start():
        return None  # "do" is from in Portuguese, to in Polish
    if left and reached:
        return START if left.start() > reached.start() else GOAL
    if left or _LEFT.match(text, end):
        return START
    return GOAL if reached or _REACHED.match(text, end) else None


def _sizes(around: Around, high: int, wide: int) -> Iterator[Remark]:
    for pattern, size in ((SIZE, None), (HIGH, high), (WIDE, wide)):
        for found in around.find(pattern, small=False):
            said = [int(number) for number in found.groups() if number]
            agrees = said == [size] or (size is None and sorted(said) == sorted((high, wide)))
            yield Remark(*found.span(), agrees)
    if high == wide:
        yield from around.sizes(high)
    for found in around.find(_MEASURES, small=False):
        if {int(found[1]), int(found[2])} == {high, wide}:
            yield Remark(*found.span(), True)


def _corners(around: Around, ends: dict[int, Cell], high: int, wide: int) -> Iterator[Remark]:
    found = list(around.find(CORNER))
    for at, corner in enumerate(found):
        words = _words_before(around, corner.start())
        way = _way(around.low, *corner.span())
        part = (
            words[0][0] if words else (START, GOAL)[at] if way is None and len(found) == 2 else way
        )
        low, right = corner_of(corner)
        r, c = ends.get(part, (-9, -9)) if part is not None else (-9, -9)
        agrees = abs(r - low * (high - 1)) <= 1 and abs(c - right * (wide - 1)) <= 1
        behind = _HAND.match(around.low, corner.end())
        yield Remark(corner.start(), behind.end() if behind else corner.end(), agrees)
        yield from (Remark(start, end, True) for _, start, end in words if agrees)


def _coordinates(around: Around, ends: dict[int, Cell]) -> Iterator[Remark]:
    """Places by numbers, if one way to count makes all of them the ends."""
    named = [
        (one, _words_before(around, one.start))
        for start, end in around.gaps
        for one in find_places(around.low, "words", "pair", "index", start=start, end=end)
    ]
    for base, swapped in product((0, 1), (False, True)):
        agreed: list[Remark] = []
        for one, words in named:
            cell = (one.row - base, one.column - base)[:: -1 if swapped else 1]
            part = next((part for part, place in ends.items() if place == cell), None)
            if part is None or any(said != part for said, *_ in words):
                break
            agreed.append(Remark(one.start, one.end, True))
            agreed += (Remark(start, end, True) for _, start, end in words)
        else:
            yield from agreed
            yield from (Remark(*one.span(), True) for one in around.find(_BASE) if named)
            return
    yield from (Remark(one.start, one.end, False) for one, _ in named)


def _headings(around: Around, ends: dict[int, Cell]) -> Iterator[Remark]:
    """The size and the ends in lines above the rows."""
    for start, end in around.gaps:
        found = HEADER.search(around.text, max(start, end - 40), end)
        if found is not None:
            a, b, c, d = map(int, found.groups()[2:])
            cells = (ends[START], ends[GOAL])
            agrees = any(
                cells == tuple(one[::way] for one in ((a - base, b - base), (c - base, d - base)))
                for base, way in product((0, 1), (1, -1))
            )
            yield Remark(found.start(), found.end(2), True)
            yield Remark(found.start(3), found.end(6), agrees)


def _words_before(around: Around, at: int) -> list[tuple[int, int, int]]:
    """The last word for start or goal right before a place, if there is one."""
    first = bisect_left(around.words, at - _NEAR, key=lambda one: one[1])
    words = around.words[first : first + _NEAR]
    return [one for one in words if one[2] <= at and one[0] in (START, GOAL)][-1:]


def _place(maze: MazeProblem, part: int) -> Cell:
    return next(
        (r, c) for r, row in enumerate(maze.grid) for c, cell in enumerate(row) if cell == part
    )
