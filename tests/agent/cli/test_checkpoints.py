"""A specialist's folder that is not as it was written is refused by every verb."""

from __future__ import annotations

import shutil

import pytest
import torch

from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.packaging import save_specialist


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A whole folder with random weights: it is read and solves nothing."""
    folder = tmp_path_factory.mktemp("made") / "sudoku"
    shape = NetworkConfig(
        seq_len=81,
        vocab_size=11,
        hidden_size=32,
        intermediate_multiple=8,
        num_heads=2,
        H_cycles=1,
        L_cycles=1,
        L_layers=1,
        mlp_t=True,
        pos_encodings="none",
        halt_max_steps=2,
    )
    network = HRM(shape, torch.Generator().manual_seed(0))
    card = {"parameters": 1234, "seed": 0}
    save_specialist(folder, SudokuTask(), shape.to_mapping(), network.state_dict(), card=card)
    return folder


@pytest.fixture
def folder(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "sudoku")


@pytest.fixture
def run_found(run):
    """Run with the specialists that are found, not with given ones."""

    def run_found(*argv):
        return run(*argv, find=True)

    return run_found


@pytest.fixture
def data(tmp_path, puzzle, solved):
    file = tmp_path / "data.csv"
    file.write_text(f"question,answer\n{puzzle},{solved}\n", encoding="utf-8")
    return str(file)


def test_a_sound_folder_is_measured_and_solves_nothing_with_random_weights(
    run_found, folder, data, puzzle, monkeypatch
):
    ran = run_found("evaluate", str(folder), "--data", data, "--effort", "low", "--json")
    assert ran.code == 0
    assert (ran.json["verified"], ran.json["exact_accuracy"]) == (0, 0)
    assert ran.json["parameters"] > 10_000
    assert ran.json["flop_per_puzzle"] > 1e6
    monkeypatch.setenv("HRM_AGENT_POLICY_WHEN_UNVERIFIED", "return")
    ran = run_found("solve", puzzle, "--specialist", str(folder), "--effort", "low", "--json")
    assert ran.code == 1
    assert ran.json["status"] in {"unverified", "failed"}


def test_its_card_is_shown(run_found, folder):
    ran = run_found("specialists", str(folder))
    assert ran.code == 0
    assert "1,234" in ran.out
    assert "verified by its checker" in ran.out
    assert run_found("specialists", str(folder), "--json").json["card"]["parameters"] == 1234


def flip(file):
    """Change one bit in the middle of a file."""
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


FAULTS = {
    "no folder": lambda folder: shutil.rmtree(folder),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "no config": lambda folder: (folder / "config.json").unlink(),
    "cut weights": lambda folder: (folder / "model.safetensors").write_bytes(b"\0" * 100),
    "altered weights": lambda folder: flip(folder / "model.safetensors"),
    "altered config": lambda folder: flip(folder / "config.json"),
    "altered manifest": lambda folder: flip(folder / "manifest.json"),
    "something to run": lambda folder: (folder / "run.py").write_text("print('hello')"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_end_with_2_and_say_which_file(run_found, folder, data, fault):
    FAULTS[fault](folder)
    ran = run_found("evaluate", str(folder), "--data", data, "--json")
    assert ran.code == 2
    assert ran.error["code"] in {"corrupt_checkpoint", "unsafe_checkpoint"}
    assert "sudoku" in ran.error["message"]
    assert "Traceback" not in ran.err


def test_solving_with_altered_weights_is_refused(run_found, folder, puzzle):
    flip(folder / "model.safetensors")
    ran = run_found("solve", puzzle, "--specialist", str(folder), "--json")
    assert (ran.code, ran.error["code"]) == (2, "corrupt_checkpoint")


def test_an_unknown_device_is_refused(run_found, folder, data, puzzle):
    for argv in (
        ("evaluate", str(folder), "--data", data),
        ("solve", puzzle, "--specialist", str(folder)),
    ):
        ran = run_found(*argv, "--device", "abacus", "--json")
        assert (ran.code, ran.error["code"]) == (2, "device_unavailable")
        assert "cpu" in ran.error["message"]


def test_a_broken_one_among_those_installed_is_named_and_hinders_nobody(
    run_found, folder, monkeypatch
):
    (folder / "config.json").write_text("{")
    monkeypatch.setenv("HRM_AGENT_FOLDERS", str(folder))
    ran = run_found("specialists", "--json")
    assert ran.code == 0
    assert str(folder) in ran.json["broken"]
    doctor = run_found("doctor", "--json").json
    assert any(str(folder) in advice for advice in doctor["advice"])
