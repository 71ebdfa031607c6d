"""Many predictions of one output, and which two are handed in.

Every view of a test, at several moments of the learning, is a voter; what it is
worth is the network's own belief that it is right. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Sequence

from hrm_puzzles.arc.adapting.framing import Rows

BELIEF = 1e-3
"""What a voter is worth that believes nothing, so that agreement still counts."""


class Ballot:
    """The votes on one test output."""

    def __init__(self) -> None:
        self._votes: dict[Rows, float] = {}
        self._cast = 0

    def vote(self, grid: Rows, belief: float) -> None:
        """Count one prediction, worth `belief`, 0 to 1."""
        self._votes[grid] = self._votes.get(grid, 0.0) + belief + BELIEF
        self._cast += 1

    def ranked(self) -> list[Rows]:
        """Predictions, the most voted first."""
        return sorted(self._votes, key=lambda grid: (-self._votes[grid], grid))

    def score(self) -> float:
        """How sure the votes are of the first, 0 to 1: its share of all belief there could be.

        The share among the votes, times the mean belief of those who cast one:
        voters who agree on something that none of them believes count little.
        """
        if not self._cast:
            return 0.0
        return min(1.0, max(self._votes.values()) / (self._cast * (1 + BELIEF)))


def score_of(ballots: Sequence[Ballot], doubts: int = 1) -> float:
    """How sure all outputs are together, 0 to 1, uncalibrated: as sure as the least sure.

    Args:
        doubts: how many readings of the problem's frame fit; see `framing`.
    """
    return min((ballot.score() for ballot in ballots), default=0.0) / max(1, doubts)
