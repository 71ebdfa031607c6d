"""The example of a plug-in: built, installed where nothing else is, found, used, and kept out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

import hrm_agent
import hrm_router
import hrm_specialists

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"
SOURCES = [str(Path(one.__file__).parents[1]) for one in (hrm_agent, hrm_router, hrm_specialists)]
SQUARE = '{"grid": [[1,0,0,4],[0,4,1,0],[0,1,4,0],[4,0,0,1]]}'
BROKEN = """\
[hrm_agent.specialists]
rusty = rusty_specialist:load
"""


class Elsewhere:
    """An environment of its own, which sees what is installed here, and hrm-agent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        own = sysconfig.get_path("purelib", vars={"base": str(folder)})
        self.site = Path(own)
        lines = [*SOURCES, sysconfig.get_path("purelib")]
        (self.site / "dependencies.pth").write_text("\n".join(lines))

    def install(self, wheel: Path) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install"]
        options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *options, str(wheel)], check=True, capture_output=True, timeout=120)

    def run(self, *words: str, code: int = 0, **environment: str) -> Any:
        """What a command says as JSON."""
        ran = subprocess.run(
            [str(self.python), "-m", "hrm_agent", *words, "--json"],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    """The plug-in, installed from a wheel, beside one that does not load."""
    work = tmp_path_factory.mktemp("plugin")
    shutil.copytree(PLUGIN, work / "source", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work / "dist")]
    subprocess.run(build, cwd=work / "source", check=True, capture_output=True, timeout=120)
    made = Elsewhere(work / "venv")
    made.install(next((work / "dist").glob("*.whl")))
    info = made.site / "rusty_specialist-0.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rusty-specialist\nVersion: 0.3\n")
    (info / "entry_points.txt").write_text(BROKEN)
    (made.site / "rusty_specialist.py").write_text("raise RuntimeError('rusted through')\n")
    return made


def test_it_is_found_and_used_as_if_it_had_always_been_there(elsewhere):
    listed = elsewhere.run("specialists")
    assert [one["name"] for one in listed["specialists"]][-1] == "latin"
    assert Path(listed["specialists"][-1]["folder"]).is_relative_to(elsewhere.site)

    typed = elsewhere.run("solve", "--task", "latin", SQUARE)
    read = elsewhere.run("solve", f"Please complete this Latin square: {SQUARE}")

    for answer in (typed, read):
        assert (answer["status"], answer["specialist"]) == ("verified", "latin")
        assert answer["solution"]["grid"][0][0] == 1


def test_doctor_tells_of_plug_ins_and_of_those_that_do_not_load(elsewhere):
    told = elsewhere.run("doctor")

    assert told["ready"] is True
    assert {(one["name"], one["package"], one["state"]) for one in told["plugins"]} >= {
        ("latin", "hrm-latin 0.1.0", "loaded"),
        ("rusty", "rusty-specialist 0.3", "broken"),
    }
    assert any("rusted through" in advice for advice in told["advice"])


def test_what_is_not_allowed_is_not_even_imported(elsewhere):
    none = elsewhere.run("doctor", code=1, HRM_AGENT_ALLOW="nothing")
    assert {one["state"] for one in none["plugins"]} == {"not allowed"}
    assert "rusted" not in json.dumps(none)
    assert "latin" not in [one["name"] for one in none["specialists"]]
    refused = elsewhere.run("solve", "--task", "latin", SQUARE, code=2, HRM_AGENT_ALLOW="rusty")
    assert refused["error"]["code"] == "unknown_specialist"


def test_its_own_tests_pass(elsewhere):
    source = elsewhere.folder.parent / "source"
    ran = subprocess.run(
        [str(elsewhere.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout
    assert "skipped" not in ran.stdout
