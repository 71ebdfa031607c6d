"""Text cut into sentences, and sentences into clauses, in many languages.

By punctuation, line breaks and conjunctions alone, in time linear in the
length of the text. Knows nothing of what the pieces mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

SHORTEST = 9
"""Letters from which a part of a sentence is weighed on its own; unspaced scripts need a third."""

_FENCE = re.compile(r"^[ \t]*(```|~~~)[^\n]*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_HEADING = re.compile(r"\W*\w{1,20}(?:[ \t]\w{1,12})?\W*[:：]\W*\Z")
"""A word or two and a colon announce something and ask for nothing."""
_STOP = re.compile(
    r"(?<=[.!?;:])[\"'”»)]*\s+|(?<=[。！？；：،؟।])\s*|\n\s*\n|\x1f|\s+(?=\(?[1-9a-d]\)\s)"
)
_AND = (
    "and|then|also|plus(?= (?:an?|one|the|some) )|after that|afterwards|"
    "und|dann|danach|sowie|et|puis|ensuite|y|e|luego|"
    "después|despues|además|e depois|depois|também|poi|inoltre|en|daarna|ook|och|sedan|og|så|"
    "derefter|deretter|sekä|sitten|oraz|potem|następnie|pak|potom|и|а|затем|потом|також|потім|та|"
    "ve|sonra|ayrıca|dan|lalu|kemudian|và|rồi|sau đó|és|majd|aztán|și|apoi|και|μετά|"
    "और|फिर|ثم|وبعد ذلك|ואז|ואחר כך"
)
_AND_UNSPACED = "然后|並且|并且|并|再|接着|还有|そして|それから|また|그리고|그런 다음|그다음"
_JOINT = re.compile(
    rf"\s*[,;，、،]\s*|\s+[-–—]+\s+|\s*[,;]?\s+(?:{_AND})\s+|(?:{_AND_UNSPACED})"
    r"|(?<=て)から|(?<=고)\s|(?<=で)、",
    re.IGNORECASE,
)


def is_heading(sentence: str) -> bool:
    """Whether it only announces what follows."""
    return _HEADING.match(sentence) is not None


def words(text: str) -> list[str]:
    """Words of two letters and more, and the characters of unspaced scripts."""
    return _WORD.findall(text)


def outside(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """`text` without the spans and code fences; a cut stays visible as a break."""
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = max(at, end)
    kept.append(text[at:])
    return _FENCE.sub("", "\x1f".join(kept))


def sentences(text: str) -> Iterator[str]:
    """Sentences with words in them; lines that only wrap are joined again."""
    for piece in _STOP.split(_unwrap(text)):
        if piece and _WORD.search(piece):
            yield " ".join(piece.split())


def clauses(sentence: str, shortest: int = SHORTEST) -> Iterator[tuple[int, str]]:
    """Parts of a sentence between commas and conjunctions, with where they start.

    Args:
        shortest: letters that a part needs.
    """
    at = 0
    parts = []
    for joint in _JOINT.finditer(sentence):
        parts.append((at, sentence[at : joint.start()]))
        at = joint.end()
    if not at:
        return
    parts.append((at, sentence[at:]))
    for start, part in parts:
        if sum(len(word) if len(word) > 1 else 3 for word in words(part)) >= shortest:
            yield start, part


def _unwrap(text: str) -> str:
    """A line break before a new thought becomes a stop, any other a space."""
    return re.sub(r"[ \t]*\n[ \t]*(?=[^\sa-zà-ÿа-я(])", " \x1f", text)
