"""From folders, packages and code to specialists; what is broken hinders nobody."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest
import torch
from pydantic import BaseModel
from safetensors.torch import load, save

from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.codec import GridCodec
from hrm_specialists.contract import Task, Verdict
from hrm_specialists.errors import (
    ConfigError,
    CorruptCheckpoint,
    DeviceUnavailable,
    IncompatibleCheckpoint,
    LifecycleError,
    UnknownSpecialist,
)
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.packaging import save_specialist
from hrm_specialists.registry import Registry, data_folder, load_specialist, specialist
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.specialist import Specialist

SHAPE = {"hidden_size": 16, "num_heads": 2, "intermediate_multiple": 8, "halt_max_steps": 2}


class Bits(BaseModel):
    grid: tuple[tuple[int, int], ...]


class Flip(Task[Bits, Bits]):
    name = "flip"
    Problem = Solution = Bits

    def __init__(self, width: int = 2) -> None:
        self.codec = GridCodec(Bits, Bits, height=1, width=width, symbols=2)

    def check(self, problem, solution):
        return Verdict(solution == problem)


def write(folder, task=None, *, network=None, alter=None, **options):
    """Save a tiny specialist; `alter` changes its tensors."""
    task = task or Flip()
    shape = NetworkConfig(seq_len=task.codec.seq_len, vocab_size=task.codec.vocab_size, **SHAPE)
    weights = dict(HRM(shape).state_dict())
    if alter is not None:
        alter(weights)
    save_specialist(folder, task, network or shape.to_mapping(), weights, **options)
    return folder


def solvers(name: str) -> Specialist:
    task = Flip()
    task.name = name

    def none():
        raise AssertionError("not to be opened")

    return Specialist(task, none)


def test_a_saved_specialist_solves(tmp_path):
    folder = write(tmp_path / "flip", threshold=0.7, card={"examples": 3}, version="2")

    with load_specialist(folder, task=Flip(), device="cpu") as found:
        assert (found.name, found.threshold, found.version) == ("flip", 0.7, "2")
        assert found.card == {"examples": 3}
        assert found.folder == folder
        assert not found.loaded
        attempt = found.solve(Bits(grid=((0, 1),)), effort="low")
        assert found.loaded
        assert attempt.segments >= 1
    with pytest.raises(LifecycleError):
        found.solve(Bits(grid=((0, 1),)))


def test_built_in_and_inferred_tasks_come_back_from_the_folder(tmp_path):
    plain = infer_task("parity", [([0, 1, 1], "even"), ([1, 0, 0], "odd"), ([1, 1, 1], "odd")])
    write(tmp_path / "sudoku", SudokuTask())
    write(tmp_path / "parity", plain)

    assert type(load_specialist(tmp_path / "sudoku").task) is SudokuTask
    again = load_specialist(tmp_path / "parity", device="cpu")
    with again:
        assert again.task.codec.to_config() == plain.codec.to_config()
        problem = again.task.Problem.model_validate([0, 1, 0])
        assert again.solve(problem, effort="low").verdict is None


def test_a_task_written_as_code_must_be_handed_over(tmp_path):
    folder = write(tmp_path / "flip")

    with pytest.raises(IncompatibleCheckpoint, match="task=") as caught:
        load_specialist(folder)
    assert "Flip" in str(caught.value)
    with pytest.raises(IncompatibleCheckpoint, match="given is 'sudoku'"):
        load_specialist(folder, task=SudokuTask())

    made = specialist(folder, device="cpu")(Flip)
    assert made.name == "flip"


def test_describing_a_specialist_imports_no_torch(tmp_path):
    write(tmp_path / "sudoku", SudokuTask())
    script = (
        "import sys; from hrm_specialists.registry import Registry; "
        f"found = Registry.discover(folders=[{str(tmp_path)!r}]); "
        "assert 'sudoku' in found.names(), found.broken; "
        "assert 'torch' not in sys.modules"
    )
    paths = os.pathsep.join(sys.path)
    subprocess.run(
        [sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": paths}
    )


def rewrite(folder, **changes):
    """Change config.json behind the manifest's back."""
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_config_that_makes_no_sense_is_refused_at_once(tmp_path):
    for number, (changes, error) in enumerate((
        ({"format": 2}, IncompatibleCheckpoint),
        ({"format": 0}, CorruptCheckpoint),
        ({"surprise": 1}, CorruptCheckpoint),
        ({"threshold": 2}, CorruptCheckpoint),
        ({"name": "../flip"}, CorruptCheckpoint),
        ({"sha256": "0"}, CorruptCheckpoint),
        ({"task": {"inferred": 3}}, IncompatibleCheckpoint),
    )):  # fmt: skip
        folder = write(tmp_path / str(number))
        rewrite(folder, **changes)
        with pytest.raises(error):
            load_specialist(folder)
    with pytest.raises(CorruptCheckpoint, match="no specialist"):
        load_specialist(tmp_path / "nowhere")


def test_a_flipped_byte_is_found_before_anything_thinks(tmp_path):
    for name in ("model.safetensors", "config.json", "README.md"):
        folder = write(tmp_path / name, readme="# Flip\n")
        found = load_specialist(folder, task=Flip(), device="cpu")
        data = bytearray((folder / name).read_bytes())
        data[-2] ^= 1
        (folder / name).write_bytes(data)
        with pytest.raises(CorruptCheckpoint):
            found.warm()


