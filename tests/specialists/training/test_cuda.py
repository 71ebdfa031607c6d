"""Training on a GPU: it learns, and a resumed run goes on where the other stopped."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import torch

from hrm_puzzles import sudoku
from hrm_puzzles.sudoku import SudokuTask
from hrm_specialists.schema.examples import read_examples
from hrm_specialists.training.data import encode
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

HELD_OUT = Path(sudoku.__file__).with_name("held_out_256.csv")
pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]


def trainer(root=None, **changes):
    task = SudokuTask()
    known = islice(read_examples(HELD_OUT, task), 8)
    examples = encode(task, [(one.problem, one.solution) for one in known])
    shape = {
        "hidden_size": 16,
        "expansion": 3.0,
        "intermediate_multiple": 16,
        "H_cycles": 2,
        "L_cycles": 2,
        "L_layers": 1,
        "pos_encodings": "none",
        "halt_readout": "mean",
        "halt_max_steps": 4,
    }
    settings = {"steps": 60, "batch": 32, "relations": True, "symmetries": 1, "compile": False}
    recipe = Recipe.model_validate(
        {**settings, "network": shape, "start_noise": 1.0, "damping": 0.2, **changes}
    )
    return Trainer(task, examples, recipe, device="cuda", root=root)


def test_a_gpu_learns_in_bf16():
    made = trainer()
    made.run(report_every=20)
    losses = [point["loss"] for point in made.curve]

    assert losses[-1] < losses[0]


def test_a_compiled_step_learns_as_well():
    made = trainer(compile=True, steps=20)
    made.run(report_every=10)

    assert made.curve[-1]["loss"] < made.curve[0]["loss"]


def test_a_resumed_run_goes_on_with_the_same_randomness(tmp_path):
    whole = trainer()
    whole.run()
    trainer(tmp_path).run(until=30)
    resumed = trainer(tmp_path)
    resumed.run()

    assert resumed.step == whole.step
    assert torch.equal(resumed.generator.get_state(), whole.generator.get_state())
    assert torch.equal(resumed.noise.get_state(), whole.noise.get_state())
    assert all(torch.isfinite(t).all() for t in resumed.averaged().values())
