"""Which intent a text means, and whether it means any; fitted to phrases.

Two small networks on words and pieces of words say together which intent; a decision of its own
says whether the text is any of them at all. What that decision and the limits stand on are
held-out scores: in every fold a part of the phrases, and a part of the intents with all of
their phrases, are unknown to the model that scores them. Training uses scipy and scikit-learn,
asking numpy alone. Knows nothing of handlers and routes.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

NETWORKS, WIDTH = 2, 128
"""Networks whose scores are averaged, and the hidden numbers of each."""
ROUNDS, BATCH, RATE = 16, 64, 0.06
"""How often training sees each phrase, in how large groups, with which first step (Adagrad)."""
UNSEEN, UNHEARD, SMOOTH = 0.3, 0.5, 0.05
"""Shares of features and of hidden numbers that training leaves out, and of the target that it
spreads over all intents."""
FOLDS = 3
"""Models that are fitted beside the one that answers, for held-out scores."""
MOST_PHRASES = 6000
"""Phrases that are fitted; of more, each intent keeps an even share."""
HEAD, TAIL = 420, 280
"""Characters read from the beginning and from the end of a long text."""
LEAST_CLAIM, LEAST_DOUBT = 0.5, 0.1
"""Probabilities under which nothing is claimed, or unclear, however well phrases are told apart."""
FALSE_CLAIMS, FALSE_DOUBTS = 0.1, 0.35
"""Shares of held-out texts of no intent that may be claimed, and that may be unclear."""

_NUMBERS = ("first", "second", "scale", "limits")
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

    def __init__(self, told: Mapping[str, Any], numbers: Mapping[str, Floats]) -> None:
        self._told, self._numbers = told, numbers
        self.names, self.mark = tuple(told["names"]), int(told["mark"])
        self._vocabulary = {feature: at for at, feature in enumerate(told["features"])}

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
        texts, labels, turns = _even(phrases, names)
        vocabulary, rows, known = _fitted_features(texts)
        first, second = _fit(rows, labels, np.ones(len(texts), dtype=bool), len(names))
        signals, right, inside = [], [], []
        for part in range(FOLDS):
            away = (labels >= 0) & (labels % FOLDS == part) & (len(names) > FOLDS)
            spare = ~away & (turns % FOLDS == part)
            fitted = _fit(rows, labels, ~away & ~spare, len(names))
            held = np.flatnonzero(away | spare)
            scores = _scores(rows[held] @ fitted[0][:-1], *fitted)
            signals.append(_signals(scores, known[held]))
            inside.append(spare[held] & (labels[held] >= 0))
            right.append(inside[-1] & (scores[:, : len(names)].argmax(axis=1) == labels[held]))
        scale, limits = _fitted_limits(*map(np.concatenate, (signals, right, inside)))
        told = {
            "names": names,
            "own": dict(own),
            "mark": mark_of(phrases),
            "features": [*vocabulary],
        }
        return cls(told, {"first": first, "second": second, "scale": scale, "limits": limits})

    def guess(self, text: str) -> Guess:
        """What `text` is taken for."""
        import numpy as np

        at, values, known = _row(features(text), self._vocabulary)
        first, second, scale, limits = (self._numbers[name] for name in _NUMBERS)
        scores = _scores(values @ first[at], first, second)
        signals = _signals(scores[None, :], np.array([known]))[0]
        inside, right = (float(one) for one in _shares(signals, scale))
        order = np.argsort(-scores[: len(self.names)])[:3]
        name = self.names[order[0]]
        limit = self._told["own"].get(name)
        claimed = right >= (limit if limit is not None else float(limits[0]))
        is_open = not claimed and inside < float(limits[1])
        return Guess(
            name=name,
            confidence=min(1 - inside if is_open else right, float(limits[2])),
            likely=tuple(self.names[at] for at in order),
            claimed=claimed,
            open=is_open,
        )

    def arrays(self) -> dict[str, Any]:
        """Itself as arrays, for `numpy.savez`."""
        import numpy as np

        told = np.frombuffer(json.dumps(self._told).encode(), dtype=np.uint8)
        layers = {name: self._numbers[name].astype(np.float16) for name in _NUMBERS[:2]}
        return {"told": told, **self._numbers, **layers}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> IntentModel:
        """The model that `arrays` described."""
        import numpy as np

        numbers = {name: np.asarray(arrays[name], dtype=np.float32) for name in _NUMBERS}
        return cls(json.loads(bytes(arrays["told"])), numbers)


def mark_of(phrases: Mapping[str, Sequence[str]]) -> int:
    """A checksum of what a model is trained from."""
    plain = {name: list(some) for name, some in sorted(phrases.items())}
    return zlib.crc32(json.dumps(plain).encode())


def features(text: str) -> Counter[str]:
    """Words, pairs of words and pieces of words with how often they occur.

    Lower case; numbers count by their presence; of a long text both ends are read.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    words = ["0" if word.isdigit() else word for word in _WORD.findall(text.casefold())]
    found = [f"={word}" for word in words]
    found += [f"{one} {other}" for one, other in pairwise(words)]
    for word in words:
        padded = f"<{word[:24]}>"
        for size in (3, 4, 5):
            found += [padded[at : at + size] for at in range(len(padded) - size + 1)]
    return Counter(found)


def _is_word(feature: str) -> bool:
    return feature[0] == "=" or " " in feature


