"""Fit the confidences of routes: how often each kind of decision is right on labelled messages.

    python tools/fit_confidences.py messages.jsonl … --held-out others.jsonl …

Files may be packed with gzip. Each line has `query`, `label` and perhaps `accept`, as
`hrm-agent bench routing` takes them. It prints how often each kind is right, for the table in
`hrm_router/deciding.py`, and the calibration error of these shares on the held-out files.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from pathlib import Path

from hrm_router import deciding
from hrm_router.routing_scores import calibration_error, decided_label
from hrm_specialists.installed import installed_task, installed_tasks

Judged = tuple[str, bool]


def judged(files: list[Path]) -> list[Judged]:
    """The kind of every decision, and whether it is right."""
    decider = deciding.Decider([installed_task(name) for name in installed_tasks()])
    found = []
    for file in files:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            for known in map(json.loads, lines):
                made = decider.decide(known["query"])
                kind = deciding.kind_of(made.problems, made.residual, made.unclear)
                good = decided_label(made) in {known["label"], *known.get("accept", ())}
                found.append((kind, good))
    return found


def main() -> None:
    """Print the table, and what it is worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--held-out", nargs="*", type=Path, default=[])
    given = parser.parse_args()
    seen: dict[str, list[bool]] = defaultdict(list)
    for kind, good in judged(given.files):
        seen[kind].append(good)
    fitted = {kind: (sum(good) + 1) / (len(good) + 2) for kind, good in seen.items()}
    for kind, good in seen.items():
        print(f"{kind:16} {sum(good):4} of {len(good):4}  {fitted[kind]:.2f}")
    for file in given.held_out:
        found = judged([file])
        error = calibration_error([fitted.get(k, 0.5) for k, _ in found], [g for _, g in found])
        print(f"{file.name}: {len(found)} messages, calibration error {error:.3f}")


if __name__ == "__main__":
    main()
