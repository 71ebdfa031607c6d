"""Figures about routing: counted right, with honest intervals."""

from __future__ import annotations

import pytest

from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.routing_scores import calibration_error, evaluate, percentiles, share

LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"


def test_scores_count_claims_and_false_claims(decider: Decider) -> None:
    scores = evaluate(
        decider,
        [
            LabelledQuery(query=f"Solve this: {LINE}", label="sudoku"),
            LabelledQuery(query=f"Solve this and write a haiku: {LINE}", label="hybrid"),
            LabelledQuery(query="Who wrote Hamlet?", label="llm"),
            LabelledQuery(query=LINE, label="llm"),  # wrong on purpose: a false claim
        ],
    )

    assert (scores.claimed.count, scores.claimed.total) == (1, 1)
    assert (scores.hybrids.count, scores.hybrids.total) == (1, 1)
    assert (scores.false_claims.count, scores.false_claims.total) == (1, 2)
    assert (scores.accuracy.count, scores.accuracy.total) == (3, 4)
    assert scores.confusion["llm"] == {"llm": 1, "sudoku": 1}
    assert "accuracy" in str(scores)


def test_the_interval_is_wilsons() -> None:
    """Known values: 0 of 100 reaches up to 3.7 %, 50 of 100 spans 40.4 to 59.6 %."""
    none, half = share([False] * 100), share([True, False] * 50)

    assert (none.low, none.high) == (0.0, pytest.approx(0.0370, abs=2e-4))
    assert (half.low, half.high) == (
        pytest.approx(0.4038, abs=2e-4),
        pytest.approx(0.5962, abs=2e-4),
    )


def test_calibration_error_is_zero_for_honest_confidence() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0.0)
    assert calibration_error([1.0] * 4, [True, True, False, False]) == pytest.approx(0.5)


def test_percentiles_are_times_that_were_measured() -> None:
    assert percentiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p99": 3.0, "max": 3.0}
    assert percentiles([]) == {}
