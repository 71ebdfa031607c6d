"""When a search has become hopeless, learned from problems that were held out.

Knows nothing of training or files.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from hrm_specialists.engine.calibration import fit_chances
from hrm_specialists.engine.plan import Plan
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist

SECONDS = 30.0
"""Time at most for searching; what it leaves open teaches nothing."""
SEARCHED = 0.03
"""Share of the time for a whole training that searching may take, up to `SECONDS`."""


def learn_chances(
    specialist: Specialist, examples: Sequence[Example], plan: Plan, *, seconds: float = SECONDS
) -> tuple[float, ...]:
    """How likely one more start helps, for a `Calibration`.

    Args:
        specialist: one that does not give up yet.
        examples: held out; their solutions are not looked at.
        plan: what the default effort buys.
        seconds: time at most.
    """
    deadline = time.monotonic() + seconds
    tickets = [specialist.submit(e.problem, deadline=deadline) for e in examples]
    attempts = [ticket.future.result() for ticket in tickets]
    solved_at = [
        attempt.starts if attempt.reason in ("verified", "confident") else None
        for attempt in attempts
        if attempt.reason != "deadline"
    ]
    return fit_chances(solved_at, 1 + plan.restarts)
