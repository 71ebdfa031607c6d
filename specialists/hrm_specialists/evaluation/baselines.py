"""What needs no network: the scores that a specialist has to beat.

The commonest answer, the problem itself, the nearest training problem. Works on
tokens; knows nothing of specialists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

Tokens = Sequence[int]


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


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
