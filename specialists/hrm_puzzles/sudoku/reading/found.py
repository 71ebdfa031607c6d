"""What a finder returns, and text made plain enough for finders to look at."""

from __future__ import annotations

import re
from dataclasses import dataclass

CELL = r"0-9._xX*?\-"
"""Inside of a regular expression's set: one cell, a digit or a mark for a blank."""

VALUE = dict.fromkeys("0._xX*?-", 0) | {str(digit): digit for digit in range(1, 10)}
"""What a cell's character means."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something in the shape of a grid, at `[start, end)`, right or not."""

    cells: tuple[int, ...]
    start: int
    end: int
    form: str

    @property
    def grid(self) -> tuple[tuple[int, ...], ...]:
        """Rows of nine cells."""
        return tuple(self.cells[at : at + 9] for at in range(0, len(self.cells), 9))


_ZEROS = (0xFF10, 0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xE50, 0xED0)
"""The zero of each script that has ten digits in a row."""
_SAME = {
    ".": "~口·・･•‧∙○◦□▢◻⬜☐░＿．。｡␣",
    "-": "–—−─━═╌╍┄┅┈┉╴╶╸╺",
    "|": "│┃║¦｜╎╏┆┇┊┋▏▕",
    "+": "".join(map(chr, (*range(0x250C, 0x254C), *range(0x2552, 0x256D)))),
    " ": "\u00a0\u2007\u2009\u202f\u3000",
    '"': "“”„«»",
    ",": "，、",
    ";": "；",
    ":": "：",
    "=": "＝",
    "x": "×",
    **{str(digit): "".join(chr(zero + digit) for zero in _ZEROS) for digit in range(10)},
}
for _digit, _others in enumerate(zip("①②③④⑤⑥⑦⑧⑨", "一二三四五六七八九", strict=True), 1):
    _SAME[str(_digit)] += "".join(_others)
"""What stands for each character in other scripts, in box drawing, on other keyboards."""

_PLAIN = {other: same for same, others in _SAME.items() for other in others}
_OTHERS = re.compile(f"[{re.escape(''.join(_PLAIN))}]")


_LETTERS = re.compile(r"^[ \t]*(?:[1-9oO] ?){9}[ \t\r]*$", re.MULTILINE)
"""A row in which a letter stands for a blank."""


def plain(text: str) -> str:
    """The same text, character for character, in ASCII where that says the same.

    Digits of other scripts, box drawing, dots and squares for blanks, and
    punctuation of other keyboards become what finders know.
    """
    text = _OTHERS.sub(lambda found: _PLAIN[found[0]], text)
    return _LETTERS.sub(lambda found: re.sub("[oO]", ".", found[0]), text) if "o" in text else text
