"""Two processes learn what one learns with twice the batch, and stop together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "helpers" / "training_together.py"


def launch(
    folder: Path, processes: int, batch: int, *more: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(folder), str(batch), *more]
    if processes > 1:
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
        command = [sys.executable, *launcher, str(processes), *command[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.slow
def test_two_processes_equal_one_with_the_doubled_batch(tmp_path):
    """The same rows, the same gradients, the same curve; a checkpoint holds all rows."""
    one, two = launch(tmp_path / "one", 1, 8), launch(tmp_path / "two", 2, 4)
    assert one.returncode == 0, one.stderr
    assert two.returncode == 0, two.stderr

    alone = load_file(next((tmp_path / "one").glob("step-*")) / "state.safetensors")
    together = load_file(next((tmp_path / "two").glob("step-*")) / "state.safetensors")

    assert alone.keys() == together.keys()
    for name, tensor in alone.items():
        if name != "counts":
            # Muon orthogonalises in bf16: sums in another order show in the fifth digit.
            close = 2e-2 if name.startswith("carry.") else 5e-4
            torch.testing.assert_close(together[name], tensor, atol=close, rtol=0)
    assert one.stdout.splitlines()[-1] == two.stdout.splitlines()[-1]


@pytest.mark.slow
def test_what_happens_to_one_is_decided_by_all(tmp_path):
    """No process is left waiting for one that ran out of memory, diverged or was stopped."""
    run = launch(tmp_path, 2, 4, "memory", "number", "stop")

    assert run.returncode == 0, run.stderr
    # A thread of the process group that outlives it can abort the process at exit.
    assert "thread gloo" not in run.stderr
    assert "thread pt_gloo" not in run.stderr
    assert sorted(line for line in run.stdout.splitlines() if line.startswith("end")) == [
        "end memory 0 OutOfMemoryError",
        "end memory 1 OutOfMemoryError",
        "end number 0 TrainingDiverged",
        "end number 1 TrainingDiverged",
        "end stop 0 KeyboardInterrupt 6",
        "end stop 1 KeyboardInterrupt 6",
    ]