def test_what_does_not_fit_is_refused_when_it_is_loaded(tmp_path):
    """Sizes are compared first: a network of the false size would take 100 TB."""
    nan = torch.full((16,), torch.nan)
    vast = NetworkConfig(seq_len=2, vocab_size=3, **(SHAPE | {"hidden_size": 2**20}))
    for number, (written, loaded, error, says) in enumerate((
        ({"alter": lambda w: w.clear()}, {}, IncompatibleCheckpoint, "are 0 numbers"),
        ({"alter": lambda w: w.update(other=w.pop("H_init"))}, {}, IncompatibleCheckpoint,
         "missing H_init, extra other"),
        ({"alter": lambda w: w.update(H_init=torch.zeros(4, 4))}, {}, IncompatibleCheckpoint,
         r"H_init is \[4, 4\]"),
        ({"alter": lambda w: w.update(L_init=nan)}, {}, CorruptCheckpoint, "NaN"),
        ({"network": vast.to_mapping()}, {}, IncompatibleCheckpoint, "needs"),
        ({}, {"task": Flip(width=3)}, IncompatibleCheckpoint, "train it again"),
        ({}, {"device": "abacus"}, DeviceUnavailable, "abacus"),
    )):  # fmt: skip
        folder = write(tmp_path / str(number), **written)
        found = load_specialist(folder, **{"task": Flip(), "device": "cpu", **loaded})
        with pytest.raises(error, match=says):
            found.warm()


def test_half_precision_weights_are_taken(tmp_path):
    def halve(weights):
        weights.update(load(save({name: t.bfloat16() for name, t in weights.items()})))

    with load_specialist(write(tmp_path / "flip", alter=halve), task=Flip(), device="cpu") as found:
        assert found.solve(Bits(grid=((1, 1),)), effort="low").starts == 1


def test_a_registry_keeps_order_and_names_what_it_knows():
    known = Registry([solvers("b"), solvers("a")])

    assert known.names() == ["b", "a"]
    assert [one.name for one in known] == ["b", "a"]
    assert known.get("a").name == "a"
    assert "a" in known
    assert known.unregister("b").name == "b"
    with pytest.raises(UnknownSpecialist, match="known: a"):
        known.get("b")
    with pytest.raises(UnknownSpecialist):
        known.unregister("b")
    with pytest.raises(ConfigError, match="cannot be registered"):
        known.register(Flip())


PLUGINS = """
from pydantic import BaseModel
from hrm_specialists.contract import Task
from hrm_specialists.specialist import Specialist

class Bit(BaseModel):
    bit: int

def make(name="made"):
    task = type("Plugged", (Task,), {"name": name, "Problem": Bit, "Solution": Bit})()
    return Specialist(task, lambda: None)

def fail():
    return 1 / 0

one, odd = make("good"), list
"""
ENTRIES = """
[hrm_agent.specialists]
good = plugged_specialists:one
factory = plugged_specialists:make
raising = plugged_specialists:fail
odd = plugged_specialists:odd
gone = plugged_specialists:missing
"""


@pytest.fixture
def entries(monkeypatch, tmp_path):
    """A distribution with entry points, as pip would install it."""
    site = tmp_path / "site"
    info = site / "plugged_specialists-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: plugged-specialists\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(ENTRIES)
    (site / "plugged_specialists.py").write_text(PLUGINS)
    monkeypatch.syspath_prepend(site)
    yield
    sys.modules.pop("plugged_specialists", None)


def test_a_broken_plug_in_hinders_nobody(entries, tmp_path, caplog):
    write(tmp_path / "more" / "sudoku", SudokuTask())
    (tmp_path / "empty").mkdir()

    with caplog.at_level(logging.INFO):
        found = Registry.discover(folders=[tmp_path / "more", tmp_path / "empty"])

    assert {"good", "made", "sudoku"} <= set(found.names())
    assert {"raising", "odd", "gone", str(tmp_path / "empty")} <= set(found.broken)
    assert "ZeroDivisionError" in found.broken["raising"]
    assert "not a Specialist" in found.broken["odd"]
    assert "raising is not offered" in caplog.text


def test_only_allowed_entry_points_are_loaded(entries):
    found = Registry.discover(allow=["factory"])

    assert "made" in found.names()
    assert "good" not in found.names()
    assert not {"raising", "odd", "gone"} & set(found.broken)
    assert not {"sudoku", "maze", "arc"} & {*found.names(), *found.untrained, *found.broken}
    empty = Registry.discover(allow=())
    assert not [*empty.names(), *empty.untrained, *empty.broken]


def test_a_folder_does_not_bring_in_the_code_of_a_plug_in_that_is_not_allowed():
    folder = write(data_folder() / "sudoku" / "v1", SudokuTask(), version="v1")

    found = Registry.discover(allow=["factory"])

    assert "sudoku" not in found
    assert "needs the plug-in 'sudoku', which `allow`" in found.broken[str(folder)]
    assert Registry.discover(allow=["sudoku"]).get("sudoku").version == "v1"


def test_of_trained_versions_the_latest_is_offered():
    for version, age in (("a-new", 10), ("b-old", 99)):
        folder = write(data_folder() / "sudoku" / version, SudokuTask(), version=version)
        past = (folder / "config.json").stat().st_mtime - age
        os.utime(folder / "config.json", (past, past))

    assert Registry.discover().get("sudoku").version == "a-new"


def test_closing_a_registry_closes_its_specialists():
    one = solvers("a")
    Registry([one]).close()

    with pytest.raises(LifecycleError):
        one.warm()
