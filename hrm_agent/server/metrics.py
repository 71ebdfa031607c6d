"""Figures in Prometheus's text format: requests of this server, solves of its router.

Labels come from fixed sets and from our own code; what callers send is never one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from hrm_agent.server.guard import Load
from hrm_router.stats import Stats

BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)
"""Upper bounds of the histogram of seconds."""


class Requests:
    """Counts requests by route, status and time.

    Args:
        routes: paths that are counted by name; all others are "other".
    """

    def __init__(self, routes: Iterable[str]) -> None:
        self._routes = frozenset(routes)
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, float] = {}
        self.within: Counter[tuple[str, float]] = Counter()

    def add(self, path: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        route = path if path in self._routes else "other"
        self.statuses[route, status] += 1
        self.seconds[route] = self.seconds.get(route, 0.0) + seconds
        for bound in BUCKETS:
            if seconds <= bound:
                self.within[route, bound] += 1


def exposition(stats: Stats, requests: Requests, load: Load) -> str:
    """Everything as text."""
    page = _Page()
    page.family("hrm_http_requests_total", "counter", "Requests answered")
    for (route, status), count in sorted(requests.statuses.items()):
        page.line("hrm_http_requests_total", count, route=route, status=str(status))
    page.family("hrm_http_request_seconds", "histogram", "Time to answer a request whole")
    name = "hrm_http_request_seconds"
    for route, seconds in sorted(requests.seconds.items()):
        for bound in BUCKETS:
            page.line(f"{name}_bucket", requests.within[route, bound], route=route, le=f"{bound:g}")
        count = sum(n for (known, _), n in requests.statuses.items() if known == route)
        page.line(f"{name}_bucket", count, route=route, le="+Inf")
        page.line(f"{name}_sum", seconds, route=route)
        page.line(f"{name}_count", count, route=route)
    page.one("hrm_solves_under_way", "gauge", "Solves that HTTP callers wait for", load.under_way)
    page.one("hrm_solves_refused_total", "counter", "Refused with 429: full", load.refused)
    _solves(page, stats)
    return page.text


def _solves(page: _Page, stats: Stats) -> None:
    page.family("hrm_solves_total", "counter", "Solves by route and status of their answer")
    for route, sums in sorted(stats.routes.items()):
        for status, count in sorted(sums.statuses.items()):
            page.line("hrm_solves_total", count, route=route, status=status)
    for name, what in {
        "seconds": "Seconds spent on solves",
        "segments": "Segments thought by specialists",
        "llm_calls": "Calls of the LLM",
        "prompt_tokens": "Tokens that the LLM read",
        "completion_tokens": "Tokens that the LLM wrote",
    }.items():
        page.family(f"hrm_{name}_total", "counter", what)
        for route, sums in sorted(stats.routes.items()):
            page.line(f"hrm_{name}_total", getattr(sums, name), route=route)
    page.family("hrm_errors_total", "counter", "Solves that ended in an error, by its code")
    for code, count in sorted(stats.errors.items()):
        page.line("hrm_errors_total", count, code=code)


class _Page:
    def __init__(self) -> None:
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join([*self._lines, ""])

    def family(self, name: str, kind: str, what: str) -> None:
        self._lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]

    def line(self, name: str, value: float, /, **labels: str) -> None:
        self._lines.append(f"{name}{_labels(labels)} {value!r}")

    def one(self, name: str, kind: str, what: str, value: float) -> None:
        self.family(name, kind, what)
        self.line(name, value)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{','.join(pairs)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
