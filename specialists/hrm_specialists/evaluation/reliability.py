"""How far a confidence can be believed, and from where on to act on it.

Knows nothing of networks: pairs of a probability and whether it came true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar confidence."""

    confidence: float
    """Mean of what was claimed, 0 to 1."""
    right: float
    """Share that was right, 0 to 1."""
    count: int


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Bins of about equal count, least confident first; at most `bins` of them.

    Equal confidences share a bin: they were one claim.
    """
    ordered = sorted(zip(confidences, right, strict=True), key=lambda pair: pair[0])
    wanted = max(1, -(-len(ordered) // bins))
    parts: list[list[tuple[float, bool]]] = []
    for pair in ordered:
        if not parts or (len(parts[-1]) >= wanted and parts[-1][-1][0] != pair[0]):
            parts.append([])
        parts[-1].append(pair)
    return [
        Bin(sum(c for c, _ in part) / len(part), sum(r for _, r in part) / len(part), len(part))
        for part in parts
    ]


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> float:
    """Mean gap between claimed and true share over bins of equal count, 0 to 1."""
    parts = reliability(confidences, right, bins)
    return sum(p.count * abs(p.confidence - p.right) for p in parts) / max(1, len(confidences))


KEPT = {0.12: 0.002, 0.25: 0.004, 0.4: 0.006, 0.55: 0.006, 0.7: 0.006, 0.85: 0.006, 1.0: 0.02}
"""Shares of the answers worth accepting, the surest first, and the chance that one is vouched
for although too few of it are right: 5 % together. A share that holds leaves its chance to the
next. Source: Wiens and Dmitrienko, "The fallback procedure" (2005)."""


def threshold_for(
    confidences: Sequence[float], right: Sequence[bool], *, cost_of_wrong: float
) -> float:
    """The confidence from which accepting an answer pays, surely.

    That is where a right answer's gain outweighs a wrong one's cost, or higher: as high as
    it takes for a lower bound on the share right above it to reach the same. Of few answers,
    or where confidence says little, nothing is accepted.

    Args:
        confidences, right: held-out answers, calibrated by others than themselves.
        cost_of_wrong: what a wrong answer costs, where a right one is worth 1
            and none is worth 0.

    Returns:
        A threshold; 1 when accepting cannot be vouched for.
    """
    target = cost_of_wrong / (1 + cost_of_wrong)
    ordered = sorted(
        (pair for pair in zip(confidences, right, strict=True) if pair[0] >= target),
        key=lambda pair: -pair[0],
    )
    found, spare = 1.0, 0.0
    for kept, chance in KEPT.items():
        count = int(kept * len(ordered))
        while 0 < count < len(ordered) and ordered[count][0] == ordered[count - 1][0]:
            count += 1  # equal confidences are accepted together
        hits = sum(hit for _, hit in ordered[:count])
        spare += chance
        if count and lower_bound(hits, count, spare) >= target:
            found = target if count == len(ordered) else ordered[count - 1][0]
        else:
            spare = 0.0
    return found


def thresholds_of_labels(shares: Mapping[Any, float], threshold: float) -> dict[str, float]:
    """Confidence from which labels are accepted that are right by default, by the label as text.

    A label that nine in ten rows have (its share) is right nine times in ten without looking.
    It is accepted only where at least half of that chance of error is gone; labels for which
    the common threshold is enough are not named.
    """
    wanted = {str(label): 1 - (1 - share) / 2 for label, share in shares.items()}
    return {label: round(least, 4) for label, least in wanted.items() if least > threshold}


def lower_bound(hits: int, count: int, chance: float) -> float:
    """A share that the true one is below with this chance at most.

    Source: Clopper and Pearson (1934).
    """
    from scipy.special import betaincinv

    return float(betaincinv(hits, count - hits + 1, chance)) if hits else 0.0
