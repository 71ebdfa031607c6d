"""Every example runs by itself, from anywhere, and ends well."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"03_teach_your_own", "05_transfer", "06_tell_the_network"}
BRIEFLY = {"05_transfer": ("--examples", "50", "--minutes", "0.1", "--unseen", "20")}
"""Enough to see that it runs; what it finds is in the records."""
EXAMPLES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in SLOW else [])
    for path in sorted((Path(__file__).parents[1] / "examples").glob("[0-9]*.py"))
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error", str(example), *BRIEFLY.get(example.stem, ())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
    if example.stem == "03_teach_your_own":
        verified = re.search(r"(\d+) of 50 unseen squares verified", run.stdout)
        assert verified, run.stdout
        assert int(verified[1]) >= 45, run.stdout
    if example.stem == "06_tell_the_network":
        found = re.search(r"([\d.]+)% of \d+ unseen verified in one pass", run.stdout)
        assert found, run.stdout
        assert float(found[1]) >= 97, run.stdout
    assert not run.stderr.strip()
    assert not list(tmp_path.iterdir())
