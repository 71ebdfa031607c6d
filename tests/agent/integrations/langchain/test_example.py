"""The example of agents, with a real endpoint from the settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = next(Path(__file__).parents[4].glob("examples/*_langchain_agent.py"))


@pytest.mark.outside
@pytest.mark.timeout(180)
def test_the_example_runs_with_an_endpoint_too(llama_url, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLE)],
        cwd=tmp_path,
        env={**os.environ, "HRM_AGENT_BASE_URL": llama_url, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=170,
    )
    assert run.returncode == 0, run.stderr
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in run.stdout
    assert not run.stderr.strip()
