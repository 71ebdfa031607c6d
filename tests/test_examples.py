"""Every example runs by itself, from anywhere, and ends well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"03_teach_your_own", "05_transfer"}
EXAMPLES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in SLOW else [])
    for path in sorted((Path(__file__).parents[1] / "examples").glob("[0-9]*.py"))
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
    assert not run.stderr.strip()
    assert not list(tmp_path.iterdir())
