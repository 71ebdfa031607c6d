"""What needs no network: the scores that a specialist has to beat.

Always: the commonest answer, the problem itself, the nearest training problem.
For labels, where scikit-learn is installed: a random forest and gradient-boosted
trees. Works on tokens and plain vectors; knows nothing of specialists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

Tokens = Sequence[int]
TREES = 300
"""In a random forest."""


def majority(train_targets: Sequence[Tokens], test_targets: Sequence[Tokens]) -> float:
    """Exact accuracy of always giving the commonest training answer."""
    commonest = Counter(map(tuple, train_targets)).most_common(1)[0][0]
    return _share([tuple(target) == commonest for target in test_targets])


def copied(inputs: Sequence[Tokens], targets: Sequence[Tokens], ignore: int) -> float:
    """Exact accuracy of giving the problem back where an answer is asked."""
    return _share(
        [
            all(t in (ignore, i) for i, t in zip(given, wanted, strict=True))
            for given, wanted in zip(inputs, targets, strict=True)
        ]
    )


def nearest(
    train_inputs: Sequence[Tokens],
    train_targets: Sequence[Tokens],
    test_inputs: Sequence[Tokens],
    test_targets: Sequence[Tokens],
) -> float:
    """Exact accuracy of the answer to the training problem with most equal positions."""
    import numpy as np

    known = np.asarray(train_inputs, dtype=np.int32)
    hits = []
    for given, wanted in zip(test_inputs, test_targets, strict=True):
        at = int((known == np.asarray(given, dtype=np.int32)).sum(1).argmax())
        hits.append(list(train_targets[at]) == list(wanted))
    return _share(hits)


def trees(
    train: Sequence[Sequence[float]],
    train_labels: Sequence[Any],
    test: Sequence[Sequence[float]],
    test_labels: Sequence[Any],
    *,
    seed: int = 0,
) -> dict[str, float]:
    """Accuracy of a random forest and of gradient-boosted trees, default settings.

    Args:
        train, test: one vector an example; missing values are NaN.
        train_labels, test_labels: one label an example.
        seed: of both.

    Returns:
        By name; empty where scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import (
            HistGradientBoostingClassifier,
            RandomForestClassifier,
        )
        from threadpoolctl import threadpool_limits  # scikit-learn's own
    except ImportError:
        return {}
    models = {
        "random forest": RandomForestClassifier(TREES, random_state=seed),
        "gradient-boosted trees": HistGradientBoostingClassifier(random_state=seed),
    }
    texts, wanted = [str(label) for label in train_labels], [str(label) for label in test_labels]
    with threadpool_limits(1):  # threads that wait for a busy core take seventy times as long
        return {
            name: float(model.fit(train, texts).score(test, wanted))
            for name, model in models.items()
        }


def have_trees() -> bool:
    """Whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def forest_labels(train: Any, labels: Any, rows: Any, *, seed: int = 0) -> Any:
    """What the random forest of `trees` says of other rows; needs scikit-learn.

    Args:
        train: arrays `[N, F]`; missing values are NaN.
        labels: `[N]`.
        rows: `[M, F]`.
        seed: of the forest.

    Returns:
        Labels `[M]`, as they were given.
    """
    from sklearn.ensemble import RandomForestClassifier
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return RandomForestClassifier(TREES, random_state=seed).fit(train, labels).predict(rows)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
