"""What a network's own confidence is worth, and when more starts are not.

Fitted once per specialist on held-out problems and kept in its config.json.
Plain Python: knows nothing of networks, tasks or threads.
"""

from __future__ import annotations

import math
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

    A line keeps the order of the scores; knots are what earlier versions fitted. With
    neither a score is taken as it is; without chances nothing is ever given up.
    """

    scores: tuple[float, ...] = ()
    """Knots: raw scores, strictly rising, 0 to 1."""
    rights: tuple[float, ...] = ()
    """Share of right answers at each knot, never falling."""
    chances: tuple[float, ...] = ()
    """`chances[n - 1]`: how likely one more start solves what `n` starts did not."""
    floor: float = 0.0
    """Give up once that chance is below this."""
    line: tuple[float, ...] = ()
    """Slope and intercept of the probability's logit over the score's, and the probability that
    nothing exceeds, 1 if it is left out; or empty."""

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
        if len(self.line) not in (0, 2, 3) or not all(map(math.isfinite, self.line)):
            raise ConfigError("calibration: a line has a slope, an intercept and maybe a ceiling")
        if self.line and (self.line[0] <= 0 or not 0 < self.ceiling <= 1):
            raise ConfigError("calibration: the slope must be above 0, the ceiling up to 1")
        for value in (*self.rights, *self.chances, self.floor):
            if not 0.0 <= value <= 1.0:
                raise ConfigError(f"calibration holds {value}; probabilities are 0 to 1")

    def confidence(self, score: float) -> float:
        """Probability that an answer with this raw score is right."""
        if self.line:
            return self.ceiling * _squashed(self.line[0] * _logit(score) + self.line[1])
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
    def ceiling(self) -> float:
        """The probability that no answer exceeds."""
        return self.line[2] if len(self.line) > 2 else 1.0

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
        known = {"line", "scores", "rights", "chances", "floor"}
        if unknown := sorted(set(values) - known):
            raise ConfigError(f"unknown calibration settings: {', '.join(unknown)}")
        try:
            return cls(
                line=tuple(float(v) for v in values.get("line", ())),
                scores=tuple(float(v) for v in values.get("scores", ())),
                rights=tuple(float(v) for v in values.get("rights", ())),
                chances=tuple(float(v) for v in values.get("chances", ())),
                floor=float(values.get("floor", 0.0)),
            )
        except (TypeError, ValueError) as error:
            raise ConfigError(f"calibration: {error}") from None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, for config.json."""
        knots = {"scores": list(self.scores), "rights": list(self.rights)}
        return {
            **({"line": list(self.line)} if self.line else knots),
            "chances": list(self.chances),
            "floor": self.floor,
        }


STEADY = 1.0
"""Weight of the belief that scores are right as they are: some answers' worth."""
LEAST_SLOPE = 0.05
"""Scores keep their order, and a difference, even where they say next to nothing."""
EDGE, NEAREST = 1e-6, 1e-12
"""Scores, and probabilities, stay so far from 0 and 1."""


CEILINGS = (1.0, 0.97, 0.94, 0.9, 0.86, 0.82, 0.78, 0.74, 0.7, 0.65, 0.6, 0.5)
WORTH = 2.0
"""Log-likelihood that a ceiling below 1 must add before it is believed."""


def fit_line(scores: Sequence[float], right: Sequence[bool]) -> tuple[float, float, float]:
    """Logistic regression of `right` on the logits of scores: the line of a `Calibration`.

    Targets are smoothed by one case each way, so that none claims certainty. Where a share
    of the labels is wrong, no score makes an answer surer than the rest: a ceiling.

    Args:
        scores: raw score of each held-out answer.
        right: whether that answer was right.

    Source: Platt, "Probabilistic outputs for support vector machines" (1999).
    """
    import numpy as np

    x = np.array([_logit(score) for score in scores])
    hits = sum(right)
    goals = np.where(right, (hits + 1) / (hits + 2), 1 / (len(right) - hits + 2))
    best, found = -math.inf, (1.0, 0.0, 1.0)
    for ceiling in CEILINGS:
        slope, shift = _fitted(x, goals, ceiling)
        p = np.clip(ceiling / (1 + np.exp(-(slope * x + shift))), NEAREST, 1 - NEAREST)
        likely = float((goals * np.log(p) + (1 - goals) * np.log(1 - p)).sum())
        likely -= STEADY * (slope - 1) ** 2 / 2 + (WORTH if ceiling < 1 else 0.0)
        if likely > best:
            best, found = likely, (slope, shift, ceiling)
    slope, shift, ceiling = found
    if slope < LEAST_SLOPE:
        mean = float(x.mean()) if len(x) else 0.0
        shift, slope = shift + (slope - LEAST_SLOPE) * mean, LEAST_SLOPE
    return slope, shift, ceiling


def _fitted(x: Any, goals: Any, ceiling: float) -> tuple[float, float]:
    """Slope and intercept under a ceiling, by Fisher scoring in short steps."""
    import numpy as np

    slope, shift = 1.0, 0.0
    for _ in range(50):
        s = 1 / (1 + np.exp(-np.clip(slope * x + shift, -35, 35)))
        p = np.clip(ceiling * s, NEAREST, 1 - NEAREST)
        rise = ceiling * s * (1 - s)
        miss = (goals - p) * rise / (p * (1 - p))
        weight = np.maximum(rise**2 / (p * (1 - p)), 1e-9)
        g = float((miss * x).sum()) - STEADY * (slope - 1), float(miss.sum()) - 1e-3 * shift
        h = float((weight * x * x).sum()) + STEADY, float((weight * x).sum())
        last = float(weight.sum()) + 1e-3
        size = h[0] * last - h[1] ** 2
        up = (last * g[0] - h[1] * g[1]) / size
        along = (h[0] * g[1] - h[1] * g[0]) / size
        reach = min(1.0, 2.0 / max(1e-12, abs(up), abs(along)))
        slope, shift = slope + reach * up, shift + reach * along
        if abs(up) + abs(along) < 1e-7:
            break
    return slope, shift


def fit_crosswise(
    scores: Sequence[float], right: Sequence[bool], folds: int = 5
) -> tuple[tuple[float, float, float], list[float]]:
    """The line of all answers, and each one's confidence by the line of the others."""
    confidences = [0.0] * len(scores)
    for fold in range(folds):
        others = [n for n in range(len(scores)) if n % folds != fold]
        if not others:
            continue
        line = fit_line([scores[n] for n in others], [right[n] for n in others])
        calibration = Calibration(line=line)
        for n in range(fold, len(scores), folds):
            confidences[n] = calibration.confidence(scores[n])
    return fit_line(scores, right), confidences


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


def _logit(score: float) -> float:
    kept = min(1 - EDGE, max(EDGE, score))
    return math.log(kept / (1 - kept))


def _squashed(logit: float) -> float:
    if logit >= 0:
        return min(1 - NEAREST, 1 / (1 + math.exp(-logit)))
    power = math.exp(max(-700.0, logit))
    return max(NEAREST, power / (1 + power))
