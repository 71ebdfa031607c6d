"""Every example runs by itself, from anywhere, and is as good as it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = "01_solve"
BRIEFLY = {
    "05_transfer": ("--examples", "50", "--minutes", "0.1", "--unseen", "20"),
    "10_tell_the_network": ("--steps", "700"),
}
"""Enough to see that it runs, however busy the machine; what it finds is in the records."""
SAID = {
    "01_solve": r"\[verified\]",
    "02_route_with_llm": r"\[verified\](?s:.*)\[answered\]",
    "04_langchain_agent": r"\+-------\+-------\+-------\+",
}
"""What an example must print."""
FLOORS = {
    "03_teach_your_own": [(r"(\d+) of 50 unseen squares verified", 42, 50)],
    "10_tell_the_network": [(r"([\d.]+)% of \d+ unseen verified in one pass", 97, 100)],
    "09_grow": [(r'"right": ([\d.]+)', 0.97, 1), (r'"llm_share": ([\d.]+)', 0, 0.15)],
    "11_grow_checked": [
        (r'"wrong_examples": (\d+)', 0, 0),
        (r'"llm_calls": (\d+)', 0, 30),
        (r'"verified": (\d+)', 145, 150),
    ],
}
"""Figures that an example prints, and the range each must lie in."""
EXAMPLES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem != QUICK else [])
    for path in sorted((Path(__file__).parents[1] / "examples").glob("[0-9]*.py"))
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs_and_is_good_enough(example, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error", str(example), *BRIEFLY.get(example.stem, ())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
    assert re.search(SAID.get(example.stem, ""), run.stdout), run.stdout
    for form, least, most in FLOORS.get(example.stem, ()):
        found = re.search(form, run.stdout)
        assert found, run.stdout
        assert least <= float(found[1]) <= most, run.stdout
    assert not run.stderr.strip()
    assert not list(tmp_path.iterdir())
