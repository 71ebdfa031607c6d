"""What the characters of a maze stand for, by custom or by what the text says.

Pairs each character that is named with the nearest word for a part of a maze.
Knows nothing of the maze but which characters it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from hrm_specialists.tasks.maze.models import FLOOR, GOAL, START, WALL

WALLS = "#█▓■⬛◼▉▮XxW🧱🌲🌳🪨🚧"
FLOORS = " .·□⬜◻_-░oO"
STARTS = "🟢🟩🚶🏃🐭🐁🐰🐇🤖🧍👤"
GOALS = "🔴🟥🏁🎯🧀🥕🚪🏠🏆💎🏡"
ENDS = ("SG", "SE", "SF", "ST", "SD", "SX", "AB", "sg", "se", "PG", "@G", "@E", "ES")
"""Usual pairs of start and goal, the first that fits counts."""

_WORDS = {
    WALL: r"wall|block|obstacle|barrier|rock|hedge|closed|mauer|wand|wände|hindernis|mur|pared|"
    r"parede|obst|ścian|стен|препят|壁|墙|牆|障碍|障害|벽|duvar|engel|جدار",
    FLOOR: r"open|free|floor|passage|path|empty|corridor|walkable|space|road|frei|weg\b|gang|boden|"
    r"libre|vide|pasillo|suelo|camino|libero|vuot|corrid|livre|woln|свобод|проход|пуст|通路|道|"
    r"空|路|통로|길|boş|yol|ممر|فارغ",
    START: r"start|begin|entrance|source|origin|anfang|eingang|départ|entrée|inicio|comienzo|"
    r"entrada|inizio|partenza|ingresso|início|старт|начал|вход|スタート|入口|起点|출발|başla|بداية",
    GOAL: r"goal|end|exit|destination|target|finish|ziel|ausgang|arriv|sortie|fin\b|meta\b|salida|"
    r"objetivo|uscita|fim\b|saída|destin|cel\b|цел|финиш|выход|конец|ゴール|出口|终点|終点|目标|"
    r"도착|hedef|bitiş|نهاية|هدف",
}
_ROLE = re.compile(
    "|".join(f"(?P<p{part}>(?<!\\w)(?:{words})\\w*)" for part, words in _WORDS.items()),
    re.IGNORECASE,
)
_MARK = re.compile(
    r"['\"`´‘“„](?P<quoted>.)['\"`´’”“]|(?<!\w)(?P<name>zeros?|ones?|dots?|hash(?:es)?)\b|"
    r"(?<![^\s(\[:,;=/-])(?P<bare>[^\s,.;:()\[\]'\"`\w=-]|\w)(?![^\s,.;:)=/?-])",
    re.IGNORECASE,
)
_NAMED = {"z": "0", "o": "1", "d": ".", "h": "#"}
_LINK = re.compile(
    r"[=:(→>]|\b(?:is|are|means?|marks?|ist|sind|es|son|est|sont|sono|são)\b|[はが为]"
)
_BREAK = re.compile(r"[,;\n]|\.\s")
_FROM_TO = re.compile(
    r"(?:\b(?:from|von|vom|de|desde|da|од|от|z)\s+)['\"`]?(\S)['\"`]?\s+"
    r"(?:to|nach|zu|bis|à|a|al|hasta|para|до|do)\s+['\"`]?(\S)['\"`]?(?!\w)|"
    r"(\S)から(\S)(?:まで|へ)|从\s?(\S)\s?到\s?(\S)"
)
_FAR = 32
"""Characters beyond which a word says nothing of a character."""
_MOST = 60
"""Characters near words that are looked at; a legend has few, and comes first."""
_WORD = re.compile(r"[^\W\d_]{2}")


def stated(text: str, marks: Set[str]) -> dict[str, int]:
    """The parts that `text` gives to those of `marks` that it names, the nearest words first.

    One mark is the start and one the goal; walls and floor may have several.
    """
    parts: dict[str, int] = {}
    said = (*_from_to(text), *_named(text, marks))
    for cost, mark, part in sorted((cost, mark, part) for mark, part, cost in said):
        taken = part in (START, GOAL) and part in parts.values()
        if mark in marks and mark not in parts and cost < _FAR and not taken:
            parts[mark] = part
    return parts


def parts_for(marks: Set[str], said: dict[str, int]) -> dict[str, int] | None:
    """A part for each character, or None if one has none.

    What is said goes before custom; in 0/1 matrices 1 is a wall.
    """
    parts = {mark: part for mark, part in said.items() if mark in marks}
    ends = {mark: part for mark, part in parts.items() if part in (START, GOAL)}
    pictures = ["".join(marks & set(some)) for some in (STARTS, GOALS)]
    drawn = ("".join(pictures),) if all(len(some) == 1 for some in pictures) else ()
    for pair in (*ENDS, *drawn):
        custom = dict(zip(pair, (START, GOAL), strict=True))
        agrees = all(parts.get(mark, part) == part for mark, part in custom.items())
        if set(pair) <= marks and agrees and ends.items() <= custom.items():
            parts |= custom
            break
    walls, floors = set(WALLS) - parts.keys(), set(FLOORS) - parts.keys()
    if "0" in marks and ("1" in marks or parts.get("0") == WALL or FLOOR not in parts.values()):
        upside_down = parts.get("0") == WALL or parts.get("1") == FLOOR
        walls, floors = ({"0"}, {"1"}) if upside_down else ({"1"}, {"0"})
    for mark in marks - parts.keys():
        if mark in walls:
            parts[mark] = WALL
        elif mark in floors:
            parts[mark] = FLOOR
        else:
            return None
    return parts


def _named(text: str, marks: Set[str]) -> Iterator[tuple[str, int, int]]:
    """Every character that stands near a word for a part: (character, part, cost)."""
    seen = 0
    for token in _MARK.finditer(text):
        name = token["name"]
        mark = _NAMED[name[0].lower()] if name else token["quoted"] or token["bare"]
        start, end = token.span()
        before, after = text[max(start - _FAR, 0) : start].lower(), text[end : end + _FAR].lower()
        if mark not in marks or not (_WORD.search(before) or _WORD.search(after)):
            continue
        seen += 1
        if seen > _MOST:
            return
        if word := _ROLE.search(after):
            yield mark, _part(word), _cost(after[: word.start()]) - 1  # "S start F finish"
        if words := list(_ROLE.finditer(before)):
            yield mark, _part(words[-1]), _cost(before[words[-1].end() :])


def _part(word: re.Match[str]) -> int:
    return next(part for part in _WORDS if word[f"p{part}"])


def _cost(between: str) -> int:
    """How little a word says of a character with this between them."""
    return len(between) + 20 * bool(_BREAK.search(between)) - 8 * bool(_LINK.search(between))


def _from_to(text: str) -> Iterator[tuple[str, int, int]]:
    for groups in _FROM_TO.findall(text):
        start, goal = [group for group in groups if group][:2]
        yield start, START, 2
        yield goal, GOAL, 2
