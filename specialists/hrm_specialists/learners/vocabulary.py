"""Which words of a text were ever seen in training, and how many must be.

What has no known word is about something else, however much its letters and length resemble
the training texts. A word counts by how much it tells: what stands in every text tells little,
and what was never seen tells most. Shapes: N texts, W words.

Source of the weights: Spärck Jones, "A statistical interpretation of term specificity" (1972).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.stored import Stored

Floats = NDArray[np.float64]

MOST_WORDS = 100_000
"""Different words that are kept, the most frequent ones."""
LONGEST = 20_000
"""Letters of a text that are looked at."""
RAREST = 0.005
"""Share of the training texts that know less of their words, by the words of the others, than
is asked for."""
HALF = 0.5
"""Share of known words from which a text is never refused."""
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no spaces between words."""


@dataclass(frozen=True)
class Vocabulary(Stored):
    """The words of one column of training texts."""

    words: NDArray[np.uint32]
    """`[W]`: hashes, ascending."""
    weights: NDArray[np.float32]
    """`[W]`: what each tells."""
    unseen: float
    """What a word tells that is none of these."""
    least: float = 0.0
    """Share of a text's words that must be known."""

    @classmethod
    def fitted(cls, texts: Sequence[str], folds: NDArray[np.intp]) -> Vocabulary:
        """Learn from training texts; the least share from folds that did not see each other."""
        words = [_hashed(text) for text in texts]
        shares: list[float] = []
        for fold in np.unique(folds):
            others = np.flatnonzero(folds != fold).tolist()
            found = cls._of([words[at] for at in others])
            asked = (words[at] for at in np.flatnonzero(folds == fold).tolist())
            shares += [found._share(each) for each in asked if each]
        least = float(np.quantile(shares, RAREST, method="lower")) if shares else 0.0
        whole = cls._of(words)
        return cls(whole.words, whole.weights, whole.unseen, min(HALF, least))

    @classmethod
    def _of(cls, texts: Sequence[frozenset[int]]) -> Vocabulary:
        counts = Counter(word for text in texts for word in text)
        kept = sorted(counts.most_common(MOST_WORDS))
        many = np.array([count for _, count in kept], np.float32)
        weights = np.log((len(texts) + 1) / many)
        return cls(
            np.array([word for word, _ in kept], np.uint32), weights, float(np.log(len(texts) + 1))
        )

    @cached_property
    def _known(self) -> dict[int, float]:
        return dict(zip(self.words.tolist(), self.weights.tolist(), strict=True))

    def _share(self, words: frozenset[int]) -> float:
        known = [self._known[word] for word in words if word in self._known]
        new = len(words) - len(known)
        new -= new > 0 and len(words) > 2  # one is forgiven: a name, or a slip of the pen
        told = sum(known)
        return told / max(1e-12, told + self.unseen * new)

    def strange(self, texts: Sequence[str]) -> list[int]:
        """Places of the texts that have words, and know too few of them."""
        if not self.least:
            return []
        asked = map(_hashed, texts)
        return [at for at, each in enumerate(asked) if each and self._share(each) < self.least]


def _hashed(text: str) -> frozenset[int]:
    """The different words of a text; where no spaces part them, pairs of letters."""
    found: set[int] = set()
    for word in _WORD.findall(text[:LONGEST].casefold()):
        if _UNSPACED.search(word):
            found.update(_hash(word[at : at + 2]) for at in range(max(1, len(word) - 1)))
        else:
            found.add(_hash(word))
    return frozenset(found)


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))
