"""How well queries are routed, and how fast: figures with their uncertainty.

Works on labelled queries and any `Decider`; calls no model.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.decision import Decision

BINS = 10


class Share(BaseModel):
    """A count out of a total, with its 95 % Wilson interval."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 of nothing is 0."""
        return self.count / self.total if self.total else 0.0

    def __str__(self) -> str:
        return (
            f"{100 * self.value:.2f} % ({self.count} of {self.total}, "
            f"95 % interval {100 * self.low:.2f}-{100 * self.high:.2f})"
        )


class RoutingScores(BaseModel):
    """What `evaluate` found."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    tasks: tuple[str, ...]
    """The specialists that were there to choose from."""
    accuracy: Share
    """Queries that got a label they accept."""
    claimed: Share
    """Of queries for a task, those that a specialist got, alone or in a hybrid."""
    hybrids: Share
    """Of mixed queries, those found to be mixed."""
    false_claims: Share
    """Of open-ended queries, those that a specialist got."""
    abstentions: Share
    """Queries left undecided."""
    ece: float
    """Expected calibration error of the confidences, ten bins of equal width: a decision is
    right if its route, or an unclear one's first suspect, is accepted."""
    confusion: dict[str, dict[str, int]]
    """Expected label to decided label to count."""
    microseconds: dict[str, float]
    """Time of a decision, reading included: p50, p99, max."""

    def __str__(self) -> str:
        lines = [
            f"specialists   {', '.join(self.tasks)}",
            f"accuracy      {self.accuracy}",
            f"claimed       {self.claimed}",
            f"hybrids       {self.hybrids}",
            f"false claims  {self.false_claims}",
            f"abstentions   {self.abstentions}",
            f"ECE           {self.ece:.4f}",
            "time          " + ", ".join(f"{k} {v:.0f} µs" for k, v in self.microseconds.items()),
        ]
        for expected, row in sorted(self.confusion.items()):
            got = ", ".join(f"{label} {count}" for label, count in sorted(row.items()))
            lines.append(f"  {expected}: {got}")
        return "\n".join(lines)


def evaluate(decider: Decider, examples: Iterable[LabelledQuery]) -> RoutingScores:
    """Decide every example and compare.

    An unclear decision without a problem counts as right if its first suspect is accepted,
    or if "llm" is, which is where it goes when nobody names a task. One with a problem does
    if its task is accepted, or "hybrid" is, which an LLM may find it to be.
    """
    decider.prepare()
    known = list(examples)
    decisions, times = [], []
    for one in known:
        began = time.perf_counter()
        decisions.append(decider.decide(one.query))
        times.append(1e6 * (time.perf_counter() - began))
    labels = [decided_label(decision) for decision in decisions]
    routed = [label in one.accepted for one, label in zip(known, labels, strict=True)]
    right = [
        hit or (decision.unclear and _settled_right(decision, one))
        for one, decision, hit in zip(known, decisions, routed, strict=True)
    ]
    confusion: dict[str, dict[str, int]] = {}
    for one, label in zip(known, labels, strict=True):
        row = confusion.setdefault(one.label, {})
        row[label] = row.get(label, 0) + 1
    pairs = list(zip(known, decisions, strict=True))
    got = {"specialist", "hybrid"}
    for_task = [d for one, d in pairs if one.label in decider.tasks]
    open_ended = [d for one, d in pairs if one.accepted == {"llm"}]
    mixed = [d for one, d in pairs if one.label == "hybrid"]
    return RoutingScores(
        tasks=tuple(decider.tasks),
        accuracy=share(right),
        claimed=share(d.route in got for d in for_task),
        hybrids=share(d.route == "hybrid" for d in mixed),
        false_claims=share(d.route in got for d in open_ended),
        abstentions=share(d.unclear for d in decisions),
        ece=calibration_error([d.confidence for d in decisions], routed),
        confusion=confusion,
        microseconds=percentiles(times),
    )


def _settled_right(decision: Decision, one: LabelledQuery) -> bool:
    if decision.problems:
        return decision.task in one.accepted or "hybrid" in one.accepted
    return "llm" in one.accepted


def decided_label(decision: Decision) -> str:
    """What a decision amounts to: a task (an unclear one's first suspect), or the route."""
    if decision.unclear and decision.suspects and not decision.problems:
        return decision.suspects[0]
    if decision.route == "specialist" and decision.task:
        return decision.task
    return decision.route


def share(outcomes: Iterable[bool]) -> Share:
    """Count, and bound the true share by Wilson's 95 % interval."""
    known = list(outcomes)
    n, k, z = len(known), sum(known), 1.96
    if not n:
        return Share(count=0, total=0, low=0.0, high=1.0)
    p = k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5 / (1 + z * z / n)
    return Share(count=k, total=n, low=max(0.0, middle - reach), high=min(1.0, middle + reach))


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance of confidence from accuracy over ten bins, weighted by size."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, hit in zip(confidences, right, strict=True):
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, hit))
    gaps = (abs(sum(c for c, _ in one) - sum(hit for _, hit in one)) for one in bins)
    return sum(gaps) / max(1, len(right))


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """The median, the 99th percentile and the largest; empty for no times."""
    if not times:
        return {}
    ranked = sorted(times)
    last = len(ranked) - 1
    return {"p50": ranked[last // 2], "p99": ranked[round(0.99 * last)], "max": ranked[last]}
