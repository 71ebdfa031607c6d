"""What is asked beyond the solutions: the text around problems, weighed clause by clause.

"Could you finish this for me, please?" asks for nothing more; "and explain the
third row to a child" does; "write a program that solves such boards" makes an
illustration of the problem. Knows nothing of routes or specialists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hrm_router.classifier import Example, TextClassifier
from hrm_router.sentences import clauses, is_heading, outside, sentences, words
from hrm_router.wording.around import around_examples

SURE = 0.6
"""Probability from which a clause counts as what the classifier calls it."""
SURE_ALONE = 0.68
"""The same for a part of a sentence that, as a whole, does not."""
CERTAIN = 0.9
"""Probability from which mere framing is not taken apart, and a single word is a request."""
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
        letters = _letters(rest)
        if not letters:
            return NOTHING
        asks = illustrates = 0.0
        doubt, wanted = 0.0, []
        for sentence in _ends(list(sentences(rest))):
            if is_heading(sentence):
                asks = max(asks, self._classifier.probabilities(sentence)["ask"])
                continue
            clause, shares = self._most_wanting(sentence)
            more = shares["extra"] + shares["statement"]
            asks = max(asks, shares["ask"])
            illustrates = max(illustrates, shares["statement"])
            doubt = max(doubt, min(more, 1 - more))
            if more >= (SURE if len(words(sentence)) > 1 else CERTAIN):
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


def speaks(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether there are any words outside `spans`; without, `weigh` gives `NOTHING`."""
    return _letters(outside(text, spans)) > 0


def _letters(text: str) -> int:
    return sum(map(len, words(text)))


def _more(shares: dict[str, float]) -> float:
    return shares["extra"] + shares["statement"]


def _ends(found: list[str]) -> list[str]:
    if len(found) <= CLAUSES:
        return found
    half = CLAUSES // 2
    return found[:half] + found[-half:]
