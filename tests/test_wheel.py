"""What is installed is what was written: a built wheel holds all four packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT, ROOT / "router", ROOT / "specialists")
PACKAGES = ("hrm_agent", "hrm_router", "hrm_specialists", "hrm_puzzles")
CHECKOUT_ONLY = {"building"}
"""Folders of builders of data, which do not travel."""


@pytest.fixture(scope="module")
def contents(tmp_path_factory) -> set[str]:
    where = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(where)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = where.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(package: str) -> set[str]:
    """Files of a package that are neither caches nor hidden."""
    folder = next(f for f in FOLDERS if (f / package).is_dir())
    files = (f for f in (folder / package).rglob("*") if f.is_file())
    return {
        str(f.relative_to(folder))
        for f in files
        if not {"__pycache__", *CHECKOUT_ONLY} & set(f.parts) and not f.name.startswith(".")
    }


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_holds_every_file_of_a_package(contents, package):
    """Weights, phrases, recipes and `py.typed` included."""
    assert f"{package}/py.typed" in contents
    assert tracked(package) <= contents


@pytest.mark.slow
def test_a_wheel_holds_nothing_else(contents):
    tops = {name.partition("/")[0] for name in contents}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
