"""What a specialist's folder holds can be read again, however wide its table is."""

from __future__ import annotations

import random

import pytest
from safetensors.numpy import save

from hrm_specialists.errors import IncompatibleCheckpoint
from hrm_specialists.packaging import read_config, save_folder
from hrm_specialists.schema import infer_task


def test_a_table_of_many_columns_is_kept(tmp_path):
    rng = random.Random(0)
    pairs = [({f"c{n}": rng.gauss(0, 1) for n in range(750)}, rng.choice("ab")) for _ in range(40)]
    task = infer_task("wide", pairs)
    save_folder(tmp_path / "v1", task, save({}), learner={"kind": "linear", "mixture": {}})
    assert len(read_config(tmp_path / "v1").task["inferred"]["problem"]) == 750


def test_learners_of_an_earlier_preview_are_to_be_trained_again(tmp_path):
    task = infer_task("small", [({"n": n}, "ab"[n % 2]) for n in range(20)])
    save_folder(tmp_path / "v1", task, save({}), learner={"kind": "linear", "members": []})
    with pytest.raises(IncompatibleCheckpoint, match=r"earlier preview.*train 'small' again"):
        read_config(tmp_path / "v1")
