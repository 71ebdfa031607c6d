"""What is asked beyond the solutions: the text around problems, weighed clause by clause.

"Could you finish this for me, please?" asks for nothing more; "and explain the
third row to a child" does; "write a program that solves such boards" makes an
illustration of the problem. Knows nothing of routes or specialists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hrm_router.classifier import Example, TextClassifier
from hrm_router.wording.around import around_examples

SURE = 0.55
"""Probability from which a clause counts as what the classifier calls it."""
SURE_ALONE = 0.72
"""The same for a part of a sentence that, as a whole, does not."""
CERTAIN = 0.9
"""Probability of mere framing from which a sentence is not taken apart."""
SHORTEST = 9
"""Letters from which a part of a sentence is weighed on its own; unspaced scripts need a third."""
CLAUSES = 12
"""Sentences weighed at most; of longer texts, those at both ends."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """What the text around the problems amounts to."""

    residual: str
    """What is wanted besides the solutions, in the asker's words; or empty."""
    asks: float
    """Probability that some clause asks for the solution."""
    illustrates: float
    """Probability that the text is about a program or exercise, the problem an example."""
    confidence: float
    """Probability that `residual` is empty exactly when it should be."""
    letters: int
    """How much prose there is around the problems."""


NOTHING = Remainder(residual="", asks=0.0, illustrates=0.0, confidence=0.995, letters=0)

_FENCE = re.compile(r"^[ \t]*(```|~~~)[^\n]*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_STOP = re.compile(
    r"(?<=[.!?;:])[\"'”»)]*\s+|(?<=[。！？；：،؟।])\s*|\n\s*\n|\x1f|\s+(?=\(?[1-9a-d]\)\s)"
)
_AND = (
    "and|then|also|plus|after that|afterwards|und|dann|danach|sowie|et|puis|ensuite|y|e|luego|"
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


class Wording:
    """Tells requests for the solution from requests for something else."""

    def __init__(self, classifier: TextClassifier) -> None:
        self._classifier = classifier

    @classmethod
    def train(cls, phrases: Iterable[str] = (), extra: Iterable[Example] = ()) -> Wording:
        """Learn from the built-in grammars and from how people ask for tasks.

        Args:
            phrases: requests for solutions, `{problem}` where the problem goes.
            extra: labelled clauses of a user: "ask", "frame", "extra", "statement".
        """
        return cls(_trained(tuple(phrases), tuple(extra)))

    def weigh(self, text: str, spans: Sequence[tuple[int, int]]) -> Remainder:
        """Judge what `text` says outside `spans` (ordered, apart)."""
        rest = outside(text, spans)
        letters = sum(map(len, _WORD.findall(rest)))
        if not letters:
            return NOTHING
        asks = illustrates = 0.0
        doubt, wanted = 0.0, []
        for sentence in _ends(list(sentences(rest))):
            clause, shares = self._most_wanting(sentence)
            more = shares["extra"] + shares["statement"]
            asks = max(asks, shares["ask"])
            illustrates = max(illustrates, shares["statement"])
            doubt = max(doubt, min(more, 1 - more))
            if more >= SURE:
                wanted.append(clause)
        return Remainder(
            residual=" ".join(wanted),
            asks=asks,
            illustrates=illustrates,
            confidence=1 - 0.25 * doubt,
            letters=letters,
        )

    def _most_wanting(self, sentence: str) -> tuple[str, dict[str, float]]:
        """From where on a sentence wants more, and the most that it asks and wants."""
        whole = self._classifier.probabilities(sentence)
        if whole["frame"] > CERTAIN:
            return sentence, whole
        parts = [(at, self._classifier.probabilities(part)) for at, part in clauses(sentence)]
        limit = SURE if _more(whole) >= SURE else SURE_ALONE
        wanting = [(at, shares) for at, shares in parts if _more(shares) >= limit]
        top = max((whole, *(shares for _, shares in wanting)), key=_more)
        asks = max(whole["ask"], *(shares["ask"] for _, shares in parts), 0.0)
        start = wanting[0][0] if wanting else 0
        return sentence[start:].strip(), {**top, "ask": asks}


@lru_cache(maxsize=8)
def _trained(phrases: tuple[str, ...], extra: tuple[Example, ...]) -> TextClassifier:
    """Deciders for the same tasks share it: it never changes once it is trained."""
    bare = [Example(phrase.replace("{problem}", " "), "ask", f"own {phrase}") for phrase in phrases]
    return TextClassifier.train([*around_examples(), *bare, *extra])


def _more(shares: dict[str, float]) -> float:
    return shares["extra"] + shares["statement"]


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


def clauses(sentence: str) -> Iterator[tuple[int, str]]:
    """Parts of a sentence between commas and conjunctions, with where they start."""
    at = 0
    parts = []
    for joint in _JOINT.finditer(sentence):
        parts.append((at, sentence[at : joint.start()]))
        at = joint.end()
    if not at:
        return
    parts.append((at, sentence[at:]))
    for start, part in parts:
        if sum(len(word) if len(word) > 1 else 3 for word in _WORD.findall(part)) >= SHORTEST:
            yield start, part


def _unwrap(text: str) -> str:
    """A line break before a new thought becomes a stop, any other a space."""
    return re.sub(r"[ \t]*\n[ \t]*(?=[^\sa-zà-ÿа-я(])", " \x1f", text)


def _ends(found: list[str]) -> list[str]:
    if len(found) <= CLAUSES:
        return found
    half = CLAUSES // 2
    return found[:half] + found[-half:]
