"""How far a confidence can be believed, and from where on to act on it.

Knows nothing of networks: pairs of a probability and whether it came true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
    n = len(confidences)
    return sum(
        part.count / n * abs(part.confidence - part.right)
        for part in reliability(confidences, right, bins)
    )


def threshold_for(
    confidences: Sequence[float], right: Sequence[bool], *, cost_of_wrong: float
) -> float:
    """The confidence from which accepting an answer pays.

    Args:
        confidences, right: held-out answers.
        cost_of_wrong: what a wrong answer costs, where a right one is worth 1
            and none is worth 0.

    Returns:
        The lowest confidence that gains most in total; just above 1 when
        accepting never pays.
    """
    best, gain, total = 1.01, 0.0, 0.0
    ordered = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    for at, (confidence, hit) in enumerate(ordered):
        total += 1.0 if hit else -cost_of_wrong
        last_of_its_kind = at + 1 == len(ordered) or ordered[at + 1][0] < confidence
        if last_of_its_kind and total > gain:
            best, gain = confidence, total
    return best
