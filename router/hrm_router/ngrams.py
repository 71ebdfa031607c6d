"""A text as a handful of word and character n-grams.

Words and pairs of words carry the meaning, pieces of words carry it over to
other endings and spellings, and scripts written without spaces are cut into
characters. Knows nothing of what the features are used for. Long texts are
read at both ends only, where requests stand, so the time is bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

HEAD, TAIL = 420, 280
"""Characters looked at from the beginning and from the end of a long text."""

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|\d+"
    r"|(?:[^\W\d_\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[\u0900-\u0963])+|[?？]"
)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


def features(text: str) -> list[str]:
    """Distinct n-grams of `text`, in the order in which they first occur.

    Lower case, compatibility forms folded; numbers count by their presence.
    At most about 3,000, whatever the length of `text`.
    """
    found: dict[str, None] = {}
    known = tokens(text)
    for word, pair in zip(known, pairs(known), strict=False):
        found.update(pieces(word))
        found[pair] = None
    found[pairs(known)[-1]] = None
    return list(found)


def tokens(text: str) -> list[str]:
    """The words of `text`, every number as 0, the characters of unspaced scripts one by one."""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return ["0" if word.isdigit() else word for word in _TOKEN.findall(text.casefold())]


def pairs(known: Sequence[str]) -> list[str]:
    """Each word with the one before it, and the last with the end."""
    return [f"{before} {word}" for before, word in zip(("^", *known), (*known, "$"), strict=True)]


@lru_cache(maxsize=16_384)
def pieces(word: str) -> dict[str, None]:
    """The word itself and, from four letters on, its pieces of three to five.

    Hangul writes syllables: there, one to three from two on.
    """
    found = {f"={word}": None}
    syllables = "\uac00" <= word[0] <= "\ud7af"
    if len(word) > (1 if syllables else 3) and not _UNSPACED.match(word):
        padded = f"<{word[:20]}>"
        for size in (1, 2, 3) if syllables else (3, 4, 5):
            for at in range(len(padded) - size + 1):
                found[padded[at : at + size]] = None
    return found
