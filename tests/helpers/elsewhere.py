"""Programs of other people that pin what we do not, each in an environment of its own.

Made on demand with the ordinary client of the package index; a test that needs one
is skipped where there is no index.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PATIENCE = 240
"""Seconds for an installation."""


def environment(folder: Path, *packages: str) -> Path:
    """The `bin` folder of a new environment that holds these packages."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    quick = ["--no-compile", "--disable-pip-version-check"]
    try:
        ran = subprocess.run(
            [*pip, *quick, *packages],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{', '.join(packages)} cannot be installed within {PATIENCE} s")
    if ran.returncode:
        pytest.skip(f"{', '.join(packages)} cannot be installed: {ran.stderr.strip()[-200:]}")
    return python.parent


def bare() -> dict[str, str]:
    """The environment's variables without what would let it see our packages."""
    hidden = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in hidden}
