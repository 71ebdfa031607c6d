"""Trains a tiny task in this process, or in several if torchrun starts it.

    training_together.py FOLDER BATCH [memory] [number] [stop]

Each further word is one more training, with that trouble for one of two processes at step 5.
"""

from __future__ import annotations

import atexit
import os
import random
import signal
import sys
from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, Field

from hrm_specialists.contract import Task
from hrm_specialists.errors import TrainingDiverged
from hrm_specialists.training.data import encode
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer
from hrm_specialists.training.workers import Workers


class Digits(BaseModel):
    values: Annotated[
        tuple[Annotated[int, Field(ge=0, le=3)], ...], Field(min_length=6, max_length=6)
    ]


class Swap(Task[Digits, Digits]):
    name = "swap"
    Problem = Solution = Digits


def say_threads() -> None:
    """What still runs when all is done, where the system tells."""
    for name in Path("/proc/self/task").glob("*/comm"):
        sys.stderr.write(f"thread {name.read_text()}")
    sys.stderr.flush()


def main() -> None:
    atexit.register(say_threads)  # the first one registered is called last
    torch.set_num_threads(1)
    workers = Workers.join()
    for trouble in sys.argv[3:] or [""]:
        training(Path(sys.argv[1]), int(sys.argv[2]), trouble, workers)


def training(folder: Path, batch: int, trouble: str, workers: Workers) -> None:
    rng = random.Random(0)
    rows = [tuple(rng.randrange(4) for _ in range(6)) for _ in range(40)]
    pairs = [(Digits(values=r), Digits(values=tuple(3 - v for v in r))) for r in rows]
    network = {
        "hidden_size": 16,
        "intermediate_multiple": 8,
        "H_cycles": 1,
        "L_cycles": 1,
        "L_layers": 1,
        "mlp_t": True,
        "pos_encodings": "none",
        "halt_max_steps": 3,
    }
    recipe = Recipe(
        network=network,
        steps=12,
        batch=batch,
        compile=False,
        precision="fp32",
        symmetries=5,
        warmup=3,
        start_noise=0.5,
        exploration=0.5,
    )
    task = Swap()
    trainer = Trainer(
        task, encode(task, pairs), recipe, device="cpu",
        root=folder if trouble in ("", "stop") else None, workers=workers,
    )  # fmt: skip
    plain, odd = trainer._segment, workers.rank == workers.size - 1

    def troubled(*args):
        if odd and trainer.step == 5:
            if trouble == "memory":
                raise torch.OutOfMemoryError("no room")
            if trouble == "stop":
                os.kill(os.getpid(), signal.SIGINT)
            if trouble == "number":
                z_H, z_L, losses, q = plain(*args)
                losses.loss.data.fill_(float("nan"))
                return z_H, z_L, losses, q
        return plain(*args)

    trainer._segment = troubled
    lines = []
    try:
        trainer.run(lines.append, report_every=2)
    except (torch.OutOfMemoryError, TrainingDiverged) as error:
        sys.stdout.write(f"end {trouble} {workers.rank} {type(error).__name__}\n")
    except KeyboardInterrupt:
        sys.stdout.write(f"end {trouble} {workers.rank} KeyboardInterrupt {trainer.step}\n")
    if workers.leads and lines and not trouble:
        print(f"{lines[-1].exact_accuracy:.4f} {lines[-1].segments:.4f} {lines[-1].loss:.3f}")


main()
