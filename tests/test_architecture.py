"""The house stands as drawn: arrows, quiet imports, names, file sizes, declared needs."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    "hrm_agent": ROOT / "hrm_agent",
    "hrm_router": ROOT / "router" / "hrm_router",
    "hrm_specialists": ROOT / "specialists" / "hrm_specialists",
    "hrm_puzzles": ROOT / "specialists" / "hrm_puzzles",
}
BELOW = {
    "hrm_agent": {"hrm_router", "hrm_specialists", "hrm_puzzles"},
    "hrm_router": {"hrm_specialists"},
    "hrm_specialists": set(),
    "hrm_puzzles": {"hrm_specialists"},
}

SEAM = {file.stem for file in FLOORS["hrm_specialists"].glob("*.py")} - {"__init__", "registry"}
SEAM |= {"schema"}
"""The single files of the lowest floor and `schema`, torch-free: every other part may use them."""

INSIDE = {
    "network": {"network", "errors", "spelling", "storage"},
    "training": {"training", "network", *SEAM},
    "engine": {"engine", "network", *SEAM},
    **dict.fromkeys(SEAM, SEAM),
    "specialist": {"learners", *SEAM},
}
"""What each part of the lowest floor may use of it; registry and evaluation may use all.
A specialist makes solvers of functions and estimators, when it is asked to."""

HEAVY = {"torch", "openai", "numpy", "langchain", "langchain_core", "langsmith"}
LINES = 400
"""Longest file, the insides of texts not counted; most are a third of it."""


def module_name(file: Path) -> str:
    floor, folder = next((f, d) for f, d in FLOORS.items() if file.is_relative_to(d))
    parts = [floor, *file.relative_to(folder).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    module_name(file): file for folder in FLOORS.values() for file in sorted(folder.rglob("*.py"))
}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(SOURCES[name].read_text("utf-8"))


def imports(node: ast.AST) -> Iterator[str]:
    """Full names of all modules imported below `node`, those for type checkers left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from imports(other)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = child.module or ""
            yield from (
                full if (full := f"{module}.{alias.name}") in SOURCES else module
                for alias in child.names
            )
        else:
            yield from imports(child)


def top(module: str) -> str:
    return module.partition(".")[0]


def part(module: str) -> str:
    """The second name of `hrm_specialists.engine.scheduler`; empty for a floor itself."""
    return [*module.split("."), ""][1]


def test_arrows_between_the_floors_point_down():
    for name in SOURCES:
        used = {top(module) for module in imports(tree(name))} & FLOORS.keys()
        assert used <= BELOW[top(name)] | {top(name)}, name


def test_arrows_inside_the_lowest_floor_are_those_drawn():
    for name in SOURCES:
        if top(name) == "hrm_specialists":
            used = {part(m) for m in imports(tree(name)) if m.startswith("hrm_specialists.")}
            assert used <= INSIDE.get(part(name), used), name


TORCH_FREE = [
    name
    for name in SOURCES
    if top(name) == "hrm_router" or (top(name) == "hrm_specialists" and part(name) in {*SEAM, ""})
]


def test_torch_stays_out_of_the_router_and_the_seam():
    for name in TORCH_FREE:
        assert "torch" not in {top(module) for module in imports(tree(name))}, name


OTHERS_OWN = {"httpx2", "pydantic_core", "starlette"}
"""They come with openai, pydantic and fastapi, of which they are a part."""


def test_everything_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"]]
    declared += [need for name, needs in extras.items() if name != "dev" for need in needs]
    allowed = {re.split(r"[\[>=<!~ ]", need)[0].replace("-", "_") for need in declared}
    allowed |= {"PIL"} if "pillow" in allowed else set()
    allowed |= {"sklearn"} if "scikit_learn" in allowed else set()
    allowed |= FLOORS.keys() | set(sys.stdlib_module_names)
    used = {top(module) for name in SOURCES for module in imports(tree(name))}
    assert sorted(used - allowed - OTHERS_OWN - {"hrm_bench"}) == []  # only in a checkout


def start(code: str) -> str:
    """What a fresh interpreter prints while running `code`."""
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def busy_seconds(code: str) -> float:
    """Processor time of a fresh interpreter running `code`; waiting for others is left out."""
    return float(start(f"{code}\nimport time; print(time.process_time())"))


@pytest.mark.parametrize(
    "statement",
    ["from hrm_agent import Router", "import hrm_router", "import hrm_specialists.contract"],
)
def test_importing_loads_nothing_heavy(statement):
    loaded = start(f"{statement}; import sys; print(*sys.modules)")
    assert {top(module) for module in loaded.split()} & HEAVY == set()


def test_importing_is_quick():
    """Less than 0.3 s over an empty start: the best of several, as others use the machine too."""
    empty = min(busy_seconds("pass") for _ in range(5))
    added = [float("inf")]
    while min(added) >= 0.3 and len(added) <= 12:
        added.append(busy_seconds("from hrm_agent import Router") - empty)
    assert min(added) < 0.3


@pytest.mark.parametrize("floor", FLOORS)
def test_public_names_are_sorted_and_there(floor):
    package = importlib.import_module(floor)
    names = getattr(package, "__all__", [])
    assert names == sorted(names)
    assert [name for name in names if not hasattr(package, name)] == []


def test_every_module_can_be_imported():
    for floor in FLOORS:
        package = importlib.import_module(floor)
        for found in pkgutil.walk_packages(package.__path__, f"{floor}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)


def test_a_file_says_what_it_does_and_stays_readable():
    for name in SOURCES:
        assert ast.get_docstring(tree(name)), f"{name} opens without a docstring"
        texts = [
            node for node in ast.walk(tree(name)) if isinstance(node, ast.Constant | ast.JoinedStr)
        ]
        lines = SOURCES[name].read_text("utf-8").count("\n")
        lines -= sum((node.end_lineno or node.lineno) - node.lineno for node in texts)
        assert lines <= LINES, f"{name}: {lines} lines: look for the second idea"


def drawn_paths(text: str) -> list[str]:
    """Paths in the README's drawn tree, by indentation."""
    block = re.search(r"```text\n(hrm_agent/.*?)```", text, re.DOTALL)
    assert block, "README.md draws no tree"
    paths, parents = [], {}
    for line in block[1].splitlines():
        indent = len(line) - len(line.lstrip())
        found = re.match(r"[\w./-]+", line[indent:])
        if not found:
            continue
        depth = indent // 4
        parents[depth] = found[0].rstrip("/")
        paths.append("/".join(parents[level] for level in range(depth + 1)))
    return paths


def test_the_tree_in_the_readme_is_true():
    paths = drawn_paths((ROOT / "README.md").read_text("utf-8"))
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
