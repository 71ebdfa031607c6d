"""Promotion is rarely wrong however often one looks; a version that falls is caught."""

from __future__ import annotations

import math
import random
from functools import partial

import pytest

from hrm_router.traffic.gate import Gate, bounds, falls, passes, standing
from hrm_router.traffic.store import Trial


def trial(right, *, accepted=True, passed=None, unfamiliar=False):
    return Trial(
        specialist="t",
        version="1",
        problem="p",
        accepted=accepted,
        unfamiliar=unfamiliar,
        passed=passed,
        agreed=right,
        confidence=0.9,
        seconds=0.001,
    )


def test_bounds_hold_the_share_and_narrow():
    assert bounds(0, 0, 0.05) == (0.0, 1.0)
    wide, narrow = bounds(9, 10, 0.05), bounds(900, 1_000, 0.05)
    for low, high in (wide, narrow):
        assert low < 0.9 < high
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 4
    assert bounds(50, 50, 0.05)[1] == 1.0
    assert bounds(0, 50, 0.05)[0] == 0.0


def test_promotion_is_wrong_in_less_than_one_of_twenty_families():
    """True accuracy just below the gate, looked at after every tenth trial."""
    gate, wrong, right = Gate(accuracy=0.9), 0, 0
    for seed in range(100):
        rng = random.Random(seed)
        for share, good in ((rng.uniform(0.8, 0.8999), False), (0.95, True)):
            hits = 0
            for n in range(1, 2_001):
                hits += rng.random() < share
                if n >= gate.trials and n % 10 == 0 and bounds(hits, n, gate.alpha)[0] >= 0.9:
                    wrong, right = wrong + (not good), right + good
                    break
    assert wrong <= 5
    assert right >= 95


def test_nothing_is_promoted_on_a_handful_of_trials():
    gate = Gate(accuracy=0.6, trials=100)
    assert not passes(standing([trial(True)] * 99), gate)
    assert passes(standing([trial(True)] * 100), gate)


def test_the_checkers_word_goes_before_agreement():
    """An LLM that is wrong disagrees with a right specialist; that counts for nothing."""
    found = standing([trial(False, passed=True)] * 150)
    assert (found.right, found.measure) == (150, "checked")
    assert standing([trial(True, passed=False)] * 3).refused == 3


def test_only_accepted_answers_count():
    found = standing([trial(False, accepted=False, unfamiliar=True)] * 50 + [trial(True)] * 50)
    assert (found.trials, found.accepted, found.right, found.unfamiliar) == (100, 50, 50, 50)
    assert found.shares["acceptance"] == 0.5
    assert str(standing([])) == "0 trials, 0 accepted, none of them judged"


def test_accepted_answers_without_a_word_on_them_count_as_accepted_and_not_as_right():
    found = standing([trial(None)] * 90 + [trial(True)] * 8 + [trial(False)] * 2)
    assert (found.accepted, found.judged, found.accuracy) == (100, 10, 0.8)
    assert found.shares["acceptance"] == 1.0
    assert not passes(found, Gate(accuracy=0.1, trials=11))


@pytest.mark.parametrize("before", [0.93, 0.95, 0.98])
def test_a_loss_of_ten_points_is_caught_within_500_requests(before):
    gate, late = Gate(accuracy=0.9), 0
    for seed in range(40):
        rng = random.Random(seed)
        good = [trial(rng.random() < before) for _ in range(500)]
        bad = [trial(rng.random() < before - 0.1) for _ in range(500)]
        test = partial(falls, gate=gate, promoted_at=before)
        assert not test(good), seed
        late += not test(good + bad)
    assert late <= 2


def test_a_version_that_stays_good_stays():
    demoted = 0
    for seed in range(20):
        rng = random.Random(seed)
        trials = [trial(rng.random() < 0.95) for _ in range(2_000)]
        demoted += falls(trials, Gate(accuracy=0.9), promoted_at=0.95)
    assert demoted <= 3
    assert math.isclose(standing(trials).accuracy, 0.95, abs_tol=0.02)
