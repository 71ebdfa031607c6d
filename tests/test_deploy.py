"""The files under deploy/ pass their own linters and name what the server really has."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
LINTERS = {
    "hadolint": "Dockerfile",
    "check-jsonschema --builtin-schema vendor.compose-spec": "compose.yaml",
    "kubernetes-validate --strict": "kubernetes.yaml",
    "yamllint --strict -d '{extends: default, rules: {line-length: {max: 100}, "
    "document-start: disable, comments: disable}}'": "compose.yaml kubernetes.yaml prometheus.yaml",
}


def documents(name: str) -> list[Any]:
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all((DEPLOY / name).read_text("utf-8")))


def test_every_file_passes_its_linter():
    for linter, files in LINTERS.items():
        name, *options = shlex.split(linter)
        program = shutil.which(name, path=str(Path(sys.executable).parent))
        if program is None:
            pytest.skip(f"{name} is not installed")
        paths = [str(DEPLOY / file) for file in files.split()]
        done = subprocess.run([program, *options, *paths], capture_output=True, text=True)
        assert done.returncode == 0, f"{linter}: {done.stdout}{done.stderr}"


def test_the_dashboard_shows_only_figures_that_the_server_has():
    pytest.importorskip("prometheus_client")
    from hrm_agent import Router
    from hrm_agent.server.guard import Load
    from hrm_agent.server.metrics import Metrics

    metrics = Metrics()
    with Router([]) as router:
        metrics.watch(router, Load(), ("/v1/solve",))
        metrics.request("/v1/solve", 200, 0.1)
        metrics.judged("sudoku", "1", "verified")
        page, _ = metrics.page("")
    families = re.findall(r"^# TYPE (\w+) (\w+)$", page.decode(), re.MULTILINE)
    there = {name for name, _ in families} | set(re.findall(r"^(\w+)[{ ]", page.decode(), re.M))
    dashboard = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    shown = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            names = set(re.findall(r"\bhrm_\w+", target["expr"]))
            assert names, f"{panel['title']} shows nothing of ours"
            assert names <= there, f"{panel['title']}: {names - there}"
            shown |= names
    assert len(shown) >= 15
    labels = {"route", "status", "specialist", "version", "code", "le", "outcome"}
    text = json.dumps(dashboard)
    for group in re.findall(r"by \(([\w, ]+)\)", text):
        assert set(group.split(", ")) <= labels, group


def commands() -> list[list[str]]:
    """What containers start: arguments of `hrm-agent`."""
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    (default,) = re.findall(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    (compose,) = documents("compose.yaml")
    return [json.loads(default), compose["services"]["server"]["command"]]


def test_containers_start_the_server_with_options_that_it_has():
    """The key is asked for: the address can be reached from outside."""
    import typer

    from hrm_agent.cli.app import app

    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    known = {name for option in verbs["serve"].params for name in option.opts}
    for verb, *arguments in commands():
        assert verb == "serve"
        options = [one.partition("=")[0] for one in arguments if one.startswith("--")]
        assert set(options) <= known
        assert "HRM_SERVER_KEY" in " ".join(arguments)


def test_the_image_holds_what_the_wheel_is_made_of():
    """And nothing stands in the build's context that a COPY does not take."""
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "Dockerfile").read_text(), re.M):
        copied |= set(line.split())
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)


def test_pods_are_asked_at_paths_that_need_no_key():
    from hrm_agent.server.app import OPEN

    for document in documents("kubernetes.yaml"):
        for path in re.findall(r"'path': '(/\w+)'", str(document)):
            assert path in OPEN
