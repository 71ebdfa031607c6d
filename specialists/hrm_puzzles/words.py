"""Words of many languages that readers look for; `words.txt` holds them."""

from __future__ import annotations

import re
from pathlib import Path

_LINES = Path(__file__).with_name("words.txt").read_text("utf-8")
WORDS: dict[str, str] = dict(
    line.split(" = ", 1) for line in re.sub(r"\n[ \t]+", "", _LINES).splitlines() if " = " in line
)
"""Choices of a regular expression by what they mean; whoever uses them puts brackets around."""

_SIGNS = {"space": " ", "hash": "#"}
SIGN_NAMES: dict[str, str] = {
    _SIGNS.get(name, name): names
    for name, names in WORDS.items()
    if len(name) == 1 or name in _SIGNS
}
"""Words for characters."""


def small(text: str) -> str:
    """`text` in small letters, each in its place: patterns are quicker than with `IGNORECASE`."""
    return text.replace("İ", "i").lower()
