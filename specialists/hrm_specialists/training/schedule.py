"""Learning rate against the step, and seconds turned into steps.

Depends on the step alone, never on the clock, so that a resumed run walks the
same path.
"""

from __future__ import annotations


def learning_rate_factor(step: int, total: int, *, warmup: int, hold: float) -> float:
    """What the base rate is multiplied with at `step`, 0 to 1.

    Args:
        step: optimizer steps done, from 0.
        total: steps of the whole run.
        warmup: steps of the linear rise.
        hold: share of the run after which the rate falls linearly to zero.
    """
    if step < warmup:
        return (step + 1) / warmup
    start = hold * total
    return 1.0 if step < start else max(0.0, (total - step) / max(1.0, total - start))


def steps_within(seconds: float, seconds_per_step: float) -> int:
    """Whole steps that a budget pays for, at least 1."""
    return max(1, int(seconds / seconds_per_step))
