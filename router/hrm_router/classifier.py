"""The light text classifier: softmax over n-grams, trained where it is used.

Few labels are learned by gradient steps, many with few examples each by naive
Bayes. A few thousand short examples train in a fraction of a second, the same way
every time, without downloads; numpy is imported when the first one trains.
Its probabilities are calibrated by a temperature, fitted on templates that
training has not seen. Knows nothing of routes, tasks or languages.

Source: AdaGrad (Duchi et al. 2011) for the steps, temperature scaling (Guo et
al. 2017, arXiv:1706.04599) for the calibration.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hrm_router.ngrams import features, pairs, pieces, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = list[NDArray[np.intp]]

FEW = 16
"""Labels up to which weights are learned by gradient steps; beyond, counting is both
better from a few examples each and faster."""
SMOOTHING = 0.05
"""Added to every count."""
BATCH = 32
"""Examples per step."""
MOST_WORDS = 8_192
"""Words whose pieces are remembered: most words of a text are common ones."""
TEMPERATURES = (0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.8, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the label it should get, and the template it was made from.

    Examples of one template are never split between training and calibration.
    """

    text: str
    label: str
    template: str = ""
    weight: float = 1.0


class TextClassifier:
    """Probabilities of labels for a text; made by `TextClassifier.train`."""

    def __init__(
        self, labels: Sequence[str], vocabulary: Mapping[str, int], weights: Floats, heat: float
    ) -> None:
        self.labels = tuple(labels)
        self.temperature = heat
        self._vocabulary, self._weights = vocabulary, weights
        self._words: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {}

    @classmethod
    def train(
        cls,
        examples: Iterable[Example],
        *,
        epochs: int = 6,
        rate: float = 0.4,
        seed: int = 0,
    ) -> TextClassifier:
        """Fit the weights, then the temperature on every fifth template.

        Args:
            examples: at least one for each label.
            epochs: passes over the examples before the temperature is fitted;
                one more follows that includes the templates held out.
            rate: AdaGrad's step size.
            seed: decides the order of the examples.
        """
        import numpy as np

        known = list(examples)
        labels = sorted({one.label for one in known})
        number = {label: at for at, label in enumerate(labels)}
        vocabulary: dict[str, int] = {}
        rows: Rows = []
        for one in known:
            found = [vocabulary.setdefault(f, len(vocabulary)) for f in features(one.text)]
            rows.append(np.array(found, dtype=np.intp))
        wanted = [number[one.label] for one in known]
        shares = balance(known)
        held = held_out(known)
        order = list(range(len(known)))
        random.Random(seed).shuffle(order)
        kept, spare = [at for at in order if at not in held], sorted(held)
        few = len(labels) <= FEW
        learner = _Learner(
            np.zeros((len(vocabulary) + 1, len(labels)), dtype=np.float32)
            if few
            else counted(rows, wanted, kept, len(vocabulary), len(labels)),
            rate,
        )
        taught, unseen = (
            [_Batch(rows, wanted, shares, part) for part in _cut(some)] for some in (kept, spare)
        )
        for _ in range(epochs if few else 0):
            learner.see(taught)
        heat = learner.temperature(unseen) if unseen else 1.0
        if few:
            learner.see(unseen + taught)
        else:
            learner.weights = counted(rows, wanted, order, len(vocabulary), len(labels))
        return cls(labels, vocabulary, learner.weights, heat)

    def probabilities(self, text: str) -> dict[str, float]:
        """Calibrated probability of each label; they sum to 1."""
        shares = _softmax(self._scores(text) / self.temperature)
        return dict(zip(self.labels, shares.tolist(), strict=True))

    def _scores(self, text: str) -> Floats:
        known = tokens(text)
        found: set[int] = set()
        strange: set[str] = set()
        for word in dict.fromkeys(known):
            there, missing = self._looked_up(word)
            found.update(there)
            strange.update(missing)
        for pair in pairs(known):
            at = self._vocabulary.get(pair)
            if at is None:
                strange.add(pair)
            else:
                found.add(at)
        return _score(self._weights, list(found), len(found) + len(strange))

    def _looked_up(self, word: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Places of those pieces of a word that are known, and the other pieces."""
        seen = self._words.get(word)
        if seen is None:
            places = {piece: self._vocabulary.get(piece) for piece in pieces(word)}
            there = tuple(at for at in places.values() if at is not None)
            seen = there, tuple(piece for piece, at in places.items() if at is None)
            if len(self._words) >= MOST_WORDS:
                self._words = {}
            self._words[word] = seen
        return seen


def balance(examples: Sequence[Example]) -> list[float]:
    """Each example's weight, so that rare labels are heard: by the root of their share."""
    counts: dict[str, int] = {}
    for one in examples:
        counts[one.label] = counts.get(one.label, 0) + 1
    mean = len(examples) / max(1, len(counts))
    return [one.weight * min(3.0, (mean / counts[one.label]) ** 0.5) for one in examples]


def held_out(examples: Sequence[Example]) -> set[int]:
    """Positions of the examples of every fifth template of each label."""
    order: dict[str, dict[str, int]] = {}
    held = set()
    for at, one in enumerate(examples):
        templates = order.setdefault(one.label, {})
        turn = templates.setdefault(one.template or one.text, len(templates))
        if turn % 5 == 4:
            held.add(at)
    return held


class _Batch:
    """Some examples, laid out so that a step on them is a few array operations.

    `idx` lists the features of all of them, one example after the other, which
    start at `starts`; `row_of` lists, feature by feature, the examples it is in.
    """

    def __init__(
        self, rows: Rows, wanted: Sequence[int], shares: Sequence[float], part: Sequence[int]
    ) -> None:
        import numpy as np

        sizes = np.array([len(rows[at]) for at in part])
        self.idx = np.concatenate([rows[at] for at in part])
        self.starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        self.scale = (sizes.astype(np.float32) ** -0.5)[:, None]
        self.wanted = np.array([wanted[at] for at in part])
        self.shares = np.array([shares[at] for at in part], dtype=np.float32)[:, None]
        order = np.argsort(self.idx, kind="stable")
        self.row_of = np.repeat(np.arange(len(part)), sizes)[order]
        self.features, self.bounds = np.unique(self.idx[order], return_index=True)


def _cut(order: Sequence[int]) -> list[Sequence[int]]:
    return [order[at : at + BATCH] for at in range(0, len(order), BATCH)]


def counted(
    rows: Rows, wanted: Sequence[int], order: Iterable[int], size: int, labels: int
) -> Floats:
    """Weights of naive Bayes: how much likelier each feature is under each label.

    The last row stays zero, for texts without a known feature.
    """
    import numpy as np

    seen: Floats = np.full((size + 1, labels), SMOOTHING, dtype=np.float32)
    for at in order:
        seen[rows[at], wanted[at]] += 1
    weights: Floats = np.log(seen / seen.sum(axis=0, keepdims=True))
    weights -= weights.mean(axis=1, keepdims=True)
    weights[-1] = 0
    return weights


class _Learner:
    """AdaGrad on the weights, one batch at a time."""

    def __init__(self, weights: Floats, rate: float) -> None:
        import numpy as np

        self.weights = weights
        self._seen: Floats = np.full_like(weights, 1e-2)
        self._rate = rate

    def temperature(self, batches: Iterable[_Batch]) -> float:
        """The temperature that suits these batches best."""
        import numpy as np

        known = list(batches)
        scores = np.concatenate([self.score(batch) for batch in known])
        return _temperature(scores, np.concatenate([batch.wanted for batch in known]))

    def score(self, batch: _Batch) -> Floats:
        import numpy as np

        scores: Floats = np.add.reduceat(self.weights[batch.idx], batch.starts) * batch.scale
        return scores

    def see(self, batches: Iterable[_Batch]) -> None:
        import numpy as np

        for batch in batches:
            slopes = _softmax(self.score(batch))
            slopes[np.arange(len(slopes)), batch.wanted] -= 1.0
            slopes *= batch.shares * batch.scale
            step = np.add.reduceat(slopes[batch.row_of], batch.bounds)
            grown = self._seen[batch.features] + step * step
            self._seen[batch.features] = grown
            self.weights[batch.features] -= self._rate * step / np.sqrt(grown)


def _score(weights: Floats, row: Any, features: int) -> Floats:
    """Features that training never saw count as seen without a word for any label.

    So a text of unknown words comes out undecided, as it did when the temperature
    was fitted on unseen templates, and is not called by the few pieces that are known.
    """
    found: Floats = weights[row].sum(axis=0) if len(row) else weights[-1] * 0
    scaled: Floats = found * (max(1, features) ** -0.5)
    return scaled


def _softmax(scores: Floats) -> Floats:
    import numpy as np

    powers: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _temperature(scores: Floats, right: NDArray[np.intp]) -> float:
    """The temperature under which the right labels are likeliest."""
    import numpy as np

    def loss(heat: float) -> float:
        cooled = scores / heat
        top = cooled.max(axis=1, keepdims=True)
        total = np.log(np.exp(cooled - top).sum(axis=1)) + top[:, 0]
        return float((total - cooled[np.arange(len(right)), right]).mean())

    return min(TEMPERATURES, key=loss)
