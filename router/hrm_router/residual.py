"""What is asked beyond the solutions: the text around problems, weighed clause by clause.

"Could you finish this for me, please?" asks for nothing more; "and explain the
third row to a child" does; "write a program that solves such boards" makes an
illustration of the problem. Knows nothing of routes or specialists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hrm_router.classifier import Example, TextClassifier
from hrm_router.sentences import clauses, is_heading, outside, sentences, words
from hrm_router.wording.around import around_examples
from hrm_router.wording.mood import tells
from hrm_router.wording.works import names_work

SURE = 0.6
"""Probability from which a clause counts as what the classifier calls it."""
SURE_ALONE = 0.68
"""The same for a part of a sentence that, as a whole, does not."""
SURE_UNNAMED = 0.8
"""The same for a sentence that names no work of language."""
GUESS = 0.8
"""Doubt that such a sentence leaves in any case."""
CERTAIN = 0.9
"""Probability from which mere framing is not taken apart, and a single word is a request."""
NAMED, UNNAMED, ALONE = 3.0, 0.5, 0.02
"""What naming a work of language does to the odds that a clause wants more; naming none; and
naming none where nothing else asks for the solution. Chosen on wordings of our own."""
ASKED = 0.5
"""Probability from which something else asks for the solution."""
DOUBT = 0.3
"""How much of the doubt about single clauses is doubt about all that is asked."""
CLAUSES = 12
"""Sentences weighed at most; of longer texts, those at both ends."""


_CODE = re.compile(
    r"\b(?:import [\w.]{1,40}(?: as \w{1,20})?|from [\w.]{1,40} import [\w, *]{1,60})"
    r"|[\w.]{1,40} ?=\s?[\w.]{0,40}\(?\s*$"
    r"|\"[^\"\n]{1,60}\"\s?(?:[,}\]]|:\s?(?:-?[0-9.]{1,12}|true|false|null)?)"
)
"""What stands around a problem in a program or in JSON, and asks for nothing."""

Shares = dict[str, float]
"""Probabilities of the kinds of clause."""


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

    def __init__(self, classifier: TextClassifier, own: frozenset[str] = frozenset()) -> None:
        self._classifier, self._own = classifier, own

    @classmethod
    def train(cls, phrases: Iterable[str] = (), extra: Iterable[Example] = ()) -> Wording:
        """Learn from the built-in grammars and from how people ask for tasks.

        Args:
            phrases: requests for solutions, `{problem}` where the problem goes.
            extra: labelled clauses of a user: "ask", "frame", "extra", "statement".
        """
        extra = tuple(extra)
        return cls(_trained(tuple(phrases), extra), _own_works(extra))

    def weigh(self, text: str, spans: Sequence[tuple[int, int]]) -> Remainder:
        """Judge what `text` says outside `spans` (ordered, apart)."""
        rest = outside(text, spans)
        letters = _letters(rest)
        if not letters:
            return NOTHING
        asks = illustrates = 0.0
        doubt, wanted = 0.0, []
        heard = [self._hear(sentence) for sentence in _ends(list(sentences(rest)))]
        for at, one in enumerate(heard):
            asks = max(asks, one.asks)
            if is_heading(one.text):
                continue
            elsewhere = max((other.asks for other in heard[:at] + heard[at + 1 :]), default=0.0)
            clause, shares, raw = self._most_wanting(one, elsewhere)
            more = _more(shares)
            illustrates = max(illustrates, raw["statement"])
            if self._introduces(one.text) or not words(_CODE.sub(" ", one.text)):
                continue
            doubt = max(doubt, min(more, 1 - more))
            named = self._names_work(clause)
            needed = CERTAIN if len(words(one.text)) == 1 else SURE if named else SURE_UNNAMED
            if more >= needed:
                wanted.append(clause)
                doubt = max(doubt, 0.0 if named else GUESS)
        return Remainder(
            residual=" ".join(wanted),
            asks=asks,
            illustrates=illustrates,
            confidence=1 - DOUBT * doubt,
            letters=letters,
        )

    def _introduces(self, sentence: str) -> bool:
        """Whether it only leads to what follows a colon."""
        return sentence.endswith((":", "：")) and not self._names_work(sentence)

    def _hear(self, sentence: str) -> _Sentence:
        look = self._classifier.probabilities
        whole = look(sentence)
        if is_heading(sentence) or whole["frame"] > CERTAIN:
            return _Sentence(sentence, whole, ())
        parts = tuple((at, part, look(part)) for at, part in clauses(sentence))
        return _Sentence(sentence, whole, parts)

    def _most_wanting(self, one: _Sentence, elsewhere: float) -> tuple[str, Shares, Shares]:
        """From where on a sentence wants more, the most that it wants, and what was said of that.

        Args:
            elsewhere: probability that another sentence asks for the solution.
        """
        whole = self._weighed(
            one.text, one.shares, max(elsewhere, *(s["ask"] for _, _, s in one.clauses), 0.0)
        )
        limit = SURE if _more(whole) >= SURE else SURE_ALONE
        wanting = []
        for at, part, shares in one.clauses:
            others = (other["ask"] for start, _, other in one.clauses if start != at)
            found = self._weighed(part, shares, max(elsewhere, *others, 0.0))
            if _more(found) >= limit:
                wanting.append((at, found, shares))
        ranked = ((whole, one.shares), *((found, raw) for _, found, raw in wanting))
        top, raw = max(ranked, key=lambda pair: _more(pair[0]))
        start = self._with_verb(one, wanting[0][0]) if wanting else 0
        return one.text[start:].strip(), top, raw

    def _with_verb(self, one: _Sentence, start: int) -> int:
        """Where the request starts, a short clause before it that says what to do included."""
        weighed_at = {at for at, _, _ in one.clauses}
        before = [(at, part) for at, part in clauses(one.text, 1) if at < start]
        while before and before[-1][0] not in weighed_at and self._names_work(before[-1][1]):
            start = before.pop()[0]
        return start

    def _weighed(self, text: str, shares: Shares, asked: float) -> Shares:
        """What the classifier says, weighed with what a further request is like.

        Whoever wants something else names it. And who sends a problem wants it solved: where
        nothing else asks for that, an odd wording that names no other work is how it is asked.
        """
        if tells(text):
            weight = ALONE
        elif self._names_work(text):
            weight = NAMED
        else:
            weight = UNNAMED if asked >= ASKED else ALONE
        odds = {
            kind: share * (weight if kind == "extra" else 1.0) for kind, share in shares.items()
        }
        total = sum(odds.values())
        return {kind: share / total for kind, share in odds.items()}

    def _names_work(self, text: str) -> bool:
        """Whether a work of language is named, in words of ours or of the user's lessons."""
        return names_work(text) or not self._own.isdisjoint(words(text.casefold()))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, its clauses with where they start, and what the classifier says of each."""

    text: str
    shares: Shares
    clauses: tuple[tuple[int, str, Shares], ...]

    @property
    def asks(self) -> float:
        """Probability that it, or a clause of it, asks for the solution."""
        return max(self.shares["ask"], *(shares["ask"] for _, _, shares in self.clauses), 0.0)


@lru_cache(maxsize=8)
def _trained(phrases: tuple[str, ...], extra: tuple[Example, ...]) -> TextClassifier:
    """Deciders for the same tasks share it: it never changes once it is trained."""
    bare = [Example(phrase.replace("{problem}", " "), "ask", f"own {phrase}") for phrase in phrases]
    return TextClassifier.train([*around_examples(), *bare, *extra])


def _own_works(lessons: Iterable[Example]) -> frozenset[str]:
    """Words with which a user asks for something else, and nobody for a solution."""
    taught: dict[bool, set[str]] = {True: set(), False: set()}
    for one in lessons:
        taught[one.label == "extra"].update(words(one.text.casefold()))
    if not taught[True]:
        return frozenset()
    for example in around_examples():
        if example.label in ("ask", "frame"):
            taught[False].update(words(example.text.casefold()))
    return frozenset(taught[True] - taught[False])


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
