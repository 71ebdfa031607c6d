"""What is installed is what was written: a built wheel holds all four packages."""

from __future__ import annotations

import email
import re
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
def wheel(tmp_path_factory) -> Path:
    where = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(where)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = where.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel) -> set[str]:
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


@pytest.mark.slow
def test_a_package_index_can_show_the_readme(wheel):
    """Its relative links lead to files of the repository, by absolute addresses."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        text = email.message_from_bytes(archive.read(metadata)).get_payload()
    targets = re.findall(r"\]\(([^)]+)\)", text)
    here = [t.partition("/blob/main/")[2] for t in targets if "/blob/main/" in t]
    assert here
    assert all(target.startswith("https://") for target in targets)
    assert all((ROOT / target).exists() for target in here)
    pytest.importorskip("twine")
    command = [sys.executable, "-m", "twine", "check", "--strict", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
