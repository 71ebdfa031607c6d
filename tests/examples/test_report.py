"""What the industry scripts say of several seeds is what statistics says."""

from __future__ import annotations

import importlib.util
import statistics
import sys
from pathlib import Path

import pytest
from scipy import stats

FILE = Path(__file__).parents[2] / "examples" / "industry" / "_report.py"


@pytest.fixture(scope="module")
def report():
    spec = importlib.util.spec_from_file_location("_industry_report", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_an_interval_is_that_of_the_t_test(report):
    values = [0.71, 0.75, 0.74, 0.69, 0.78]
    wanted = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert report.interval(values) == pytest.approx((wanted.low, wanted.high))
    assert report.interval([0.7]) is None


def test_the_verdict_goes_by_the_paired_gain_over_the_best_baseline(report):
    ours = [0.60, 0.70, 0.80]
    for lower in (False, True):
        for shift, verdict in ((0.05, "ahead"), (-0.05, "behind"), (0.0, "level")):
            sign = -1 if lower else 1
            theirs = [s - sign * shift + d for s, d in zip(ours, (0.01, 0, -0.01), strict=True)]
            worst = 9.0 if lower else 0.0
            outcomes = [
                report.Outcome(s, {"good": b, "bad": worst}, {"rare": s if s > 0.65 else None})
                for s, b in zip(ours, theirs, strict=True)
            ]
            said = report.summary("t", "m", outcomes, lower_is_better=lower)
            assert (said["best_baseline_name"], said["verdict"]) == ("good", verdict)
            assert said["gain"] == pytest.approx(shift)
            assert said["best_baseline"] == pytest.approx(statistics.fmean(theirs))
            assert said["figures"]["rare"]["mean"] == pytest.approx(0.75)


def test_one_seed_is_never_a_win(report):
    said = report.summary("t", "m", [report.Outcome(0.9, {"b": 0.1})])
    assert (said["verdict"], said["interval"]) == ("level", None)
