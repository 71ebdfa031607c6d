"""A run's checkpoints: the newest intact one is found, whatever happened."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from hrm_specialists import storage
from hrm_specialists.errors import CheckpointWriteFailed, CorruptCheckpoint, TrainingError
from hrm_specialists.storage import write_folder
from hrm_specialists.training.checkpoint import LOCK, META, STATE, load_latest, lock_run, save


def state(step: int) -> dict[str, Tensor]:
    """Every kind of tensor that a trainer has."""
    generator = torch.Generator().manual_seed(step)
    weight = torch.randn(6, 4, generator=generator)
    return {
        "weight": weight,
        "turned": weight.t(),
        "part": weight[1:3, ::2],
        "spread": torch.randn(1, generator=generator).expand(5),
        "bf16": weight.bfloat16(),
        "tokens": torch.arange(step, step + 3),
        "halted": weight > 0,
        "scalar": torch.tensor(0.5),
        "empty": torch.empty(0, 3),
        "rng": generator.get_state(),
        "odd": torch.tensor([float("nan"), float("inf"), -0.0]),
    }


def same(got: dict[str, Tensor], wanted: dict[str, Tensor]) -> bool:
    """Bit for bit, shapes and dtypes included."""
    return got.keys() == wanted.keys() and all(
        got[name].dtype == tensor.dtype
        and got[name].shape == tensor.shape
        and bytes(got[name].reshape(-1).view(torch.uint8).tolist())
        == bytes(tensor.contiguous().reshape(-1).view(torch.uint8).tolist())
        for name, tensor in wanted.items()
    )


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """Bit for bit, NaN and all."""
    folder = save(tmp_path, 7, state(7), {"seed": 1, "curve": [0.1, 1e-30]})
    found = load_latest(tmp_path)
    assert folder == tmp_path / "step-000000007"
    assert found is not None
    assert same(found[0], state(7))
    assert found[1] == {"seed": 1, "curve": [0.1, 1e-30], "step": 7}


def test_the_newest_is_loaded_and_the_old_are_deleted(tmp_path: Path) -> None:
    """Two stay; ten thousand million is newer than nine."""
    for step in (1, 9, 10_000_000_000, 10_000_000_001):
        save(tmp_path, step, state(step), {})
    found = load_latest(tmp_path)
    assert found is not None
    assert found[1]["step"] == 10_000_000_001
    assert sorted(os.listdir(tmp_path)) == ["step-10000000000", "step-10000000001"]


def test_nothing_there_is_none(tmp_path: Path) -> None:
    """A fresh folder, a missing one, and one with other things in it."""
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "step-12").mkdir()
    assert load_latest(tmp_path) is None
    assert load_latest(tmp_path / "missing") is None


def test_a_damaged_checkpoint_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a warning; the one before it is loaded."""
    save(tmp_path, 1, state(1), {})
    path = save(tmp_path, 2, state(2), {}) / STATE
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with caplog.at_level(logging.WARNING):
        found = load_latest(tmp_path)
    assert found is not None
    assert found[1]["step"] == 1
    assert "step-000000002" in caplog.text


def test_a_damaged_checkpoint_is_replaced(tmp_path: Path) -> None:
    """The run that resumed before it writes it anew."""
    save(tmp_path, 1, state(1), {})
    (save(tmp_path, 2, state(2), {}) / STATE).unlink()
    save(tmp_path, 2, state(2), {"again": True})
    found = load_latest(tmp_path)
    assert found is not None
    assert found[1] == {"again": True, "step": 2}
    assert len(os.listdir(tmp_path)) == 2


def test_a_left_future_is_deleted(tmp_path: Path) -> None:
    """Checkpoints after the one just written cannot be resumed by mistake."""
    for step in (10, 20):
        save(tmp_path, step, state(step), {})
    save(tmp_path, 15, state(15), {})
    assert sorted(os.listdir(tmp_path)) == ["step-000000010", "step-000000015"]


def test_only_damaged_checkpoints_are_an_error(tmp_path: Path) -> None:
    """Starting afresh in silence would throw a run away."""
    (save(tmp_path, 1, state(1), {}) / META).write_text("{}")
    with pytest.raises(CorruptCheckpoint, match="none of the 1"):
        load_latest(tmp_path)


def test_a_checkpoint_under_another_steps_name_is_damaged(tmp_path: Path) -> None:
    """A renamed or hand-made folder does not pass for another step."""
    save(tmp_path, 1, state(1), {}).rename(tmp_path / "step-000000009")
    write_folder(tmp_path / "step-000000008", {"config.json": b"{}"})
    with pytest.raises(CorruptCheckpoint, match="none of the 2"):
        load_latest(tmp_path)


@pytest.mark.parametrize("meta", [{"loss": float("nan")}, {"x": object()}])
def test_what_cannot_be_stored_is_said(tmp_path: Path, meta: dict[str, object]) -> None:
    """And the checkpoint before it stays."""
    save(tmp_path, 1, state(1), {})
    with pytest.raises(CheckpointWriteFailed, match="step 2"):
        save(tmp_path, 2, state(2), meta)
    assert os.listdir(tmp_path) == ["step-000000001"]


class FullDisk(storage.Disk):
    """Takes nothing any more."""

    def write(self, fd: int, data: memoryview) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half-written, nothing deleted."""
    save(tmp_path, 1, state(1), {})
    save(tmp_path, 2, state(2), {})
    with monkeypatch.context() as patch:
        patch.setattr(storage, "disk", FullDisk())
        with pytest.raises(CheckpointWriteFailed, match="No space left"):
            save(tmp_path, 3, state(3), {})
    assert sorted(os.listdir(tmp_path)) == ["step-000000001", "step-000000002"]
    found = load_latest(tmp_path)
    assert found is not None
    assert same(found[0], state(2))


@pytest.mark.slow
def test_every_altered_byte_is_caught(tmp_path: Path) -> None:
    """2,000 changes of one byte each in a real checkpoint."""
    rng = random.Random(3)
    folder = save(tmp_path, 1, state(1), {"seed": 1})
    originals = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    for _ in range(2000):
        path = rng.choice(list(originals))
        damaged = bytearray(originals[path])
        damaged[rng.randrange(len(damaged))] ^= rng.randrange(1, 256)
        path.write_bytes(damaged)
        with pytest.raises(CorruptCheckpoint):
            load_latest(tmp_path)
        path.write_bytes(originals[path])
    assert load_latest(tmp_path) is not None


def test_one_run_holds_a_folder(tmp_path: Path) -> None:
    """The second is told who has it; afterwards it is free."""
    root = tmp_path / "runs" / "one"
    with lock_run(root):
        with pytest.raises(TrainingError, match=f"process {os.getpid()}"), lock_run(root):
            pass
        with lock_run(tmp_path / "runs" / "two"):
            pass
    with lock_run(root):
        pass


def test_a_place_that_cannot_be_locked(tmp_path: Path) -> None:
    """A file where the run's folder should be."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainingError, match="cannot be used"), lock_run(tmp_path / "file"):
        pass


HOLDER = """
import sys
from pathlib import Path
from hrm_specialists.training.checkpoint import lock_run
with lock_run(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_killed_run_frees_its_folder(tmp_path: Path) -> None:
    """Held by another process, named by its id; free as soon as that is killed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder.stdin, holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(TrainingError, match=f"process {holder.pid}"), lock_run(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    with lock_run(tmp_path):
        assert f"process {os.getpid()}" in (tmp_path / LOCK).read_text()
