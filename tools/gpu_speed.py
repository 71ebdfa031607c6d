"""Speed on one device, in a minute: our engine and trainer beside the reference way.

    python tools/gpu_speed.py machine
    python tools/gpu_speed.py speed --device cuda

Prints JSON. The reference way runs every segment for every row, eagerly, in the dtype
its code uses on that device; weights are random, for speed does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from hrm_bench.reference import TRM
from hrm_puzzles.sudoku import SudokuTask
from hrm_puzzles.sudoku.models import SudokuProblem
from hrm_specialists.installed import task_folder
from hrm_specialists.network.act import HRM
from hrm_specialists.network.flops import segment_flops
from hrm_specialists.registry import load_installed
from hrm_specialists.schema.examples import read_examples
from hrm_specialists.training.data import encode
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer


def machine() -> dict[str, object]:
    """What this is measured on."""
    about: dict[str, object] = {"torch": torch.__version__, "threads": torch.get_num_threads()}
    if torch.cuda.is_available():
        about |= {"gpu": torch.cuda.get_device_name(), "cuda": torch.version.cuda}
    return about


def timed(work: Callable[[], object], device: str, repeats: int) -> float:
    """Seconds, the best of `repeats`, after one for warming up."""
    best = float("inf")
    for number in range(repeats + 1):
        began = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        if number:
            best = min(best, time.perf_counter() - began)
    return best


@torch.inference_mode()
def reference_way(network: HRM, batch: int, device: str, repeats: int) -> float:
    """Seconds for a batch of puzzles through all segments."""
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    network = network.eval().to(device, dtype)
    inputs = torch.randint(1, 11, (batch, 81), device=device)

    def think() -> None:
        carry, x = network.first_carry(batch), network.embed(inputs)
        for _ in range(network.config.halt_max_steps):
            carry, _ = network(carry, x)

    return timed(think, device, repeats)


def engine(device: str, puzzles: list[SudokuProblem]) -> dict[str, float]:
    """One puzzle at a time, and all at once."""
    with load_installed("sudoku", device=device) as sudoku:
        sudoku.solve(puzzles[0])
        single = []
        for puzzle in puzzles[:20]:
            began = time.perf_counter()
            sudoku.solve(puzzle)
            single.append(time.perf_counter() - began)
        began = time.perf_counter()
        tickets = [sudoku.submit(puzzle) for puzzle in puzzles]
        for ticket in tickets:
            ticket.future.result()
        together = time.perf_counter() - began
    return {
        "median_ms_one_at_a_time": 1e3 * statistics.median(single),
        "puzzles_a_second_together": len(puzzles) / together,
    }


def training(device: str, recipe: Recipe, steps: int) -> dict[str, float]:
    """Sample-segments a second of the trainer."""
    task = SudokuTask()
    pairs = read_examples(task_folder(task) / "train.csv", task, limit=256)
    trainer = Trainer(
        task, encode(task, [(p.problem, p.solution) for p in pairs]), recipe, device=device
    )
    seconds = timed(lambda: [trainer.train_step() for _ in range(steps)], device, 2) / steps
    flops = (recipe.network["H_cycles"] + 2) / recipe.network["H_cycles"]
    per_second = recipe.batch / seconds
    return {
        "sample_segments_a_second": per_second,
        "tflop_a_second": per_second * flops * segment_flops(trainer.network.config) / 1e12,
    }


def speed(device: str, tiny: bool) -> dict[str, object]:
    """All figures."""
    repeats, wide = (1, 2) if tiny else (5, 384)
    folder = task_folder(SudokuTask())
    examples = read_examples(folder / "held_out_256.csv", SudokuTask(), limit=16 if tiny else 256)
    puzzles = [one.problem for one in examples]
    recipe = Recipe.load(folder / ("recipe.toml" if tiny else f"recipe-{device}.toml"))
    recipe = recipe.model_copy(update={"compile": not tiny})
    trm = HRM(replace(TRM, hidden_size=64, puzzle_emb_ndim=64) if tiny else TRM)
    return {
        **machine(),
        "trm_seconds_batch_1": reference_way(trm, 1, device, repeats),
        f"trm_seconds_batch_{wide}": reference_way(trm, wide, device, repeats),
        "engine": engine(device, puzzles),
        "training": training(
            device, recipe.model_copy(update={"compile": not tiny}), 2 if tiny else 20
        ),
    }


def main() -> None:
    """Read the command line and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["machine", "speed"])
    parser.add_argument("--device", default="cuda", choices=["cpu", "cuda"])
    parser.add_argument("--tiny", action="store_true", help="a toy run, to try this file")
    chosen = parser.parse_args()
    found = machine() if chosen.what == "machine" else speed(chosen.device, chosen.tiny)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
