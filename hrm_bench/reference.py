"""Networks run as the reference code runs them: every segment, for every row, in fp32.

The published configurations of HRM and TRM for Sudoku, in our parity-tested
network with random weights (speed does not depend on their values), and our own
network the same way; and the reference's training loop.

Source: arXiv:2506.21734 and arXiv:2510.04871, their configurations for
Sudoku-Extreme.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hrm_specialists.network.act import HRM, Carry
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.training.losses import log_stablemax

SUDOKU = {"seq_len": 81, "vocab_size": 11, "puzzle_emb_ndim": 512, "hidden_size": 512}
TRM = NetworkConfig(**SUDOKU, puzzle_emb_len=16, mlp_t=True, pos_encodings="none")  # type: ignore[arg-type]
HRM_PAPER = NetworkConfig(
    **SUDOKU,  # type: ignore[arg-type]
    puzzle_emb_len=1,
    H_cycles=2,
    L_cycles=2,
    H_layers=4,
    L_layers=4,
    gradient="last_step",
)


@torch.inference_mode()
def seconds_a_batch(
    network: HRM, inputs_BS: Tensor, *, segments: int | None = None, repeats: int = 1
) -> float:
    """Seconds for all segments of a batch; the best of `repeats`.

    Args:
        network: on the CPU, fp32.
        inputs_BS: puzzles.
        segments: measure only so many and scale up to `halt_max_steps`: every
            segment does the same work.
    """
    network.eval()
    wanted = network.config.halt_max_steps
    timed = segments or wanted
    x = network.embed(inputs_BS)
    network(network.first_carry(len(inputs_BS)), x)
    best = float("inf")
    for _ in range(repeats):
        carry = network.first_carry(len(inputs_BS))
        began = time.perf_counter()
        for _ in range(timed):
            carry, _thinking = network(carry, x)
        best = min(best, time.perf_counter() - began)
    return best * wanted / timed


def training_samples_a_second(
    config: NetworkConfig, inputs_BS: Tensor, targets_BS: Tensor, *, steps: int = 4
) -> float:
    """Samples a second of the reference loop: eager fp32, loss in fp64, averages in Python."""
    network = HRM(config)
    averages = [p.detach().clone() for p in network.parameters()]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    carry = network.first_carry(len(inputs_BS))
    began = 0.0
    for step in range(steps + 1):
        if step == 1:  # the first one warms up
            began = time.perf_counter()
        carry = _train_step(network, optimizer, averages, carry, inputs_BS, targets_BS)
    return steps * len(inputs_BS) / (time.perf_counter() - began)


def _train_step(
    network: HRM,
    optimizer: torch.optim.Optimizer,
    averages: Sequence[Tensor],
    carry: Carry,
    inputs_BS: Tensor,
    targets_BS: Tensor,
) -> Carry:
    carry, thinking = network(carry, network.embed(inputs_BS))
    logp = log_stablemax(thinking.logits.double())
    loss = -logp.gather(-1, targets_BS[..., None]).mean(1).sum()
    right = (thinking.logits.argmax(-1) == targets_BS).all(1)
    halting = nn.functional.binary_cross_entropy_with_logits(
        thinking.q_halt_logits, right.float(), reduction="sum"
    )
    torch.autograd.backward(loss + 0.5 * halting)
    optimizer.step()
    optimizer.zero_grad()
    with torch.no_grad():
        for mean, live in zip(averages, network.parameters(), strict=True):
            mean.mul_(0.999).add_(live, alpha=0.001)
    _ = loss.item(), right.float().mean().item()  # copied to the host every step, as there
    return carry
