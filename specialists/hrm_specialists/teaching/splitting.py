"""Training, validation and test parts that share nothing.

Examples of one group stay together, and so do problems that are the same to
their task: no score is ever on something seen. Knows nothing of networks.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from hrm_specialists.errors import DataError
from hrm_specialists.schema.examples import Pair

HELD_OUT, FEWEST_HELD_OUT, MOST_HELD_OUT = 0.1, 10, 1000
TOLERATED_CONTRADICTIONS = 0.05
"""Share of examples whose problem has another solution elsewhere: noise below, a mistake above."""


@dataclass(frozen=True, slots=True)
class Split:
    """Three parts of the examples."""

    train: list[Pair]
    validation: list[Pair]
    """For choosing and calibrating."""
    test: list[Pair]
    """For the card; nothing is chosen by it."""


def same_json(problem: Any) -> Hashable:
    """The key of a problem of which nothing else is known."""
    return json.dumps(problem, sort_keys=True, ensure_ascii=False)


def split(pairs: Sequence[Pair], *, seed: int, key: Callable[[Any], Hashable] = same_json) -> Split:
    """Cut examples into parts; a given seed always cuts alike.

    Args:
        pairs: all examples.
        seed: of the shuffle.
        key: equal for problems that are the same, also up to symmetry.

    Raises:
        DataError: too many problems occur with different solutions, or all
            examples belong to one or two groups.
    """
    _refuse_contradictions(pairs)
    bundles = _bundles(pairs, key)
    if len(bundles) < 3:
        raise DataError(
            f"all {len(pairs)} examples fall into {len(bundles)} group(s) that must not be cut; "
            "a test needs at least three"
        )
    random.Random(seed).shuffle(bundles)
    want = min(max(int(HELD_OUT * len(pairs)), FEWEST_HELD_OUT), MOST_HELD_OUT)
    test = _take(bundles, want)
    validation = _take(bundles, want)
    return Split([pair for bundle in bundles for pair in bundle], validation, test)


def _take(bundles: list[list[Pair]], want: int) -> list[Pair]:
    taken: list[Pair] = []
    while len(taken) < want and len(bundles) > 1:
        taken += bundles.pop()
    return taken


def _bundles(pairs: Sequence[Pair], key: Callable[[Any], Hashable]) -> list[list[Pair]]:
    """Examples that must stay together: linked by a group or by an equal problem."""
    parent = list(range(len(pairs)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    first: dict[Hashable, int] = {}
    for at, pair in enumerate(pairs):
        links: list[Hashable] = [("problem", key(pair.problem))]
        if pair.group is not None:
            links.append(("group", pair.group))
        for link in links:
            parent[root(at)] = root(first.setdefault(link, at))
    bundles: dict[int, list[Pair]] = {}
    for at, pair in enumerate(pairs):
        bundles.setdefault(root(at), []).append(pair)
    return list(bundles.values())


def _refuse_contradictions(pairs: Sequence[Pair]) -> None:
    solutions: dict[Hashable, Pair] = {}
    clashes: list[tuple[Pair, Pair]] = []
    for pair in pairs:
        seen = solutions.setdefault(same_json(pair.problem), pair)
        if seen.solution != pair.solution:
            clashes.append((seen, pair))
    if len(clashes) > TOLERATED_CONTRADICTIONS * len(pairs):
        one, other = clashes[0]
        raise DataError(
            f"{len(clashes)} of {len(pairs)} examples contradict others: "
            f"the same problem has another solution in line {one.line}",
            line=other.line,
        )
