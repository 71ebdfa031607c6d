"""The same text, character for character, as plainly as it can be written.

Spaces that do not break become spaces, box drawing becomes `|`, `-` and `+`, wide
letters and typographic quotes become the usual ones. Nothing moves, so places in it
are places in the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

JOINERS = "\ufe0e\ufe0f\u20e3\u200b\u200c\u200d\u2060\ufeff"
"""Characters without a width: a keycap is a digit and two of them."""

_WIDE = re.compile(r"[^\x00-\x7f]")
_NO_JOINERS = dict.fromkeys(map(ord, JOINERS))
_SAME = {
    "|": "│┃║‖¦｜╎╏┆┇┊┋▏▕",
    "-": "─━═╌╍┄┅┈┉╴╶╸╺–—−",
    " ": "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000",
    '"': "“”„«»「」",
    "'": "‘’‚",
    ",": "，、",
    "+": "".join(map(chr, (*range(0x250C, 0x2550), *range(0x2552, 0x2571)))),
}
_PLAIN = {ord(other): same for same, others in _SAME.items() for other in others}


def plainly(text: str) -> str:
    """`text` in plain characters, each in its place."""
    if text.isascii():
        return text
    for mark in set(_WIDE.findall(text)):
        if (plain := _one(mark)) != mark:
            text = text.replace(mark, plain)
    return text


@lru_cache(maxsize=4096)
def _one(mark: str) -> str:
    if ord(mark) in _PLAIN:
        return _PLAIN[ord(mark)]
    plain = unicodedata.normalize("NFKC", mark) if "\uff00" < mark < "\uffef" else mark
    return plain if len(plain) == 1 else mark


def characters(row: str) -> list[str]:
    """The characters of a row, without joiners."""
    return list(row if row.isascii() else row.translate(_NO_JOINERS))
