"""Fit the confidences of routes: how often each kind of decision is right on messages by others.

    python tools/fit_confidences.py

Prints how often each kind is right in one half of `tests/helpers/fresh`, for the table in
`hrm_router/deciding.py`, and the calibration error of these shares in the other half and on
forms that are odd on purpose.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from hrm_router import deciding
from hrm_router.routing_scores import calibration_error, decided_label
from hrm_specialists.installed import installed_task, installed_tasks

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))
from fresh.halves import Labelled, half, packed

Judged = tuple[str, bool]


def judged(messages: Iterable[Labelled]) -> list[Judged]:
    """The kind of every decision, and whether it is right."""
    decider = deciding.Decider([installed_task(name) for name in installed_tasks()])
    found = []
    for text, accepted in messages:
        made = decider.decide(text)
        kind = deciding.kind_of(made.problems, made.residual, made.unclear)
        found.append((kind, decided_label(made) in accepted))
    return found


def main() -> None:
    """Print the table, and what it is worth."""
    seen: dict[str, list[bool]] = defaultdict(list)
    for kind, good in judged(half(0)):
        seen[kind].append(good)
    fitted = {kind: (sum(good) + 1) / (len(good) + 2) for kind, good in seen.items()}
    for kind, good in sorted(seen.items()):
        print(f"{kind:16} {sum(good):4} of {len(good):4}  {fitted[kind]:.2f}")
    for name, messages in (("other half", half(1)), ("odd forms", packed("odd"))):
        found = judged(messages)
        error = calibration_error([fitted.get(k, 0.5) for k, _ in found], [g for _, g in found])
        print(f"{name}: {len(found)} messages, calibration error {error:.3f}")


if __name__ == "__main__":
    main()
