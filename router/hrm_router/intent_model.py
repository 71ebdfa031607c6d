"""Which intent a text means, and whether it means any; fitted to phrases.

A logistic regression on words and pieces of words says which intent; a decision of its own
says whether the text is any of them at all. What that decision and the limits stand on are
held-out scores: in every fold a part of the phrases, and a part of the intents with all of
their phrases, are unknown to the model that scores them. Training uses scikit-learn, asking
numpy alone. Knows nothing of handlers and routes.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STRENGTH = 10.0
"""Inverse of the penalty (scikit-learn's C)."""
FOLDS = 3
"""Models that are fitted beside the one that answers, for held-out scores."""
NONE = "(none)"
"""The class of texts that are no intent's; no intent can have this name."""
MOST_PHRASES = 6000
"""Phrases that are fitted; of more, each intent keeps an even share."""
HEAD, TAIL = 420, 280
"""Characters read from the beginning and from the end of a long text."""
LEAST_CLAIM, LEAST_DOUBT = 0.5, 0.1
"""Probabilities under which nothing is claimed, or unclear, however well phrases are told apart."""
FALSE_CLAIMS, FALSE_DOUBTS = 0.1, 0.35
"""Shares of held-out texts of no intent that may be claimed, and that may be unclear."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\W_]+|[?？]")


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model makes of a text."""

    name: str
    """The likeliest intent."""
    confidence: float
    """Probability that it is right; where `open`, that the text is none."""
    likely: tuple[str, ...]
    """The likeliest ones, in order."""
    claimed: bool
    """Whether it is surely this intent."""
    open: bool
    """Whether it is surely none."""


class IntentModel:
    """Scores of intents for a text, and what they amount to; made by `IntentModel.train`."""

    def __init__(
        self,
        names: Sequence[str],
        vocabulary: Mapping[str, int],
        idf: Floats,
        weights: Floats,
        scale: Floats,
        limits: Floats,
        own: Mapping[str, float | None],
        mark: int = 0,
    ) -> None:
        self.names, self.mark = tuple(names), mark
        self._vocabulary, self._idf, self._weights = vocabulary, idf, weights
        self._scale, self._limits, self._own = scale, limits, dict(own)

    @classmethod
    def train(
        cls, phrases: Mapping[str, Sequence[str]], own: Mapping[str, float | None]
    ) -> IntentModel:
        """Fit to phrases by intent.

        Args:
            phrases: name to phrases; "" holds texts of no intent.
            own: thresholds that intents bring themselves.
        """
        import numpy as np

        names = sorted(name for name in phrases if name)
        texts, labels = _even(phrases, names)
        vocabulary, idf, rows, known = _fitted_features(texts)
        everything = np.ones(len(texts), dtype=bool)
        weights = _fit(rows, labels, everything, len(names))
        signals, right, inside = [], [], []
        for part in range(FOLDS):
            away = (labels >= 0) & (labels % FOLDS == part) & (len(names) > FOLDS)
            spare = ~away & (_turns(labels) % FOLDS == part)
            fitted = _fit(rows, labels, ~away & ~spare, len(names))
            held = np.flatnonzero(away | spare)
            scores = rows[held] @ fitted[:-1] + fitted[-1]
            signals.append(_signals(scores, known[held]))
            inside.append(spare[held] & (labels[held] >= 0))
            right.append(inside[-1] & (scores[:, : len(names)].argmax(axis=1) == labels[held]))
        scale, limits = _fitted_limits(*map(np.concatenate, (signals, right, inside)))
        return cls(names, vocabulary, idf, weights, scale, limits, own, mark_of(phrases))

    def guess(self, text: str) -> Guess:
        """What `text` is taken for."""
        import numpy as np

        at, values, known = _row(text, self._vocabulary, self._idf)
        scores = values @ self._weights[at] + self._weights[-1]
        signals = _signals(scores[None, :], np.array([known]))[0]
        inside, right = (float(one) for one in _shares(signals, self._scale))
        order = np.argsort(-scores[: len(self.names)])[:3]
        name = self.names[order[0]]
        limit = self._own.get(name)
        claimed = right >= (limit if limit is not None else float(self._limits[0]))
        is_open = not claimed and inside < float(self._limits[1])
        return Guess(
            name=name,
            confidence=min(1 - inside if is_open else right, *self._limits[2:].tolist()),
            likely=tuple(self.names[at] for at in order),
            claimed=claimed,
            open=is_open,
        )

    def arrays(self) -> dict[str, Any]:
        """Itself as arrays, for `numpy.savez`."""
        import numpy as np

        told = {
            "names": self.names,
            "own": self._own,
            "mark": self.mark,
            "features": list(self._vocabulary),
        }
        return {
            "told": np.frombuffer(json.dumps(told).encode(), dtype=np.uint8),
            "idf": self._idf,
            "weights": self._weights.astype(np.float16),
            "scale": self._scale,
            "limits": self._limits,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> IntentModel:
        """The model that `arrays` described."""
        import numpy as np

        told = json.loads(bytes(arrays["told"]))
        vocabulary = {feature: at for at, feature in enumerate(told["features"])}
        weights = np.asarray(arrays["weights"], dtype=np.float32)
        return cls(
            told["names"],
            vocabulary,
            arrays["idf"],
            weights,
            arrays["scale"],
            arrays["limits"],
            told["own"],
            told["mark"],
        )


def mark_of(phrases: Mapping[str, Sequence[str]]) -> int:
    """A checksum of what a model is trained from."""
    plain = {name: list(some) for name, some in sorted(phrases.items())}
    return zlib.crc32(json.dumps(plain).encode())


def features(text: str) -> dict[str, float]:
    """Words, pairs of words and pieces of words with how often they occur.

    Lower case; numbers count by their presence; of a long text both ends are read.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    words = ["0" if word.isdigit() else word for word in _WORD.findall(text.casefold())]
    found: dict[str, float] = {}
    for at, word in enumerate(words):
        found[f"={word}"] = found.get(f"={word}", 0.0) + 1.0
        if at:
            pair = f"{words[at - 1]} {word}"
            found[pair] = found.get(pair, 0.0) + 1.0
        padded = f"<{word[:24]}>"
        for size in (3, 4, 5):
            for start in range(len(padded) - size + 1):
                piece = padded[start : start + size]
                found[piece] = found.get(piece, 0.0) + 1.0
    return found


def _is_word(feature: str) -> bool:
    return feature[0] == "=" or " " in feature


def _row(text: str, vocabulary: Mapping[str, int], idf: Floats) -> tuple[Any, Floats, float]:
    """Places and values of a text's known features, and the share of them that is known.

    Words and pieces of words have length 1 each.
    """
    import numpy as np

    found = features(text)
    places = [
        (vocabulary[one], count, _is_word(one)) for one, count in found.items() if one in vocabulary
    ]
    if not places:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32), 0.0
    at = np.array([place for place, _, _ in places], dtype=np.intp)
    words = np.array([word for _, _, word in places])
    counts = np.array([count for _, count, _ in places], dtype=np.float32)
    values: Floats = (1 + np.log(counts)) * idf[at]
    for mine in (words, ~words):
        norm = float(np.linalg.norm(values[mine]))
        if norm:
            values[mine] /= norm
    return at, values, len(places) / len(found)


def _fitted_features(texts: Sequence[str]) -> tuple[dict[str, int], Floats, Any, Floats]:
    """The vocabulary, its weights, the texts as a sparse matrix, and how much of each is known.

    A feature that one text alone has counts as unknown there, as it would be in a new text.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    vocabulary: dict[str, int] = {}
    seen: list[int] = []
    for text in texts:
        for feature in features(text):
            at = vocabulary.setdefault(feature, len(vocabulary))
            if at == len(seen):
                seen.append(0)
            seen[at] += 1
    often = np.array(seen)
    idf = (1 + np.log((1 + len(texts)) / (1 + often))).astype(np.float32)
    rows = [_row(text, vocabulary, idf) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(at) for at, _, _ in rows])])
    matrix = csr_matrix(
        (
            np.concatenate([v for _, v, _ in rows]),
            np.concatenate([at for at, _, _ in rows]),
            starts,
        ),
        shape=(len(texts), len(vocabulary)),
    )
    known = np.array([(often[at] > 1).mean() if len(at) else 0.0 for at, _, _ in rows])
    return vocabulary, idf, matrix, known


