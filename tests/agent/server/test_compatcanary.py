"""CompatCanary, a scanner of servers that say they speak OpenAI's protocol.

Its profile `modern` holds `chat` and the Responses API.
"""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from elsewhere import bare
from obedient import obedient
from served import served

from hrm_agent import Router, Settings
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask

pytestmark = [pytest.mark.outside, pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_scanner_finds_all_of_its_modern_profile(tmp_path):
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("no npx on the PATH")
    with (
        ScriptedSpecialist(SudokuTask(), {}) as sudoku,
        Router([sudoku], llm=obedient(), settings=Settings()) as router,
        served(router) as address,
    ):
        told = tmp_path / "told.json"
        of = ["--base-url", f"{address}/v1", "--model", "hrm-agent", "--profile", "modern"]
        ran = subprocess.run(
            [
                npx,
                "--yes",
                "compatcanary@latest",
                "scan",
                *of,
                "--format",
                "json",
                "--output",
                told,
            ],
            cwd=tmp_path,
            env=bare(),
            capture_output=True,
            text=True,
            timeout=200,
        )
    if "npm error" in ran.stderr:
        pytest.skip(f"npx cannot fetch it: {ran.stderr.strip()[-200:]}")
    assert told.exists(), ran.stderr
    found = json.loads(told.read_text())
    assert {one["name"]: one["status"] for one in found["results"]} == {
        "Model discovery": "pass",
        "Chat Completions": "pass",
        "Chat streaming": "pass",
        "Forced tool call": "pass",
        "Strict structured output": "pass",
        "Responses API": "pass",
        "Responses streaming": "pass",
    }, found
    assert ran.returncode == 0
