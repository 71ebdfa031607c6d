"""Scores of a decider on fresh queries; `python -m fresh.scores open --show` lists what failed."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass

from fresh.queries import Fresh, queries
from hrm_router.deciding import Decider
from hrm_router.decision import Decision
from hrm_router.routing_scores import calibration_error, decided_label
from hrm_specialists.installed import installed_task, installed_tasks


@dataclass(frozen=True, slots=True)
class Outcome:
    """A query and what was decided."""

    fresh: Fresh
    decision: Decision

    @property
    def claimed(self) -> bool:
        """Whether a task claims it, with exactly this problem."""
        wanted = installed_task(self.fresh.task).Problem.model_validate(self.fresh.problem)
        found = self.decision.problems
        return len(found) == 1 and found[0].task == self.fresh.task and found[0].problem == wanted

    @property
    def right(self) -> bool:
        """Route, problem and residual."""
        if self.fresh.kind == "near-miss":
            return not self.decision.problems
        if not self.claimed:
            return False
        if self.fresh.kind == "solve":
            return self.decision.route == "specialist"
        return self.decision.route == "hybrid" and self.kept >= 0.6

    @property
    def kept(self) -> float:
        """Share of the residual's words that the decision kept."""
        wanted = set(re.findall(r"\w", self.fresh.residual, re.UNICODE)) if _unspaced(
            self.fresh.residual
        ) else set(re.findall(r"\w+", self.fresh.residual))  # fmt: skip
        return sum(word in self.decision.residual for word in wanted) / max(1, len(wanted))


def _unspaced(text: str) -> bool:
    return re.search(r"[\u3040-\u30ff\u3400-\u9fff]", text) is not None


def outcomes(part: str) -> list[Outcome]:
    """Decide a part's queries as installed."""
    decider = Decider([installed_task(name) for name in installed_tasks()])
    return [Outcome(one, decider.decide(one.text)) for one in queries(part)]


def summary(found: list[Outcome]) -> dict[str, float | int]:
    """The figures of a record."""
    by = {
        kind: [one for one in found if one.fresh.kind == kind]
        for kind in ("solve", "mixed", "near-miss")
    }
    puzzles = by["solve"] + by["mixed"]
    return {
        "queries": len(found),
        "claimed exactly": sum(one.claimed for one in puzzles),
        "of": len(puzzles),
        "claimed solve-only taken for mixed": sum(
            one.claimed and one.decision.route == "hybrid" for one in by["solve"]
        ),
        "claimed solve-only": sum(one.claimed for one in by["solve"]),
        "claimed solve-only taken for open-ended": sum(
            one.claimed is False and bool(one.decision.problems) for one in by["solve"]
        ),
        "mixed found with both parts": sum(one.right for one in by["mixed"]),
        "claimed mixed": sum(one.claimed for one in by["mixed"]),
        "mixed": len(by["mixed"]),
        "near misses claimed": sum(bool(one.decision.problems) for one in by["near-miss"]),
        "near misses": len(by["near-miss"]),
        "ECE": round(
            calibration_error(
                [one.decision.confidence for one in found], [one.right for one in found]
            ),
            4,
        ),
    }


def main() -> None:
    """Print a part's figures, and what failed where that is asked for."""
    found = outcomes(sys.argv[1])
    for name, figure in summary(found).items():
        print(f"{name:40} {figure}")
    if "--show" not in sys.argv:
        return
    forms = Counter(one.fresh.form for one in found if one.fresh.task and not one.claimed)
    print("unclaimed forms", dict(forms))
    for one in found:
        if one.right or (one.fresh.task and not one.claimed):
            continue
        wanted = one.fresh.label
        print(f"--- {wanted} got {decided_label(one.decision)}: {one.fresh.wording[:300]!r}")
        print(f"    residual {one.decision.residual[:150]!r} {one.decision.confidence:.2f}")


if __name__ == "__main__":
    main()