def _fit(rows: Any, labels: Any, chosen: Any, intents: int) -> Floats:
    """Weights by feature and class, the bias last; classes that no chosen text has stay low."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    classes = np.where(labels < 0, intents, labels)[chosen]
    weights = np.zeros((rows.shape[1] + 1, intents + 1), dtype=np.float32)
    weights[-1] = -30.0
    if (classes == classes[0]).all():
        weights[-1, classes[0]] = 0.0
        return weights
    model = LogisticRegression(C=STRENGTH, max_iter=60, tol=1e-3)
    model.fit(rows[np.flatnonzero(chosen)], classes)
    coefficients, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        bias = np.concatenate([-bias / 2, bias / 2])
    weights[:-1, model.classes_] = coefficients.T
    weights[-1, model.classes_] = bias
    return weights


def _turns(labels: Any) -> Any:
    """The how manieth of its class each text is."""
    import numpy as np

    turns = np.zeros(len(labels), dtype=int)
    for label in set(labels.tolist()):
        mine = np.flatnonzero(labels == label)
        turns[mine] = np.arange(len(mine))
    return turns


def _even(phrases: Mapping[str, Sequence[str]], names: Sequence[str]) -> tuple[list[str], Any]:
    """Texts and the places of their intents, -1 for none."""
    import numpy as np

    outside = [*dict.fromkeys(phrases.get("", ())), *_open_texts()]
    share = max(1, (MOST_PHRASES - len(outside)) // max(1, len(names)))
    texts, labels = [], []
    for at, name in enumerate(names):
        own = list(dict.fromkeys(map(str.strip, phrases[name])))[:share]
        texts += own
        labels += [at] * len(own)
    texts += outside
    labels += [-1] * len(outside)
    return texts, np.array(labels)


@cache
def _open_texts() -> tuple[str, ...]:
    """Things that people ask and no intent means; one a line in `open_texts.txt`."""
    text = (resources.files("hrm_router") / "open_texts.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("# "))


def _signals(scores: Any, known: Any) -> Any:
    """What tells texts of the intents from others.

    How likely the best intent is, how high it scores, and how much of the text is known.
    """
    import numpy as np

    top = scores[:, :-1].max(axis=1)
    whole = scores.max(axis=1)
    total = whole + np.log(np.exp(scores - whole[:, None]).sum(axis=1))
    share = np.clip(np.exp(top - total), 1e-6, 1 - 1e-6)
    return np.stack([np.log(share / (1 - share)), top, known], axis=1)


def _shares(signals: Any, scale: Any) -> Any:
    """Probabilities that a text is any intent's, and that the best intent is right."""
    import numpy as np

    return 1 / (1 + np.exp(-(signals @ scale[:, :-1].T + scale[:, -1])))