def _row(found: Mapping[str, int], vocabulary: Mapping[str, int]) -> tuple[Any, Floats, float]:
    """Places and values of a text's known features, and the share of them that is known.

    Words and pieces of words have length 1 each.
    """
    import numpy as np

    places = [
        (vocabulary[one], count, _is_word(one)) for one, count in found.items() if one in vocabulary
    ]
    if not places:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32), 0.0
    at = np.array([place for place, _, _ in places], dtype=np.intp)
    words = np.array([word for _, _, word in places])
    counts = np.array([count for _, count, _ in places], dtype=np.float32)
    values: Floats = 1 + np.log(counts)
    for mine in (words, ~words):
        norm = float(np.linalg.norm(values[mine]))
        if norm:
            values[mine] /= norm
    return at, values, len(places) / len(found)


def _fitted_features(texts: Sequence[str]) -> tuple[dict[str, int], Any, Floats]:
    """The features that more than one text has, the texts as a sparse matrix, and what is known.

    What is known of a text is the share of its features that would be known without it.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    found = [features(text) for text in texts]
    seen = Counter(feature for some in found for feature in some)
    often = [feature for feature, count in seen.items() if count > 1]
    vocabulary = {feature: at for at, feature in enumerate(often)}
    rows = [_row(some, vocabulary) for some in found]
    starts = np.cumsum([0, *(len(at) for at, _, _ in rows)])
    at, values = (np.concatenate([row[part] for row in rows]) for part in (0, 1))
    matrix = csr_matrix((values, at, starts), shape=(len(texts), len(vocabulary)))
    known = [sum(seen[one] > 2 for one in some) / max(1, len(some)) for some in found]
    return vocabulary, matrix, np.array(known)


def _fit(rows: Any, labels: Any, chosen: Any, intents: int) -> tuple[Floats, Floats]:
    """Weights of both layers, the networks side by side and the biases last.

    Classes that no chosen text has stay low.
    """
    import numpy as np

    present, classes = np.unique(np.where(labels < 0, intents, labels)[chosen], return_inverse=True)
    rows = rows[np.flatnonzero(chosen)]
    made = [_network(rows, classes, len(present), seed) for seed in range(NETWORKS)]
    second = np.zeros((NETWORKS * WIDTH + 1, intents + 1), dtype=np.float32)
    second[-1] = -30.0
    biases = sum(layer[-1:] for _, layer in made)
    second[:, present] = np.vstack([*(layer[:-1] for _, layer in made), biases]) / NETWORKS
    return np.hstack([layer for layer, _ in made]), second


def _network(rows: Any, classes: Any, many: int, seed: int) -> tuple[Floats, Floats]:
    """Weights of two layers with a rectifier between, the biases last.

    Dropout of features and of hidden numbers, smoothed targets and few rounds keep it from
    learning phrases by heart.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(seed)
    targets = (1 - SMOOTH) * np.eye(many, dtype=np.float32) + SMOOTH / many
    shapes = (rows.shape[1] + 1, WIDTH), (WIDTH + 1, many)
    first, second = (random.normal(0, WIDTH**-0.5, one).astype(np.float32) for one in shapes)
    first[-1] = second[-1] = 0
    squares = np.zeros_like(first), np.zeros_like(second)
    turns = [random.permutation(len(classes)) for _ in range(ROUNDS)]
    groups = [turn[at : at + BATCH] for turn in turns for at in range(0, len(turn), BATCH)]
    for step, group in enumerate(groups):
        some = rows[group]
        some.data *= (random.random(some.nnz, dtype=np.float32) > UNSEEN) / np.float32(1 - UNSEEN)
        some.eliminate_zeros()
        used, places = np.unique(some.indices, return_inverse=True)
        inputs = csr_matrix((some.data, places, some.indptr), (len(group), len(used)))
        hidden = inputs @ first[used] + first[-1]
        passed = (hidden > 0) * (random.random(hidden.shape, dtype=np.float32) > UNHEARD)
        passed = passed / np.float32(1 - UNHEARD)
        hidden *= passed
        shares = np.exp(hidden @ second[:-1] + second[-1])
        error = (shares / shares.sum(axis=1, keepdims=True) - targets[classes[group]]) / len(group)
        back = (error @ second[:-1].T) * passed
        slopes = [inputs.T @ back, back.sum(axis=0)], [hidden.T @ error, error.sum(axis=0)]
        touched: tuple[Any, Any] = np.append(used, len(first) - 1), slice(None)
        rate = np.float32(RATE * (1 - step / len(groups)))
        for layer, sums, at, parts in zip((first, second), squares, touched, slopes, strict=True):
            slope = np.vstack(parts)
            sums[at] += slope**2
            layer[at] -= rate * slope / (np.sqrt(sums[at]) + np.float32(1e-6))
    return first, second


def _scores(sums: Floats, first: Floats, second: Floats) -> Any:
    """Scores of the intents and of none, from the sums of what a text's features weigh."""
    import numpy as np

    return np.maximum(sums + first[-1], 0) @ second[:-1] + second[-1]


def _even(phrases: Mapping[str, Sequence[str]], names: Sequence[str]) -> tuple[list[str], Any, Any]:
    """Texts, the places of their intents (-1 for none), and the how manieth of its kind each is."""
    import numpy as np

    outside = [*dict.fromkeys(phrases.get("", ())), *_open_texts()]
    share = max(1, (MOST_PHRASES - len(outside)) // max(1, len(names)))
    kinds = [list(dict.fromkeys(map(str.strip, phrases[name])))[:share] for name in names]
    kinds.append(outside)
    labels = np.repeat([*range(len(names)), -1], list(map(len, kinds)))
    turns = np.concatenate([np.arange(len(kind)) for kind in kinds])
    return [text for kind in kinds for text in kind], labels, turns


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
