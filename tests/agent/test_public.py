"""What people import, and from where."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import hrm_agent
from hrm_agent import errors
from hrm_specialists.errors import HrmAgentError


def test_every_public_name_loads_and_comes_from_its_home():
    for module, names in hrm_agent._HOMES.items():
        for name in names:
            assert getattr(hrm_agent, name) is getattr(sys.modules[module], name)
    homes = [name for names in hrm_agent._HOMES.values() for name in names]
    assert sorted(homes) == hrm_agent.__all__
    assert set(hrm_agent.__all__) <= set(dir(hrm_agent))


def test_type_checkers_are_told_the_same_names():
    tree = ast.parse(Path(hrm_agent.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        (node.module, name.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert told == {(home, name) for home, names in hrm_agent._HOMES.items() for name in names}


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(hrm_agent, "Rooter")


def everything_below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from everything_below(one)


def test_the_tree_of_errors_is_whole_and_codes_are_unique():
    ours = [e for e in everything_below(HrmAgentError) if e.__module__.startswith("hrm_")]
    assert {error.__name__ for error in ours} | {"HrmAgentError"} == set(errors.__all__)
    codes = [error.code for error in ours]
    assert len(codes) == len(set(codes))
    drawn = errors.__doc__ or ""
    assert [name for name in errors.__all__ if name not in drawn] == []


def test_the_router_alone_loads_nothing_heavy():
    code = "from hrm_agent import Router; import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert not loaded & {"torch", "openai", "numpy", "langchain_core"}
