"""What a specialist's folder holds can be read again, however wide its table is."""

from __future__ import annotations

import random

from safetensors.numpy import save

from hrm_specialists.packaging import read_config, save_folder
from hrm_specialists.schema import infer_task


def test_a_table_of_many_columns_is_kept(tmp_path):
    rng = random.Random(0)
    pairs = [({f"c{n}": rng.gauss(0, 1) for n in range(750)}, rng.choice("ab")) for _ in range(40)]
    task = infer_task("wide", pairs)
    save_folder(tmp_path / "v1", task, save({}), learner={"kind": "linear"})
    assert len(read_config(tmp_path / "v1").task["inferred"]["problem"]) == 750
