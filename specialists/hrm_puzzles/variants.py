# ruff: noqa: E501
"""Whether a text changes the rules of the puzzle in it: then it is another task's, or nobody's.

A checker judges by the usual rules alone, so a way that may go diagonally, or a Sudoku
with cages, must not be answered by a specialist. Looks near the puzzle at the words
that name such rules. Knows nothing of the puzzles themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

NEAR = 600
"""Characters before and behind a puzzle in which its rules may stand."""


class Rules(NamedTuple):
    """How further rules of a puzzle are worded."""

    stems: tuple[str, ...]
    """One of these stands in every wording; cheap to look for."""
    pattern: re.Pattern[str]


_ASIDE = (
    r"|(?:\bdo(?:n't| not) (?:want (?:it|this|that) solved|solve(?: it| this| that)?(?=[.,;:!\n]))|\bwithout solving (?:it|this)"
    r"|\bnicht lösen(?=[.,;:!\n])|\bne (?:le|la) rés(?:ous|olvez) pas|\binutile de (?:me donner|le résoudre)|\bno (?:lo|la) resuelv\w+(?=[.,;:!\n])"
    r"|\bnon risolver\w*(?=[.,;:!\n])|\bnie rozwiązuj|не решай(?=[.,;:!\n])|\bçözme(?=[.,;:!\n])|不要解|解かないで)"
    r"|\bhow many (?:dead[- ]ends|loops|junctions|walls)\b|\bredraw (?:it|this|my|the)\b"
)
"""Words of people who want something else than the solution."""
_STEMS = (
    "solv",
    "redraw",
    "how many",
    "lösen",
    "résou",
    "résol",
    "resuelv",
    "risolv",
    "rozwiąz",
    "решай",
    "çöz",
    "解",
)
_HOLD = r"must|contain\w*|hold\w*|1 to 9|1-9|unique|as well|too|also|repeat\w*|auch|ebenfalls|aussi|también|anche|também"
_SUDOKU = re.compile(
    r"\b(?:killer|jigsaw|hyper|samurai|thermo(?:meter)?|sandwich|arrow|kropki|diagonal|chaos|even[- ]odd)[ -]?sudokus?\b"
    r"|\b(?:x-?sudoku|sudoku[ -]x|windoku|anti-?(?:knight|king)|non-?consecutive|squiggly|nonomino|(?:sum|killer) cages?)\b"
    r"|\birregular\w* (?:regions?|boxes|blocks|shapes)|\b(?:regions?|boxes|blocks) are irregular"
    rf"|\bdiagonal\w*\b[^.?!\n]{{0,60}}\b(?:{_HOLD})\b|\b(?:{_HOLD})\b[^.?!\n]{{0,40}}\bdiagonal\w*"
    r"|对角线也|對角線也|対角線も|диагонал\w+ (?:тоже|также)" + _ASIDE,
    re.IGNORECASE,
)
SUDOKU = Rules(
    (
        "sudoku",
        "windoku",
        "anti",
        "consecutive",
        "squiggly",
        "nonomino",
        "cage",
        "irregular",
        "diag",
        "диаг",
        "角",
        *_STEMS,
    ),
    _SUDOKU,
)
"""Rules beside rows, columns and boxes."""
_MAZE = re.compile(
    r"\b(?:diagonal(?:ly|s)?|diagonal (?:steps?|moves?))\b|\bdiagonale?[nrms]?\b|\b(?:longest|cheapest) (?:possible )?(?:path|route|way|walk|trail)"
    r"|\b(?:collect|pick(?:s|ing)? up|gather|visit)\w*\b[^.?!\n]{0,20}\b(?:all|every|each|both|two|three|four|five)\b"
    r"|\b(?:keys?|doors?) (?:only )?(?:opens?|unlocks?)|\b(?:unlock\w*|locked doors?|one-way|lever|slides? (?:until|on))\b|\bpick(?:s|ing)? up (?:the |a )?key"
    r"|\b(?:each|every|a) (?:cell|step|move|digit|number)\w* (?:costs?|weighs?|is the cost)|\b(?:without|avoid\w*) (?:touching|turning (?:left|right))\b"
    r"|\bknight(?:'s)? moves?\b|\bchess knight\b"
    r"|\b(?:teleport\w*|portals?)\b|\b(?:two|three|both) (?:robots|players|mice)\b"
    r"|\b(?:längste[nr]?|teuerste[nr]?|billigste[nr]?) (?:Weg|Pfad)|chemin le plus long|camino más largo|percorso più lungo|caminho mais longo"
    r"|самый длинный путь|диагонал\w*|对角|斜め|最长的?路|最長の?道|대각선|가장 긴" + _ASIDE,
    re.IGNORECASE,
)
MAZE = Rules(
    (
        "diag",
        "диаг",
        "角",
        "斜",
        "대각",
        "longest",
        "cheapest",
        "knight",
        "key",
        "lock",
        "lever",
        "one-way",
        "slide",
        "cost",
        "weigh",
        "turning",
        "touching",
        "collect",
        "pick",
        "gather",
        "visit",
        "teleport",
        "portal",
        "robots",
        "players",
        "mice",
        "längst",
        "teuerst",
        "billigst",
        "plus long",
        "más largo",
        "più lungo",
        "mais longo",
        "длинн",
        "最长",
        "最長",
        "가장 긴",
        *_STEMS,
    ),
    _MAZE,
)
"""Moves, prices and duties that a shortest way with four directions does not know."""
_DENIED = re.compile(
    r"(?:\b(?:no|not|without|never|cannot|can't|don't|keine?n?|nicht|ohne|sans|pas|sin|senza|sem|nie|bez|без|не|нельзя)\b|n't)[^.;\n]{0,30}$"
    r"|(?:不|没有|無)[^。]{0,8}$",
    re.IGNORECASE,
)
"""Before such words: the rule is said not to hold."""
_REFUSED = re.compile(
    r"[^.;\n]{0,30}?(?:\b(?:not|never(?! visit| cross| touch)|forbidden|illegal|verboten|nicht|interdit\w*|prohibid\w*|vietat\w*|proibid\w*|nie|нельзя|запрещ\w*)\b|n't\b|不|禁止|なし|ない)",
    re.IGNORECASE,
)
"""Behind them, likewise."""


def has_other_rules(text: str, spans: Sequence[tuple[int, int]], rules: Rules) -> bool:
    """Whether `rules` are spoken of near one of `spans`, and not ruled out."""
    at = 0
    for start, end in spans:
        for piece in (text[max(at, start - NEAR) : start], text[end : end + NEAR]):
            low = piece.casefold()
            if not any(stem in low for stem in rules.stems):
                continue
            for found in rules.pattern.finditer(piece):
                before = piece[max(0, found.start() - 60) : found.start()]
                if not _DENIED.search(before) and not _REFUSED.match(piece, found.end()):
                    return True
        at = end
    return False