def _fitted_limits(signals: Any, right: Any, inside: Any) -> tuple[Floats, Floats]:
    """Two logistic regressions on held-out signals, and the limits that they are cut at.

    Limits keep to `FALSE_CLAIMS` and `FALSE_DOUBTS` of the texts that are no intent's. The last
    number is the highest confidence that so many held-out phrases can show.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    scale = np.zeros((2, signals.shape[1] + 1), dtype=np.float32)
    for row, target in enumerate((inside, right)):
        if target.all() or not target.any():
            scale[row, -1] = 6.0 if target.all() else -6.0
            continue
        fitted = LogisticRegression(C=1.0).fit(signals, target)
        scale[row, :-1], scale[row, -1] = fitted.coef_[0], fitted.intercept_[0]
    most = 1 - 1 / (inside.sum() + 2)
    shares = _shares(signals[~inside], scale)
    if not len(shares):
        return scale, np.array([0.5, 0.2, most], dtype=np.float32)
    claims = np.quantile(shares[:, 1], 1 - FALSE_CLAIMS)
    doubts = np.quantile(shares[:, 0], 1 - FALSE_CLAIMS - FALSE_DOUBTS)
    limits = (max(claims, LEAST_CLAIM), max(doubts, LEAST_DOUBT), most)
    return scale, np.array(limits, dtype=np.float32)
