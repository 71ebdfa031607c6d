"""A speed record as tables for people, and as two pictures.

Knows nothing of how figures come about; what a record lacks is left out.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

AIMS = {
    "single_vs_trm_reference": 1000.0,
    "single_vs_same_network_reference": 3.0,
    "batch64_vs_trm_reference": 300.0,
    "single_vs_llm_chain": 5000.0,
    "training_vs_reference_loop": 1.4,
    "callers64_vs_best_batch": 0.9,
}
"""Ratios that were aimed for, on a CPU; more is better."""


def tables(record: dict[str, Any]) -> str:
    """The record in Markdown."""
    about = record["specialist"]
    parts = [
        f"`{about['name']}` {about['version']}, {about['parameters']:,} parameters, on "
        f"{record['machine']['cpu']}, {record['threads']} thread(s).",
        _table(
            ("one at a time", "puzzles", "median", "p95", "segments", "one pass", "verified"),
            [
                (
                    name,
                    str(one["n"]),
                    _time(one["median_s"]),
                    _time(one["p95_s"]),
                    f"{one['segments']:.1f}",
                    f"{one['one_pass']:.1%}",
                    f"{one['verified']:.1%}",
                )
                for name, one in record["ours"].items()
            ],
        ),
        _table(
            ("sent together", "a second", "verified"),
            [
                *(
                    (f"{n} at once", f"{one['per_s']:.0f}", f"{one['verified']:.1%}")
                    for n, one in record["batches"].items()
                ),
                (
                    "64 callers, router",
                    f"{record['callers']['closed_64_per_s']:.0f}",
                    f"{record['callers']['open']['verified']:.1%}",
                ),
            ],
        ),
        f"At 70 % load, latency is {record['callers']['open']['p50_ms']:.0f} ms (p50) and "
        f"{record['callers']['open']['p99_ms']:.0f} ms (p99).",
        _table(
            ("the reference way", "parameters", "one", "batch of 64", "accuracy"),
            [
                (
                    title,
                    f"{record[key]['parameters']:,}",
                    _time(record[key]["single_s"]),
                    _time(record[key]["batch64_s"]),
                    _share(record[key]["accuracy"]),
                )
                for title, key in (
                    ("our network", "same_network_reference_way"),
                    ("TRM as published", "trm_published"),
                    ("HRM as published", "hrm_published"),
                )
            ],
        ),
    ]
    if chains := record.get("llm_chains"):
        rows = [
            (
                f"{one['precision']}, {one['together']} together",
                f"{one['tokens_a_second']:.1f}",
                _time(one["seconds"]),
                "untrained",
            )
            for one in chains
        ]
        parts.append(
            _table(("LLM of 0.5 B, random weights", "tokens/s", "chain", "accuracy"), rows)
        )
    elif error := record.get("llm_error"):
        parts.append(f"No LLM was timed: {error}")
    rows = [
        (name, f"{value:,.2f}", f"{AIMS[name]:,g}" if name in AIMS else "", _met(name, value))
        for name, value in record["ratios"].items()
    ]
    parts.append(_table(("ratio", "times", "aim", ""), rows))
    return "\n\n".join(parts) + "\n"


def pictures(record: dict[str, Any]) -> dict[str, bytes]:
    """PNG files by the end of their name; none without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return {}
    times = {name: one["median_s"] for name, one in record["ours"].items()}
    times["our network, 16 segments"] = record["same_network_reference_way"]["single_s"]
    times["HRM, reference way"] = record["hrm_published"]["single_s"]
    times["TRM, reference way"] = record["trm_published"]["single_s"]
    for one in record.get("llm_chains", ()):
        times[f"LLM chain, {one['precision']}, {one['together']} together"] = one["seconds"]
    bars = Figure(figsize=(7, 0.4 * len(times) + 1), layout="constrained")
    axes = bars.subplots()
    axes.barh(list(times), list(times.values()), color="0.4")
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("seconds for one puzzle")

    curves = Figure(figsize=(6, 4), layout="constrained")
    axes = curves.subplots()
    for name, one in record["ours"].items():
        axes.plot(one["effort"]["seconds"], one["effort"]["verified"], marker="o", label=name)
    axes.set_xscale("log")
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("seconds spent on one puzzle, at most")
    axes.set_ylabel("share verified")
    axes.legend(frameon=False)
    found = {}
    for end, figure in (("", bars), ("-effort", curves)):
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=120)
        found[end] = file.getvalue()
    return found


def _met(name: str, value: float) -> str:
    if name not in AIMS:
        return ""
    return "" if value >= AIMS[name] else "missed"


def _share(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1%} in one pass"


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
