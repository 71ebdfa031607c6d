"""Figures for Prometheus: requests of this server, answers of its specialists.

Labels come from fixed sets and from our own code; what callers send is never one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from hrm_agent.server.guard import Load
from hrm_router.answer import Answer
from hrm_router.router import Router
from hrm_router.stats import Stats

BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)
"""Upper bounds of the histograms of seconds."""
SUMS = {
    "seconds": "Seconds spent on solves",
    "segments": "Segments thought by specialists",
    "llm_calls": "Calls of the LLM",
    "prompt_tokens": "Tokens that the LLM read",
    "completion_tokens": "Tokens that the LLM wrote",
}

GROWTH = {
    "accuracy": "Share of judged answers that were right: passed the checker, else agreed",
    "accuracy_low": "Lower bound of hrm_growth_accuracy; the gate looks at it",
    "acceptance": "Share of answers that the specialist was sure of",
    "unfamiliar": "Share of problems with values that training did not cover",
    "refused": "Share of answers that the checker refused",
    "trials": "Answers that these shares are of, at most the last 5,000",
}
"""Gauges of distilled specialists, by the names in `Standing.shares`."""


class Metrics:
    """One server's own registry."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._paths: frozenset[str] = frozenset()
        self._requests = Counter(
            "hrm_http_requests", "Requests answered", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "hrm_http_request_seconds",
            "Time to answer a request whole",
            ["route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._answers = Counter(
            "hrm_answers",
            "Problems answered, by specialist, its version and the status of the answer",
            ["specialist", "version", "status"],
            registry=self._registry,
        )

    def watch(self, router: Router, load: Load, paths: Collection[str]) -> None:
        """Show a router's sums, too; `paths` are counted by name, all others as "other"."""
        self._paths = frozenset(paths)
        self._registry.register(_Sums(router, load))

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        route = path if path in self._paths else "other"
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, answer: Answer) -> None:
        """Count the parts of an answer."""
        for part in answer.parts:
            if part.task is not None:
                name = part.specialist or ("llm" if part.by == "llm" else "none")
                self.judged(name, part.version or "", part.status)

    def judged(self, specialist: str, version: str, status: str) -> None:
        """Count one answer of a specialist."""
        self._answers.labels(specialist, version, status).inc()

    def page(self, accept: str) -> tuple[bytes, str]:
        """Everything as text, and its type, in the format that was asked for."""
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind


class _Sums(Collector):
    """What the router counts itself, read when it is asked for."""

    def __init__(self, router: Router, load: Load) -> None:
        self._router, self._load = router, load

    def collect(self) -> Iterator[Metric]:
        stats = self._router.stats()
        solves = CounterMetricFamily(
            "hrm_solves", "Solves by route and status of their answer", labels=["route", "status"]
        )
        for route, sums in stats.routes.items():
            for status, count in sums.statuses.items():
                solves.add_metric([route, status], count)
        yield solves
        for name, what in SUMS.items():
            family = CounterMetricFamily(f"hrm_{name}", what, labels=["route"])
            for route, sums in stats.routes.items():
                family.add_metric([route], min(getattr(sums, name), 2**63))
            yield family
        errors = CounterMetricFamily("hrm_errors", "Solves that ended in an error", labels=["code"])
        for code, count in stats.errors.items():
            errors.add_metric([code], count)
        yield errors
        busy = GaugeMetricFamily("hrm_solves_under_way", "Solves that HTTP callers wait for")
        busy.add_metric([], self._load.under_way)
        yield busy
        refused = CounterMetricFamily("hrm_solves_refused", "Refused with 429: full")
        refused.add_metric([], self._load.refused)
        yield refused
        yield from _growth(stats)


def _growth(stats: Stats) -> Iterator[Metric]:
    """How versions of distilled specialists stand, and what became of recorded calls."""
    version = ["specialist", "version"]
    for name, what in GROWTH.items():
        family = GaugeMetricFamily(f"hrm_growth_{name}", what, labels=version)
        for one in stats.growth:
            share = one.standing.shares.get(name)
            if share is not None:
                family.add_metric([one.specialist, one.version], share)
        yield family
    answers = GaugeMetricFamily("hrm_growth_promoted", "Whether it answers", labels=version)
    demoted = CounterMetricFamily("hrm_growth_demotions", "Demotions", labels=version)
    for one in stats.growth:
        answers.add_metric([one.specialist, one.version], one.state == "promoted")
        demoted.add_metric([one.specialist, one.version], one.demotions)
    yield from (answers, demoted)
    rows = CounterMetricFamily("hrm_traffic_rows", "Calls to record", labels=["outcome"])
    for outcome, count in stats.recorded.items():
        rows.add_metric([outcome], count)
    yield rows
