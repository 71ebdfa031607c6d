"""What the smallest weights are worth: accuracy and size without them, beside int8 and bf16.

python -m hrm_bench.pruning
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping
from functools import partial

import torch
from safetensors.torch import load, save
from torch import Tensor

from hrm_specialists.engine.compression import LARGE, pack, unpack
from hrm_specialists.engine.opening import rebuild
from hrm_specialists.engine.runner import Runner
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.packaging import read_config, read_weights
from hrm_specialists.registry import load_installed
from hrm_specialists.schema.examples import read_examples

SHARES = (0.1, 0.2, 0.3, 0.5, 0.7)
PRODUCTS = ((729, 32, 128), (900, 576, 64))
"""Rows, inner and outer size of the largest products of the Sudoku and the maze network."""


def pruned(weights: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Set the smallest weights of each large matrix to zero."""
    made = dict(weights)
    for name, tensor in weights.items():
        if tensor.ndim == 2 and tensor.numel() >= LARGE:
            cut = tensor.abs().flatten().kthvalue(int(share * tensor.numel())).values
            made[name] = tensor.where(tensor.abs() > cut, 0.0)
    return made


def best(run: Callable[[], object]) -> float:
    """Microseconds of the quickest of 200 runs."""
    times = []
    for _ in range(200):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return 1e6 * min(times)


def main() -> None:
    """Print one line for each way to store the shipped Sudoku network, and for each product."""
    torch.set_num_threads(1)
    with load_installed("sudoku", device="cpu") as specialist:
        assert specialist.folder is not None
        task, folder = specialist.task, specialist.folder
        config = read_config(folder)
        weights = load(read_weights(folder, config))
    shape = NetworkConfig.from_mapping(config.network)
    examples = read_examples(folder.parent / "held_out_256.csv", task)
    tokens = [task.codec.encode(example.problem) for example in examples]
    stored = {"fp32": weights, "bf16": pack(weights, "bf16"), "int8": pack(weights, "int8")}
    for share in SHARES:
        stored[f"{share:.0%} pruned"] = cut = pruned(weights, share)
        stored[f"{share:.0%} pruned, int8"] = pack(cut, "int8")
    for name, tensors in stored.items():
        runner = Runner(rebuild(shape, save(unpack(tensors))), device="cpu")
        found = runner.passes(tokens, shape.halt_max_steps)
        runner.close()
        assert found is not None
        right = 0
        for example, answer in zip(examples, found.answers, strict=True):
            if min(answer) > 1:
                solution = task.codec.decode(example.problem, answer)
                right += task.check(example.problem, solution).passed
        written = save(tensors)
        small = len(zlib.compress(written, 9))
        print(f"{name}: {len(written)} bytes, {small} zipped, {right} of {len(examples)} solved")
    for rows, inner, outer in PRODUCTS:
        x = torch.randn(inner, rows)
        for share in (0.5, 0.9):
            dense = torch.randn(outer, inner) * (torch.rand(outer, inner) > share)
            sparse = dense.to_sparse_csr()
            times = [best(partial(torch.matmul, weight, x)) for weight in (dense, sparse)]
            what = f"[{rows}, {inner}, {outer}], {share:.0%} zeros"
            print(f"{what}: {times[0]:.0f} µs, sparse {times[1]:.0f} µs")


if __name__ == "__main__":
    main()
