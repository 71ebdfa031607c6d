"""A starting point is whole, sound, and works before anything was changed in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hrm_agent
import hrm_router
import hrm_specialists

SOURCES = [str(Path(one.__file__).parents[1]) for one in (hrm_agent, hrm_router, hrm_specialists)]


def python(folder, *arguments):
    """Run Python in a new package's folder, as its author would."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *SOURCES])},
        capture_output=True,
        text=True,
        timeout=600,
    )


def begin(run, tmp_path, name="tide-tables"):
    ran = run("new", "specialist", name, "--into", str(tmp_path), "--json")
    assert ran.code == 0, ran.out
    return ran.json


def test_it_is_a_package_with_everything_and_says_what_to_do_next(run, tmp_path):
    begun = begin(run, tmp_path)
    folder = tmp_path / "hrm-tide-tables"

    assert begun["folder"] == str(folder)
    files = {file.relative_to(tmp_path).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert set(begun["files"]) == files
    names = ("__init__", "examples", "models", "task", "teach")
    modules = {f"hrm-tide-tables/hrm_tide_tables/{name}.py" for name in names}
    assert modules | {"hrm-tide-tables/README.md", "hrm-tide-tables/pyproject.toml"} < files
    assert 'tide-tables = "hrm_tide_tables:load"' in (folder / "pyproject.toml").read_text("utf-8")
    assert not [file for file in files if "$" in (tmp_path / file).read_text("utf-8")]
    assert "pytest" in begun["next"]
    assert [one.name for one in tmp_path.iterdir()] == ["hrm-tide-tables"]


def test_nothing_is_overwritten(run, tmp_path):
    begin(run, tmp_path)
    kept = tmp_path / "hrm-tide-tables" / "README.md"
    kept.write_text("mine")

    again = run("new", "specialist", "tide-tables", "--into", str(tmp_path), "--json")

    assert (again.code, again.error["code"]) == (2, "config_error")
    assert "exists already" in again.error["message"]
    assert kept.read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["", "Tides", "a b", "../a", "a-", "1a", "a--b", "a" * 41, "sudoku", "router"]
)
def test_names_that_would_not_do_are_refused(run, tmp_path, name):
    ran = run("new", "specialist", name, "--into", str(tmp_path), "--json")

    assert (ran.code, ran.error["code"]) == (2, "config_error")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_an_error_and_no_traceback(run, tmp_path):
    (tmp_path / "file").write_text("")
    ran = run("new", "specialist", "tides", "--into", str(tmp_path / "file" / "x"), "--json")

    assert (ran.code, ran.error["code"]) == (2, "config_error")


@pytest.mark.slow
def test_its_own_tests_pass_and_it_learns(run, tmp_path):
    folder = Path(begin(run, tmp_path, "tides")["folder"])
    pytest_ = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"]

    before = python(folder, *pytest_)
    taught = python(folder, "-m", "hrm_tides.teach", "--steps", "400")
    weights = folder / "hrm_tides" / "weights"
    found = python(folder, "-c", "import hrm_tides; print(hrm_tides.load().task.title)")

    assert before.returncode == 0, before.stdout
    assert "22 passed, 1 skipped" in before.stdout
    assert taught.returncode == 0, taught.stderr
    assert float(taught.stdout.split("%")[0]) >= 60, taught.stdout
    assert {"config.json", "model.safetensors", "manifest.json", "README.md"} <= {
        file.name for file in weights.iterdir()
    }
    assert found.stdout == "Tides\n", found.stderr


@pytest.mark.slow
def test_it_is_written_as_our_own_code_is(run, tmp_path):
    folder = Path(begin(run, tmp_path)["folder"])
    for command in (["check", "--select=E,F,W,I,UP,D"], ["format", "--check"]):
        style = ["--isolated", "--line-length=100"]
        ignore = ["--ignore=D1,D203,D212,D213,D401,D413"] if command[0] == "check" else []
        ran = python(folder, "-m", "ruff", *command, *style, *ignore, "hrm_tide_tables", "tests")
        assert ran.returncode == 0, ran.stdout
