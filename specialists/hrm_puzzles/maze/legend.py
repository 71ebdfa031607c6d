"""What the characters of a maze stand for, by custom and by what the text says.

Weighs for each character how near it is named to a word for a part of a maze, and what
it usually means; of all ways to give every character a part, with one start and one goal,
the best counts. Knows nothing of the maze but how often it has which character.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import permutations
from typing import NamedTuple

from hrm_puzzles.explained import ARTICLE, BREAK, IS, LINK, SCRIPTS, SIGN, part_of, written
from hrm_puzzles.maze.models import FLOOR, GOAL, START, WALL
from hrm_puzzles.words import WORDS, small

WALLS = "#█▓▒■⬛◼▉▮XxW×🧱🌲🌳🪨🚧"
FLOORS = " .·・□⬜◻_-░oO○"
STARTS = "🟢🟩🚶🏃🐭🐁🐰🐇🤖🧍👤起入始"
GOALS = "🔴🟥🏁🎯🧀🥕🚪🏠🏆💎🏡终終出"
_STARTS = re.compile(
    r"FACE|PERSON|\bMAN\b|WOMAN|RUNNER|PEDESTRIAN|CAR\b|AUTOMOBILE|TRUCK|BUS\b|TAXI|BICYCLE|SNAIL|"
    r"TURTLE|\bCAT\b|\bDOG\b|\bANT\b|HORSE|CHICK|\bBEE\b|VEHICLE|ROCKET|GHOST"
)
_GOALS = re.compile(
    r"FLAG|HOUSE|CASTLE|TROPHY|\bSTAR\b|GEM|DIAMOND|CHEESE|DOOR|BULLSEYE|HEART|BONE|HONEY|CARROT|"
    r"ACORN|MONEY|PRESENT|TREASURE|CROWN|PARKING|FINISH"
)
"""Words in the names that Unicode gives to pictures."""
ENDS = (
    *("SG", "SE", "SF", "ST", "SD", "SX", "AB", "sg", "se", "PG", "PE", "PX", "PF"),
    *("@G", "@E", "@>", "@X", "ES"),
)
"""Usual pairs of start and goal."""

_WORDS = {
    part: WORDS[name]
    for part, name in ((WALL, "wall"), (FLOOR, "floor"), (START, "start"), (GOAL, "goal"))
}
ROLE = re.compile(
    rf"(?<![^\W{SCRIPTS}])(?:"
    + "|".join(rf"(?P<p{part}>(?:{words})\w*)" for part, words in _WORDS.items())
    + ")"
)
"""Words for parts, in small letters; see `small`."""
_UNSPACED = re.compile(rf"(?<=[{SCRIPTS}])(?=[^\s\w]|[a-z0-9])|(?<=[a-z0-9])(?=[{SCRIPTS}])", re.I)
"""Where such a script meets letters, digits or signs."""
_IS = re.compile(
    rf"['\"`´’”“」』»)]?\s?(?:[=:→–—-]|\bto\b|\b{IS})\s?(?:{ARTICLE})?['\"`„“«]?", re.IGNORECASE
)
"""What stands between a character and the word that gives it a part."""
ARROW = "(?:[-=~–—]{1,9}>|[→⇒⟶➔➜])"
_LINKED = re.compile(
    rf"\s(?:to|nach|zu|bis|à|a|al|hasta|para|naar|till|do|до)\s|\s?{ARROW}\s?|\s?から\s?|\s?到\s?"
)
_BEFORE = re.compile(r"(?:(?<!\w)|[从從])['\"`]?(\S)['\"`]?\Z")
_BEHIND = re.compile(r"['\"`]?(\S)['\"`]?(?:(?!\w)|(?=[まへ]))")
"""Around what leads from one character to another."""
_FAR = 32
"""Characters beyond which a word says nothing of a character."""
_CUSTOM, _IN_TURN = 24, 30
"""What custom is worth, in characters from a word; and that two are named in turn, or that
0 and 1 mean the opposite of what they usually do."""
_STATES = -200
"""What it is worth that a text says what a character stands for; custom never outweighs that."""
_ITSELF, _GUESS = 8, 36
"""The same of a cell that is a word for a part, and of one that nothing is known of."""
_FRAMES = "`\"'()[]{}|,"
"""Characters that stand around mazes, and are never guessed to be in one."""
_SIGNS = "\u2190"
"""Characters from here on are no punctuation that games are drawn with."""
_AIM = re.compile(WORDS["aim"])
"""Words of people who ask for a way."""
_MOST = 60
"""Mentions of a character that are looked at; a legend has few, and comes first."""


class Legend(NamedTuple):
    """Characters that a text names and words for parts in it, each with its span."""

    text: str
    marks: Mapping[str, list[tuple[int, int]]]
    words: list[tuple[int, int, int]]
    starts: list[int]
    """Of the words."""
    ends: list[tuple[str, int, int]]
    """Characters that are named as "from A to B"."""
    asks: bool
    """Whether a way is asked for."""


Said = Mapping[tuple[str, int], int]
"""How far the text is from giving a character a part; small is near."""


def legend_of(text: str) -> Legend:
    """What is to be known of a text to give parts to the characters of its mazes."""
    text = text if text.isascii() else _UNSPACED.sub(" ", text)
    low = small(text)
    marks: dict[str, list[tuple[int, int]]] = {}
    for sign in SIGN.finditer(low):
        marks.setdefault(written(text, sign), []).append(sign.span())
    words = [(part_of(word), *word.span()) for word in ROLE.finditer(low)]
    starts = [start for _, start, _ in words]
    return Legend(text, marks, words, starts, list(_from_to(text)), bool(_AIM.search(low)))


def parts_for(
    counts: Mapping[str, int], told: Legend, known: Mapping[str, int]
) -> dict[str, int] | None:
    """A part for each character, or None if one has none.

    Only a character that occurs once can be start or goal; where no two can, there is
    neither, and the text may say where they are. In 0/1 matrices 1 is a wall by custom.
    Where a way is asked for, what nothing is known of is wall or floor, whichever lacks.

    Args:
        counts: how often the maze has each character.
        told: what is said around it.
        known: parts of characters that say themselves what they are.
    """
    said = dict.fromkeys(known.items(), _ITSELF)
    for mark, part, far in (*told.ends, *_named(told, counts.keys())):
        if mark in counts and far < said.get((mark, part), _FAR):
            said[mark, part] = far
    said |= _stated(told, counts.keys())
    mentioned = [mark for mark in told.marks if mark in counts]
    ends = _ends(counts, said, mentioned)
    drawn = any(mark > _SIGNS for pair in ends for mark in pair)
    guesses = mentioned if told.asks or drawn else None
    best: tuple[float, dict[str, int]] | None = None
    for pair, cost in sorted(ends.items(), key=lambda item: item[1]):
        rest = _grounds({m: n for m, n in counts.items() if m not in pair}, said, guesses)
        if rest is not None and (best is None or cost + rest[0] < best[0]):
            best = cost + rest[0], rest[1] | dict(zip(pair, (START, GOAL), strict=True))
    if best is None:
        best = _grounds(counts, said, guesses)
    return None if best is None else best[1]


def _ends(
    counts: Mapping[str, int], said: Said, mentioned: Sequence[str]
) -> dict[tuple[str, str], float]:
    """What it costs to take two characters for start and goal."""
    costs: dict[tuple[str, str], float] = {}
    once = [mark for mark, count in counts.items() if count == 1]
    drawn = pictured(once)
    for rank, pair in enumerate((*ENDS, *drawn)):
        if set(pair) <= set(once):
            costs[pair[0], pair[1]] = 2 * _CUSTOM + 0.1 * rank
    grounds = WALLS + FLOORS + ("01" if "0" in counts else "")
    ordered = [
        mark
        for mark in mentioned
        if mark in once and (mark.isalnum() or mark > _SIGNS) and mark not in grounds
    ]
    if len(ordered) == 2:
        costs.setdefault((ordered[0], ordered[1]), 2 * _IN_TURN)
    for one, two in permutations(once, 2):
        named = said.get((one, START)), said.get((two, GOAL))
        usual = costs.get((one, two), 4 * _FAR)
        cost = sum(_FAR if part is None else part for part in named)
        if None not in named or (named != (None, None) and usual < 4 * _FAR):
            costs[one, two] = min(cost, usual)
    return costs


def pictured(marks: Sequence[str]) -> tuple[str, ...]:
    """Two pictures as start and goal, if at least one of them says which it is."""
    marks = [mark for mark in marks if mark > _SIGNS and mark not in WALLS + FLOORS]
    if len(marks) != 2:
        return ()
    parts = [
        START if mark in STARTS or _STARTS.search(unicodedata.name(mark, "")) else
        GOAL if mark in GOALS or _GOALS.search(unicodedata.name(mark, "")) else None
        for mark in marks
    ]  # fmt: skip
    if parts in ([START, GOAL], [START, None], [None, GOAL]):
        return (marks[0] + marks[1],)
    return (marks[1] + marks[0],) if set(parts) != {None} and parts[0] != parts[1] else ()


def _grounds(
    marks: Mapping[str, int], said: Said, guesses: Sequence[str] | None
) -> tuple[float, dict[str, int]] | None:
    """Walls and floors, some of both, at the least cost; None if that cannot be.

    Of characters that recur and that nothing is known of, those in `guesses` are rather
    walls, and one that is not is rather floor; without `guesses` there may be none.
    """
    costs = {(mark, part): float(cost) for (mark, part), cost in said.items() if mark in marks}
    for part, usual in ((WALL, WALLS), (FLOOR, FLOORS)):
        for mark in usual:
            costs[mark, part] = min(costs.get((mark, part), _CUSTOM), _CUSTOM)
    if "0" in marks:
        for mark, part, cost in (
            ("0", FLOOR, _CUSTOM),
            ("1", WALL, _CUSTOM),
            ("0", WALL, _IN_TURN),
            ("1", FLOOR, _IN_TURN),
        ):
            costs[mark, part] = min(costs.get((mark, part), cost), cost)
    unknown = [m for m in marks if not {(m, WALL), (m, FLOOR)} & costs.keys()]
    recur = all(marks[mark] > 1 and mark not in _FRAMES for mark in unknown)
    if guesses is not None and recur and sum(mark not in guesses for mark in unknown) <= 1:
        for mark in unknown:
            costs[mark, WALL] = _GUESS + (mark not in guesses)
            costs[mark, FLOOR] = _GUESS + (mark in guesses)
    options = [
        {part: costs[mark, part] for part in (WALL, FLOOR) if (mark, part) in costs}
        for mark in marks
    ]
    options = [
        {part: cost for part, cost in some.items() if cost == _STATES} or some for some in options
    ]
    if not all(options):
        return None
    parts = [min(some, key=lambda part: some[part]) for some in options]
    for part in (WALL, FLOOR):
        if part not in parts:
            swaps = [
                (some[part] - some[parts[at]], at)
                for at, some in enumerate(options)
                if part in some
            ]
            if len(parts) < 2 or not swaps:
                return None
            parts[min(swaps)[1]] = part
    total = sum(some[part] for some, part in zip(options, parts, strict=True))
    return total, dict(zip(marks, parts, strict=True))


def _named(told: Legend, marks: Set[str]) -> Iterator[tuple[str, int, int]]:
    """Every character that stands near a word for a part: (character, part, cost)."""
    for mark in told.marks.keys() & marks:
        for start, end in told.marks[mark][:_MOST]:
            at = bisect_left(told.starts, end)
            after, before = told.words[at : at + 1], told.words[max(0, at - 2) : at]
            near = [(part, first - end, end, first, 1) for part, first, _ in after]
            near += [
                (part, start - last, last, start, 0) for part, _, last in before if last <= start
            ][-1:]
            for part, far, first, last, nearer in near:  # "S start F finish"
                if far < _FAR:
                    yield mark, part, _cost(told.text[first:last]) - nearer


def _stated(told: Legend, marks: Set[str]) -> dict[tuple[str, int], int]:
    """What the text says outright of characters, of each one thing only."""
    found: dict[str, set[int]] = {}
    parts = {start: part for part, start, _ in told.words[:_MOST]}
    for mark in told.marks.keys() & marks:
        for _, end in told.marks[mark]:
            if (link := _IS.match(told.text, end)) and link.end() in parts:
                found.setdefault(mark, set()).add(parts[link.end()])
    return {
        (mark, part): _STATES for mark, parts in found.items() for part in parts if len(parts) == 1
    }


def part_named(word: str) -> int | None:
    """The part of a maze that a word means; None if it means none."""
    found = ROLE.match(small(word))
    return None if found is None or found.end() < len(word) else part_of(found)


def _cost(between: str) -> int:
    """How little a word says of a character with this between them."""
    return len(between) + 20 * bool(BREAK.search(between)) - 8 * bool(LINK.search(between))


def _from_to(text: str) -> Iterator[tuple[str, int, int]]:
    for link in _LINKED.finditer(text):
        start = _BEFORE.search(text, max(0, link.start() - 4), link.start())
        goal = _BEHIND.match(text, link.end())
        if start and goal:
            yield start[1], START, 2
            yield goal[1], GOAL, 2
