"""The light text classifier: softmax over n-grams, trained where it is used.

A few thousand short examples train in a fraction of a second, the same way
every time, without downloads; numpy is imported when the first one trains.
Its probabilities are calibrated by a temperature, fitted on templates that
training has not seen. Knows nothing of routes, tasks or languages.

Source: AdaGrad (Duchi et al. 2011) for the steps, temperature scaling (Guo et
al. 2017, arXiv:1706.04599) for the calibration.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hrm_router.ngrams import features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = list[NDArray[np.intp]]

TEMPERATURES = (0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.8, 4.0)


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

    @classmethod
    def train(
        cls,
        examples: Iterable[Example],
        *,
        epochs: int = 5,
        rate: float = 0.25,
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
        learner = _Learner(len(vocabulary), len(labels), rate)
        kept = [at for at in range(len(known)) if at not in held]
        shuffle = random.Random(seed).shuffle
        for _ in range(epochs):
            shuffle(kept)
            learner.see(rows, wanted, shares, kept)
        heat = _temperature([(learner.score(rows[at]), wanted[at]) for at in sorted(held)])
        everything = list(range(len(known)))
        shuffle(everything)
        learner.see(rows, wanted, shares, everything)
        return cls(labels, vocabulary, learner.weights, heat)

    def probabilities(self, text: str) -> dict[str, float]:
        """Calibrated probability of each label; they sum to 1."""
        shares = _softmax(self._scores(text) / self.temperature)
        return dict(zip(self.labels, shares.tolist(), strict=True))

    def _scores(self, text: str) -> Floats:
        look = self._vocabulary.get
        found = [at for at in map(look, features(text)) if at is not None]
        return _score(self._weights, found)


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


class _Learner:
    """AdaGrad on the weights, one example at a time."""

    def __init__(self, size: int, labels: int, rate: float) -> None:
        import numpy as np

        self.weights: Floats = np.zeros((size + 1, labels), dtype=np.float32)
        self._seen: Floats = np.full((size + 1, labels), 1e-2, dtype=np.float32)
        self._rate = rate

    def score(self, row: NDArray[np.intp]) -> Floats:
        return _score(self.weights, row)

    def see(
        self, rows: Rows, wanted: Sequence[int], shares: Sequence[float], order: Iterable[int]
    ) -> None:
        import numpy as np

        weights, seen, rate = self.weights, self._seen, self._rate
        for at in order:
            row = rows[at]
            if not len(row):
                continue
            scale = len(row) ** -0.5
            here = weights[row]
            slope = _softmax(here.sum(axis=0) * scale)
            slope[wanted[at]] -= 1.0
            slope *= shares[at] * scale
            grown = seen[row] + slope * slope
            seen[row] = grown
            weights[row] = here - rate * slope / np.sqrt(grown)


def _score(weights: Floats, row: Any) -> Floats:
    found: Floats = weights[row].sum(axis=0) if len(row) else weights[-1] * 0
    return found * (max(1, len(row)) ** -0.5)


def _softmax(scores: Floats) -> Floats:
    import numpy as np

    powers: Floats = np.exp(scores - scores.max())
    return powers / powers.sum()


def _temperature(held: Sequence[tuple[Floats, int]]) -> float:
    """The temperature under which held-out labels are likeliest; 1 without any."""
    import numpy as np

    if not held:
        return 1.0
    scores = np.stack([scores for scores, _ in held])
    right = np.array([label for _, label in held])
    return min(TEMPERATURES, key=_loss(scores, right))


def _loss(scores: Floats, right: NDArray[np.intp]) -> Callable[[float], float]:
    import numpy as np

    def loss(heat: float) -> float:
        cooled = scores / heat
        top = cooled.max(axis=1, keepdims=True)
        total = np.log(np.exp(cooled - top).sum(axis=1)) + top[:, 0]
        return float((total - cooled[np.arange(len(right)), right]).mean())

    return loss
