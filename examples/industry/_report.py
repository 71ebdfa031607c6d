"""What the scripts of this folder share: options, seeds, intervals, one JSON object.

A script measures one seed at a time and hands over an `Outcome`; `main` repeats it, puts the
product beside the best baseline, and prints a table, or with `--json` one object. Knows
nothing of any data.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

SEEDS = 5
LEVEL = 0.95
"""Of the intervals."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed gave."""

    score: float
    baselines: dict[str, float]
    """The same metric for what a practitioner would use instead."""
    figures: dict[str, float | None] = field(default_factory=dict)
    """Whatever else is worth a line; None where a seed has no such figure."""


Measure = Callable[[int, argparse.Namespace], Outcome]
"""Measures one seed; the options hold `quick` and whatever `options` of `main` adds."""


def main(
    measure: Measure,
    *,
    about: str,
    metric: str,
    lower_is_better: bool = False,
    options: Callable[[argparse.ArgumentParser], object] | None = None,
) -> None:
    """Read the command line, measure each seed, and print what came out.

    Args:
        measure: one seed's measurement.
        about: the script's docstring; its first line becomes the title.
        metric: what `score` and the baselines are, with unit.
        lower_is_better: whether it is a cost or an error.
        options: adds options of the script's own.
    """
    title = about.strip().splitlines()[0]
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="one seed, less data: seconds")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seeds", type=int, help=f"how many; {SEEDS} without --quick")
    if options is not None:
        options(parser)
    given = parser.parse_args()
    seeds = given.seeds or (1 if given.quick else SEEDS)
    began, worked = time.perf_counter(), time.process_time()
    outcomes = []
    for seed in range(seeds):
        outcomes.append(measure(seed, given))
        if not given.json:
            print(f"seed {seed}: {outcomes[-1].score:.4g}", file=sys.stderr)
    report = summary(title, metric, outcomes, lower_is_better=lower_is_better)
    report |= {
        "quick": given.quick,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - worked, 1),
    }
    print(json.dumps(report) if given.json else as_text(report))


def summary(
    title: str, metric: str, outcomes: Sequence[Outcome], *, lower_is_better: bool = False
) -> dict[str, Any]:
    """Means and intervals over seeds, and the paired difference to the best baseline.

    Returns:
        Among others `score`, `interval`, `best_baseline` (a number) with its name, `gain` (how
        much better the product is than that baseline, seed by seed) and `verdict`: "ahead" or
        "behind" if the interval of the gain excludes 0, else "level".
    """
    scores = [outcome.score for outcome in outcomes]
    baselines = {
        name: [outcome.baselines[name] for outcome in outcomes] for name in outcomes[0].baselines
    }
    pick = min if lower_is_better else max
    best = pick(baselines, key=lambda name: statistics.fmean(baselines[name]))
    sign = -1 if lower_is_better else 1
    gains = [sign * (s - b) for s, b in zip(scores, baselines[best], strict=True)]
    low, high = interval(gains) or (-1.0, 1.0)
    return {
        "title": title,
        "metric": metric,
        "lower_is_better": lower_is_better,
        "score": statistics.fmean(scores),
        "interval": interval(scores),
        "best_baseline": statistics.fmean(baselines[best]),
        "best_baseline_name": best,
        "gain": statistics.fmean(gains),
        "gain_interval": interval(gains),
        "verdict": "ahead" if low > 0 else "behind" if high < 0 else "level",
        "baselines": {
            name: {"score": statistics.fmean(found), "interval": interval(found)}
            for name, found in baselines.items()
        },
        "figures": {
            name: _figure([outcome.figures.get(name) for outcome in outcomes])
            for name in outcomes[0].figures
        },
        "seeds": len(outcomes),
    }


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of the mean, by Student's t; None for a single value."""
    if len(values) < 2:
        return None
    from scipy.stats import t

    reach = statistics.stdev(values) / len(values) ** 0.5
    reach *= float(t.ppf((1 + LEVEL) / 2, len(values) - 1))
    mean = statistics.fmean(values)
    return mean - reach, mean + reach


def _figure(values: Sequence[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    if not known:
        return {"mean": None, "interval": None}
    return {"mean": statistics.fmean(known), "interval": interval(known)}


def as_text(report: dict[str, Any]) -> str:
    """The same for people."""

    def line(name: str, value: float | None, reach: Sequence[float] | None) -> str:
        shown = "-" if value is None else f"{value:.4g}"
        span = f"  {reach[0]:.4g} to {reach[1]:.4g}" if reach else ""
        return f"  {name:44} {shown:>8}{span}"

    better = "lower" if report["lower_is_better"] else "higher"
    lines = [report["title"], f"{report['metric']} ({better} is better), {report['seeds']} seeds:"]
    lines.append(line("hrm-agent", report["score"], report["interval"]))
    for name, found in report["baselines"].items():
        lines.append(line(name, found["score"], found["interval"]))
    against = f"gain over {report['best_baseline_name']}: {report['verdict']}"
    lines.append(line(against, report["gain"], report["gain_interval"]))
    lines += [line(name, f["mean"], f["interval"]) for name, f in report["figures"].items()]
    lines.append(f"{report['seconds']} s, {report['cpu_seconds']} s of the processor")
    return "\n".join(lines)
