"""Words of many languages that readers look for; `words.txt` holds them."""

from __future__ import annotations

import re
from pathlib import Path


def by_letter(choices: str) -> str:
    """The same choices grouped by their first letters, of which fewer are tried at a place."""
    words = re.split(r"\|(?![^(]*\))", choices)
    if not all(word[0].isalpha() and word[1:2] not in ("?", "*") for word in words):
        return choices
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in groups.items())


_LINES = re.sub(r"\n[ \t]+", "", Path(__file__).with_name("words.txt").read_text("utf-8"))
_CHOICES = dict(line.split(" = ", 1) for line in _LINES.splitlines() if " = " in line)
WORDS = {name: by_letter(choices) for name, choices in _CHOICES.items()}
"""Choices of a regular expression by what they mean; whoever uses them puts brackets around."""

_SIGNS = {"space": " ", "hash": "#"}
SIGN_NAMES = {
    _SIGNS.get(name, name): names
    for name, names in _CHOICES.items()
    if len(name) == 1 or name in _SIGNS
}
"""Words for characters."""


def small(text: str) -> str:
    """`text` in small letters, each in its place: patterns are quicker than with `IGNORECASE`."""
    return text.replace("İ", "i").lower()
