"""Decide from trials whether a specialist's version may answer, and when it may no longer.

Arithmetic only. A version is looked at again and again while trials come in, so the
bounds of a candidate hold at every look and not at one (Robbins, "Statistical methods
related to the law of the iterated logarithm", 1970), and a promoted version is watched
by a cumulative sum (Page, "Continuous inspection schemes", 1954).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hrm_router.traffic.store import Trial

Measure = Literal["checked", "agreement"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a version must show.

    Args:
        accuracy: share of its accepted answers that must be right, by the checker's word,
            else by agreement with the LLM; the lower bound must reach it.
        trials: accepted answers that must have been seen before anything is decided.
        alpha: risk of promoting a version that is below the gate, over all looks.
        patience: mean number of accepted answers between two false demotions of a
            version that is as good as when it was promoted.
    """

    accuracy: float = 0.9
    trials: int = 100
    alpha: float = 0.05
    patience: float = 10_000.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a version stands."""

    trials: int
    accepted: int
    """Answers at or above the threshold, for problems like those of training."""
    judged: int
    """Of these, the ones that the checker or the LLM had a word on."""
    right: int
    """Of these, the ones that the checker passed or the LLM agreed with."""
    unfamiliar: int
    refused: int
    """Accepted answers that the checker refused."""
    measure: Measure
    low: float
    high: float
    """Bounds of the share that is right, valid at every look."""

    @property
    def accuracy(self) -> float | None:
        """Share of the judged answers that is right; None without any."""
        return self.right / self.judged if self.judged else None

    @property
    def shares(self) -> dict[str, float]:
        """Its figures for metrics and pages, without those that nothing is known of."""
        if not self.trials:
            return {"trials": 0}
        found = {"acceptance": self.accepted, "unfamiliar": self.unfamiliar}
        found["refused"] = self.refused
        shares = {name: count / self.trials for name, count in found.items()}
        if self.accuracy is not None:
            shares |= {"accuracy": self.accuracy, "accuracy_low": self.low}
        return shares | {"trials": self.trials}

    def __str__(self) -> str:
        if not self.judged:
            return f"{self.trials} trials, {self.accepted} accepted, none of them judged"
        word = "passed the checker" if self.measure == "checked" else "agreed with the LLM"
        return (
            f"{self.right} of {self.judged} accepted answers {word} "
            f"(bounds {self.low:.3f} to {self.high:.3f}; {self.trials} trials)"
        )


def standing(trials: Sequence[Trial], *, alpha: float = 0.05) -> Standing:
    """Count trials; the checker's word goes before agreement."""
    accepted = [one for one in trials if one.accepted]
    judged = [one for one in accepted if _right(one) is not None]
    right = sum(bool(_right(one)) for one in judged)
    checked = bool(judged) and all(one.passed is not None for one in judged)
    low, high = bounds(right, len(judged), alpha)
    return Standing(
        trials=len(trials),
        accepted=len(accepted),
        judged=len(judged),
        right=right,
        unfamiliar=sum(one.unfamiliar for one in trials),
        refused=sum(one.passed is False for one in accepted),
        measure="checked" if checked else "agreement",
        low=low,
        high=high,
    )


def passes(found: Standing, gate: Gate) -> bool:
    """Whether a candidate may be promoted."""
    return found.judged >= gate.trials and found.low >= gate.accuracy


def falls(trials: Sequence[Trial], gate: Gate, *, promoted_at: float) -> bool:
    """Whether a version has fallen below the gate since it was promoted, by its trials since then.

    A cumulative sum of the evidence that an accepted answer is right less often than the
    gate asks; it starts anew whenever the evidence is for the version. `promoted_at` is its
    accuracy when it was promoted.
    """
    good = min(max(promoted_at, gate.accuracy + 0.02), 0.999)
    bad = _mirrored(good, gate.accuracy)
    for_right, for_wrong = math.log(bad / good), math.log((1 - bad) / (1 - good))
    limit, total = math.log(gate.patience), 0.0
    for one in trials:
        right = _right(one)
        if one.accepted and right is not None:
            total = max(0.0, total + (for_right if right else for_wrong))
            if total >= limit:
                return True
    return False


def _mirrored(good: float, gate: float) -> float:
    """The share below the gate at which the gate is exactly between good and bad."""

    def too_low(bad: float) -> bool:  # there is evidence for a version exactly at the gate
        return gate * math.log(bad / good) + (1 - gate) * math.log((1 - bad) / (1 - good)) <= 0

    return _edge(1e-6, gate, too_low)


def bounds(right: int, of: int, alpha: float) -> tuple[float, float]:
    """Bounds of a share that hold at every look at once with probability 1 - `alpha`.

    A Bernoulli mixture: the share `p` is inside as long as the likelihood of the data
    under a beta-weighted mixture of all shares is less than 1/alpha times that under `p`
    (Robbins 1970). The probability is of both sides together.
    """
    if of == 0:
        return 0.0, 1.0
    a = b = 0.5
    log_mixture = (
        math.lgamma(a + right)
        + math.lgamma(b + of - right)
        - math.lgamma(a + b + of)
        + math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
    )
    limit = log_mixture + math.log(alpha)

    def outside(p: float) -> bool:
        p = min(max(p, 1e-12), 1 - 1e-12)
        return right * math.log(p) + (of - right) * math.log1p(-p) < limit

    share = right / of
    return _edge(0.0, share, outside), _edge(1.0, share, outside)


def _edge(far: float, near: float, outside: Callable[[float], bool]) -> float:
    """Where `outside` ends on the way from `far` to `near`."""
    if not outside(far):
        return far
    for _ in range(50):
        middle = (far + near) / 2
        if outside(middle):
            far = middle
        else:
            near = middle
    return near


def _right(one: Trial) -> bool | None:
    return one.agreed if one.passed is None else one.passed
