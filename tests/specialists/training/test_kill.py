"""Real training, killed without warning eight times, equals a run left in peace."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import importlib.util, os, random, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("tiny", sys.argv[2])
tiny = sys.modules["tiny"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tiny)
import torch

torch.set_num_threads(1)
root, steps = Path(sys.argv[1]), 40

def train(told):
    run = tiny.trainer(root, steps=steps, checkpoint_seconds=1e-9)
    run.run(lambda p: os.write(told, b"%d\\n" % p.step), report_every=1)

# Forked before any tensor exists: a start then costs no import.
for line in sys.stdin:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        train(write)
        os._exit(0)
    os.close(write)
    seen = []
    with os.fdopen(read, "rb", buffering=0) as steps_done:
        # Left in peace (0), or killed after so many steps, wherever it is then.
        buffer = b""
        while chunk := steps_done.read(1):
            buffer += chunk
            if chunk == b"\\n":
                seen.append(int(buffer))
                buffer = b""
                if len(seen) == int(line):
                    os.kill(pid, 9)
                    break
    os.waitpid(pid, 0)
    print(seen[0] if seen else -1, seen[-1] if seen else -1, flush=True)
"""


class Zygote:
    """A process that has imported torch and forks a training at each line it reads."""

    def __init__(self, root: Path) -> None:
        tiny = Path(__file__).with_name("test_trainer.py")
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(root), str(tiny)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def train(self, kill_after: int) -> tuple[int, int]:
        """First and last step that the run told of."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{kill_after}\n")
        self.process.stdin.flush()
        first, last = self.process.stdout.readline().split()
        return int(first), int(last)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.__exit__(None, None, None)


def final_hash(root: Path) -> str:
    newest = max(root.glob("step-*"))
    assert newest.name == "step-000000040"
    return hashlib.sha256((newest / "state.safetensors").read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9 and fork")
def test_eight_kills_lose_at_most_an_interval_each_and_change_nothing(tmp_path):
    """Checkpoints after every step here, so each kill may cost one step."""
    rng = random.Random(0)
    with Zygote(tmp_path / "peace") as peaceful:
        assert peaceful.train(0) == (1, 40)

    last = 0
    with Zygote(tmp_path / "war") as killed:
        for _ in range(8):
            first, now = killed.train(rng.randrange(2, 5))
            assert first >= last, "more than one interval was lost"
            last = now
        killed.train(0)

    assert final_hash(tmp_path / "war") == final_hash(tmp_path / "peace")
