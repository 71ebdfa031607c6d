"""What a network's own confidence is worth, and when more starts are not.

Fitted once per specialist on held-out problems and kept in its config.json.
Plain Python: knows nothing of networks, tasks or threads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrm_specialists.errors import ConfigError

FLOOR = 1 / 1000
"""A search is given up where one more start would help fewer than these."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps a raw score to a probability, and says when a search is hopeless.

    Without knots a score is taken as it is; without chances nothing is ever
    given up.
    """

    scores: tuple[float, ...] = ()
    """Knots: raw scores, strictly rising, 0 to 1."""
    rights: tuple[float, ...] = ()
    """Share of right answers at each knot, never falling."""
    chances: tuple[float, ...] = ()
    """`chances[n - 1]`: how likely one more start solves what `n` starts did not."""
    floor: float = 0.0
    """Give up once that chance is below this."""

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.rights):
            raise ConfigError(
                f"calibration has {len(self.scores)} scores and {len(self.rights)} rights; "
                "there must be one right for each score"
            )
        if any(b <= a for a, b in zip(self.scores, self.scores[1:], strict=False)):
            raise ConfigError("calibration scores must rise strictly")
        if any(b < a for a, b in zip(self.rights, self.rights[1:], strict=False)):
            raise ConfigError("calibration rights must not fall")
        for value in (*self.rights, *self.chances, self.floor):
            if not 0.0 <= value <= 1.0:
                raise ConfigError(f"calibration holds {value}; probabilities are 0 to 1")

    def confidence(self, score: float) -> float:
        """Probability that an answer with this raw score is right."""
        if not self.scores:
            return min(1.0, max(0.0, score))
        at = bisect_right(self.scores, score)
        if at == 0:
            return self.rights[0]
        if at == len(self.scores):
            return self.rights[-1]
        low, high = self.scores[at - 1], self.scores[at]
        share = (score - low) / (high - low)
        return self.rights[at - 1] + share * (self.rights[at] - self.rights[at - 1])

    @property
    def gives_up_after(self) -> int | None:
        """Starts after which a search without success ends; None if it never does."""
        return next((n for n in range(1, len(self.chances) + 1) if self.hopeless(n)), None)

    def hopeless(self, starts: int) -> bool:
        """Whether a problem that `starts` starts did not solve should be given up."""
        if not self.chances or starts < 1:
            return False
        return self.chances[min(starts, len(self.chances)) - 1] < self.floor

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Calibration:
        """Build from the `calibration` of a config.json; `{}` calibrates nothing.

        Raises:
            ConfigError: a key is unknown, or a value is not what it must be.
        """
        known = {"scores", "rights", "chances", "floor"}
        if unknown := sorted(set(values) - known):
            raise ConfigError(f"unknown calibration settings: {', '.join(unknown)}")
        try:
            return cls(
                scores=tuple(float(v) for v in values.get("scores", ())),
                rights=tuple(float(v) for v in values.get("rights", ())),
                chances=tuple(float(v) for v in values.get("chances", ())),
                floor=float(values.get("floor", 0.0)),
            )
        except (TypeError, ValueError) as error:
            raise ConfigError(f"calibration: {error}") from None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, for config.json."""
        return {
            "scores": list(self.scores),
            "rights": list(self.rights),
            "chances": list(self.chances),
            "floor": self.floor,
        }


def fit_confidence(
    scores: Sequence[float], right: Sequence[bool]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Isotonic regression of `right` on `scores`: the knots of a `Calibration`.

    Pools adjacent violators; each pool becomes one knot at its mean score. The
    shares are smoothed by half a case each way, so that none claims certainty.

    Args:
        scores: raw score of each held-out answer.
        right: whether that answer was right.

    Returns:
        `(scores, rights)`; both empty when there is nothing to fit.
    """
    tally: dict[float, tuple[float, int]] = {}  # score -> right ones, cases
    for score, hit in zip(scores, right, strict=True):
        hits, cases = tally.get(score, (0.0, 0))
        tally[score] = (hits + hit, cases + 1)
    pools: list[tuple[float, float, int]] = []  # sum of scores, right ones, cases
    for score, (hits, cases) in sorted(tally.items()):
        pools.append((score * cases, hits, cases))
        while len(pools) > 1 and _share(pools[-2]) >= _share(pools[-1]):
            (s2, r2, n2), (s1, r1, n1) = pools.pop(), pools.pop()
            pools.append((s1 + s2, r1 + r2, n1 + n2))
    knots: list[tuple[float, float]] = []
    for total, hits, cases in pools:
        at, share = total / cases, (hits + 0.5) / (cases + 1)
        if knots and at <= knots[-1][0]:  # rounding of nearly equal scores
            continue
        knots.append((at, max(share, knots[-1][1]) if knots else share))
    return tuple(at for at, _ in knots), tuple(share for _, share in knots)


def fit_chances(solved_at: Sequence[int | None], starts: int) -> tuple[float, ...]:
    """How likely one more start helps, from a search that was never given up.

    Args:
        solved_at: for each held-out problem the start, from 1, that solved it,
            or None.
        starts: how many were tried.

    Returns:
        `chances` of a `Calibration`: solved by one of the starts that follow,
        divided by how many follow and by the problems still open. Half a case
        is added each way: few open problems are no ground for giving up.
    """
    chances = []
    for n in range(1, starts):
        open_ones = [at for at in solved_at if at is None or at > n]
        later = sum(at is not None for at in open_ones)
        chances.append((later + 0.5) / (len(open_ones) + 1) / (starts - n))
    return tuple(chances)


def _share(pool: tuple[float, float, int]) -> float:
    return pool[1] / pool[2]
