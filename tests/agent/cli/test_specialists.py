"""Versions of trained specialists: listed, chosen, removed, copied, and exchanged with the hub."""

from __future__ import annotations

import shutil
import sys

import pytest

from hrm_specialists import hub
from hrm_specialists.registry import load_installed, load_specialist


@pytest.fixture
def root(tmp_path):
    """A data folder with two versions of one specialist."""
    with load_installed("sudoku", device="cpu") as shipped:
        assert shipped.folder is not None
        hub.export(shipped.folder, tmp_path / "data" / "sudoku" / "1")
    shutil.copytree(tmp_path / "data" / "sudoku" / "1", tmp_path / "data" / "sudoku" / "2")
    return tmp_path / "data"


def test_a_version_is_rolled_back_chosen_and_removed(run, root):
    back = run("specialists", "rollback", "sudoku", "--root", str(root), "--json")
    assert (back.code, back.json["version"], back.json["before"]) == (0, "1", "2")
    forth = run("specialists", "rollback", "sudoku", "--to", "2", "--root", str(root))
    assert (forth.code, "version 2 now" in forth.out) == (0, True)
    odd = run("specialists", "rollback", "sudoku", "--to", "9", "--root", str(root), "--json")
    assert (odd.code, "no version '9'" in odd.error["message"]) == (2, True)

    kept = run("specialists", "demote", "sudoku", "--root", str(root), "--json")
    assert (kept.code, "trained by hand" in kept.error["message"]) == (2, True)

    unsure = run("specialists", "remove", "sudoku", "--root", str(root), "--json")
    assert (unsure.code, "--yes" in unsure.error["hint"]) == (2, True)
    one = ("remove", "sudoku", "--version", "1", "--yes", "--root", str(root))
    assert run("specialists", *one).code == 0
    assert [folder.name for folder in (root / "sudoku").iterdir() if folder.is_dir()] == ["2"]
    assert run("specialists", "remove", "sudoku", "--yes", "--root", str(root)).code == 0
    assert not (root / "sudoku").exists()
    for name in ("sudoku", "../data", ""):
        gone = run("specialists", "remove", name, "--yes", "--root", str(root), "--json")
        assert (gone.code, gone.error["code"]) == (2, "usage"), name


def test_a_specialist_is_exported_to_a_folder_that_loads(run, tmp_path):
    ran = run("specialists", "export", "sudoku", str(tmp_path / "out"), "--json", find=True)
    assert (ran.code, ran.json) == (0, {"exported": str(tmp_path / "out")})
    load_specialist(tmp_path / "out").close()


def test_a_specialist_goes_to_the_hub_and_comes_back(run, tmp_path, monkeypatch):
    """Against a hub that is a folder."""
    huggingface = pytest.importorskip("huggingface_hub")
    shelf, asked = tmp_path / "hub", []

    class Api:
        def __init__(self, **about):
            asked.append(about)

        def create_repo(self, repo, *, private, exist_ok):
            asked.append((repo, private, exist_ok))

        def upload_folder(self, *, repo_id, folder_path, commit_message):
            shutil.copytree(folder_path, shelf / repo_id)
            return f"https://hub.example/{repo_id}/commit/1"

    def download(repo, *, revision, local_dir, allow_patterns, library_name):
        if not (shelf / repo).exists():
            raise RuntimeError(f"404: {repo} is not there\nRequest ID: 1")
        shutil.copytree(shelf / repo, local_dir)

    monkeypatch.setattr(huggingface, "HfApi", Api)
    monkeypatch.setattr(huggingface, "snapshot_download", download)
    data = ("--root", str(tmp_path / "data"), "--json")

    pushed = run("specialists", "push", "sudoku", "ada/sudoku", "--json", find=True)
    assert (pushed.code, pushed.json["pushed"].endswith("/commit/1")) == (0, True)
    assert ("ada/sudoku", True, True) in asked
    pulled = run("specialists", "pull", "ada/sudoku", *data)
    assert (pulled.code, pulled.json["name"]) == (0, "sudoku")
    load_specialist(pulled.json["pulled"]).close()
    assert run("specialists", "pull", "ada/sudoku", *data).json == pulled.json

    gone = run("specialists", "pull", "ada/nothing", *data)
    assert (gone.code, gone.error["code"]) == (1, "hub_failed")
    assert "404: ada/nothing is not there" in gone.error["message"]
    (shelf / "ada/sudoku/config.json").write_text("{}", "utf-8")
    assert run("specialists", "pull", "ada/sudoku", *data).code == 2


def test_a_missing_extra_is_named_by_what_installs_it(run, monkeypatch):
    for package, argv, extra in (
        ("huggingface_hub", ("specialists", "push", "sudoku", "ada/sudoku"), "hub"),
        ("mcp", ("mcp",), "mcp"),
        ("fastapi", ("serve",), "serve"),  # the extra ray brings it as well, with much more
    ):
        with monkeypatch.context() as without:
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                without.delitem(sys.modules, name)
            without.delitem(sys.modules, f"hrm_agent.integrations.{package}", raising=False)
            for name in [name for name in sys.modules if name.startswith("hrm_agent.server")]:
                without.delitem(sys.modules, name)
            without.setitem(sys.modules, package, None)
            ran = run(*argv, "--json", find=True)
        assert ran.code == 2
        assert ran.error["code"] == "missing_package", ran.error
        assert ran.error["hint"] in (
            f"pip install 'hrm-agent[{extra}]'",
            f"pip install {package.replace('_', '-')}",  # the installed metadata is older
        )


def test_each_specialist_is_listed_with_its_learner(run):
    listed = run("specialists", "list", "--json").json["specialists"]
    assert {one["name"]: one["learner"] for one in listed}["sudoku"] == "network"
    shown = run("specialists", "list").out
    assert "learner" in shown.splitlines()[0]
    assert "network" in shown
